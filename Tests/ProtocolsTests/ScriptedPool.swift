import Bindings
import Chain
import Ethereum
import JSON
import JSONRPC
import Lending
import Networks
import Protocols

/// A node that speaks JSON-RPC for a market that exists only as a `World`: every release answers what it would on a chain.
struct ScriptedPool: Transport {
    static let provider = World.address(kind: 20, 1)
    static let pool = World.address(kind: 20, 2)
    static let oracle = World.address(kind: 20, 3)

    let world: World
    /// What `POOL_REVISION` answers, where it is not the world's.
    var revision: UInt256?
    /// Addresses without code.
    var empty: Set<Address> = []
    /// Assets whose price reverts.
    var unpriced: Set<Address> = []
    /// Calls that fail on the way: target and selector.
    var failing: Set<[UInt256]> = []
    /// Accounts whose health factor the pool states one too high.
    var lying: Set<Address> = []
    /// Accounts that no event names.
    var silent: Set<Address> = []

    init(_ world: World) { self.world = world }

    private var reference: ReferencePool { ReferencePool(world) }

    /// A snapshot of this chain.
    func snapshot() async throws -> Snapshot {
        let client = try RPCClient(
            endpoint: Endpoint(url: "http://127.0.0.1:1"), transport: self, retry: .immediate)
        return try await Snapshot(of: client, chainId: 1, at: .latest, multicall: nil)
    }

    /// The market of this chain.
    func open(on snapshot: Snapshot) async throws -> any LendingMarket {
        let file = """
            {"name": "scripted", "chainId": 1, "blockTime": 12, "nativeSymbol": "ETH", "rpc": [], "multicall3": null,
             "markets": [{"id": "core", "protocol": "aave-v3", "deployBlock": 1,
                          "contracts": {"poolAddressesProvider": "\(Self.provider)"}}]}
            """
        let network = try NetworkFile().parse(Array(file.utf8), file: "scripted.json")
        return try await ProtocolRegistry.open(network.markets[0], of: network, on: snapshot)
    }

    func send(_ request: HTTPRequest) async throws(RPCError) -> HTTPResponse {
        let answer: JSONValue
        do {
            let body = try JSONValue(parsing: request.body)
            answer = body.array.map { .array($0.map(respond)) } ?? respond(body)
        } catch {
            throw .malformed(endpoint: "scripted", what: "\(error)")
        }
        return HTTPResponse(status: 200, body: answer.serialized(), retryAfter: nil)
    }

    private func respond(_ request: JSONValue) -> JSONValue {
        let id = request["id"] ?? .null
        let params = request["params"]?.array ?? []
        func error(_ code: Int, _ message: String) -> JSONValue {
            ["jsonrpc": "2.0", "id": id, "error": ["code": .integer(code), "message": .string(message)]]
        }
        func result(_ value: JSONValue) -> JSONValue { ["jsonrpc": "2.0", "id": id, "result": value] }
        switch request["method"]?.string {
        case "eth_chainId": return result("0x1")
        case "eth_getBlockByNumber", "eth_getBlockByHash": return result(block(params[0].string))
        case "eth_getCode":
            let address = Address(hex: params[0].string ?? "") ?? .zero
            return result(empty.contains(address) ? "0x" : "0x01")
        case "eth_getLogs": return result(logs)
        case "eth_call":
            guard params.count < 3 else { return error(-32_602, "too many arguments, want at most 2") }
            return call(params[0]).map { result(.string(Hex.encode($0))) } ?? error(3, "execution reverted")
        default: return error(-32_601, "the method does not exist")
        }
    }

    /// The chain has blocks up to 100, and the hash of each is its height.
    private func block(_ reference: String?) -> JSONValue {
        let number = UInt256(hex: reference ?? "")?.asUInt64() ?? 100
        return [
            "number": .string(Hex.quantity(number)), "hash": .string(Hash32(word: UInt256(number)).hex),
            "parentHash": .string(Hash32(word: UInt256(number) &- .one).hex),
            "timestamp": .string(Hex.quantity(world.timestamp)), "baseFeePerGas": "0x7",
        ]
    }

    private var logs: JSONValue {
        let named = world.users.filter { !$0.debts.isEmpty && !silent.contains($0.address) }
        return .array(
            named.enumerated().map { index, user in
                [
                    "address": .string(Self.pool.hex),
                    "topics": [
                        .string(AavePool.BorrowEvent.topic0.hex),
                        .string(Hash32(word: world.reserves[0].asset.word).hex),
                        .string(Hash32(word: user.address.word).hex), .string(Hash32(word: .zero).hex),
                    ],
                    "data": .string(Hex.encode([UInt8](repeating: 0, count: 128))), "blockNumber": "0x32",
                    "blockHash": .string(Hash32(word: 50).hex), "transactionHash": .string(Hash32(word: 1).hex),
                    "transactionIndex": "0x0", "logIndex": .string(Hex.quantity(UInt64(index))), "removed": false,
                ]
            })
    }

    /// The return data; `nil` where the contract reverts.
    private func call(_ call: JSONValue) -> [UInt8]? {
        let text = call["data"]?.string ?? call["input"]?.string ?? "0x"
        guard let target = Address(hex: call["to"]?.string ?? ""), let data = try? Hex.decode(text) else { return nil }
        guard let selector = Selector(bytes: data.prefix(4)), !empty.contains(target) else { return [] }
        let argument = UInt256(bigEndian: data.dropFirst(4).prefix(32)) ?? .zero
        if failing.contains([target.word, UInt256(UInt64(selector.value))]) { return nil }
        let words: [UInt256]? =
            switch target {
            case Self.provider: provider(selector)
            case Self.oracle: oracle(selector, Address(word: argument))
            case Self.pool: pool(selector, argument)
            default: token(target, selector, Address(word: argument))
            }
        return words?.flatMap(\.bigEndianBytes)
    }

    private func provider(_ selector: Selector) -> [UInt256]? {
        switch selector {
        case AavePoolAddressesProvider.GetPool.selector: [Self.pool.word]
        case AavePoolAddressesProvider.GetPriceOracle.selector: [Self.oracle.word]
        case AavePoolAddressesProvider.GetPriceOracleSentinel.selector: [.zero]
        default: nil
        }
    }

    private func oracle(_ selector: Selector, _ asset: Address) -> [UInt256]? {
        switch selector {
        case AaveOracle.BaseCurrency.selector, AaveOracle.GetFallbackOracle.selector: [.zero]
        case AaveOracle.BaseCurrencyUnit.selector: [100_000_000]
        case AaveOracle.GetSourceOfAsset.selector: [World.address(kind: 6, Int(asset.b)).word]
        case AaveOracle.GetAssetPrice.selector:
            if unpriced.contains(asset) {
                nil
            } else {
                (world.reserves.first { $0.asset == asset }?.price
                    ?? world.categories.first { $0.priceSource == asset }?.price).map { [$0] }
            }
        default: nil
        }
    }

    private func pool(_ selector: Selector, _ argument: UInt256) -> [UInt256]? {
        let category = world.categories.first { UInt256(UInt64($0.id)) == argument }
        func since(_ revision: Int, _ answer: UInt256) -> [UInt256]? { world.revision >= revision ? [answer] : nil }
        switch selector {
        case AavePool.PoolRevision.selector: return [revision ?? UInt256(UInt64(world.revision))]
        case AavePool.GetVirtualUnderlyingBalance.selector: return since(4, .zero)
        case AavePool.GetEModeCategoryCollateralBitmap.selector: return since(5, category?.collateralBitmap ?? .zero)
        case AavePool.GetReserveDeficit.selector: return since(7, .zero)
        case AavePool.ReserveInterestRateStrategy.selector: return since(8, 1)
        case AavePool.GetEModeCategoryLtvzeroBitmap.selector: return since(10, category?.zeroLTVBitmap ?? .zero)
        case AavePool.GetIsEModeCategoryIsolated.selector: return since(11, category?.isIsolated == true ? 1 : .zero)
        case AavePool.GetReservesList.selector:
            return [32, UInt256(UInt64(world.reserves.count))] + world.reserves.reversed().map(\.asset.word)
        case AavePool.GetReserveData.selector:
            return world.reserves.first { $0.asset.word == argument }?.words
        case AavePool.GetEModeCategoryData.selector:
            let source: Address = world.revision < 5 ? category?.priceSource ?? .zero : .zero
            return [
                32, category?.ltv ?? .zero, category?.threshold ?? .zero, category?.bonus ?? .zero, source.word, 160,
                .zero,
            ]
        default: break
        }
        guard let user = world.users.first(where: { $0.address.word == argument }) else { return nil }
        switch selector {
        case AavePool.GetUserConfiguration.selector: return [user.configuration]
        case AavePool.GetUserEMode.selector: return [UInt256(UInt64(user.category))]
        case AavePool.GetUserAccountData.selector: return accountData(user)
        default: return nil
        }
    }

    /// The contract's own answer; it reverts too where a price that it needs does.
    private func accountData(_ user: World.UserRow) -> [UInt256]? {
        let needed = world.reserves.filter { user.supplies[$0.id] != nil || user.debts[$0.id] != nil }
        if needed.contains(where: { unpriced.contains($0.asset) }) { return nil }
        guard var numbers = try? reference.accountData(user) else { return nil }
        if lying.contains(user.address) { numbers[5] = numbers[5] &+ 1 }
        return numbers
    }

    private func token(_ token: Address, _ selector: Selector, _ user: Address) -> [UInt256]? {
        guard
            let reserve = world.reserves.first(where: {
                [$0.asset, $0.aToken, $0.variableToken, $0.stableToken].contains(token)
            })
        else { return nil }
        let user = world.users.first { $0.address == user }
        let stable = user?.stable[reserve.id]
        switch (token, selector) {
        case (reserve.asset, ERC20.Symbol.selector): return symbol(reserve.id)
        case (reserve.aToken, AaveToken.ScaledBalanceOf.selector): return [user?.supplies[reserve.id] ?? .zero]
        case (reserve.variableToken, AaveToken.ScaledBalanceOf.selector): return [user?.debts[reserve.id] ?? .zero]
        case (reserve.variableToken, AaveToken.BalanceOf.selector): return [user?.debtBalances[reserve.id] ?? .zero]
        case (reserve.variableToken, AaveToken.ScaledTotalSupply.selector):
            return [world.users.reduce(UInt256.zero) { $0 &+ ($1.debts[reserve.id] ?? .zero) }]
        case (reserve.stableToken, AaveStableDebtToken.PrincipalBalanceOf.selector): return [stable?.principal ?? .zero]
        case (reserve.stableToken, AaveStableDebtToken.GetUserStableRate.selector): return [stable?.rate ?? .zero]
        case (reserve.stableToken, AaveStableDebtToken.GetUserLastUpdated.selector):
            return [UInt256(stable?.updated ?? 0)]
        case (reserve.stableToken, AaveStableDebtToken.TotalSupply.selector):
            return [world.users.reduce(UInt256.zero) { $0 &+ stableDebt($1, reserve.id) }]
        default: return nil
        }
    }

    private func stableDebt(_ user: World.UserRow, _ id: Int) -> UInt256 {
        guard let row = user.stable[id], world.revision < 5 else { return .zero }
        let debt = try? Aave.Math.stableDebt(
            principal: row.principal, rate: row.rate, updated: row.updated, at: world.timestamp)
        return debt ?? .zero
    }

    /// Half of the tokens answer a string, the other half the 32 bytes of older ones.
    private func symbol(_ id: Int) -> [UInt256] {
        let text = Array("T\(id)".utf8)
        let padded = UInt256(bigEndian: text + [UInt8](repeating: 0, count: 32 - text.count)) ?? .zero
        return id % 2 == 0 ? [padded] : [32, UInt256(UInt64(text.count)), padded]
    }
}

extension World.ReserveRow {
    /// The 15 words of `getReserveData`.
    var words: [UInt256] {
        [
            configuration, liquidityIndex, liquidityRate, borrowIndex, borrowRate, .zero, UInt256(updated),
            UInt256(UInt64(id)), aToken.word, stableToken.word, variableToken.word, .one, .zero, .zero, .zero,
        ]
    }
}

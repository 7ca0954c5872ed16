import Chain
import Ethereum
import JSON
import JSONRPC
import Lending
import Networks
import Template
import Testing

/// The family that is there to be copied, against a vault that is written down here.
@Suite struct TemplateTests {
    @Test func aPositionIsReadComparedAndMoved() async throws {
        let vault = ScriptedVault()
        let snapshot = try await vault.snapshot()
        let market = try await vault.open(on: snapshot)
        let discovery = try await BorrowerFinder(market, on: snapshot).find()
        #expect(discovery.accounts.map(\.address) == [ScriptedVault.borrower])
        let reading = try await market.read(
            discovery.accounts, debtless: false, known: AccountRows(), on: snapshot)
        let position = try #require(reading.positions.first)
        // 2 · 1,500 · 0.8 = 2,400 against 2,000 owed.
        #expect(position.hfProtocol == UInt256(1_200_000_000_000_000_000))
        #expect(position.match == .equal && position.liquidatable == false)
        #expect(reading.coverage.map(\.isWithinBound) == [true])
        // The line is at a price of 1,250.
        let line = UInt256(1_250_000_000)
        #expect(market.revalue(position, at: [ScriptedVault.collateral: line])?.liquidatable == false)
        #expect(market.revalue(position, at: [ScriptedVault.collateral: line &- .one])?.liquidatable == true)
        let working = try await market.work(discovery.accounts[0], on: snapshot)
        #expect(working.steps.last?.value == position.hfProtocol)
        // What is remembered is not asked for again.
        let again = try await market.read(discovery.accounts, debtless: false, known: reading.rows, on: snapshot)
        #expect(again.positions.first?.hfProtocol == position.hfProtocol)
    }

    @Test func aVaultWithoutAPriceIsUnknown() async throws {
        var vault = ScriptedVault()
        vault.price = nil
        let snapshot = try await vault.snapshot()
        let market = try await vault.open(on: snapshot)
        let reading = try await market.read(
            [Account(ScriptedVault.borrower)], debtless: false, known: AccountRows(), on: snapshot)
        #expect(reading.positions.map(\.liquidatable) == [nil])
    }

    @Test func anotherVersionIsRefused() async throws {
        var vault = ScriptedVault()
        vault.version = 2
        let snapshot = try await vault.snapshot()
        await #expect(throws: LendingError.self) { _ = try await vault.open(on: snapshot) }
    }
}

/// A node on which one vault stands.
private struct ScriptedVault: Transport {
    static let vault = World.address(kind: 30, 1)
    static let collateral = World.address(kind: 30, 2)
    static let debt = World.address(kind: 30, 3)
    static let feed = World.address(kind: 30, 4)
    static let borrower = World.address(kind: 31, 1)

    var version: UInt256 = 1
    var price: UInt256? = 1_500_000_000

    func snapshot() async throws -> Snapshot {
        let client = try RPCClient(endpoint: Endpoint(url: "http://127.0.0.1:1"), transport: self, retry: .immediate)
        return try await Snapshot(of: client, chainId: 1, at: .latest, multicall: nil)
    }

    func open(on snapshot: Snapshot) async throws -> any LendingMarket {
        let file = """
            {"name": "scripted", "chainId": 1, "blockTime": 12, "nativeSymbol": "ETH", "rpc": [], "multicall3": null,
             "markets": [{"id": "vault", "protocol": "aave-v3", "deployBlock": 1,
                          "contracts": {"poolAddressesProvider": "\(Self.vault)"}}]}
            """
        let network = try NetworkFile().parse(Array(file.utf8), file: "scripted.json")
        var market = network.markets[0]
        // The family is in no registry, so no network file can name it.
        market.protocol = "template"
        market.contracts = ["vault": Self.vault]
        return try await Template.open(market, of: network, on: snapshot)
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
        func result(_ value: JSONValue) -> JSONValue { ["jsonrpc": "2.0", "id": id, "result": value] }
        func error(_ code: Int, _ message: String) -> JSONValue {
            ["jsonrpc": "2.0", "id": id, "error": ["code": .integer(code), "message": .string(message)]]
        }
        switch request["method"]?.string {
        case "eth_chainId": return result("0x1")
        case "eth_getBlockByNumber", "eth_getBlockByHash":
            let number = UInt256(hex: params[0].string ?? "")?.asUInt64() ?? 100
            return result([
                "number": .string(Hex.quantity(number)), "hash": .string(Hash32(word: UInt256(number)).hex),
                "parentHash": .string(Hash32(word: UInt256(number) &- .one).hex), "timestamp": "0x64",
                "baseFeePerGas": "0x7",
            ])
        case "eth_getCode": return result("0x01")
        case "eth_getLogs":
            return result([
                [
                    "address": .string(Self.vault.hex),
                    "topics": [.string(Template.borrowed.hex), .string(Hash32(word: Self.borrower.word).hex)],
                    "data": .string(Hash32(word: 1).hex), "blockNumber": "0x32",
                    "blockHash": .string(Hash32(word: 50).hex), "transactionHash": .string(Hash32(word: 1).hex),
                    "transactionIndex": "0x0", "logIndex": "0x0", "removed": false,
                ]
            ])
        case "eth_call" where params.count == 2:
            return call(params[0]).map { result(.string(Hex.encode($0.flatMap(\.bigEndianBytes)))) }
                ?? error(3, "execution reverted")
        default: return error(-32_601, "the method does not exist")
        }
    }

    private func call(_ call: JSONValue) -> [UInt256]? {
        let text = call["data"]?.string ?? call["input"]?.string ?? "0x"
        guard let data = try? Hex.decode(text) else { return nil }
        guard let selector = Selector(bytes: data.prefix(4)) else { return [] }
        let answers: [String: [UInt256]] = [
            "version()": [version], "collateralAsset()": [Self.collateral.word], "debtAsset()": [Self.debt.word],
            "liquidationThreshold()": [8_000], "bonus()": [10_500], "totalDebt()": [2_000_000_000],
            "feed()": [Self.feed.word], "loans(address)": [2_000_000_000_000_000_000, 2_000_000_000],
            "health(address)": [1_200_000_000_000_000_000],
            "decimals()": [Address(hex: call["to"]?.string ?? "") == Self.debt ? 6 : 18],
        ]
        if selector == Selector(signature: "price()") { return price.map { [$0] } }
        return answers.first { Selector(signature: $0.key) == selector }?.value
    }
}

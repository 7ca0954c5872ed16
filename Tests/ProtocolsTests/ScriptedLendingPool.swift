import Bindings
import Chain
import Ethereum
import JSON
import JSONRPC
import Lending
import Networks
import Protocols

/// A node that speaks for a V2 market of one asset and one account, as far as opening it and reading it goes.
struct ScriptedLendingPool: Transport {
    static let provider = Address(word: 0xA1)
    static let pool = Address(word: 0xA2)
    static let oracle = Address(word: 0xA3)
    static let asset = Address(word: 0xB1)
    static let weth = Address(word: 0xB2)
    static let user = Address(word: 0xC1)

    /// What calls answer, by target and selector; a call that is not here reverts.
    var answers: [String: [UInt256]] = [:]
    var options = ""

    init() {
        set(Self.provider, AaveV2AddressesProvider.GetLendingPool.selector, [Self.pool.word])
        set(Self.provider, AaveV2AddressesProvider.GetPriceOracle.selector, [Self.oracle.word])
        set(Self.pool, AaveV2LendingPool.LendingpoolRevision.selector, [2])
        set(Self.pool, AaveV2LendingPool.GetAddressesProvider.selector, [Self.provider.word])
        set(Self.pool, AaveV2LendingPool.GetReservesList.selector, [32, 1, Self.asset.word])
        set(Self.pool, AaveV2LendingPool.Paused.selector, [0])
        // LTV 7500, threshold 8000, bonus 10500, 6 decimals, active; borrow index 2, liquidity index 1.
        let configuration = UInt256(7_500 as UInt64 | 8_000 << 16 | 10_500 << 32 | 6 << 48 | 1 << 56)
        set(
            Self.pool, AaveV2LendingPool.GetReserveData.selector,
            [
                configuration, .ray, UInt256.ray &+ .ray, 0, 0, 0, 1_000, Address(word: 0xD1).word,
                Address(word: 0xD2).word, Address(word: 0xD3).word, Address(word: 0xD4).word, 0,
            ])
        set(Self.oracle, AaveOracle.GetAssetPrice.selector, [1_000_000_000_000_000_000])
        set(Self.oracle, AaveOracle.GetSourceOfAsset.selector, [0xE1])
    }

    mutating func set(_ target: Address, _ selector: Selector, _ words: [UInt256]?) {
        answers["\(target)\(selector.value)"] = words
    }

    func snapshot() async throws -> Snapshot {
        let client = try RPCClient(endpoint: Endpoint(url: "http://127.0.0.1:1"), transport: self, retry: .immediate)
        return try await Snapshot(of: client, chainId: 1, at: .latest, multicall: nil)
    }

    func open(on snapshot: Snapshot) async throws -> any LendingMarket {
        let file = """
            {"name": "scripted", "chainId": 1, "multicall3": null,
             "markets": [{"id": "v2", "protocol": "aave-v2", "deployBlock": 1, \(options)
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
        case "eth_getBlockByNumber", "eth_getBlockByHash":
            return result([
                "number": "0x64", "hash": .string(Hash32(word: 100).hex), "parentHash": .string(Hash32(word: 99).hex),
                "timestamp": "0x3e8", "baseFeePerGas": "0x7",
            ])
        case "eth_getCode": return result("0x01")
        case "eth_call":
            guard params.count < 3 else { return error(-32_602, "too many arguments, want at most 2") }
            return call(params[0]).map { result(.string(Hex.encode($0))) } ?? error(3, "execution reverted")
        default: return error(-32_601, "the method does not exist")
        }
    }

    private func call(_ call: JSONValue) -> [UInt8]? {
        let text = call["data"]?.string ?? call["input"]?.string ?? "0x"
        guard let target = Address(hex: call["to"]?.string ?? ""), let data = try? Hex.decode(text) else { return nil }
        guard let selector = Selector(bytes: data.prefix(4)) else { return [] }
        return answers["\(target)\(selector.value)"]?.flatMap(\.bigEndianBytes)
    }
}

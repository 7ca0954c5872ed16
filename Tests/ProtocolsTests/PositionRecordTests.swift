import Chain
import Ethereum
import JSON
import Lending
import Testing

@Suite struct PositionRecordTests {
    static let block = Block(
        number: 19, hash: Hash32(word: 7), parentHash: Hash32(word: 6), timestamp: 1_705_000_000, baseFeePerGas: 7)

    static func market(_ protocol: String = "aave-v3.2") -> MarketID {
        MarketID(chainId: 1, network: "ethereum", family: "aave-v3", protocol: `protocol`, deployment: "core")
    }

    static func position(_ number: Int = 1, health: UInt256? = nil, debt: UInt256? = nil) -> Position {
        var position = Position(
            market: market(), account: Account(World.address(kind: 9, number)), entrypoint: World.address(kind: 20, 2),
            block: block, hfUnit: "base1e8", predicate: "hf < 1e18", hfScale: .wad,
            valueUnit: ValueUnit(symbol: "USD", decimals: 8))
        position.hfProtocol = health
        position.hfOnchain = health
        position.debtValue = debt
        position.liquidatable = health.map { $0 < .wad }
        if health != nil { position.match = .equal }
        return position
    }

    /// The fields that INTERFACE.md §3 promises in every record.
    static let promised = [
        "v", "type", "id", "chainId", "network", "protocol", "deployment", "market", "account", "accountId", "block",
        "hfNum", "hfDen", "hfUnit", "predicate", "hfProtocol", "hfScale", "hfOnchain", "match", "liquidatable",
        "collateralValue", "debtValue", "valueUnit", "collateral", "debt", "distance", "interestOnly", "risk", "oracle",
        "plans", "unknown", "entrypoint", "owner", "stream", "finality",
    ]

    @Test func everyPromisedFieldIsThere() throws {
        for position in [Self.position(), Self.position(health: 5, debt: 6)] {
            let record = PositionRecord(position).json
            for field in Self.promised { #expect(record[field] != nil, "\(field)") }
            for field in ["number", "hash", "parentHash", "timestamp", "baseFeePerGas"] {
                #expect(record["block"]?[field] != nil)
            }
            // The record is JSON that can be read back and hashed.
            #expect(try JSONValue(parsing: record.serialized()) == record)
            _ = try record.canonical()
        }
    }

    @Test func whatIsNotComputedSaysSo() {
        let record = PositionRecord(Self.position()).json
        let fields = record["unknown"]?.array?.compactMap { $0["field"]?.string } ?? []
        for field in ["distance", "interestOnly", "plans", "risk", "oracle"] { #expect(fields.contains(field)) }
        #expect(record["hfProtocol"] == .null && record["liquidatable"] == .null && record["distance"] == .null)
        #expect(record["oracle"]?["verdict"]?.string == "unknown" && record["plans"]?.array?.isEmpty == true)
    }

    @Test func integersAreDecimalStrings() {
        var position = Self.position(health: .max, debt: 12)
        position.hfNum = .max
        let record = PositionRecord(position, finality: "head").json
        let largest = "115792089237316195423570985008687907853269984665640564039457584007913129639935"
        #expect(record["hfProtocol"]?.string == largest && record["hfNum"]?.string == largest)
        #expect(record["debtValue"]?.string == "12" && record["hfScale"]?.string == "1000000000000000000")
        #expect(record["chainId"]?.int == 1 && record["block"]?["number"]?.int == 19)
        #expect(record["v"]?.int == 1 && record["finality"]?.string == "head")
    }

    @Test func opportunityNeedsTheContractsConsent() {
        var position = Self.position(health: 5)
        #expect(PositionRecord(position).json["type"]?.string == "opportunity")
        position.match = .differs
        #expect(PositionRecord(position).json["type"]?.string == "watch")
        #expect(PositionRecord(Self.position(health: .max)).json["type"]?.string == "watch")
    }

    @Test func identityOutlivesUpgrades() {
        let account = Account(World.address(kind: 9, 1))
        let id = PositionRecord.id(of: account, in: Self.market())
        #expect(id == PositionRecord.id(of: account, in: Self.market("aave-v3.7")))
        #expect(id != PositionRecord.id(of: Account(World.address(kind: 9, 2)), in: Self.market()))
        #expect(id != PositionRecord.id(of: Account(account.address, accountId: "1"), in: Self.market()))
        let text = #"[1,"aave-v3","core",null,"\#(account.address.checksummed)"]"#
        #expect(id == Keccak256.hash(Array(text.utf8)))
    }
}

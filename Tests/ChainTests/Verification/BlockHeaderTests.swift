import Chain
import Ethereum
import JSON
import Testing
import TestSupport

@Suite struct BlockHeaderTests {
    @Test(arguments: try Vectors.load("chain/headers")) func publishedVectors(vector: JSONValue) throws {
        let header = try BlockHeader(json: #require(vector["header"]))
        try header.verify()
        try header.verify(is: header.hash)
        #expect(header.fieldCount == vector["fields"]?.int)
        #expect(header.layout == "ethereum")
        #expect(RLP.list([]) != (try RLP(decoding: header.encoded)))
        try header.checkGas()
        #expect(header.block.hash == header.hash)
        #expect(throws: VerificationError.wrongBlock(expected: .zero, got: header.hash)) {
            try header.verify(is: .zero)
        }
    }

    /// Each digit of each field counts.
    @Test(arguments: try Vectors.load("chain/headers")) func everyFieldIsHashed(vector: JSONValue) throws {
        let published = try #require(vector["header"]?.object)
        for (key, value) in published.members where key != "totalDifficulty" {
            let text = try #require(value.string)
            guard text.count > 2, let last = text.last else { continue }
            var changed = published
            changed[key] = .string(text.dropLast() + (last == "1" ? "2" : "1"))
            let header = try BlockHeader(json: .object(changed))
            #expect(throws: VerificationError.self, "\(key)") { try header.verify() }
        }
    }

    @Test func forks() throws {
        let amsterdam: [(String, JSONValue)] = [
            ("requestsHash", .string(Hash32(word: 10).hex)), ("blockAccessListHash", .string(Hash32(word: 11).hex)),
            ("slotNumber", .string("0x5f5e100")),
        ]
        var fixture = HeaderFixture()
        for (key, value) in amsterdam { fixture[key] = value }
        for count in (15...23).reversed() {
            let header = try fixture.decoded()
            try header.verify()
            #expect(header.fieldCount == count)
            #expect(header.baseFeePerGas == (count > 15 ? 1_000_000_000 : nil))
            fixture.fields.removeLast()
        }
        // The nonce belongs to every header.
        let error = #expect(throws: VerificationError.self) { try fixture.decoded() }
        #expect(error == .unsupported("the header has no nonce"))
        // A field after one that is missing is of no fork.
        var gap = HeaderFixture()
        gap["withdrawalsRoot"] = nil
        #expect(
            throws: VerificationError.malformed("the header is malformed: it has blobGasUsed and lacks withdrawalsRoot")
        ) { try gap.decoded() }
        var null = HeaderFixture()
        null["parentBeaconBlockRoot"] = nil
        null.extra = [("parentBeaconBlockRoot", .null)]
        try null.decoded().verify()
    }

    @Test func otherChains() throws {
        var avalanche = HeaderFixture()
        avalanche.fields.removeLast(5)
        for (key, value) in [
            ("extDataHash", Hash32(word: 20).hex), ("baseFeePerGas", "0x5d21dba00"), ("extDataGasUsed", "0x0"),
            ("blockGasCost", "0x186a0"), ("blobGasUsed", "0x0"), ("excessBlobGas", "0x0"),
            ("parentBeaconBlockRoot", Hash32(word: 21).hex), ("timestampMilliseconds", "0x19a5b5d6c00"),
            ("minDelayExcess", "0x7d0"),
        ] { avalanche[key] = .string(value) }
        avalanche.extra = [("blockExtraData", .string("0x"))]
        for _ in 0..<9 {
            let header = try avalanche.decoded()
            try header.verify()
            #expect(header.layout == "avalanche")
            if avalanche.fields.count > 16 { avalanche.fields.removeLast() }
        }

        var berachain = HeaderFixture()
        berachain["requestsHash"] = .string(Hash32(word: 10).hex)
        berachain["parentProposerPubkey"] = .string(Hex.encode([UInt8](repeating: 5, count: 48)))
        try berachain.decoded().verify()
        #expect(try berachain.decoded().layout == "berachain")

        var auRa = HeaderFixture()
        auRa.fields.removeLast(7)
        auRa["step"] = .string("0x13d3e3d3")
        auRa["signature"] = .string(Hex.encode([UInt8](repeating: 5, count: 65)))
        try auRa.decoded().verify()
        #expect(try auRa.decoded().layout == "auRa")

        // What only views other fields does not disturb.
        var arbitrum = HeaderFixture()
        arbitrum.fields.removeLast(4)
        arbitrum.extra = [
            ("l1BlockNumber", .string("0x1")), ("sendCount", .string("0x2")), ("sendRoot", .string(Hash32.zero.hex)),
        ]
        try arbitrum.decoded().verify()
        var long = HeaderFixture()
        long["extraData"] = .string(Hex.encode([UInt8](repeating: 7, count: 2_000)))
        try long.decoded().verify()
    }

    @Test func unknownFields() throws {
        var fixture = HeaderFixture()
        fixture.extra = [("size", .string("0x1")), ("newField", .string("0x1")), ("another", .null)]
        // Unknown and not hashed: the hash says so.
        try fixture.decoded().verify()
        let header = try fixture.decoded(hash: Hash32(word: 1))
        #expect(header.unknownKeys == ["newField", "another"])
        let error = #expect(throws: VerificationError.self) { try header.verify() }
        guard case .unsupported(let why) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(why.contains("newField, another"))
        #expect(error?.isContradiction == false)

        fixture.extra = [("size", .string("0x1"))]
        let plain = try fixture.decoded(hash: Hash32(word: 1))
        #expect(throws: VerificationError.headerHash(claimed: Hash32(word: 1), computed: try fixture.hash)) {
            try plain.verify()
        }
    }

    @Test func formsAreStrict() throws {
        let bad: [(String, JSONValue)] = [
            ("number", .string("0x064")), ("number", .string("100")), ("number", .integer(100)),
            ("number", .string("0x")), ("number", .string("0x10000000000000000")), ("number", .string(" 0x64")),
            ("timestamp", .string("-0x1")), ("gasUsed", .string("0x1g")), ("stateRoot", .string("0x12")),
            ("stateRoot", .string(String(repeating: "0", count: 66))), ("miner", .string(Hash32.zero.hex)),
            ("logsBloom", .string("0x00")), ("nonce", .string("0x0")), ("extraData", .string("0x123")),
            ("extraData", .string(Hex.encode([UInt8](repeating: 0, count: (100 << 10) + 1)))),
            ("difficulty", .string("0x1" + String(repeating: "0", count: 64))), ("baseFeePerGas", .string("0x00")),
        ]
        for (key, value) in bad {
            var fixture = HeaderFixture()
            fixture[key] = value
            let error = #expect(throws: VerificationError.self, "\(key) \(value)") {
                try fixture.decoded(hash: .zero)
            }
            guard case .malformed = error else {
                Issue.record("\(key): \(String(describing: error))")
                continue
            }
        }
        for root in [JSONValue.null, .array([]), .string("0x"), .integer(1)] {
            #expect(throws: VerificationError.self) { try BlockHeader(json: root) }
        }
        var upper = HeaderFixture()
        upper["gasLimit"] = .string("0x1C9C380")
        try upper.decoded().verify()
    }

    @Test func followsItsParent() throws {
        let parent = try HeaderFixture(number: 100).decoded()
        let child = try HeaderFixture(number: 101, parent: parent.hash).decoded()
        try child.checkFollows(parent)
        for wrong in [
            HeaderFixture(number: 102, parent: parent.hash), HeaderFixture(number: 100, parent: parent.hash),
            HeaderFixture(number: 101),
        ] {
            #expect(throws: VerificationError.self) { try wrong.decoded().checkFollows(parent) }
        }
        var early = HeaderFixture(number: 101, parent: parent.hash)
        early["timestamp"] = .string(Hex.quantity(parent.timestamp))
        try early.decoded().checkFollows(parent)
        early["timestamp"] = .string(Hex.quantity(parent.timestamp - 1))
        #expect(throws: VerificationError.self) { try early.decoded().checkFollows(parent) }
        var last = HeaderFixture()
        last["number"] = .string(Hex.quantity(UInt64.max))
        #expect(throws: VerificationError.self) { try child.checkFollows(last.decoded()) }
        var greedy = HeaderFixture()
        greedy["gasUsed"] = greedy["gasLimit"]
        try greedy.decoded().checkGas()
        greedy["gasUsed"] = .string("0x1c9c381")
        #expect(throws: VerificationError.self) { try greedy.decoded().checkGas() }
    }

    @Test func baseFees() throws {
        // Gas limit, gas used, fee, next fee: the middle, full, empty, the least rise, no room to fall.
        let cases: [(UInt64, UInt64, UInt64, UInt64)] = [
            (30_000_000, 15_000_000, 1_000_000_000, 1_000_000_000),
            (30_000_000, 30_000_000, 1_000_000_000, 1_125_000_000),
            (30_000_000, 0, 1_000_000_000, 875_000_000), (30_000_000, 15_000_001, 7, 8),
            (30_000_000, 0, 7, 7), (20_000_000, 9_000_000, 1_000_000_000, 987_500_000),
            (20_000_000, 10_000_001, 1_072_671_875, 1_072_671_888),
        ]
        for (limit, used, fee, next) in cases {
            var parent = HeaderFixture()
            parent["gasLimit"] = .string(Hex.quantity(limit))
            parent["gasUsed"] = .string(Hex.quantity(used))
            parent["baseFeePerGas"] = .string(Hex.quantity(fee))
            var child = HeaderFixture(number: 101)
            child["baseFeePerGas"] = .string(Hex.quantity(next))
            try child.decoded().checkBaseFee(after: parent.decoded())
            child["baseFeePerGas"] = .string(Hex.quantity(next + 1))
            #expect(throws: VerificationError.self) { try child.decoded().checkBaseFee(after: parent.decoded()) }
        }
        var parent = HeaderFixture()
        parent["baseFeePerGas"] = .string(Hex.quantity(UInt256.max))
        parent["gasUsed"] = parent["gasLimit"]
        #expect(throws: VerificationError.self) {
            try HeaderFixture(number: 101).decoded().checkBaseFee(after: parent.decoded())
        }
        parent["gasLimit"] = .string("0x1")
        #expect(throws: VerificationError.self) {
            try HeaderFixture(number: 101).decoded().checkBaseFee(after: parent.decoded())
        }
        // The first block with a fee, and one before it.
        var old = HeaderFixture()
        old.fields.removeLast(5)
        var first = HeaderFixture(number: 101)
        try first.decoded().checkBaseFee(after: old.decoded())
        try old.decoded().checkBaseFee(after: old.decoded())
        first["baseFeePerGas"] = .string("0x1")
        #expect(throws: VerificationError.self) { try first.decoded().checkBaseFee(after: old.decoded()) }
        var none = HeaderFixture(number: 101)
        none.fields.removeLast(5)
        #expect(throws: VerificationError.self) { try none.decoded().checkBaseFee(after: first.decoded()) }
    }
}

import Chain
import Ethereum
import JSON
import Testing
import TestSupport

extension ProvenReceipts {
    init(json: JSONValue, header: VerifiedHeader) throws {
        let scanner = try JSONScanner(json.serialized())
        try self.init(scanner, scanner.root, header: header)
    }

    /// The receipts of mainnet block 21925176: 202 of them, 463 logs.
    static func mainnet() throws -> (json: JSONValue, proven: ProvenReceipts) {
        let file = try Vectors.loadPacked("chain/receipts-mainnet-21925176.json.z")
        guard let receipts = file["receipts"] else { throw MissingVector(description: "no receipts") }
        let header = try BlockHeader.published(file.text("header"))
        return (receipts, try ProvenReceipts(json: receipts, header: header))
    }
}

@Suite struct ProvenReceiptsTests {
    @Test(arguments: try Vectors.load("chain/receipts")) func publishedVectors(vector: JSONValue) throws {
        let header = try BlockHeader.published(vector.text("header"))
        let receipts = try #require(vector["receipts"])
        let proven = try ProvenReceipts(json: receipts, header: header)
        #expect(proven.count == receipts.array?.count)
        #expect(proven.outside == 0)
    }

    @Test func mainnet() throws {
        let (json, proven) = try ProvenReceipts.mainnet()
        #expect(proven.count == 202)
        #expect(proven.logs.count == 463)
        #expect(proven.logs.map(\.logIndex) == Array(0..<463))
        // Another block's header does not name them.
        #expect(throws: VerificationError.self) {
            try ProvenReceipts(json: json, header: BlockHeader.published("execution-apis 54"))
        }
        let receipts = try #require(json.array)
        for missing in [0, 1, 100, 127, 128, 201] {
            var fewer = receipts
            fewer.remove(at: missing)
            #expect(throws: VerificationError.self) {
                try ProvenReceipts(json: .array(fewer), header: proven.header)
            }
        }
    }

    @Test(arguments: Seed.sweep(24)) func randomReceipts(seed: Seed) throws {
        var generator = seed.generator
        let count = [0, 1, 2, 20, 127, 128, 129, 160].randomElement(using: &generator) ?? 0
        let receipts = (0..<count).map { _ in ReferenceReceipt.random(using: &generator) }
        let header = try HeaderFixture.of(receipts)
        let proven = try ProvenReceipts(json: .array(receipts.map(\.json)), header: header)
        #expect(proven.count == count)
        let events = receipts.flatMap(\.events)
        #expect(proven.logs.map(\.address) == events.map(\.address))
        #expect(proven.logs.map(\.topics) == events.map(\.topics))
        #expect(proven.logs.map(\.data) == events.map(\.data))
        #expect(proven.logs.allSatisfy { $0.blockHash == header.hash && $0.blockNumber == 100 })
    }

    /// Each thing that is hashed, changed alone, changes the root.
    @Test func everyPartIsHashed() throws {
        var generator = Seed(5).generator
        let event = ReferenceReceipt.Event(
            address: Address(word: 9), topics: [Hash32(word: 1), Hash32(word: 2)], data: [1, 2, 3])
        let other = ReferenceReceipt.random(using: &generator)
        let receipt = ReferenceReceipt(
            type: 0x7E, status: true, gas: 21_000, events: [event, event], depositNonce: 5, depositVersion: 1)
        let header = try HeaderFixture.of([other, receipt])
        _ = try ProvenReceipts(json: .array([other.json, receipt.json]), header: header)
        let changes: [(inout ReferenceReceipt) -> Void] = [
            { $0.type = 2 }, { $0.status = false }, { $0.status = nil }, { $0.gas = 21_001 },
            { $0.events.removeLast() }, { $0.events.append(event) }, { $0.events[0].address = .zero },
            { $0.events[0].topics.swapAt(0, 1) }, { $0.events[0].topics.removeLast() },
            { $0.events[0].topics.append(.zero) }, { $0.events[1].data = [1, 2, 4] }, { $0.events[1].data = [] },
            { $0.depositNonce = 6 }, { $0.depositVersion = 2 }, { $0.depositVersion = nil },
        ]
        for (index, change) in changes.enumerated() {
            var changed = receipt
            change(&changed)
            let error = #expect(throws: VerificationError.self, "change \(index)") {
                try ProvenReceipts(json: .array([other.json, changed.json]), header: header)
            }
            guard case .receiptsRoot(header.header.receiptsRoot, _) = error else {
                Issue.record("change \(index): \(String(describing: error))")
                continue
            }
        }
        #expect(throws: VerificationError.self) {
            try ProvenReceipts(json: .array([receipt.json, other.json]), header: header)
        }
    }

    @Test func aBloomThatIsNotTheReceipts() throws {
        let receipt = ReferenceReceipt(
            type: 2, status: true, gas: 1, events: [.init(address: .zero, topics: [], data: [])])
        var fixture = HeaderFixture()
        fixture["receiptsRoot"] = .string(ReferenceTrie(ordered: [receipt.encoded]).root.hex)
        let header = try fixture.decoded().verify()
        #expect(throws: VerificationError.bloom(header.hash)) {
            try ProvenReceipts(json: .array([receipt.json]), header: header)
        }
    }

    /// Polygon before PIP-74: a receipt that the node adds, found by its hash.
    @Test func receiptsOutsideTheTrie() throws {
        var generator = Seed(8).generator
        let receipts = (0..<5).map { _ in ReferenceReceipt.random(using: &generator) }
        let header = try HeaderFixture.of(receipts)
        let key = Array("matic-bor-receipt-".utf8) + UInt256(100).bigEndianBytes.suffix(8) + header.hash.bytes
        var system = try #require(ReferenceReceipt.random(using: &generator).json.object)
        system["transactionHash"] = .string(Keccak256.hash(key).hex)
        let all = receipts.map(\.json) + [.object(system)]
        let proven = try ProvenReceipts(json: .array(all), header: header)
        #expect(proven.count == 5)
        #expect(proven.outside == 1)
        #expect(proven.logs.count == receipts.flatMap(\.events).count)
        // Only as the last one, and only under that hash.
        #expect(throws: VerificationError.self) {
            try ProvenReceipts(json: .array([.object(system)] + receipts.map(\.json)), header: header)
        }
        system["transactionHash"] = .string(Hash32.zero.hex)
        #expect(throws: VerificationError.self) {
            try ProvenReceipts(json: .array(receipts.map(\.json) + [.object(system)]), header: header)
        }
    }

    @Test func unknownForms() throws {
        let receipt = ReferenceReceipt(type: 2, status: true, gas: 1, events: [])
        let header = try HeaderFixture.of([receipt])
        for type in ["0x5", "0x67", "0x79", "0x7d", "0x80", "0x1ff"] {
            var object = try #require(receipt.json.object)
            object["type"] = .string(type)
            let error = #expect(throws: VerificationError.self) {
                try ProvenReceipts(json: .array([.object(object)]), header: header)
            }
            #expect(error?.isContradiction == false)
        }
        var fee = try #require(receipt.json.object)
        fee["type"] = .string("0x7b")
        #expect(
            throws: VerificationError.unsupported(
                "a receipt of type 0x7b hashes its base fee, and the node does not tell it")
        ) { try ProvenReceipts(json: .array([.object(fee)]), header: header) }
    }

    @Test func formsAreStrict() throws {
        let receipt = ReferenceReceipt(
            type: 0, status: true, gas: 1, events: [.init(address: .zero, topics: [], data: [])])
        let header = try HeaderFixture.of([receipt])
        let good = try #require(receipt.json.object)
        // Without a type a receipt is an old one; an empty root beside the status is none.
        for (key, value) in [("type", nil), ("root", .string("0x")), ("root", .null)] as [(String, JSONValue?)] {
            var object = good
            object[key] = value
            _ = try ProvenReceipts(json: .array([.object(object)]), header: header)
        }
        let bad: [(String, JSONValue?)] = [
            ("status", .string("0x2")), ("status", nil), ("status", .string("0x01")), ("status", .bool(true)),
            ("root", .string("0x00")), ("cumulativeGasUsed", nil), ("cumulativeGasUsed", .integer(1)),
            ("logs", nil), ("logs", .null), ("logs", .array([.null])), ("type", .string("0x00")),
            ("logs", .array([.object(["address": .string("0x00"), "topics": .array([]), "data": .string("0x")])])),
            ("logs", .array([.object(["address": .string(Address.zero.hex), "topics": .array([.integer(0)])])])),
            ("transactionHash", .string("0x00")),
        ]
        for (key, value) in bad {
            var object = good
            object[key] = value
            #expect(throws: VerificationError.self, "\(key)") {
                try ProvenReceipts(json: .array([.object(object)]), header: header)
            }
        }
        for root in [JSONValue.null, .object([:]), .array([.null]), .array([.array([])]), .string("0x")] {
            #expect(throws: VerificationError.self) { try ProvenReceipts(json: root, header: header) }
        }
    }
}

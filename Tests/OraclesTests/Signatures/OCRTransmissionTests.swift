import ABI
import Ethereum
import JSON
import Oracles
import TestSupport
import Testing

@Suite struct OCRTransmissionTests {
    @Test func realTransmissionsVerify() throws {
        for vector in try Vector.all("chainlink") {
            let report = try OCRTransmission(calldata: vector.bytes("calldata"))
            let digest = try vector.bytes("configDigest")
            let set = try OCRSignerSet(
                signers: vector.addresses("signers"), faulty: vector.number("f"), configDigest: digest)
            #expect(try report.verify(by: set) == vector.addresses("signedBy"))
            #expect(report.configDigest == digest)
            #expect(report.answer.description == (try vector.text("answer")))
            #expect(Int(report.epoch) == (try vector.number("epoch")))
            #expect(Int(report.round) == (try vector.number("round")))
            #expect(report.observations.count == (try vector.number("observers")))
            #expect(report.observations.map(\.value) == report.observations.map(\.value).sorted())
            #expect(Set(report.observations.map(\.observer)).count == report.observations.count)
            if report.generation == .ocr2 {
                #expect(report.observationsTimestamp == UInt64(try vector.number("observationsTimestamp")))
            }
            expectTruncationsRefused(try vector.bytes("calldata")) { _ = try OCRTransmission(calldata: $0) }
        }
    }

    @Test func anyFlippedBitIsRefused() throws {
        for vector in try Vector.all("chainlink") {
            let set = try OCRSignerSet(
                signers: vector.addresses("signers"), faulty: vector.number("f"),
                configDigest: vector.bytes("configDigest"))
            let name = try vector.text("name")
            var accepted: [Int] = []
            forEachFlip(of: try vector.bytes("calldata")) { calldata, bit in
                do {
                    let report = try OCRTransmission(calldata: calldata)
                    _ = try report.verify(by: set)
                    accepted.append(bit)
                } catch {}
            }
            #expect(accepted.isEmpty, "bits \(accepted.prefix(10)) of \(name)")
        }
    }

    @Test func thresholdOriginAndTimeCount() throws {
        let vector = try some(try Vector.all("chainlink").first)
        let (signers, calldata) = (try vector.addresses("signers"), try vector.bytes("calldata"))
        let report = try OCRTransmission(calldata: calldata)
        let signed = try vector.addresses("signedBy")
        #expect(throws: SignedDataError.signatureCount(found: 11, needed: 12)) {
            try report.verify(by: OCRSignerSet(signers: signers, faulty: 11))
        }
        #expect(throws: SignedDataError.unauthorisedSigner(signed[0])) {
            try report.verify(by: OCRSignerSet(signers: signers.filter { $0 != signed[0] }, faulty: 10))
        }
        let set = try OCRSignerSet(signers: signers, faulty: 10, configDigest: Array(repeating: 1, count: 16))
        #expect(throws: SignedDataError.self) { try report.verify(by: set) }
        let plain = try OCRSignerSet(signers: signers, faulty: 10)
        #expect(throws: SignedDataError.self) { try report.verify(by: plain, after: report.epochAndRound) }
        _ = try report.verify(by: plain, after: report.epochAndRound - 1)
        #expect(throws: SignedDataError.outOfBounds(report.answer)) {
            try report.verify(by: plain, bounds: 1...Int256(100))
        }
        #expect(throws: SignedDataError.self) { try OCRSignerSet(signers: signers + signers, faulty: 10) }
        #expect(throws: SignedDataError.self) { try OCRSignerSet(signers: signers + [signers[0]], faulty: 10) }
        #expect(throws: SignedDataError.self) { try OCRSignerSet(signers: signers, faulty: 0) }
    }

    @Test(arguments: Seed.sweep(20)) func ownReportsFollowTheContractsRules(_ seed: Seed) throws {
        var maker = try ReportMaker(seed)
        for generation in [OCRTransmission.Generation.ocr1, .ocr2] {
            let set = try OCRSignerSet(signers: maker.keys.map(\.address), faulty: 2)
            let values = maker.values(7)
            let good = try OCRTransmission(calldata: maker.calldata(generation, values, signers: [0, 3, 5]))
            #expect(try good.verify(by: set) == [0, 3, 5].map { maker.keys[$0].address })
            #expect(good.answer == values[3])
            #expect(
                try OCRTransmission(calldata: maker.calldata(generation, values, signers: [5, 0, 3])).verify(by: set)
                    .count == 3)
            let twice = try OCRTransmission(calldata: maker.calldata(generation, values, signers: [0, 3, 3]))
            #expect(throws: SignedDataError.duplicateSigner(maker.keys[3].address)) { try twice.verify(by: set) }
            let two = try OCRTransmission(calldata: maker.calldata(generation, values, signers: [0, 3]))
            #expect(throws: SignedDataError.signatureCount(found: 2, needed: 3)) { try two.verify(by: set) }
            let four = try OCRTransmission(calldata: maker.calldata(generation, values, signers: [0, 1, 2, 3]))
            let mixed = try OCRTransmission(
                calldata: maker.calldata(generation, values.reversed(), signers: [0, 1, 2]))
            let few = try OCRTransmission(
                calldata: maker.calldata(generation, Array(values.prefix(3)), signers: [0, 1, 2]))
            switch generation {
            case .ocr1:
                _ = try four.verify(by: set)
                #expect(throws: SignedDataError.outOfOrder("observations do not ascend")) { try mixed.verify(by: set) }
                #expect(throws: SignedDataError.belowThreshold(found: 3, needed: 5)) { try few.verify(by: set) }
            case .ocr2:
                #expect(throws: SignedDataError.signatureCount(found: 4, needed: 3)) { try four.verify(by: set) }
                _ = try mixed.verify(by: set)
                _ = try few.verify(by: set)
            }
        }
    }

    @Test func referenceDigestIsReproduced() throws {
        // Keys 0x01…, observations 1999 to 2001 dollars: computed apart from this program.
        var maker = try ReportMaker(Seed(1))
        maker.context = [0x00, 0x01] + Array(repeating: 0x11, count: 30)
        let calldata = try maker.calldata(
            .ocr2, [199_900_000_000, 200_000_000_000, 200_100_000_000].map { Int256($0) }, signers: [0],
            observers: [0, 1, 3], epoch: 5, round: 2)
        let report = try OCRTransmission(calldata: calldata)
        #expect(report.digest?.hex == "0x0fcefc6f3e341b0918bc699b17eedfebec2e89ed21555fb190b66832188e1fb6")
    }

    @Test func eventsCarryEveryNodesPrice() throws {
        let vector = try some(try Vector.all("chainlink").last)
        let report = try OCRTransmission(calldata: vector.bytes("calldata"))
        let values = ABIValue.array(report.observations.map { .int($0.value) })
        let config = try some(FixedBytes(bytes: report.configDigest))
        let data = try ABICoder.encode(
            [
                .int(report.answer), .address(Address(a: 1, b: 2, c: 3)),
                .uint(UInt256(report.observationsTimestamp ?? 0)),
                values, .bytes(report.observations.map(\.observer)), .int(report.juelsPerFeeCoin ?? 0),
                .fixedBytes(config), .uint(UInt256(report.epochAndRound)),
            ],
            as: ["int192", "address", "uint32", "int192[]", "bytes", "int192", "bytes32", "uint40"].map {
                try ABIType(parsing: $0)
            })
        let topics = [OCRTransmissionEvent.topicOCR2, Hash32(word: 77)]
        let event = try OCRTransmissionEvent(topics: topics, data: data)
        #expect(event.answer == report.answer && event.aggregatorRoundID == 77)
        #expect(event.transmission.observations == report.observations)
        #expect(event.transmission.epoch == report.epoch && event.transmission.round == report.round)
        #expect(throws: SignedDataError.self) {
            try event.transmission.verify(by: OCRSignerSet(signers: vector.addresses("signers"), faulty: 10))
        }
        #expect(
            OCRTransmissionEvent.topicOCR1.hex == "0xf6a97944f31ea060dfde0566e4167c1a1082551e64b60ecb14d599a9d023d451")
        #expect(
            OCRTransmissionEvent.topicOCR2.hex == "0xc797025feeeaf2cd924c99e9205acb8ec04d5cad21c41ce637a38fb6dee6016a")
        #expect(throws: SignedDataError.self) { try OCRTransmissionEvent(topics: [topics[0]], data: data) }
        #expect(throws: SignedDataError.self) {
            try OCRTransmissionEvent(topics: topics, data: Array(data.dropLast(32)))
        }
        var wrong = data
        wrong[31] ^= 1
        #expect(throws: SignedDataError.self) { try OCRTransmissionEvent(topics: topics, data: wrong) }
    }
}

/// Reports of our own keys, in the encodings of both generations.
struct ReportMaker {
    let keys: [Secp256k1.PrivateKey]
    var context: [UInt8] = Array(repeating: 7, count: 32)
    private var generator: SeededGenerator

    init(_ seed: Seed) throws {
        generator = seed.generator
        keys = try (1...7).map { try Secp256k1.PrivateKey(bytes: Array(repeating: UInt8($0), count: 32)) }
    }

    mutating func values(_ count: Int) -> [Int256] {
        (0..<count).map { _ in Int256(Int64(truncatingIfNeeded: generator.next() >> 8)) }.sorted()
    }

    func calldata(
        _ generation: OCRTransmission.Generation, _ values: [Int256], signers: [Int], observers: [UInt8]? = nil,
        epoch: UInt64 = 9, round: UInt64 = 1
    ) throws -> [UInt8] {
        let ids = observers ?? (0..<UInt8(values.count)).map { $0 }
        let observers = try some(FixedBytes(bytes: ids + Array(repeating: 0, count: 32 - ids.count)))
        let array = ABIValue.array(values.map { .int($0) })
        let epochAndRound = UInt256(epoch << 8 | round)
        let report: [UInt8]
        let digest: Hash32
        switch generation {
        case .ocr1:
            let raw = FixedBytes(Hash32(word: UInt256(high: 0, low: 0x2222) << 40 | epochAndRound))
            report = try encode(
                [.fixedBytes(raw), .fixedBytes(observers), array], ["bytes32", "bytes32", "int192[]"])
            digest = Keccak256.hash(report)
        case .ocr2:
            report = try encode(
                [.uint(1_700_000_000), .fixedBytes(observers), array, .int(7_000_000_000_000_000)],
                ["uint32", "bytes32", "int192[]", "int192"])
            digest = Keccak256.hash(
                Keccak256.hash(report).bytes + context + epochAndRound.bigEndianBytes + UInt256.zero.bigEndianBytes)
        }
        let signatures = try signers.map { try keys[$0].sign(digest) }
        let parities = signatures.map { $0.v - 27 } + Array(repeating: 0, count: 32 - signatures.count)
        let tail: [ABIValue] = [
            .bytes(report), .array(signatures.map { .fixedBytes(FixedBytes(Hash32(word: $0.r))) }),
            .array(signatures.map { .fixedBytes(FixedBytes(Hash32(word: $0.s))) }),
            .fixedBytes(try some(FixedBytes(bytes: parities))),
        ]
        let types = ["bytes", "bytes32[]", "bytes32[]", "bytes32"]
        switch generation {
        case .ocr1: return [0xc9, 0x80, 0x75, 0x39] + (try encode(tail, types))
        case .ocr2:
            let head: [ABIValue] = [
                .fixedBytes(try some(FixedBytes(bytes: context))),
                .fixedBytes(FixedBytes(Hash32(word: epochAndRound))),
                .fixedBytes(FixedBytes(.zero)),
            ]
            return [0xb1, 0xdc, 0x65, 0xa4]
                + (try encode(head + tail, ["bytes32", "bytes32", "bytes32"] + types))
        }
    }

    private func encode(_ values: [ABIValue], _ types: [String]) throws -> [UInt8] {
        try ABICoder.encode(values, as: try types.map { try ABIType(parsing: $0) })
    }
}

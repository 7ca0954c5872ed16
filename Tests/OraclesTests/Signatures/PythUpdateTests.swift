import Ethereum
import JSON
import Oracles
import TestSupport
import Testing

@Suite struct PythUpdateTests {
    private func set(_ vector: Vector) throws -> GuardianSet {
        try GuardianSet(index: UInt32(vector.number("guardianSet")), guardians: vector.addresses("guardians"))
    }

    private func sources(_ vector: Vector) throws -> Set<PythDataSource> {
        [PythDataSource(chain: UInt16(try vector.number("emitterChain")), emitter: try vector.hash("emitter"))]
    }

    @Test func realUpdatesVerify() throws {
        for vector in try Vector.all("pyth") {
            let update = try PythUpdate(parsing: vector.bytes("data"))
            #expect(try update.verify(by: set(vector), sources: sources(vector)).count == 13)
            #expect(update.message.sequence.description == (try vector.text("sequence")))
            #expect(Int(update.message.timestamp) == (try vector.number("timestamp")))
            let prices = try vector.list("prices")
            #expect(update.prices.count == prices.count)
            for (price, expected) in zip(update.prices, prices) {
                #expect(price.id == (try expected.hash("id")))
                #expect(price.price.description == (try expected.text("price")))
                #expect(price.confidence.description == (try expected.text("conf")))
                #expect(Int(price.exponent) == (try expected.number("expo")))
                #expect(Int(price.publishTime) == (try expected.number("publishTime")))
                #expect(Int(price.previousPublishTime) == (try expected.number("previousPublishTime")))
                #expect(price.emaPrice.description == (try expected.text("emaPrice")))
                #expect(price.emaConfidence.description == (try expected.text("emaConf")))
            }
        }
    }

    @Test func anyFlippedBitIsRefused() throws {
        for (index, vector) in try Vector.all("pyth").enumerated() {
            let (set, sources) = (try set(vector), try sources(vector))
            let name = try vector.text("name")
            var accepted: [Int] = []
            // All bits of one update; of the others every third.
            forEachFlip(of: try vector.bytes("data"), step: index == 0 ? 1 : 3) { data, bit in
                do {
                    _ = try PythUpdate(parsing: data).verify(by: set, sources: sources)
                    accepted.append(bit)
                } catch {}
            }
            #expect(accepted.isEmpty, "bits \(accepted.prefix(10)) of \(name)")
        }
        let first = try some(try Vector.all("pyth").first)
        expectTruncationsRefused(try first.bytes("data")) { _ = try PythUpdate(parsing: $0) }
    }

    @Test func quorumSetAndSourceCount() throws {
        let vector = try some(try Vector.all("pyth").first)
        let update = try PythUpdate(parsing: vector.bytes("data"))
        let (guardians, index) = (try vector.addresses("guardians"), UInt32(try vector.number("guardianSet")))
        #expect(throws: SignedDataError.self) {
            try update.verify(by: GuardianSet(index: index + 1, guardians: guardians), sources: sources(vector))
        }
        #expect(throws: SignedDataError.self) { try update.verify(by: set(vector), sources: []) }
        // Guardians in another order: the signatures are no longer of those whom they name.
        #expect(throws: SignedDataError.self) {
            try update.verify(by: GuardianSet(index: index, guardians: guardians.reversed()), sources: sources(vector))
        }
        // More guardians: thirteen signatures are too few.
        let more = guardians + (1...9).map { Address(a: 0, b: 0, c: $0) }
        #expect(throws: SignedDataError.belowThreshold(found: 13, needed: 19)) {
            try update.verify(by: GuardianSet(index: index, guardians: more), sources: sources(vector))
        }
        let old = try GuardianSet(index: index, guardians: guardians, expiration: 1000)
        #expect(throws: SignedDataError.self) { try update.verify(by: old, sources: sources(vector), now: 1001) }
        _ = try update.verify(by: old, sources: sources(vector), now: 1000)
        #expect(try GuardianSet(index: 0, guardians: Array(guardians.prefix(5)), quorum: .half).needed == 3)
        #expect(
            [1: 1, 2: 2, 3: 3, 4: 3, 6: 5, 7: 5, 19: 13].allSatisfy { count, needed in
                (try? GuardianSet(index: 0, guardians: Array(guardians.prefix(count))).needed) == needed
            })
        #expect(throws: SignedDataError.self) { try GuardianSet(index: 0, guardians: []) }
        #expect(throws: SignedDataError.self) { try GuardianSet(index: 0, guardians: guardians + guardians) }
    }

    @Test(arguments: Seed.sweep(5)) func guardiansHaveToAscendAndBeDistinct(_ seed: Seed) throws {
        let keys = try (1...6).map { try Secp256k1.PrivateKey(bytes: Array(repeating: UInt8($0), count: 32)) }
        let set = try GuardianSet(index: 3, guardians: keys.map(\.address))
        var generator = seed.generator
        let body = generator.bytes(51 + 30)
        let digest = Keccak256.hash(Keccak256.hash(body).bytes)
        func message(_ order: [Int], named: [Int]? = nil) throws -> WormholeMessage {
            var bytes: [UInt8] = [1, 0, 0, 0, 3, UInt8(order.count)]
            for (key, name) in zip(order, named ?? order) {
                let signature = try keys[key].sign(digest)
                bytes += [UInt8(name)] + signature.bytes.dropLast() + [signature.v - 27]
            }
            return try WormholeMessage(parsing: bytes + body)
        }
        #expect(try message([0, 1, 2, 4, 5]).verify(by: set).count == 5)
        #expect(throws: SignedDataError.outOfOrder("guardians do not ascend")) {
            try message([0, 1, 2, 5, 4]).verify(by: set)
        }
        #expect(throws: SignedDataError.outOfOrder("guardians do not ascend")) {
            try message([0, 1, 1, 2, 3]).verify(by: set)
        }
        #expect(throws: SignedDataError.belowThreshold(found: 4, needed: 5)) {
            try message([0, 1, 2, 4]).verify(by: set)
        }
        // One guardian under the names of two.
        #expect(throws: SignedDataError.self) { try message([0, 1, 2, 3, 3], named: [0, 1, 2, 3, 4]).verify(by: set) }
        #expect(throws: SignedDataError.self) { try message([0, 1, 2, 4, 3], named: [0, 1, 2, 3, 4]).verify(by: set) }
    }
}

import Ethereum
import JSON
import Oracles
import TestSupport
import Testing

@Suite struct ScribePokeTests {
    private func poke(_ vector: Vector) throws -> ScribePoke {
        try ScribePoke(
            value: vector.word("value").low, age: UInt32(vector.number("age")),
            signature: vector.hash("signature").word, commitment: vector.address("commitment"),
            feedIDs: vector.bytes("feedIds"))
    }

    private func keys(_ vector: Vector) throws -> [Secp256k1.PublicKey] {
        try some(vector.value["feeds"]?.array).map {
            let bytes = try Hex.decode(try some($0.string))
            return try Secp256k1.PublicKey(
                x: some(UInt256(bigEndian: bytes[0..<32])), y: some(UInt256(bigEndian: bytes[32..<64])))
        }
    }

    @Test func recomputedPokesVerify() throws {
        for vector in try Vector.all("chronicle") {
            let (poke, wat) = (try poke(vector), try vector.hash("wat"))
            let feeds = try ScribeFeeds(keys: keys(vector), bar: vector.number("bar"))
            #expect(poke.message(wat: wat) == (try vector.hash("message")))
            let signers = try poke.verify(wat: wat, by: feeds)
            #expect(signers.map(ScribeFeeds.id) == poke.feedIDs)
            var reversed = poke
            reversed = ScribePoke(
                value: poke.value, age: poke.age, signature: poke.signature, commitment: poke.commitment,
                feedIDs: poke.feedIDs.reversed())
            // A sum has no order; the contract takes any.
            #expect(try reversed.verify(wat: wat, by: feeds).count == poke.feedIDs.count)
        }
    }

    @Test func anyFlippedBitIsRefused() throws {
        for vector in try Vector.all("chronicle") {
            let (poke, wat) = (try poke(vector), try vector.hash("wat"))
            let feeds = try ScribeFeeds(keys: keys(vector), bar: vector.number("bar"))
            let bytes =
                wat.bytes + UInt256(poke.value).bigEndianBytes.suffix(16)
                + UInt256(UInt64(poke.age)).bigEndianBytes.suffix(4) + poke.signature.bigEndianBytes
                + poke.commitment.bytes + poke.feedIDs
            var accepted: [Int] = []
            try forEachFlip(of: bytes) { flipped, bit in
                let changed = try ScribePoke(
                    value: some(UInt256(bigEndian: flipped[32..<48])).low,
                    age: UInt32(some(UInt256(bigEndian: flipped[48..<52])).word0),
                    signature: some(UInt256(bigEndian: flipped[52..<84])),
                    commitment: some(Address(bytes: flipped[84..<104])), feedIDs: Array(flipped[104...]))
                do {
                    _ = try changed.verify(wat: some(Hash32(bytes: flipped[0..<32])), by: feeds)
                    accepted.append(bit)
                } catch {}
            }
            #expect(accepted.isEmpty, "bits \(accepted.prefix(10))")
        }
    }

    @Test func barDuplicatesAndTimeCount() throws {
        let vector = try some(try Vector.all("chronicle").first)
        let (poke, wat, keys) = (try poke(vector), try vector.hash("wat"), try keys(vector))
        let bar = try vector.number("bar")
        let feeds = try ScribeFeeds(keys: keys, bar: bar)
        for other in [bar - 1, bar + 1] {
            #expect(throws: SignedDataError.signatureCount(found: bar, needed: other)) {
                try poke.verify(wat: wat, by: ScribeFeeds(keys: keys, bar: other))
            }
        }
        let twice = ScribePoke(
            value: poke.value, age: poke.age, signature: poke.signature, commitment: poke.commitment,
            feedIDs: [poke.feedIDs[1]] + poke.feedIDs.dropFirst())
        #expect(throws: SignedDataError.duplicateSigner(keys[1].address)) { try twice.verify(wat: wat, by: feeds) }
        #expect(throws: SignedDataError.self) { try poke.verify(wat: wat, by: feeds, after: poke.age) }
        #expect(throws: SignedDataError.self) { try poke.verify(wat: wat, by: feeds, now: UInt64(poke.age) - 1) }
        _ = try poke.verify(wat: wat, by: feeds, after: poke.age - 1, now: UInt64(poke.age))
        #expect(throws: SignedDataError.self) { try ScribeFeeds(keys: keys + [keys[0]], bar: bar) }
        #expect(throws: SignedDataError.self) { try ScribeFeeds(keys: keys, bar: 0) }
        #expect(throws: Secp256k1Error.invalidKey) { try Secp256k1.PublicKey(x: 1, y: 1) }
        #expect(throws: Secp256k1Error.invalidKey) { try Secp256k1.PublicKey.sum([]) }
    }
}

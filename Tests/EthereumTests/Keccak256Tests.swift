@testable import Ethereum
import JSON
import Testing
import TestSupport

@Suite struct Keccak256Tests {
    private static func message(_ length: Int) -> [UInt8] {
        (0..<length).map { UInt8(truncatingIfNeeded: 7 * $0 + length) }
    }

    @Test(arguments: try Vectors.load("ethereum/keccak")) func publishedVectors(vector: JSONValue) throws {
        let message = try Hex.decode(vector.text("message"))
        #expect(Keccak256.hash(message).hex == (try vector.text("hash")))
        #expect(Keccak256.hash(message.span).hex == (try vector.text("hash")))
    }

    @Test(arguments: try Vectors.load("ethereum/keccak-lengths")) func everySideOfABlock(vector: JSONValue) throws {
        let length = try #require(Int(vector.text("length")))
        let message = Self.message(length)
        let expected = try vector.text("hash")
        #expect(Keccak256.hash(message).hex == expected)
        // A collection without contiguous storage takes the path byte by byte.
        #expect(Keccak256.hash(message.lazy.map { $0 }).hex == expected)
    }

    @Test(arguments: Seed.sweep(64)) func piecesDoNotMatter(seed: Seed) {
        var generator = seed.generator
        let message = generator.bytes(Int.random(in: 0...600, using: &generator))
        var hasher = Keccak256()
        var offset = 0
        while offset < message.count {
            let count = min(message.count - offset, Int.random(in: 0...150, using: &generator))
            hasher.update(message[offset..<offset + count])
            // Reading the hash on the way leaves the state as it was.
            if count % 3 == 0 { #expect(hasher.finalize() == Keccak256.hash(message[..<(offset + count)])) }
            offset += count
        }
        #expect(hasher.finalize() == Keccak256.hash(message))
    }

    @Test func hashesChain() {
        // A thousand hashes of hashes and zeros: one wrong bit anywhere changes the end. Computed by safe-pysha3 1.0.7.
        var link: [UInt8] = []
        for index in 0..<1000 {
            link = Keccak256.hash(link + [UInt8](repeating: 0, count: index % 300)).bytes
        }
        #expect(Hex.encode(link) == "0x0a015ce761242e9094c661c6f75ac0442337b2cd16c5d7c8581530d87ca33185")
    }

    @Test func mappingSlotsAreHashesOfTwoWords() {
        let key = UInt256(hex: "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A") ?? 0
        #expect(Keccak256.hash(key, 52) == Keccak256.hash(key.bigEndianBytes + UInt256(52).bigEndianBytes))
    }

    @Test func permutesZerosAsPublished() {
        // The first lane of Keccak-f[1600] on zeros, from the Keccak team's KeccakF-1600-IntermediateValues.txt.
        var state = KeccakState()
        state.permute()
        #expect(state.lanes[0] == 0xF125_8F79_40E1_DDE7)
        state.permute()
        #expect(state.lanes[0] == 0x2D5C_954D_F96E_CB3C)
    }
}

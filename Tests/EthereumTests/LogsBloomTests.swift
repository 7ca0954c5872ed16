import Ethereum
import Testing
import TestSupport

@Suite struct LogsBloomTests {
    /// The bits by their definition: the low 11 bits of the first three pairs of the hash's bytes.
    private static func bits(_ bytes: [UInt8]) -> [Int] {
        let hash = Keccak256.hash(bytes).bytes
        return [0, 2, 4].map { (Int(hash[$0]) << 8 | Int(hash[$0 + 1])) & 2047 }
    }

    @Test(arguments: Seed.sweep(16)) func agreesWithTheDefinition(seed: Seed) throws {
        var generator = seed.generator
        var bloom = LogsBloom()
        var expected = [UInt8](repeating: 0, count: 256)
        var added: [(Address, [Hash32])] = []
        for _ in 0..<40 {
            let address = Address(word: .random(using: &generator))
            let topics = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                Hash32(word: .random(using: &generator))
            }
            bloom.add(address: address, topics: topics)
            for item in [address.bytes] + topics.map(\.bytes) {
                for bit in Self.bits(item) { expected[255 - bit / 8] |= 1 << UInt8(bit % 8) }
            }
            added.append((address, topics))
        }
        #expect(bloom.bytes == expected)
        #expect(LogsBloom(bytes: expected) == bloom)
        for (address, topics) in added {
            #expect(bloom.mayContain(address))
            #expect(topics.allSatisfy { bloom.mayContain($0) })
        }
        for _ in 0..<100 {
            let topic = Hash32(word: .random(bits: 200...256, using: &generator))
            let isSet = Self.bits(topic.bytes).allSatisfy { expected[255 - $0 / 8] >> UInt8($0 % 8) & 1 == 1 }
            #expect(bloom.mayContain(topic) == isSet)
        }
    }

    @Test func union() {
        var both = LogsBloom()
        var a = LogsBloom()
        var b = LogsBloom()
        a.add(LogsBloom.Bits(Hash32(word: 1)))
        b.add(LogsBloom.Bits(Hash32(word: 2)))
        both.add(LogsBloom.Bits(Hash32(word: 1)))
        both.add(LogsBloom.Bits(Hash32(word: 2)))
        #expect(a != b)
        a.formUnion(b)
        #expect(a == both)
        #expect(a.hashValue == both.hashValue)
    }

    @Test func lengths() {
        #expect(LogsBloom(bytes: [UInt8](repeating: 0, count: 256)) == LogsBloom())
        #expect(LogsBloom(bytes: [UInt8](repeating: 0, count: 255)) == nil)
        #expect(LogsBloom(bytes: [UInt8](repeating: 0, count: 257)) == nil)
        #expect(!LogsBloom().mayContain(Address.zero))
    }
}

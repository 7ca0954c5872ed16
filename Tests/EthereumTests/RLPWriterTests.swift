import Ethereum
import Testing
import TestSupport

@Suite struct RLPWriterTests {
    private static func write(_ item: RLP, to writer: inout RLPWriter) {
        switch item {
        case .bytes(let bytes): writer.append(bytes)
        case .list(let items):
            let list = writer.beginList()
            for item in items { write(item, to: &writer) }
            writer.endList(list)
        }
    }

    @Test(arguments: Seed.sweep(64)) func agreesWithTheTree(seed: Seed) {
        var generator = seed.generator
        func item(_ depth: Int) -> RLP {
            guard depth > 0, Bool.random(using: &generator) else {
                return .bytes(
                    generator.bytes([0, 1, 2, 32, 55, 56, 255, 256, 70_000].randomElement(using: &generator) ?? 0))
            }
            return .list((0..<Int.random(in: 0...4, using: &generator)).map { _ in item(depth - 1) })
        }
        let tree = item(5)
        var writer = RLPWriter()
        Self.write(tree, to: &writer)
        #expect(writer.bytes == tree.encoded())
    }

    @Test func values() {
        var writer = RLPWriter()
        let list = writer.beginList()
        writer.append(0 as UInt64)
        writer.append(UInt256.max)
        writer.append(Hash32(word: 5))
        writer.append(Address(word: 7))
        writer.endList(list)
        let tree = RLP.list([
            .quantity(0), .quantity(.max), .hash(Hash32(word: 5)), .address(Address(word: 7)),
        ])
        #expect(writer.bytes == tree.encoded())
    }
}

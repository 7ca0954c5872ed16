import Ethereum
import JSON
import Testing
import TestSupport

extension RLP {
    /// An item as the vectors spell it.
    fileprivate init(_ value: JSONValue) throws {
        if let items = value.array {
            self = .list(try items.map { try RLP($0) })
        } else {
            let text = value.string ?? ""
            self = .bytes(text.hasPrefix("0x") ? try Hex.decode(text) : Array(text.utf8))
        }
    }

    /// A random item, at most `depth` lists deep.
    fileprivate static func random(depth: Int, using generator: inout SeededGenerator) -> RLP {
        if depth == 0 || Bool.random(using: &generator) {
            let length = [0, 1, 1, 2, 32, 54, 55, 56, 57, 255, 256, 300].randomElement(using: &generator) ?? 0
            return .bytes(generator.bytes(length))
        }
        return .list(
            (0..<Int.random(in: 0...5, using: &generator)).map { _ in random(depth: depth - 1, using: &generator) })
    }
}

@Suite struct RLPTests {
    @Test(arguments: try Vectors.load("ethereum/rlp")) func publishedVectors(vector: JSONValue) throws {
        let item = try RLP(#require(vector["item"]))
        let bytes = try Hex.decode(vector.text("encoding"))
        #expect(item.encoded() == bytes)
        #expect(try RLP(decoding: bytes) == item)
    }

    @Test(arguments: try Vectors.load("ethereum/rlp-invalid")) func refused(vector: JSONValue) throws {
        let bytes = try Hex.decode(vector.text("encoding"))
        let error = #expect(throws: RLPError.self) { try RLP(decoding: bytes) }
        let name =
            switch try #require(error) {
            case .truncated: "truncated"
            case .trailingBytes: "trailingBytes"
            case .prefixedByte: "prefixedByte"
            case .longLength: "longLength"
            case .tooDeep: "tooDeep"
            }
        #expect(name == (try vector.text("error")))
    }

    @Test(arguments: Seed.sweep(64)) func itemsGoRound(seed: Seed) throws {
        var generator = seed.generator
        let item = RLP.random(depth: 6, using: &generator)
        #expect(try RLP(decoding: item.encoded()) == item)
    }

    /// A prefix of an item is never an item, and never reads past its end.
    @Test(arguments: try Vectors.load("ethereum/rlp")) func truncatedAtEachByte(vector: JSONValue) throws {
        let bytes = try Hex.decode(vector.text("encoding"))
        for count in bytes.indices {
            #expect(throws: RLPError.self) { try RLP(decoding: Array(bytes[..<count])) }
        }
        #expect(throws: RLPError.trailingBytes(offset: bytes.count)) { try RLP(decoding: bytes + [0x80]) }
    }

    /// What is taken is what would be written: there is one encoding of each item.
    @Test(arguments: Seed.sweep(256)) func acceptedBytesAreCanonical(seed: Seed) throws {
        var generator = seed.generator
        var bytes = RLP.random(depth: 3, using: &generator).encoded()
        for _ in 0..<20 {
            let index = Int.random(in: bytes.indices, using: &generator)
            bytes[index] =
                [0, 0x7F, 0x80, 0x81, 0xB7, 0xB8, 0xBF, 0xC0, 0xF7, 0xF8, 0xFF].randomElement(using: &generator) ?? 0
            do throws(RLPError) {
                #expect(try RLP(decoding: bytes).encoded() == bytes)
            } catch {
                #expect(!error.description.isEmpty)
            }
        }
    }

    @Test func depthIsBounded() throws {
        func nested(_ depth: Int) -> [UInt8] {
            (0..<depth).reduce(RLP.list([])) { item, _ in .list([item]) }.encoded()
        }
        #expect(throws: RLPError.self) { try RLP(decoding: nested(8)) }
        _ = try RLP(decoding: nested(7))
        _ = try RLP(decoding: nested(20), maximumDepth: 21)
        #expect(throws: RLPError.tooDeep(offset: 0, limit: 0)) { try RLP(decoding: [0xC0], maximumDepth: 0) }
    }

    @Test func tenThousandListsAreRefusedAtTheNinth() {
        // Built from the inside, backwards, since nothing of ours would hold such an item.
        var reversed: [UInt8] = [0xC0]
        for _ in 0..<10_000 {
            var left = reversed.count
            var length: UInt8 = 0
            if left < 56 {
                reversed.append(0xC0 + UInt8(left))
                continue
            }
            while left > 0 {
                reversed.append(UInt8(truncatingIfNeeded: left))
                left >>= 8
                length += 1
            }
            reversed.append(0xF7 + length)
        }
        let error = #expect(throws: RLPError.self) { try RLP(decoding: reversed.reversed()) }
        guard case .tooDeep(_, 8) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func encodingTakesTimeInProportion() throws {
        // 200 lists deep: a length computed twice a level would take 2^200 steps.
        let item = (0..<200).reduce(RLP.list([])) { item, _ in .list([item]) }
        #expect(try RLP(decoding: item.encoded(), maximumDepth: 201) == item)
    }

    @Test func quantitiesAreMinimal() {
        #expect(RLP.quantity(0).encoded() == [0x80])
        #expect(RLP.quantity(127).encoded() == [0x7F])
        #expect(RLP.quantity(.max).asQuantity == .max)
        #expect(RLP.bytes([0]).asQuantity == nil)
        #expect(RLP.bytes([0, 1]).asQuantity == nil)
        #expect(RLP.bytes([UInt8](repeating: 1, count: 33)).asQuantity == nil)
        #expect(RLP.list([]).asQuantity == nil)
        #expect(RLP.bytes([]).asQuantity == 0)
        #expect(RLP.list([]).asBytes == nil)
        #expect(RLP.bytes([]).asList == nil)
    }
}

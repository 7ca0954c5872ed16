extension MerkleProof {
    /// Bytes as half bytes, high one first.
    struct Nibbles {
        private let bytes: [UInt8]
        private let start: Int
        let count: Int

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
            start = 0
            count = 2 * bytes.count
        }

        /// The path of a leaf or an extension, hex-prefix encoded; nil where it is not.
        ///
        /// The first half byte holds two flags: 2 for a leaf, 1 for an odd count; an even count has a zero after it.
        init?(hexPrefix bytes: [UInt8]) {
            guard let first = bytes.first, first < 0x40 else { return nil }
            let isOdd = first & 0x10 != 0
            guard isOdd || first & 0x0F == 0 else { return nil }
            self.bytes = bytes
            start = isOdd ? 1 : 2
            count = 2 * bytes.count - start
        }

        subscript(index: Int) -> UInt8 {
            let byte = bytes[(start + index) / 2]
            return (start + index) & 1 == 0 ? byte >> 4 : byte & 15
        }

        /// Whether `part` stands at `position`, and where asked for ends where these end.
        func matches(_ part: Nibbles, at position: Int, toEnd: Bool) -> Bool {
            guard part.count <= count - position, !toEnd || part.count == count - position else { return false }
            return (0..<part.count).allSatisfy { part[$0] == self[position + $0] }
        }
    }

    /// A node by what it does to the path.
    enum Shape {
        case branch([RLP], value: [UInt8])
        case leaf(Nibbles, value: [UInt8])
        case `extension`(Nibbles, child: RLP)
    }

    /// The place in a proof: which nodes were used.
    struct Walk {
        let nodes: [[UInt8]]
        private var used = 0

        init(nodes: [[UInt8]]) {
            self.nodes = nodes
        }

        /// The next node, which has to hash to `expected`.
        mutating func load(_ expected: Hash32) throws(MerkleProofError) -> RLP {
            guard used < nodes.count else { throw .truncated(nodes: used) }
            let got = Keccak256.hash(nodes[used])
            guard got == expected else { throw .wrongHash(node: used, expected: expected, got: got) }
            used += 1
            do throws(RLPError) {
                return try RLP(decoding: nodes[used - 1])
            } catch {
                throw .rlp(node: used - 1, error)
            }
        }

        /// The node that a child item stands for: the next one where it is a hash, itself where it is a short node.
        mutating func follow(_ child: RLP) throws(MerkleProofError) -> RLP {
            switch child {
            case .bytes(let bytes):
                guard let hash = Hash32(bytes: bytes) else { throw .reference(node: used - 1) }
                return try load(hash)
            case .list:
                // A node of 32 bytes or more is named by its hash: the trie has one form.
                guard child.encoded().count < 32 else { throw .reference(node: used - 1) }
                return child
            }
        }

        func shape(_ node: RLP) throws(MerkleProofError) -> Shape {
            guard let items = node.asList else { throw .shape(node: used - 1) }
            switch items.count {
            case 17:
                guard let value = items[16].asBytes else { throw .shape(node: used - 1) }
                return .branch(items, value: value)
            case 2:
                guard let encoded = items[0].asBytes, let path = Nibbles(hexPrefix: encoded) else {
                    throw .path(node: used - 1)
                }
                if encoded[0] & 0x20 != 0 {
                    guard let value = items[1].asBytes, !value.isEmpty else { throw .shape(node: used - 1) }
                    return .leaf(path, value: value)
                }
                // An extension over nothing would be a node that does not advance.
                guard path.count > 0 else { throw .path(node: used - 1) }
                return .extension(path, child: items[1])
            default:
                throw .shape(node: used - 1)
            }
        }

        /// The outcome, provided that the proof ends here.
        func finish(_ outcome: Outcome) throws(MerkleProofError) -> Outcome {
            guard used == nodes.count else { throw .trailingNodes(used: used, count: nodes.count) }
            return outcome
        }
    }
}

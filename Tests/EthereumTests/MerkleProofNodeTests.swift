import Ethereum
import Testing
import TestSupport

/// Nodes that no trie has, under roots that name them: what an attacker with a root of his own could send.
@Suite struct MerkleProofNodeTests {
    private static let empty = RLP.bytes([])
    private static let key: [UInt8] = [0x12, 0x34]

    private static func leaf(_ path: [UInt8], _ value: [UInt8] = [1]) -> RLP {
        .list([.bytes(ReferenceTrie.hexPrefix(path, isLeaf: true)), .bytes(value)])
    }

    private static func `extension`(_ path: [UInt8], _ child: RLP) -> RLP {
        .list([.bytes(ReferenceTrie.hexPrefix(path, isLeaf: false)), child])
    }

    private static func branch(_ children: [Int: RLP], value: RLP = .bytes([])) -> RLP {
        .list((0..<16).map { children[$0] ?? empty } + [value])
    }

    private static func verify(
        _ nodes: [[UInt8]], key: [UInt8] = key
    ) throws(MerkleProofError) -> MerkleProof.Outcome {
        try MerkleProof.verify(root: Keccak256.hash(nodes[0]), key: key, nodes: nodes)
    }

    private static func verify(_ node: RLP, key: [UInt8] = key) throws(MerkleProofError) -> MerkleProof.Outcome {
        try verify([node.encoded()], key: key)
    }

    @Test func leaves() throws {
        #expect(try Self.verify(Self.leaf([1, 2, 3, 4])) == .present([1]))
        #expect(try Self.verify(Self.leaf([1, 2, 3, 5])) == .absent)
        #expect(try Self.verify(Self.leaf([1, 2, 3])) == .absent)
        #expect(try Self.verify(Self.leaf([1, 2, 3, 4, 5, 6])) == .absent)
        #expect(throws: MerkleProofError.shape(node: 0)) { try Self.verify(Self.leaf([1, 2, 3, 4], [])) }
        #expect(throws: MerkleProofError.shape(node: 0)) {
            try Self.verify(.list([.bytes([0x20, 0x12, 0x34]), .list([])]))
        }
    }

    @Test func hexPrefixes() throws {
        for first in UInt8.min ... .max {
            let node = RLP.list([.bytes([first, 0x12, 0x34]), .bytes([1])])
            switch first {
            case 0x20: #expect(try Self.verify(node) == .present([1]))
            case 0x30...0x3F: #expect(try Self.verify(node) == .absent)
            // An extension that agrees, whose child is no node; and those that diverge, which prove absence.
            case 0x00: #expect(throws: MerkleProofError.reference(node: 0)) { try Self.verify(node) }
            case 0x10...0x1F: #expect(try Self.verify(node) == .absent)
            default: #expect(throws: MerkleProofError.path(node: 0)) { try Self.verify(node) }
            }
        }
        #expect(throws: MerkleProofError.path(node: 0)) { try Self.verify(.list([Self.empty, .bytes([1])])) }
        #expect(throws: MerkleProofError.path(node: 0)) { try Self.verify(.list([.list([]), .bytes([1])])) }
        #expect(throws: MerkleProofError.path(node: 0)) { try Self.verify(.list([.bytes([0x00]), Self.leaf([1])])) }
    }

    @Test func branches() throws {
        #expect(try Self.verify(Self.branch([:])) == .absent)
        #expect(try Self.verify(Self.branch([1: Self.leaf([2, 3, 4])])) == .present([1]))
        #expect(try Self.verify(Self.branch([2: Self.leaf([2, 3, 4])])) == .absent)
        // A value at a branch belongs to the key that ends there.
        #expect(try Self.verify(Self.branch([:], value: .bytes([7])), key: []) == .present([7]))
        #expect(try Self.verify(Self.branch([:]), key: []) == .absent)
        #expect(try Self.verify(Self.branch([:], value: .bytes([7]))) == .absent)
        #expect(throws: MerkleProofError.shape(node: 0)) { try Self.verify(Self.branch([:], value: .list([]))) }
        for length in [0, 1, 31, 33] {
            let child = RLP.bytes([UInt8](repeating: 0xAA, count: length))
            if length == 0 { continue }
            #expect(throws: MerkleProofError.reference(node: 0)) { try Self.verify(Self.branch([1: child])) }
        }
        for count in [0, 1, 3, 15, 16, 18] {
            let node = RLP.list([RLP](repeating: Self.empty, count: count))
            #expect(throws: MerkleProofError.shape(node: 0)) { try Self.verify(node) }
        }
        #expect(throws: MerkleProofError.shape(node: 0)) { try Self.verify(.bytes([1, 2])) }
    }

    @Test func extensions() throws {
        let inner = Self.branch([3: Self.leaf([4])])
        #expect(try Self.verify(Self.extension([1, 2], inner)) == .present([1]))
        #expect(try Self.verify(Self.extension([1, 3], inner)) == .absent)
        #expect(throws: MerkleProofError.reference(node: 0)) { try Self.verify(Self.extension([1, 2], Self.empty)) }
        // A leaf where an extension promised a branch is taken for what it is, by its flag.
        #expect(try Self.verify(Self.extension([1, 2], Self.leaf([3, 4]))) == .present([1]))
    }

    /// A node of 32 bytes or more does not stand inside its parent.
    @Test func longNodesInside() throws {
        let short = Self.leaf([2, 3, 4], [UInt8](repeating: 9, count: 26))
        #expect(short.encoded().count == 31)
        #expect(try Self.verify(Self.branch([1: short])) == .present([UInt8](repeating: 9, count: 26)))
        let long = Self.leaf([2, 3, 4], [UInt8](repeating: 9, count: 27))
        #expect(throws: MerkleProofError.reference(node: 0)) { try Self.verify(Self.branch([1: long])) }
        let named = Self.branch([1: .hash(Keccak256.hash(long.encoded()))]).encoded()
        #expect(try Self.verify([named, long.encoded()]) == .present([UInt8](repeating: 9, count: 27)))
        #expect(throws: MerkleProofError.truncated(nodes: 1)) { try Self.verify([named]) }
    }

    @Test func rlpIsStrict() throws {
        let node = Self.leaf([1, 2, 3, 4]).encoded()
        #expect(throws: MerkleProofError.rlp(node: 0, .trailingBytes(offset: node.count))) {
            try Self.verify([node + [0]])
        }
        // The value 1 with a prefix that it does not need.
        #expect(throws: MerkleProofError.rlp(node: 0, .prefixedByte(offset: 5))) {
            try Self.verify([[0xC6, 0x83, 0x20, 0x12, 0x34, 0x81, 0x01]])
        }
        #expect(throws: MerkleProofError.rlp(node: 0, .longLength(offset: 0))) {
            try Self.verify([[0xF8, 0x05] + node[1...]])
        }
        // Branches inside branches: no more than the decoder's eight lists.
        let deep = (0..<9).reduce(RLP.list([])) { item, _ in .list([item]) }
        #expect(throws: MerkleProofError.rlp(node: 0, .tooDeep(offset: 8, limit: 8))) { try Self.verify(deep) }
    }
}

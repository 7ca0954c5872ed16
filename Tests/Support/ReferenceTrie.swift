public import Ethereum

/// A Merkle-Patricia trie built the plain way, from the definition: what the lean builders and proofs are compared with.
///
/// Source: Ethereum yellow paper, appendix D, functions c and n.
public struct ReferenceTrie {
    /// The root.
    public let root: Hash32
    /// The nodes that are hashed, by the half bytes that lead to them.
    private var nodes: [[UInt8]: [UInt8]] = [:]

    /// Makes the trie of these keys and values.
    public init(_ entries: [[UInt8]: [UInt8]]) {
        guard !entries.isEmpty else {
            root = Keccak256.hash([0x80])
            return
        }
        var nodes: [[UInt8]: [UInt8]] = [:]
        let pairs = entries.map { (path: ReferenceTrie.nibbles($0.key), value: $0.value) }
        let top = ReferenceTrie.node(pairs, [], &nodes).encoded()
        nodes[[]] = top
        root = Keccak256.hash(top)
        self.nodes = nodes
    }

    /// The trie whose keys are `rlp(index)`.
    public init(ordered values: [[UInt8]]) {
        var entries: [[UInt8]: [UInt8]] = [:]
        for (index, value) in values.enumerated() {
            entries[RLP.quantity(UInt256(UInt64(index))).encoded()] = value
        }
        self.init(entries)
    }

    /// The nodes on the path of a key, from the root's: a proof of its presence, or of its absence.
    public func proof(_ key: [UInt8]) -> [[UInt8]] {
        let path = ReferenceTrie.nibbles(key)
        return (0...path.count).compactMap { nodes[Array(path[..<$0])] }
    }

    private static func nibbles(_ bytes: [UInt8]) -> [UInt8] { bytes.flatMap { [$0 >> 4, $0 & 15] } }

    /// Half bytes and a flag as bytes.
    public static func hexPrefix(_ nibbles: [UInt8], isLeaf: Bool) -> [UInt8] {
        let flag: UInt8 = isLeaf ? 2 : 0
        let all = nibbles.count % 2 == 1 ? [flag + 1] + nibbles : [flag, 0] + nibbles
        return stride(from: 0, to: all.count, by: 2).map { all[$0] << 4 | all[$0 + 1] }
    }

    /// The node over `pairs`, which all begin with `prefix`.
    private static func node(
        _ pairs: [(path: [UInt8], value: [UInt8])], _ prefix: [UInt8], _ nodes: inout [[UInt8]: [UInt8]]
    ) -> RLP {
        let depth = prefix.count
        if pairs.count == 1 {
            return .list([
                .bytes(hexPrefix(Array(pairs[0].path[depth...]), isLeaf: true)), .bytes(pairs[0].value),
            ])
        }
        var common = depth
        while pairs.allSatisfy({ $0.path.count > common && $0.path[common] == pairs[0].path[common] }) { common += 1 }
        if common > depth {
            let path = Array(pairs[0].path[depth..<common])
            return .list([.bytes(hexPrefix(path, isLeaf: false)), child(pairs, prefix + path, &nodes)])
        }
        var items = (0..<UInt8(16)).map { nibble in
            child(pairs.filter { $0.path.count > depth && $0.path[depth] == nibble }, prefix + [nibble], &nodes)
        }
        items.append(.bytes(pairs.first { $0.path.count == depth }?.value ?? []))
        return .list(items)
    }

    private static func child(
        _ pairs: [(path: [UInt8], value: [UInt8])], _ prefix: [UInt8], _ nodes: inout [[UInt8]: [UInt8]]
    ) -> RLP {
        guard !pairs.isEmpty else { return .bytes([]) }
        let item = node(pairs, prefix, &nodes)
        let encoded = item.encoded()
        guard encoded.count >= 32 else { return item }
        nodes[prefix] = encoded
        return .hash(Keccak256.hash(encoded))
    }
}

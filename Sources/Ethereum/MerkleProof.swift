/// Proofs over Ethereum's Merkle-Patricia tries: that a key has a value, or that it has none.
///
/// Absence is proven only by a node that leaves the key's path: a branch without the child, or a leaf or extension
/// that diverges. A proof that merely ends is an error, for every first part of a proof of presence would
/// otherwise "prove" that a debt is zero.
///
/// Source: Ethereum yellow paper, appendix D; EIP-1186.
public enum MerkleProof {
    /// What was proven.
    public enum Outcome: Equatable, Sendable {
        /// The key has this value, as the trie stores it.
        case present([UInt8])
        /// The key has no value.
        case absent
    }

    /// How much is read before a proof is refused.
    public struct Limits: Hashable, Sendable {
        /// Nodes of one proof.
        public var nodes: Int
        /// Bytes of one node; a branch of hashes has 532.
        public var nodeBytes: Int
        /// Bytes of all nodes.
        public var totalBytes: Int

        /// Makes limits; each is an inclusive maximum.
        public init(nodes: Int, nodeBytes: Int = 600, totalBytes: Int = 64 << 10) {
            self.nodes = nodes
            self.nodeBytes = nodeBytes
            self.totalBytes = totalBytes
        }

        /// A proof in the trie of accounts: 16 nodes.
        public static let account = Limits(nodes: 16)
        /// A proof in the trie of a contract's storage: 64 nodes.
        public static let storage = Limits(nodes: 64)
    }

    /// The root of a trie without keys: the hash of an empty RLP string.
    public static let emptyRoot = Keccak256.hash([0x80])

    /// Proves what the trie under `root` holds for `key`.
    ///
    /// - Parameters:
    ///   - root: trusted by the caller: from a verified header, or from an account proven under one.
    ///   - key: the bytes of the path; tries of accounts and of storage hash their keys, so the hash is the path.
    ///   - nodes: from the root's node to the last one, each as it is hashed; none, or only 0x80, for an empty trie.
    /// - Throws: where the nodes prove neither presence nor absence.
    public static func verify(
        root: Hash32, key: [UInt8], nodes: [[UInt8]], limits: Limits = .storage
    ) throws(MerkleProofError) -> Outcome {
        try check(nodes, limits)
        if root == emptyRoot, nodes.isEmpty || nodes == [[0x80]] { return .absent }
        var walk = Walk(nodes: nodes)
        var node = try walk.load(root)
        let path = Nibbles(key)
        var position = 0
        while true {
            switch try walk.shape(node) {
            case .branch(let items, let value):
                guard position < path.count else {
                    return try walk.finish(value.isEmpty ? .absent : .present(value))
                }
                let child = items[Int(path[position])]
                position += 1
                if child == .bytes([]) { return try walk.finish(.absent) }
                node = try walk.follow(child)
            case .leaf(let suffix, let value):
                return try walk.finish(path.matches(suffix, at: position, toEnd: true) ? .present(value) : .absent)
            case .extension(let prefix, let child):
                guard path.matches(prefix, at: position, toEnd: false) else { return try walk.finish(.absent) }
                position += prefix.count
                node = try walk.follow(child)
            }
        }
    }

    private static func check(_ nodes: [[UInt8]], _ limits: Limits) throws(MerkleProofError) {
        guard nodes.count <= limits.nodes else { throw .tooManyNodes(count: nodes.count, limit: limits.nodes) }
        var total = 0
        for (index, node) in nodes.enumerated() {
            guard node.count <= limits.nodeBytes else {
                throw .nodeTooLong(node: index, bytes: node.count, limit: limits.nodeBytes)
            }
            total += node.count
        }
        guard total <= limits.totalBytes else { throw .proofTooLong(bytes: total, limit: limits.totalBytes) }
    }
}

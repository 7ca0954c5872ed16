/// Why nodes are not a proof; `node` counts from the root's node, zero.
public enum MerkleProofError: Error, Equatable, Sendable {
    /// More nodes than a proof of this kind has.
    case tooManyNodes(count: Int, limit: Int)
    /// A node is longer than nodes of this kind are.
    case nodeTooLong(node: Int, bytes: Int, limit: Int)
    /// The nodes together are longer than a proof of this kind is.
    case proofTooLong(bytes: Int, limit: Int)
    /// A node is not the one that the root, or the node before it, names.
    case wrongHash(node: Int, expected: Hash32, got: Hash32)
    /// The proof ends before the key's path does: it proves neither presence nor absence.
    case truncated(nodes: Int)
    /// Nodes follow the one that ends the path.
    case trailingNodes(used: Int, count: Int)
    /// A node is not canonical RLP.
    case rlp(node: Int, RLPError)
    /// A node has neither 17 items nor 2, or an item of the wrong kind.
    case shape(node: Int)
    /// The path of a leaf or an extension is not hex-prefix encoded.
    case path(node: Int)
    /// A child is neither a hash, nor a node below 32 bytes, nor nothing where nothing may stand.
    case reference(node: Int)
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension MerkleProofError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooManyNodes(let count, let limit): "the proof has \(count) nodes, and \(limit) are the most"
        case .nodeTooLong(let node, let bytes, let limit):
            "node \(node) of the proof has \(bytes) bytes, and \(limit) are the most"
        case .proofTooLong(let bytes, let limit): "the proof has \(bytes) bytes, and \(limit) are the most"
        case .wrongHash(let node, let expected, let got):
            "node \(node) of the proof hashes to \(got), and its parent names \(expected)"
        case .truncated(let nodes): "the proof ends after \(nodes) nodes, before its path does"
        case .trailingNodes(let used, let count): "the proof ends at node \(used), and \(count) nodes were sent"
        case .rlp(let node, let error): "node \(node) of the proof is malformed: \(error)"
        case .shape(let node): "node \(node) of the proof is neither a branch, a leaf nor an extension"
        case .path(let node): "node \(node) of the proof has a path that is not hex-prefix encoded"
        case .reference(let node): "node \(node) of the proof refers to its child in no valid form"
        }
    }
}

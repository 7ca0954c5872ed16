import Ethereum
public import JSON
public import JSONRPC

/// The answer to `eth_getProof` as a node tells it. Nothing in it is proven before ``verify(_:slots:in:)``.
public struct AccountProof: Equatable, Sendable {
    /// One storage slot and the nodes that are to prove it.
    struct Slot: Equatable {
        var key: UInt256
        var value: UInt256
        var nodes: [[UInt8]]
    }

    var nonce: UInt64
    var balance: UInt256
    var storageHash: Hash32
    var codeHash: Hash32
    var nodes: [[UInt8]]
    var slots: [Slot]

    /// Decodes the answer to `eth_getProof`.
    ///
    /// - Throws: as ``init(_:_:slots:)``.
    public init(_ result: RPCResult, slots: Int) throws(VerificationError) {
        try self.init(result.scanner, result.node, slots: slots)
    }

    /// Decodes the JSON of a proof.
    ///
    /// - Parameter slots: how many storage slots were asked for: an answer with more is not read.
    /// - Throws: `.malformed`, also for more or longer nodes than a proof has.
    public init(_ scanner: JSONScanner, _ node: JSONScanner.Node, slots count: Int) throws(VerificationError) {
        let reader = ProofReader(scanner: scanner, what: "the account's proof")
        nonce = try reader.quantity(try reader.require(node, "nonce"))
        balance = try reader.quantity256(try reader.require(node, "balance"))
        storageHash = try reader.hash(try reader.require(node, "storageHash"))
        codeHash = try reader.hash(try reader.require(node, "codeHash"))
        nodes = try reader.nodes(try reader.require(node, "accountProof"), .account)
        slots = []
        for element in try reader.elements(try reader.require(node, "storageProof")) {
            guard slots.count < count else { throw reader.malformed("more than the \(count) slots asked for") }
            slots.append(
                Slot(
                    key: try reader.word(try reader.require(element, "key")),
                    value: try reader.word(try reader.require(element, "value")),
                    nodes: try reader.nodes(try reader.require(element, "proof"), .storage)))
        }
    }
}

extension ProofReader {
    /// The nodes of a proof, within its limits before they are copied.
    fileprivate func nodes(
        _ node: Node, _ limits: MerkleProof.Limits
    ) throws(VerificationError) -> [[UInt8]] {
        var nodes: [[UInt8]] = []
        var total = 0
        for element in try elements(node) {
            guard nodes.count < limits.nodes else { throw malformed("more than \(limits.nodes) nodes") }
            nodes.append(try data(element, 0...limits.nodeBytes))
            total += nodes[nodes.count - 1].count
            guard total <= limits.totalBytes else { throw malformed("nodes of more than \(limits.totalBytes) bytes") }
        }
        return nodes
    }
}

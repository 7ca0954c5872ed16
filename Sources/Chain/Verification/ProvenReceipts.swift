import Ethereum
public import JSON
public import JSONRPC

/// All receipts of a block, proven to be those that its header names.
public struct ProvenReceipts: Sendable {
    /// The block's header.
    public let header: VerifiedHeader
    /// Every log of the block, in order. Block, hash and index are the header's and the order's, not the node's.
    public let logs: [Log]
    /// How many receipts there are.
    public let count: Int
    /// Receipts that the node adds to those of the trie: the system calls of Polygon before PIP-74.
    public let outside: Int

    /// Proves the answer to `eth_getBlockReceipts`.
    ///
    /// - Throws: as ``init(_:_:header:)``; `.malformed` where the node has no such block.
    public init(_ result: RPCResult, header: VerifiedHeader) throws(VerificationError) {
        try self.init(result.scanner, result.node, header: header)
    }

    /// Proves the JSON of a block's receipts.
    ///
    /// - Throws: `.receiptsRoot` where they are not the block's, `.bloom` where the header's filter is not theirs,
    ///   `.unsupported` for a type of transaction that is not known here, `.malformed` for what is no receipt.
    public init(
        _ scanner: JSONScanner, _ node: JSONScanner.Node, header: VerifiedHeader
    ) throws(VerificationError) {
        let reader = ProofReader(scanner: scanner, what: "the receipts of block \(header.number)")
        let systemCall = ProvenReceipts.polygonSystemTransaction(header)
        var logs: [Log] = []
        var writer = RLPWriter()
        var ends: [Int] = []
        var outside = 0
        var bloom = LogsBloom()
        for element in try reader.elements(node) {
            guard outside == 0 else { throw reader.malformed("a receipt after the one of the system calls") }
            if let hash = reader.optional(element, "transactionHash"), try reader.hash(hash) == systemCall {
                outside += 1
                continue
            }
            let receipt = try Receipt(reader, element)
            let own = receipt.bloom
            bloom.formUnion(own)
            receipt.append(to: &writer, bloom: own)
            ends.append(writer.bytes.count)
            for event in receipt.events {
                logs.append(
                    Log(
                        address: event.address, topics: event.topics, data: event.data, blockNumber: header.number,
                        blockHash: header.hash, logIndex: UInt64(logs.count)))
            }
        }
        let bytes = writer.bytes
        let root = OrderedTrie.root(count: ends.count) { index, output in
            output.append(contentsOf: bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]])
        }
        guard root == header.header.receiptsRoot else {
            throw .receiptsRoot(header: header.header.receiptsRoot, computed: root)
        }
        guard bloom == header.header.logsBloom else { throw .bloom(header.hash) }
        self.header = header
        self.logs = logs
        self.outside = outside
        count = ends.count
    }

    /// The hash under which Bor shows the calls that it makes itself, whose receipt stands in no trie.
    ///
    /// Source: 0xPolygon/bor `core/types/bor_receipt.go@ab927186a`.
    private static func polygonSystemTransaction(_ header: VerifiedHeader) -> Hash32 {
        var hasher = Keccak256()
        hasher.update("matic-bor-receipt-".utf8)
        hasher.update(UInt256(header.number).bigEndianBytes.suffix(8))
        hasher.update(header.hash.bytes.span)
        return hasher.finalize()
    }
}

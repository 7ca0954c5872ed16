public import Ethereum

/// A block's header as a node tells it, with the hash that its fields have.
///
/// Nothing in it is proven before ``verify()``.
public struct BlockHeader: Hashable, Sendable {
    /// The hash that the node gives it.
    public let hash: Hash32
    /// The hash of the header's RLP.
    public let computedHash: Hash32
    /// The header's RLP.
    public let encoded: [UInt8]
    /// Height.
    public let number: UInt64
    /// Hash of the block before it.
    public let parentHash: Hash32
    /// Seconds since 1970.
    public let timestamp: UInt64
    /// Root of the trie of accounts, after the block.
    public let stateRoot: Hash32
    /// Root of the trie of transactions.
    public let transactionsRoot: Hash32
    /// Root of the trie of receipts.
    public let receiptsRoot: Hash32
    /// The filter over the block's logs.
    public let logsBloom: LogsBloom
    /// Gas that the block may use.
    public let gasLimit: UInt64
    /// Gas that it used.
    public let gasUsed: UInt64
    /// Wei per gas; nil before EIP-1559.
    public let baseFeePerGas: UInt256?
    /// Which fields were hashed: `ethereum`, `avalanche`, `berachain` or `auRa`.
    public let layout: String
    /// How many fields were hashed.
    public let fieldCount: Int
    /// Keys that no layout knows; looked for only where the hash does not match.
    public let unknownKeys: [String]

    /// The same block, as reads name it.
    public var block: Block {
        Block(
            number: number, hash: hash, parentHash: parentHash, timestamp: timestamp, baseFeePerGas: baseFeePerGas)
    }

    /// The header with its proof: it hashes to the hash that it came with.
    ///
    /// This says nothing of whether the chain has such a block: trust in the hash is the caller's.
    ///
    /// - Throws: `.unsupported` where it does not and has fields that are not known here, else `.headerHash`.
    @discardableResult
    public func verify() throws(VerificationError) -> VerifiedHeader {
        guard hash == computedHash else {
            guard unknownKeys.isEmpty else {
                let keys = unknownKeys.prefix(8).joined(separator: ", ")
                throw .unsupported("the header of block \(hash) has fields whose encoding is not known: \(keys)")
            }
            throw .headerHash(claimed: hash, computed: computedHash)
        }
        return VerifiedHeader(header: self)
    }

    /// As ``verify()``, and the block is the one whose hash is already trusted.
    ///
    /// - Throws: also `.wrongBlock`.
    @discardableResult
    public func verify(is expected: Hash32) throws(VerificationError) -> VerifiedHeader {
        guard hash == expected else { throw .wrongBlock(expected: expected, got: hash) }
        return try verify()
    }
}

/// A header that hashes to its block's hash. Only ``BlockHeader/verify()`` makes one.
public struct VerifiedHeader: Hashable, Sendable {
    /// Its fields.
    public let header: BlockHeader

    fileprivate init(header: BlockHeader) {
        self.header = header
    }

    /// The block's hash.
    public var hash: Hash32 { header.hash }
    /// The block's height.
    public var number: UInt64 { header.number }
}

public import Ethereum

/// A run of records of a feed, as its publisher signs it: what is removed, changed or put in another order is noticed.
///
/// Signed as EIP-712 typed data in the domain `PlimsollFeed`, version 1, of the chain that the records are about.
public struct FeedBatch: Hashable, Sendable {
    /// Which feed.
    public let stream: Hash32
    /// The number of the first record.
    public let firstSeq: UInt64
    /// The number of the last record.
    public let lastSeq: UInt64
    /// The block that the records are about.
    public let blockNumber: UInt64
    /// Its hash.
    public let blockHash: Hash32
    /// The root of the batch before, zero for the first.
    public let prevRoot: Hash32
    /// The root of this batch.
    public let root: Hash32

    /// Makes a batch.
    public init(
        stream: Hash32, firstSeq: UInt64, lastSeq: UInt64, blockNumber: UInt64, blockHash: Hash32, prevRoot: Hash32,
        root: Hash32
    ) {
        self.stream = stream
        self.firstSeq = firstSeq
        self.lastSeq = lastSeq
        self.blockNumber = blockNumber
        self.blockHash = blockHash
        self.prevRoot = prevRoot
        self.root = root
    }

    /// The root of a batch of records: from the root before, record by record, the hash of root and record's hash.
    ///
    /// - Parameter records: each in its canonical bytes.
    public static func root(of records: some Sequence<[UInt8]>, after prevRoot: Hash32) -> Hash32 {
        records.reduce(prevRoot) { Keccak256.hash($0.word, Keccak256.hash($1).word) }
    }
}

extension FeedBatch {
    /// The type, as EIP-712 writes it.
    static let type = """
        FeedBatch(bytes32 stream,uint64 firstSeq,uint64 lastSeq,uint64 blockNumber,\
        bytes32 blockHash,bytes32 prevRoot,bytes32 root)
        """
    /// The hash of the type.
    static let typeHash = Keccak256.hash(type.utf8)

    /// The domain of a chain's feeds.
    static func domain(chainID: UInt64) -> EIP712.Domain {
        EIP712.Domain(name: "PlimsollFeed", version: "1", chainID: UInt256(chainID))
    }

    /// The hash of the members.
    var structHash: Hash32 {
        var bytes = FeedBatch.typeHash.bytes
        for word in [
            stream.word, UInt256(firstSeq), UInt256(lastSeq), UInt256(blockNumber), blockHash.word, prevRoot.word,
            root.word,
        ] {
            word.append(to: &bytes)
        }
        return Keccak256.hash(bytes)
    }

    /// What is signed.
    public func digest(chainID: UInt64) -> Hash32 {
        EIP712.digest(domain: FeedBatch.domain(chainID: chainID), structHash: structHash)
    }

    /// The publisher's signature.
    public func signature(
        chainID: UInt64, by key: Secp256k1.PrivateKey
    ) throws(Secp256k1Error) -> Secp256k1.Signature {
        try key.sign(digest(chainID: chainID))
    }

    /// Checks that a publisher signed the batch for a chain.
    ///
    /// - Throws: `.mismatch`.
    public func verify(
        _ signature: Secp256k1.Signature, chainID: UInt64, by publisher: Address
    ) throws(SignatureError) {
        guard Secp256k1.verify(signature, over: digest(chainID: chainID), by: publisher) else { throw .mismatch }
    }
}

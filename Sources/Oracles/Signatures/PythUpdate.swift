public import Ethereum

/// One price of Pyth: `price · 10^exponent`, uncertain by `confidence · 10^exponent`.
public struct PythPrice: Hashable, Sendable {
    /// Which price feed.
    public let id: Hash32
    /// The price.
    public let price: Int64
    /// The confidence interval around it, about one standard deviation.
    public let confidence: UInt64
    /// The power of ten.
    public let exponent: Int32
    /// When the price was made, in seconds.
    public let publishTime: UInt64
    /// When the price before it was made.
    public let previousPublishTime: UInt64
    /// The exponentially weighted mean of the price.
    public let emaPrice: Int64
    /// And of the confidence.
    public let emaConfidence: UInt64
}

/// Whose messages a Pyth contract takes (`validDataSources`).
public struct PythDataSource: Hashable, Sendable {
    /// The chain, in Wormhole's numbering.
    public let chain: UInt16
    /// The sender there.
    public let emitter: Hash32

    /// Makes a source.
    public init(chain: UInt16, emitter: Hash32) {
        self.chain = chain
        self.emitter = emitter
    }
}

/// Prices under a Merkle root that guardians signed: what `updatePriceFeeds` takes and Hermes serves.
///
/// Source: pyth-network/pyth-crosschain target_chains/ethereum/contracts/contracts/pyth/PythAccumulator.sol and
/// libraries/MerkleTree.sol@7c915eb10. Stricter than the contract in its framing, which nobody signs: only minor
/// version 0, no extended header and nothing behind the last price are read.
public struct PythUpdate: Hashable, Sendable {
    /// The signed message.
    public let message: WormholeMessage
    /// The slot of Pythnet that the prices are of.
    public let slot: UInt64
    /// The prices; each is proved to be under the root.
    public let prices: [PythPrice]

    /// Reads an update and proves its prices under its root; who signed the root is for ``verify(by:sources:now:)``.
    ///
    /// - Throws: `.proofMismatch`, and what is wrong with the bytes.
    public init(parsing bytes: [UInt8]) throws(SignedDataError) {
        var reader = PackedReader(bytes[...])
        guard try reader.integer(4) == 0x504E_4155 else { throw .malformed("no accumulator update") }
        let (major, minor) = (try reader.byte(), try reader.byte())
        guard major == 1, minor == 0 else { throw .unsupportedVersion("accumulator update \(major).\(minor)") }
        guard try reader.byte() == 0 else { throw .unsupportedVersion("an extended header") }
        guard try reader.byte() == 0 else { throw .unsupportedVersion("no Wormhole-Merkle update") }
        let length = Int(try reader.integer(2))
        message = try WormholeMessage(try reader.take(length))
        var payload = PackedReader(message.payload[...])
        guard try payload.integer(4) == 0x4155_5756, try payload.byte() == 0 else {
            throw .malformed("the message holds no root")
        }
        slot = try payload.integer(8)
        _ = try payload.integer(4)  // the ring's size, which the contract skips too
        let root = Array(try payload.take(20))
        let count = Int(try reader.byte())
        var prices: [PythPrice] = []
        for _ in 0..<count {
            let size = Int(try reader.integer(2))
            let leaf = try reader.take(size)
            var node = Self.hash(0, leaf, [])
            for _ in 0..<Int(try reader.byte()) {
                let sibling = try reader.take(20)
                let isAscending = node.lexicographicallyPrecedes(sibling)
                node = isAscending ? Self.hash(1, node[...], sibling) : Self.hash(1, sibling, node[...])
            }
            guard node == root else { throw .proofMismatch }
            prices.append(try PythPrice(leaf))
        }
        try reader.finish()
        self.prices = prices
    }

    /// Checks who signed the root and who sent it.
    ///
    /// - Returns: the guardians that signed.
    public func verify(
        by set: GuardianSet, sources: Set<PythDataSource>, now: UInt64? = nil
    ) throws(SignedDataError) -> [Address] {
        let signers = try message.verify(by: set, now: now)
        guard sources.contains(PythDataSource(chain: message.emitterChain, emitter: message.emitter)) else {
            throw .unexpectedOrigin("emitter \(message.emitter) on chain \(message.emitterChain)")
        }
        return signers
    }

    /// The first 20 bytes of the hash of a prefix and one or two parts.
    private static func hash(_ prefix: UInt8, _ first: ArraySlice<UInt8>, _ second: ArraySlice<UInt8>) -> [UInt8] {
        Array(Keccak256.hash([prefix] + first + second).bytes.prefix(20))
    }
}

extension PythPrice {
    /// Reads a price message; like the contract, it lets later versions append to it.
    init(_ leaf: ArraySlice<UInt8>) throws(SignedDataError) {
        var reader = PackedReader(leaf)
        guard try reader.byte() == 0 else { throw .unsupportedVersion("no price feed message") }
        id = Hash32(word: try reader.word())
        price = Int64(bitPattern: try reader.integer(8))
        confidence = try reader.integer(8)
        exponent = Int32(bitPattern: UInt32(truncatingIfNeeded: try reader.integer(4)))
        publishTime = try reader.integer(8)
        previousPublishTime = try reader.integer(8)
        emaPrice = Int64(bitPattern: try reader.integer(8))
        emaConfidence = try reader.integer(8)
    }
}

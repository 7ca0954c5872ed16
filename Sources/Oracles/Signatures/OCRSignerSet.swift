public import Ethereum

/// The oracles of a Chainlink aggregator that may sign, and how many of them may be faulty.
///
/// From the aggregator's `ConfigSet` event, whose order is the oracles' index.
public struct OCRSignerSet: Hashable, Sendable {
    /// The most oracles that an aggregator has (`maxNumOracles`).
    public static let most = 31

    /// The signers by index.
    public let signers: [Address]
    /// How many may be faulty: the contract's `f` or `threshold`.
    public let faulty: Int
    /// The digest of the configuration (16 bytes of OCR1, 32 of OCR2); a report of another is refused. `nil`: any.
    public let configDigest: [UInt8]?

    /// Makes a set.
    ///
    /// - Throws: `.invalidSignerSet` for more than 31 signers, one twice, or `faulty` that is not positive and smaller
    ///   than the number of signers.
    public init(signers: [Address], faulty: Int, configDigest: [UInt8]? = nil) throws(SignedDataError) {
        guard signers.count <= Self.most else { throw .invalidSignerSet("\(signers.count) signers") }
        guard Set(signers).count == signers.count else { throw .invalidSignerSet("a signer is named twice") }
        guard faulty > 0, faulty < signers.count else {
            throw .invalidSignerSet("\(faulty) faulty of \(signers.count)")
        }
        self.signers = signers
        self.faulty = faulty
        self.configDigest = configDigest
    }
}

public import Ethereum

/// A report that Chainlink's oracles agreed on, from the calldata of `transmit` or from the event that it caused.
///
/// Sources: smartcontractkit/libocr contract/OffchainAggregator.sol (OCR1) and contract2/OCR2Aggregator.sol (OCR2)
/// @0a5e2f9.
public struct OCRTransmission: Hashable, Sendable {
    /// Which off-chain reporting protocol.
    public enum Generation: Hashable, Sendable {
        /// `OffchainAggregator`.
        case ocr1
        /// `OCR2Aggregator` and, by `transmitSecondary` too, `DualAggregator`.
        case ocr2
    }

    /// One oracle's price.
    public struct Observation: Hashable, Sendable {
        /// The oracle's place in the configuration.
        public let observer: UInt8
        /// Its price, in the aggregator's decimals.
        public let value: Int256
    }

    /// A signature over the report.
    struct ReportSignature: Hashable, Sendable {
        let r: UInt256
        let s: UInt256
        let parity: UInt8
    }

    /// Which protocol.
    public let generation: Generation
    /// Which configuration: 16 bytes of OCR1, 32 of OCR2.
    public let configDigest: [UInt8]
    /// The protocol's epoch.
    public let epoch: UInt32
    /// The round within the epoch.
    public let round: UInt8
    /// Every oracle's price, in the order of the report, which is ascending.
    public let observations: [Observation]
    /// When the prices were observed (OCR2 only), in seconds.
    public let observationsTimestamp: UInt64?
    /// The price of the fee token (OCR2 only), in juels.
    public let juelsPerFeeCoin: Int256?
    /// What is signed; nothing in an event.
    public let digest: Hash32?
    let signatures: [ReportSignature]

    /// The aggregator's answer: the middle observation, the upper one of two.
    public var answer: Int256 { observations[observations.count / 2].value }

    /// Epoch and round as the contract compares them.
    public var epochAndRound: UInt64 { UInt64(epoch) << 8 | UInt64(round) }

    init(
        generation: Generation, configDigest: [UInt8], epochAndRound: UInt64, observers: ArraySlice<UInt8>,
        values: [Int256], observationsTimestamp: UInt64?, juelsPerFeeCoin: Int256?, digest: Hash32?,
        signatures: [ReportSignature]
    ) throws(SignedDataError) {
        guard !values.isEmpty else { throw .malformed("a report without observations") }
        guard values.count <= OCRSignerSet.most, observers.count >= values.count else {
            throw .malformed("\(values.count) observations of \(observers.count) observers")
        }
        self.generation = generation
        self.configDigest = configDigest
        epoch = UInt32(truncatingIfNeeded: epochAndRound >> 8)
        round = UInt8(truncatingIfNeeded: epochAndRound)
        observations = zip(observers, values).map { Observation(observer: $0, value: $1) }
        self.observationsTimestamp = observationsTimestamp
        self.juelsPerFeeCoin = juelsPerFeeCoin
        self.digest = digest
        self.signatures = signatures
    }
}

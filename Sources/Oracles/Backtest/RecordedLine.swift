import Ethereum
import JSON
import Networks

/// What one line of a recording says.
struct RecordedLine: Sendable {
    /// What it is about.
    indirect enum Content: Sendable {
        /// What a source said.
        case observation(RecordedObservation)
        /// What an asset, or a source of it, is.
        case asset(RecordedAsset)
        case source(RecordedSource)
        /// When something happened that a detector should have seen.
        case incident(RecordedIncident)
        /// That a moment belongs to something, by its name.
        case mark(String)
        case sequencer(SequencerState)
        case market(exposure: Exposure?, moveBps: Int?, headAge: UInt64?)
        case cost(AttackCost)
    }

    var number: Int
    var asset: String
    /// Zero for what has no moment.
    var time: UInt64
    var content: Content
    /// Members that nobody knows, and statements that could not be used.
    var notes: [String] = []
}

/// A price as it was recorded.
struct RecordedObservation: Sendable {
    var source: String
    var price: ObservedPrice
    var updatedAt: UInt64?
    var block: UInt64?
    var confidence: ExactPrice?
    var depth: Depth?
    var extras: ObservationExtras
}

/// What is said of an asset; what is nil was not said.
struct RecordedAsset: Sendable {
    var kind: AssetProfile.Class?
    var liquidationThresholdBps: Int?
    var marketAge: UInt64?
}

/// What is said of a source; what is nil was not said.
struct RecordedSource: Hashable, Sendable {
    var id: String
    var kind: SourceKind?
    var isProtocol: Bool?
    var roots: [String]?
    var quote: PriceSourceConfiguration.Quote?
    var heartbeat: Int?
    var deviationBps: Int?
    var window: Int?

    /// Takes over what `other` says.
    mutating func take(_ other: RecordedSource) {
        kind = other.kind ?? kind
        isProtocol = other.isProtocol ?? isProtocol
        roots = other.roots ?? roots
        quote = other.quote ?? quote
        heartbeat = other.heartbeat ?? heartbeat
        deviationBps = other.deviationBps ?? deviationBps
        window = other.window ?? window
    }

    /// The identity.
    var identity: SourceIdentity {
        SourceIdentity(
            id, kind ?? RecordedGuess.kind(id, isAverage: window != nil) ?? (isProtocol == true ? .protocol : .cex),
            roots: roots ?? [], quote: quote ?? .named("USD"),
            staleness: StalenessRule(heartbeat: heartbeat, deviationBps: deviationBps), window: window)
    }
}

/// Something that happened.
struct RecordedIncident: Sendable {
    var id: String
    var start: UInt64
    /// When money was lost first.
    var loss: UInt64?
    var end: UInt64?
    /// Detectors that should see it.
    var expected: [Detector]
}

public import Chain
public import Ethereum
public import Networks

/// What one source says of one asset's price at the pinned block.
public struct SourceReading: Sendable {
    /// What kind of evidence a source is.
    public enum Evidence: String, Sendable {
        /// A price that its network writes to the chain.
        case push
        /// A signed price that anybody may bring to the chain.
        case pull
        /// An average over a pool's past.
        case twap
        /// What a pool would trade at in this block.
        case spot
        /// What the issuer says that a share is worth: no market price.
        case rate
        /// The quote of a venue outside the chain.
        case venue
        /// A site that gathers prices.
        case aggregator
    }

    /// Where the source is described.
    public var configuration: PriceSourceConfiguration
    /// What kind of evidence it is.
    public var evidence: Evidence
    /// The price in the configuration's quote.
    public var price: Reading<ExactPrice>
    /// The same pool's price in this block, where `price` is an average.
    public var spot: ExactPrice?
    /// When the price was last written or published, seconds since 1970; `nil` where the source does not age.
    public var updatedAt: UInt64?
    /// Seconds after which an update is due.
    public var heartbeat: Int?
    /// The deviation that triggers an update, in basis points.
    public var deviationBps: Int?
    /// The number of its last round.
    public var round: UInt256?
    /// The lowest and the highest answer that the source can give, where it says so.
    public var bounds: ClosedRange<ExactPrice>?
    /// What it takes to move a pool's price by 2 % within its present range, in whole units of the quote.
    public var depth: ExactPrice?
    /// How uncertain the source says that it is, in the unit of `price`.
    public var confidence: ExactPrice?
    /// Seconds over which an average was taken.
    public var window: Int?
    /// The price as a call that brings it to the chain, where it is not there yet.
    public var update: SignedUpdate?
    /// The vault whose rate it is.
    public var vault: ObservationExtras.Vault?
    /// Where the price comes from in the end.
    public var roots: Set<OracleRoot>
    /// What else should be known.
    public var notes: [String] = []

    /// A source of which nothing is known yet.
    public init(
        _ configuration: PriceSourceConfiguration, _ evidence: Evidence, roots: Set<OracleRoot> = [],
        because reason: Reason = .failed("it was never answered")
    ) {
        self.configuration = configuration
        self.evidence = evidence
        self.roots = roots
        price = .unknown(reason)
        heartbeat = configuration.heartbeat
        deviationBps = configuration.deviationBps
        window = nil
    }

    /// The contract that answers; `nil` for a source outside the chain.
    public var address: Address? {
        for role in ["feed", "pool", "pyth", "stateView", "vault", "provider", "router"] {
            if let address = configuration.contracts[role] { return address }
        }
        return configuration.contracts.sorted { $0.key < $1.key }.first?.value
    }
}

/// Where a price comes from in the end: two sources that share one are not independent.
public struct OracleRoot: Hashable, Comparable, Sendable {
    /// Such as `chainlink:ETH / USD` or `pool:0x…`.
    public let name: String

    /// Names a root.
    public init(_ kind: String, _ name: String) { self.name = "\(kind):\(name)" }

    /// A root that is a contract.
    public init(_ kind: String, _ address: Address) { self.init(kind, address.checksummed) }

    /// Whether it is a pool: a price that whoever trades there makes.
    var isPool: Bool { name.hasPrefix("pool:") }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public static func < (one: OracleRoot, other: OracleRoot) -> Bool { one.name < other.name }
}

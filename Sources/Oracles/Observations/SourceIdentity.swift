public import Networks

/// How a price comes to be.
public enum SourceKind: String, CaseIterable, Hashable, Sendable {
    /// An aggregator of Chainlink's, by whichever proxy.
    case chainlink
    /// A price that Pyth signed.
    case pyth
    /// A price that RedStone's nodes signed, pushed or pulled.
    case redstone
    /// A Scribe of Chronicle's.
    case chronicle
    /// The reserves of a Uniswap V2 pair in this block.
    case uniswapV2Spot = "uniswap-v2-spot"
    /// The mean of a Uniswap V2 pair's price over a window.
    case uniswapV2Twap = "uniswap-v2-twap"
    /// The price of a Uniswap V3 pool in this block.
    case uniswapV3Spot = "uniswap-v3-spot"
    /// The geometric mean of a Uniswap V3 pool's price over a window.
    case uniswapV3Twap = "uniswap-v3-twap"
    /// The moving average that a Curve pool keeps.
    case curveEMA = "curve-ema"
    /// The price of a Curve pool in this block.
    case curveSpot = "curve-spot"
    /// A Balancer pool in this block.
    case balancer
    /// What a share of an ERC-4626 vault converts to.
    case vaultShare = "vault-share"
    /// The rate that an issuer of staked tokens states.
    case lstRate = "lst-rate"
    /// A price under a cap, such as Aave's CAPO.
    case cap
    /// A constant.
    case fixed
    /// A product or quotient of other sources.
    case composed
    /// A venue outside the chain.
    case cex
    /// A site that gathers prices.
    case aggregator
    /// The protocol's own answer, where nothing is known of what stands behind it.
    case `protocol`

    /// What kind of evidence the source is about a market.
    public var evidence: Evidence {
        switch self {
        case .chainlink, .pyth, .redstone, .chronicle: .network
        case .uniswapV2Spot, .uniswapV3Spot, .curveSpot, .balancer: .spot
        case .uniswapV2Twap, .uniswapV3Twap, .curveEMA: .average
        case .vaultShare, .lstRate: .rate
        case .cex: .venue
        case .aggregator: .site
        case .fixed: .constant
        case .cap, .composed, .protocol: .derived
        }
    }

    /// What a price is made of.
    public enum Evidence: String, Hashable, Sendable {
        /// A network of reporters that signs it.
        case network
        /// A pool, in one block.
        case spot
        /// A pool, over time.
        case average
        /// What an issuer says; no market price.
        case rate
        /// An order book outside the chain.
        case venue
        /// A site that takes it from others.
        case site
        /// A constant.
        case constant
        /// Something made of others.
        case derived
    }
}

/// When an update of a source is due.
public struct StalenessRule: Hashable, Sendable {
    /// Seconds after which it is due even where the price stands still.
    public var heartbeat: Int?
    /// The deviation that makes it due, in basis points.
    public var deviationBps: Int?

    /// Makes a rule; what is not known is `nil`.
    public init(heartbeat: Int? = nil, deviationBps: Int? = nil) {
        self.heartbeat = heartbeat
        self.deviationBps = deviationBps
    }
}

/// Which source a price is from, and what it rests on in the end.
public struct SourceIdentity: Hashable, Sendable {
    /// A name that no other source of the asset has.
    public var id: String
    /// How the price comes to be.
    public var kind: SourceKind
    /// The sources at the bottom, such as `chainlink:ETH / USD` or `pool:0x…`: sorted, each once, at least one.
    ///
    /// Two sources that share a root are one witness. A composed price has the roots of all its parts, but for the
    /// numeraire's own.
    public let roots: [String]
    /// What the price is stated in.
    public var quote: PriceSourceConfiguration.Quote
    /// When an update is due.
    public var staleness: StalenessRule
    /// Seconds over which it is an average; `nil` where it is none.
    public var window: Int?

    /// Makes an identity; without roots the source is its own.
    public init(
        _ id: String, _ kind: SourceKind, roots: [String] = [], quote: PriceSourceConfiguration.Quote = .named("USD"),
        staleness: StalenessRule = StalenessRule(), window: Int? = nil
    ) {
        self.id = id
        self.kind = kind
        self.roots = roots.isEmpty ? [id] : Set(roots).sorted()
        self.quote = quote
        self.staleness = staleness
        self.window = window
    }

    /// Whether the two rest on nothing in common.
    public func isIndependent(of other: SourceIdentity) -> Bool {
        !roots.contains { other.roots.contains($0) }
    }
}

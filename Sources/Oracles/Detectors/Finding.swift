/// The detectors, by the numbers of docs/oracles.md.
public enum Detector: String, CaseIterable, Hashable, Sendable, Comparable {
    /// A feed that is late.
    case staleness = "D1"
    /// A price away from other sources.
    case crossSource = "D2"
    /// A pool away from its average.
    case spotGap = "D3"
    /// An answer at its bound, or beyond what can be.
    case bound = "D4"
    /// Reporters that do not agree.
    case dispersion = "D5"
    /// What an attack costs and brings.
    case attackCost = "D6"
    /// A rate or a supply that jumps.
    case rateJump = "D7"
    /// A stable away from its peg, a constant away from the market.
    case stable = "D8"
    /// Decimal places, composition, changes.
    case configuration = "D9"
    /// A cap that binds.
    case cap = "D10"
    /// Prices within one block, jumps of one update.
    case sameBlock = "D11"
    /// Liquidity that leaves.
    case drain = "D12"
    /// More collateral than venues buy.
    case openInterest = "D13"
    /// A sequencer that is down, or was.
    case sequencer = "D14"

    /// The number.
    public var number: Int { (Self.allCases.firstIndex(of: self) ?? 0) + 1 }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public static func < (one: Detector, other: Detector) -> Bool { one.number < other.number }

    /// What kind of evidence it goes by: two of different families confirm each other.
    public enum Family: String, Hashable, Sendable {
        /// Prices against prices.
        case price
        /// What a source is in.
        case state
        /// What a source is set to.
        case configuration
        /// What an attack would bring: never a reason to call a price wrong.
        case exposure
    }

    /// The family.
    public var family: Family {
        switch self {
        case .crossSource, .spotGap, .stable, .sameBlock: .price
        case .staleness, .bound, .dispersion, .rateJump, .cap, .drain, .sequencer: .state
        case .configuration: .configuration
        case .attackCost, .openInterest: .exposure
        }
    }
}

/// What a record says of a price in one word.
public enum PriceFlag: String, CaseIterable, Hashable, Sendable {
    /// Its feed is late.
    case stale
    /// Its feed has never answered.
    case noRound = "no_round"
    /// It stands away from other sources.
    case deviates
    /// What stands beside it is thin, or one source alone.
    case thinReference = "thin_reference"
    /// A pool trades away from its average.
    case spotVsTwap = "spot_vs_twap"
    /// It moved in one block what it does not move.
    case singleBlockMove = "single_block_move"
    /// A cap or a bound holds it.
    case capHit = "cap_hit"
    /// The oracle asks its fallback.
    case fallbackActive = "fallback_active"
    /// The chain's sequencer is down.
    case sequencerDown = "sequencer_down"
    /// It came back lately.
    case sequencerGrace = "sequencer_grace"
    /// The source or the asset is paused.
    case paused
    /// A signed price has to be brought along.
    case pullUpdateNeeded = "pull_update_needed"
    /// A newer price is signed or due.
    case pendingUpdate = "pending_update"
}

/// What one detector saw at one moment.
public struct Finding: Hashable, Sendable {
    /// Which detector.
    public var detector: Detector
    /// Which of its rules, such as `missedUpdate`.
    public var rule: String
    /// The source that it is about.
    public var source: String
    /// 1 worth a word, 2 act with care, 3 do not trust the price.
    public var severity: Int
    /// What was measured.
    public var statistic: Double
    /// The limit of this severity that it is beyond.
    public var limit: Double
    /// What both are in: `s`, `bps`, `ratio`.
    public var unit: String
    /// The word for it in a record.
    public var flag: PriceFlag?
    /// Why, in words.
    public var reason: String
    /// Whether severity 3 needs no second detector and no second look.
    public var standsAlone: Bool
    /// Whether something honest accounts for what was measured: then it holds no alarm on.
    var isExplained = false

    /// Makes a finding.
    init(
        _ detector: Detector, _ rule: String, _ source: String, severity: Int, _ statistic: Double, over limit: Double,
        _ unit: String, _ flag: PriceFlag? = nil, alone: Bool = false, _ reason: String, isExplained: Bool = false
    ) {
        self.detector = detector
        self.rule = rule
        self.source = source
        self.severity = severity
        self.statistic = statistic
        self.limit = limit
        self.unit = unit
        self.flag = flag
        self.reason = reason
        standsAlone = alone
        self.isExplained = isExplained
    }

    /// What makes two findings of different moments one alarm.
    public var key: String { "\(detector.rawValue).\(rule)@\(source)" }
}

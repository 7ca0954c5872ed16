public import Ethereum

/// What is read beside a price; nothing of it has to be there.
public struct ObservationExtras: Hashable, Sendable {
    /// The round of a feed.
    public var round: Round?
    /// The lowest and the highest answer that the feed can give, where it says so.
    public var bounds: Bounds?
    /// The vault behind a share price.
    public var vault: Vault?
    /// The exchange rate in a price that is `rate × base`.
    public var rate: ExactPrice?
    /// The cap on a rate or a price.
    public var cap: Cap?
    /// What each node of a network observed, in the order of the report.
    public var nodes: Nodes?
    /// The same pool's price in this block, where the price is an average.
    public var spot: ExactPrice?
    /// The lowest and the highest price that anything within the block was done at.
    public var withinBlock: WithinBlock?
    /// Scales and places as stored and as recomputed.
    public var scale: Scale?
    /// What changed in the configuration behind the price.
    public var changes: [Change] = []
    /// What the contract says of itself.
    public var state: State = []

    /// Nothing.
    public init() {}

    /// The round of a feed.
    public struct Round: Hashable, Sendable {
        /// Its number, with the phase of a proxy.
        public var id: UInt256
        /// The round that the answer is from; `nil` where the feed does not say.
        public var answeredIn: UInt256?
        /// When the round was opened, or its observations were made.
        public var startedAt: UInt64?

        /// Makes a round.
        public init(id: UInt256, answeredIn: UInt256? = nil, startedAt: UInt64? = nil) {
            self.id = id
            self.answeredIn = answeredIn
            self.startedAt = startedAt
        }
    }

    /// The answers that a feed can give, in the unit of its mantissa; `nil` where there is no bound in effect.
    ///
    /// Bounds of 1 and 2^176 − 1 are none. Source: smartcontractkit/libocr `OCR2Aggregator.sol@0a5e2f9`.
    public struct Bounds: Hashable, Sendable {
        /// The lowest.
        public var lowest: ExactPrice?
        /// The highest.
        public var highest: ExactPrice?

        /// Makes bounds.
        public init(lowest: ExactPrice? = nil, highest: ExactPrice? = nil) {
            self.lowest = lowest
            self.highest = highest
        }
    }

    /// A vault, in raw units.
    public struct Vault: Hashable, Sendable {
        /// What it holds of its underlying asset.
        public var assets: UInt256
        /// How many shares there are.
        public var shares: UInt256
        /// Decimal places of a share.
        public var shareDecimals: Int
        /// Seconds since it was deployed; `nil` where that is not known.
        public var age: UInt64?

        /// Makes a vault.
        public init(assets: UInt256, shares: UInt256, shareDecimals: Int = 18, age: UInt64? = nil) {
            self.assets = assets
            self.shares = shares
            self.shareDecimals = shareDecimals
            self.age = age
        }
    }

    /// A cap: what would be answered without it, and the most that may be.
    public struct Cap: Hashable, Sendable {
        /// The ratio or price before the cap.
        public var uncapped: ExactPrice
        /// The cap.
        public var limit: ExactPrice

        /// Makes a cap.
        public init(uncapped: ExactPrice, limit: ExactPrice) {
            self.uncapped = uncapped
            self.limit = limit
        }

        /// How far the cap is above, as a difference of logarithms; negative where it binds.
        var headroom: Double { limit.logarithm - uncapped.logarithm }
    }

    /// What the nodes of a network reported.
    public struct Nodes: Hashable, Sendable {
        /// Each node's answer, in the unit of the price's mantissa.
        public var answers: [UInt256]
        /// Which node each is from; empty where that is not known.
        public var indexes: [UInt8]
        /// How many of them may be wrong.
        public var faulty: Int
        /// The rounds before, the newest first; at most nine.
        public var past: [Nodes] = []

        /// Takes at most 255 answers.
        public init(answers: [UInt256], indexes: [UInt8] = [], faulty: Int) {
            self.answers = Array(answers.prefix(255))
            self.indexes = Array(indexes.prefix(255))
            self.faulty = faulty
        }
    }

    /// The lowest and the highest price within one block.
    public struct WithinBlock: Hashable, Sendable {
        /// The lowest.
        public var lowest: ExactPrice
        /// The highest.
        public var highest: ExactPrice
        /// Whether somebody was liquidated at one of them.
        public var didLiquidate: Bool

        /// Makes a range.
        public init(lowest: ExactPrice, highest: ExactPrice, didLiquidate: Bool = false) {
            self.lowest = lowest
            self.highest = highest
            self.didLiquidate = didLiquidate
        }
    }

    /// A factor as it is stored, and as the decimal places of tokens and feeds make it.
    public struct Scale: Hashable, Sendable {
        /// What the contract holds.
        public var stored: UInt256
        /// What it should hold.
        public var recomputed: UInt256

        /// Makes a pair.
        public init(stored: UInt256, recomputed: UInt256) {
            self.stored = stored
            self.recomputed = recomputed
        }
    }

    /// A change of what stands behind a price.
    public struct Change: Hashable, Sendable {
        /// What changed: `source`, `phase`, `owner`, `signers`, `reporter`, `cap`…
        public var what: String
        /// When, seconds since 1970.
        public var at: UInt64

        /// Makes a change.
        public init(_ what: String, at: UInt64) {
            self.what = what
            self.at = at
        }
    }

    /// What the contract says of itself.
    public struct State: OptionSet, Hashable, Sendable {
        // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
        public let rawValue: UInt8

        // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The oracle has no source of its own and asks its fallback.
        public static let fallbackActive = State(rawValue: 1)
        /// The source or the asset is paused.
        public static let paused = State(rawValue: 2)
        /// A signed price has to be brought along.
        public static let pullUpdateNeeded = State(rawValue: 4)
        /// A newer price is signed or on its way.
        public static let pendingUpdate = State(rawValue: 8)
    }
}

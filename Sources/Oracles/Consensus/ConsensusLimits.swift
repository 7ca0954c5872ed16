/// How witnesses are weighed. Every number is data; why it is what it is stands in docs/oracles.md.
public struct ConsensusLimits: Hashable, Sendable {
    /// Weight of a network of reporters.
    public var networkWeight = 1.0
    /// Weight of a venue that quotes the same currency.
    public var venueWeight = 1.0
    /// Weight of a pool's average.
    public var averageWeight = 0.8
    /// Weight of a price made of others.
    public var derivedWeight = 0.8
    /// Weight of a pool's price in this block.
    public var spotWeight = 0.3
    /// Weight of a site.
    public var siteWeight = 0.25
    /// Networks look at the same order books: together they weigh at most this.
    public var networkCap = 1.5
    /// No witness has more than this share, where there are at least three.
    public var shareCap = 0.4
    /// The depth at 2 % that has full weight, in whole units of the quote.
    public var fullDepth = 1_000_000.0
    /// What a pool of unknown depth weighs.
    public var unknownDepthFactor = 0.5
    /// The depth at 2 % under which a pool is thin evidence.
    public var thinDepth = 100_000.0
    /// Seconds after which a quote of a venue is none.
    public var venueAge: UInt64 = 300
    /// Seconds after which what a site says is nothing.
    public var siteAge: UInt64 = 14_400
    /// The heartbeat where none is known.
    public var unknownHeartbeat: UInt64 = 86_400
    /// A confidence interval wider than this, in basis points, makes a price none.
    public var widestConfidenceBps = 1_000.0
    /// The least scale of deviations, in basis points.
    public var floorBps = 10.0
    /// A witness further than this many scales from the median is rejected.
    public var hampel = 5.0
    /// The uncertainty that has full weight, in basis points.
    public var fullWeightBps = 50.0
    /// Witnesses further apart than this, in basis points, do not agree.
    public var splitBps = 300.0

    /// The defaults.
    public init() {}
}

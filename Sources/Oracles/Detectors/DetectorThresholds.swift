/// The limits of all detectors. Each default is explained in docs/oracles.md; the network file may override them.
public struct DetectorThresholds: Hashable, Sendable {
    /// How witnesses are weighed.
    public var consensus = ConsensusLimits()

    // D1
    /// Seconds of grace after a heartbeat: a tenth of it, within these bounds.
    public var stalenessMargin: ClosedRange<UInt64> = 60...1_800
    /// Seconds for which a market has to stand beyond a feed's threshold before the feed is called late.
    public var missedUpdateSeconds: UInt64 = 60

    // D2
    /// The deviation threshold of a feed where none is published, in basis points: major assets, stables, others.
    public var majorDeviationBps = 50.0
    /// See ``majorDeviationBps``.
    public var stableDeviationBps = 25.0
    /// See ``majorDeviationBps``.
    public var otherDeviationBps = 100.0
    /// The least deviation that is suspicious, in basis points.
    public var suspectBps = 100.0
    /// The deviation beyond which a price is not to be used, in basis points.
    public var rejectBps = 500.0
    /// What a rate times its base may stand above the market, in basis points: staked, restaked, stable.
    public var stakedRateBps = 100.0
    /// See ``stakedRateBps``.
    public var restakedRateBps = 200.0
    /// See ``stakedRateBps``.
    public var stableRateBps = 50.0

    // D3
    /// What a pool's price may differ from its average beyond three sigmas, in basis points.
    public var spotGapBps = 80.0

    // D4
    /// How near a bound an answer is called clamped, in basis points; of a late feed, the second.
    public var boundBps = 200.0
    /// See ``boundBps``.
    public var staleBoundBps = 1_000.0
    /// What a stable can be worth.
    public var stableBand: ClosedRange<Double> = 0.5...1.5
    /// What a staked token's rate can be.
    public var rateBand: ClosedRange<Double> = 0.9...3
    /// The factor from the month's median that no market makes.
    public var monthFactor = 10.0

    // D5
    /// The range of nodes' answers that is worth a word, in basis points: majors, others.
    public var majorRangeBps = 100.0
    /// See ``majorRangeBps``.
    public var otherRangeBps = 300.0
    /// Their median deviation that is suspicious, in basis points: majors, others.
    public var majorScatterBps = 50.0
    /// See ``majorScatterBps``.
    public var otherScatterBps = 200.0
    /// How far a single node may be from its round's median, in bps, before it is counted.
    public var nodeBiasBps = 500.0
    /// In how many of ten rounds it may be.
    public var nodeBiasRounds = 3.0
    /// A source's own uncertainty, in basis points, by severity.
    public var confidenceBps = [100.0, 500.0, 1_000.0]

    // D6
    /// What an attack brings over what it costs, by severity.
    public var profitRatio = [0.2, 0.5, 1.0]

    // D7
    /// The growth of a rate in a year that is believed, in basis points: staked, restaked, shares.
    public var stakedGrowthBps = 1_000.0
    /// See ``stakedGrowthBps``.
    public var restakedGrowthBps = 1_500.0
    /// See ``stakedGrowthBps``.
    public var shareGrowthBps = 2_500.0
    /// What may come on top of it, in basis points.
    public var growthSlackBps = 5.0
    /// A fall of a rate that is worth suspicion, in basis points.
    public var rateFallBps = 10.0
    /// A jump of a rate that is not to be believed until it lasts, and one that never is, in basis points.
    public var rateJumpBps = 100.0
    /// See ``rateJumpBps``.
    public var impossibleRateJumpBps = 500.0
    /// A change of the number of shares between two looks that is suspicious, in basis points.
    public var supplyJumpBps = 500.0

    // D8
    /// What a hard-coded price may stand above the market, in basis points: watch, suspect.
    public var fixedBps = [50.0, 200.0]
    /// The threshold where a market's liquidation threshold is not known, in basis points.
    public var fixedInsolvencyBps = 1_000.0
    /// How far from its peg a stable is worth a word and suspicious, in basis points.
    public var pegBps = [150.0, 500.0]

    // D9
    /// Seconds for which a change of configuration is suspicious, and worth a word.
    public var changeSuspect: UInt64 = 3_600
    /// See ``changeSuspect``.
    public var changeWatch: UInt64 = 86_400
    /// Whole shares under which a young vault is empty.
    public var emptyShares = 1_000.0
    /// Seconds for which a market is young.
    public var youth: UInt64 = 604_800

    // D10
    /// Head-room of a cap that is worth a word, in basis points.
    public var headroomBps = 20.0

    // D11
    /// What prices within one block may differ by, in basis points.
    public var withinBlockBps = 100.0
    /// What one update may move, in basis points: stables, others.
    public var stableJumpBps = 1_000.0
    /// See ``stableJumpBps``.
    public var otherJumpBps = 2_000.0

    // D12
    /// The fall of depth in an hour, and in a day, in basis points.
    public var drainHourBps = 3_000.0
    /// See ``drainHourBps``.
    public var drainDayBps = 6_000.0
    /// The share of one provider that is worth a word, in basis points.
    public var providerBps = 8_000

    // D13
    /// Collateral over the depth at 10 %, by severity.
    public var collateralRatio = [0.5, 2.0, 5.0]
    /// The largest account over the depth at 10 % that is suspicious.
    public var accountRatio = 0.25

    // D14
    /// Seconds after a sequencer's return in which prices are not to be trusted.
    public var sequencerGrace: UInt64 = 3_600
    /// Seconds after which the head of a chain is old.
    public var headAge: UInt64 = 60

    // Judging
    /// Seconds that a finding of severity 3 has to last, where nothing else supports it; off the chain, the second.
    public var persistence: UInt64 = 24
    /// See ``persistence``.
    public var offChainPersistence: UInt64 = 60
    /// An alarm clears below this part of its limit…
    public var clearRatio = 0.6
    /// …for this many seconds.
    public var clearSeconds: UInt64 = 300
    /// The move of the market in ten minutes, in basis points, that makes limits wider, and by how much.
    public var crashBps = 300.0
    /// See ``crashBps``.
    public var crashFactor = 2.0
    /// Seconds for which limits stay wide after such a move was last seen.
    public var crashSeconds: UInt64 = 600
    /// An alarm under severity 3 is announced at most once in so many seconds…
    public var repeatSeconds: UInt64 = 3_600
    /// …and at most so many are in a day and asset.
    public var alarmsPerDay = 24

    /// The defaults.
    public init() {}
}

public import Ethereum

/// Everything that was read about one asset's price at one moment.
public struct AssetTick: Sendable {
    /// The moment: the block's timestamp.
    public var time: UInt64
    /// The block; `nil` outside the chain.
    public var block: UInt64?
    /// What the protocol uses.
    public var price: Observation
    /// The sources beside it, at most ``AssetWindow/mostReferences`` of which count.
    public var references: [Observation]
    /// Whether the chain's sequencer is up; `nil` where the chain has none, or that is not watched.
    public var sequencer: SequencerState?
    /// How old the head of the chain is by the clock; `nil` where nothing is live.
    public var headAge: UInt64?
    /// What the protocol holds of the asset.
    public var exposure: Exposure?
    /// What it takes to move the price that the protocol uses.
    public var costs: [AttackCost]
    /// The middle size of what major assets moved in the last ten minutes, in basis points.
    public var marketMoveBps: Int?

    /// Makes a tick; it is of the moment and block of the protocol's price.
    public init(
        _ price: Observation, references: [Observation] = [], sequencer: SequencerState? = nil,
        headAge: UInt64? = nil, exposure: Exposure? = nil, costs: [AttackCost] = [], marketMoveBps: Int? = nil
    ) {
        time = price.observedAt
        block = price.block
        self.price = price
        self.references = references
        self.sequencer = sequencer
        self.headAge = headAge
        self.exposure = exposure
        self.costs = costs
        self.marketMoveBps = marketMoveBps
    }
}

/// What a chain's uptime feed says.
///
/// Source: smartcontractkit/chainlink-brownie-contracts
/// `contracts/src/v0.8/l2ep/dev/shared/BaseSequencerUptimeFeed.sol@67887b84`: 0 is up, 1 is down, and `startedAt` is
/// when that began.
public struct SequencerState: Hashable, Sendable {
    /// Whether it is down; `nil` where the feed could not be read.
    public var isDown: Bool?
    /// When that began; zero where the feed was never set.
    public var startedAt: UInt64

    /// Makes a state.
    public init(isDown: Bool?, startedAt: UInt64) {
        self.isDown = isDown
        self.startedAt = startedAt
    }
}

/// What a protocol holds of an asset, in whole units of the quote.
public struct Exposure: Hashable, Sendable {
    /// All collateral.
    public var collateral: UInt256
    /// What the largest account holds.
    public var largestAccount: UInt256?
    /// What all venues buy until the price is 10 % lower.
    public var depthAtTenPercent: UInt256?

    /// Makes an exposure.
    public init(collateral: UInt256, largestAccount: UInt256? = nil, depthAtTenPercent: UInt256? = nil) {
        self.collateral = collateral
        self.largestAccount = largestAccount
        self.depthAtTenPercent = depthAtTenPercent
    }
}

/// What it takes to move the price that a protocol uses, and what that would bring.
public struct AttackCost: Hashable, Sendable {
    /// How far the price would be moved, in basis points.
    public var moveBps: Int
    /// What has to be put in.
    public var capital: UInt256
    /// What of it is lost: the cost, where capital may be borrowed within one transaction.
    public var lost: UInt256
    /// What could be taken out at the moved price; `nil` where the positions are not known.
    public var extractable: UInt256?
    /// Blocks that the price has to be held; 0 where it is read in the same transaction.
    public var blocks: Int
    /// What the amounts are stated in.
    public var unit: String

    /// Makes a cost.
    public init(
        moveBps: Int, capital: UInt256, lost: UInt256, extractable: UInt256? = nil, blocks: Int = 0,
        unit: String = "USD"
    ) {
        self.moveBps = moveBps
        self.capital = capital
        self.lost = lost
        self.extractable = extractable
        self.blocks = blocks
        self.unit = unit
    }
}

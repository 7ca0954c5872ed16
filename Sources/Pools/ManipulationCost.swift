public import Ethereum

/// What it takes to push a pool's price to where somebody wants it.
///
/// All numbers are in raw units of the token that goes in unless they say otherwise, and come from the pool's own
/// arithmetic: ``capital`` is what the swap takes.
public struct ManipulationCost: Hashable, Sendable {
    /// Whether token0 (of a Curve pool: coin 0) goes in.
    public let putsInToken0: Bool
    /// What has to be put in, with the fee. A flash loan provides it where price is read in the same transaction.
    public let capital: UInt256
    /// The part of it that is fee.
    public let fee: UInt256
    /// What comes out, in the other token.
    public let received: UInt256
    /// What comes back when all of that is put in again at once, before anybody else trades.
    public let returned: UInt256
    /// What the received tokens are worth at the price before, rounded down.
    public let receivedAtOldPrice: UInt256
    /// How many initialised ticks were crossed; 0 for pools without ticks.
    public let ticksCrossed: Int
    /// Whether liquidity ends before the target: what lies beyond costs nothing.
    public let liquidityEnds: Bool

    /// The loss where the trade is reverted at once: two fees and roundings.
    public var lossReverted: UInt256 { capital.subtractingOrZero(returned) }
    /// The loss where others bring the price back: fee and slippage.
    public var lossArbitraged: UInt256 { capital.subtractingOrZero(receivedAtOldPrice) }
}

/// What it takes to shift a pool's time-weighted mean by holding a displaced price for some blocks.
public struct HeldManipulationCost: Hashable, Sendable {
    /// Where the price has to be held.
    public let displacement: ManipulationCost
    /// For how many blocks.
    public let blocks: Int
    /// The tick, of pools with ticks.
    public let tick: Int32?
    /// At most this is lost where others bring the price back after every block: blocks · the larger loss of one; `nil`
    /// where it does not fit a word. Who makes consecutive blocks loses ``ManipulationCost/lossReverted`` once.
    public var worstLoss: UInt256? {
        let one = max(displacement.lossArbitraged, displacement.lossReverted)
        do { return try one * UInt256(UInt64(max(0, blocks))) } catch { return nil }
    }
}

/// A window of a time-weighted mean and how much of it is held displaced.
public struct HoldingPlan: Hashable, Sendable {
    /// The window in seconds.
    public let window: UInt32
    /// How many blocks the price is held.
    public let blocks: Int
    /// Seconds between blocks.
    public let blockTime: UInt32

    /// Makes a plan.
    ///
    /// - Throws: `.invalidState` where nothing is held, or more than the window.
    public init(window: UInt32, blocks: Int, blockTime: UInt32) throws(PoolError) {
        let (held, overflow) = blocks.multipliedReportingOverflow(by: Int(blockTime))
        guard !overflow, blocks > 0, held > 0, held <= Int(window) else {
            throw .invalidState("\(blocks) blocks of \(blockTime) s in \(window) s")
        }
        self.window = window
        self.blocks = blocks
        self.blockTime = blockTime
    }

    /// For how many seconds the price is held.
    public var heldSeconds: UInt32 { UInt32(truncatingIfNeeded: blocks) * blockTime }
}

public import Ethereum
import Glibc

/// A push of the price of one of a pool's tokens.
public struct PoolMove: Hashable, Sendable {
    /// How far, in basis points of the price before; below zero it falls.
    public let bps: Int
    /// Whether it is token0 whose price, in token1, is meant.
    public let ofToken0: Bool

    /// Makes a move.
    ///
    /// - Throws: `.unreachable` for one of nothing, to nothing, or by more than a factor of ten thousand.
    public init(bps: Int, ofToken0: Bool) throws(PoolError) {
        guard bps != 0, bps > -10_000, bps < 100_000_000 else { throw .unreachable("a move of \(bps) bps") }
        self.bps = bps
        self.ofToken0 = ofToken0
    }

    /// token1 for token0 afterwards over before, as a fraction.
    public var fraction: (over: UInt256, under: UInt256) {
        let moved = UInt256(UInt64(10_000 + bps))
        return ofToken0 ? (moved, 10_000) : (10_000, moved)
    }

    /// The ticks of a move up by so many basis points, or down to the reciprocal, whichever way is longer; at least one.
    public static func ticks(_ bps: Int) -> Int32 {
        let part = min(0.9999, Double(max(1, bps)) / 10_000)
        return Int32(max(1, (-log(1 - part) / log(1.0001)).rounded(.up)))
    }

    /// The mean tick's shift: the nearest whole number of ticks, never zero.
    var tickShift: Int32 {
        let change = log(Double(10_000 + bps) / 10_000) / log(1.0001) * (ofToken0 ? 1 : -1)
        let whole = Int32(change.rounded())
        return whole != 0 ? whole : change < 0 ? -1 : 1
    }
}

extension UniswapV3.Pool {
    /// The square root of the price after a move, rounded down: within 2^-50 of it.
    public func sqrtPrice(after move: PoolMove) throws(PoolError) -> UInt256 {
        let (over, under) = move.fraction
        let root = sqrtPrice
        return try poolMath { () throws(MathError) in
            // √(over / under) · 2^60.
            let factor = try UInt256.mulDiv(over, UInt256.one << 120, under, .down).squareRoot()
            return try UInt256.mulDiv(root, factor, UInt256.one << 60, .down)
        }
    }

    /// What it takes to push the price by a move.
    public func cost(of move: PoolMove) throws(PoolError) -> ManipulationCost {
        try cost(toSqrtPrice: try sqrtPrice(after: move))
    }

    /// What it takes to push the mean of a window by a move, by holding the price elsewhere for some blocks.
    public func cost(of move: PoolMove, _ plan: HoldingPlan) throws(PoolError) -> HeldManipulationCost {
        try cost(toShiftMeanTickBy: move.tickShift, plan)
    }
}

extension UniswapV2.Pair {
    /// What it takes to push the price by a move.
    public func cost(of move: PoolMove) throws(PoolError) -> ManipulationCost {
        let (over, under) = move.fraction
        // Reserves have 112 bits, and the parts at most 27.
        return try cost(toPrice: reserve1 &* over, over: reserve0 &* under)
    }
}

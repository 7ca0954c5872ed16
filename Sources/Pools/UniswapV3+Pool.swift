public import Ethereum

extension UniswapV3 {
    /// The state of a pool that its swaps depend on.
    public struct Pool: Hashable, Sendable {
        /// The square root of the price (`slot0`).
        public var sqrtPrice: UInt256
        /// The tick (`slot0`): not always that of the price, for a price at a tick's edge may count below it.
        public var tick: Int32
        /// The liquidity in range.
        public var liquidity: UInt128
        /// Millionths of the input.
        public let fee: UInt32
        /// The initialised ticks.
        public var ticks: TickBitmap

        /// Makes a state.
        ///
        /// - Throws: `.invalidState` where price, tick and fee contradict each other.
        public init(
            sqrtPrice: UInt256, tick: Int32, liquidity: UInt128, fee: UInt32, ticks: TickBitmap
        ) throws(PoolError) {
            let atPrice = try poolMath { () throws(MathError) in try TickMath.tick(atSqrtRatio: sqrtPrice) }
            // A swap downwards that ends on an initialised tick leaves the tick one below its price.
            guard tick == atPrice || tick == atPrice - 1 else { throw .invalidState("tick \(tick) at \(sqrtPrice)") }
            guard fee < 1_000_000 else { throw .invalidState("fee \(fee)") }
            self.sqrtPrice = sqrtPrice
            self.tick = tick
            self.liquidity = liquidity
            self.fee = fee
            self.ticks = ticks
        }
    }

    /// What a swap did.
    public struct Swap: Hashable, Sendable {
        /// The pool afterwards.
        public let pool: Pool
        /// What went in, with the fee.
        public let amountIn: UInt256
        /// What came out.
        public let amountOut: UInt256
        /// The part of what went in that was fee.
        public let fee: UInt256
        /// How many initialised ticks were crossed.
        public let ticksCrossed: Int
        /// Whether some of the way had no liquidity, where the price moves for nothing.
        public let metNoLiquidity: Bool
    }
}

extension UniswapV3.Pool {
    /// `UniswapV3Pool.swap`: a swap up to an amount or a price, whichever comes first.
    ///
    /// Source: Uniswap/v3-core contracts/UniswapV3Pool.sol@d8b1c635.
    ///
    /// - Parameters:
    ///   - remaining: how much to swap.
    ///   - zeroForOne: whether token0 goes in, and the price falls.
    ///   - limit: the square root of the price at which the swap ends.
    /// - Throws: `.outsideWindow` where it needs ticks that were not read; `.math` where the contract reverts.
    public func swap(
        _ remaining: UniswapV3.Remaining, zeroForOne: Bool, limit: UInt256
    ) throws(PoolError) -> UniswapV3.Swap {
        let inRange =
            zeroForOne
            ? limit < sqrtPrice && limit > UniswapV3.TickMath.minimumSqrtRatio
            : limit > sqrtPrice && limit < UniswapV3.TickMath.maximumSqrtRatio
        guard inRange, !remaining.isZero else { throw .unreachable("the limit is not beyond the price, or no amount") }
        var walk = UniswapV3.Walk(pool: self, remaining: remaining)
        while !walk.remaining.isZero && walk.pool.sqrtPrice != limit {
            try walk.step(zeroForOne: zeroForOne, limit: limit)
        }
        return UniswapV3.Swap(
            pool: walk.pool, amountIn: walk.amountIn, amountOut: walk.amountOut, fee: walk.fee,
            ticksCrossed: walk.ticksCrossed, metNoLiquidity: walk.metNoLiquidity)
    }
}

extension UniswapV3 {
    /// A swap on its way.
    struct Walk {
        var pool: Pool
        var remaining: Remaining
        var amountIn = UInt256.zero
        var amountOut = UInt256.zero
        var fee = UInt256.zero
        var ticksCrossed = 0
        var metNoLiquidity = false

        init(pool: Pool, remaining: Remaining) {
            self.pool = pool
            self.remaining = remaining
        }

        /// To the next initialised tick, the end of the bitmap's word, the limit, or the end of the amount.
        mutating func step(zeroForOne: Bool, limit: UInt256) throws(PoolError) {
            let start = pool.sqrtPrice
            let found = try pool.ticks.next(from: pool.tick, atOrBelow: zeroForOne)
            let most = TickMath.maximumTick
            let next = min(max(found.tick, -most), most)
            let edge = try poolMath { () throws(MathError) in try TickMath.sqrtRatio(at: next) }
            let target = (zeroForOne ? edge < limit : edge > limit) ? limit : edge
            let (liquidity, left, pips) = (pool.liquidity, remaining, pool.fee)
            let taken = try poolMath { () throws(MathError) in
                try swapStep(from: start, to: target, liquidity: liquidity, remaining: left, fee: pips)
            }
            try poolMath { () throws(MathError) in try pay(taken) }
            if liquidity == 0 && taken.sqrtPrice != start { metNoLiquidity = true }
            pool.sqrtPrice = taken.sqrtPrice
            if taken.sqrtPrice == edge {
                if found.isInitialised {
                    try cross(next, zeroForOne: zeroForOne)
                }
                pool.tick = zeroForOne ? next - 1 : next
            } else if taken.sqrtPrice != start {
                pool.tick = try poolMath { () throws(MathError) in try TickMath.tick(atSqrtRatio: taken.sqrtPrice) }
            }
        }

        private mutating func pay(_ step: SwapStep) throws(MathError) {
            let gross = try step.amountIn + step.fee
            amountIn = try amountIn + gross
            amountOut = try amountOut + step.amountOut
            fee = try fee + step.fee
            switch remaining {
            case .input(let amount): remaining = .input(try amount - gross)
            case .output(let amount): remaining = .output(try amount - step.amountOut)
            }
        }

        private mutating func cross(_ tick: Int32, zeroForOne: Bool) throws(PoolError) {
            let net = pool.ticks.net[tick] ?? 0
            let delta = zeroForOne ? 0 - net : net
            let (sum, overflow) =
                delta < 0
                ? pool.liquidity.subtractingReportingOverflow(delta.magnitude)
                : pool.liquidity.addingReportingOverflow(delta.magnitude)
            guard !overflow else { throw .math(.overflow) }
            pool.liquidity = sum
            ticksCrossed += 1
        }
    }
}

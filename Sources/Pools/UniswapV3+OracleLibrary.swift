public import Ethereum

extension UniswapV3 {
    /// What consumers make of `observe`.
    ///
    /// Source: Uniswap/v3-periphery contracts/libraries/OracleLibrary.sol@0682387.
    public enum OracleLibrary {
        /// The mean of a window.
        public struct Mean: Hashable, Sendable {
            /// The arithmetic mean of the tick, rounded towards negative infinity: a geometric mean of the price.
            public let tick: Int32
            /// The harmonic mean of the liquidity.
            public let liquidity: UInt128

            /// Makes a mean.
            public init(tick: Int32, liquidity: UInt128) {
                self.tick = tick
                self.liquidity = liquidity
            }
        }

        /// `consult`, of what `observe([window, 0])` returned.
        ///
        /// - Throws: `.divisionByZero` for no window, or where no time passed for the liquidity.
        public static func consult(
            window: UInt32, tickCumulatives: (then: Int64, now: Int64),
            secondsPerLiquidity: (then: UInt256, now: UInt256)
        ) throws(MathError) -> Mean {
            guard window > 0 else { throw .divisionByZero }
            let tick = meanTick(int56(tickCumulatives.now &- tickCumulatives.then), over: window)
            let seconds = (secondsPerLiquidity.now &- secondsPerLiquidity.then).bits(0, count: 160)
            let scaled = UInt256(UInt64(window)) &* UInt256.mask(bits: 160)
            let liquidity = try scaled.divided(by: (seconds << 32).bits(0, count: 192), .down)
            return Mean(tick: tick, liquidity: liquidity.low)
        }

        /// Σ tick · seconds over a window as a tick, rounded towards negative infinity.
        public static func meanTick(_ delta: Int64, over window: UInt32) -> Int32 {
            let seconds = Int64(max(1, window))
            let (quotient, remainder) = delta.quotientAndRemainder(dividingBy: seconds)
            // The contract casts to int24, then subtracts.
            let rounded = Int32(truncatingIfNeeded: remainder < 0 ? quotient &- 1 : quotient)
            return (rounded << 8) >> 8
        }

        /// `getQuoteAtTick`: what an amount is worth at a tick.
        ///
        /// - Parameter baseIsToken0: whether the amount is of token0 and the answer of token1.
        /// - Throws: `.overflow` outside the range of ticks, and where the answer does not fit.
        public static func quote(
            tick: Int32, amount: UInt128, baseIsToken0: Bool
        ) throws(MathError) -> UInt256 {
            let ratio = try TickMath.sqrtRatio(at: tick)
            let base = UInt256(amount)
            if ratio.high == 0 {
                let square = ratio &* ratio
                let unit = UInt256(high: 1 << 64, low: 0)
                return baseIsToken0
                    ? try UInt256.mulDiv(square, base, unit, .down) : try UInt256.mulDiv(unit, base, square, .down)
            }
            let square = try UInt256.mulDiv(ratio, ratio, UInt256(high: 0, low: 1 << 64), .down)
            let unit = UInt256(high: 1, low: 0)
            return baseIsToken0
                ? try UInt256.mulDiv(square, base, unit, .down) : try UInt256.mulDiv(unit, base, square, .down)
        }

        /// `getWeightedArithmeticMeanTick`: several pools as one, rounded towards negative infinity.
        public static func weightedMean(_ means: [(tick: Int32, weight: UInt128)]) throws(MathError) -> Int32 {
            var (numerator, weights) = (Int256.zero, UInt256.zero)
            for mean in means {
                numerator = try numerator + (try Int256(Int64(mean.tick)) * Int256(bits: UInt256(mean.weight)))
                weights = try weights + UInt256(mean.weight)
            }
            let magnitude = try numerator.magnitude.divided(by: weights, numerator.isNegative ? .up : .down)
            let tick = Int32(truncatingIfNeeded: magnitude.low)
            return numerator.isNegative ? 0 - tick : tick
        }
    }
}

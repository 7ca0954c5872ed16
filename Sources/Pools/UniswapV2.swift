public import Ethereum

/// Uniswap V2's arithmetic.
///
/// Sources: Uniswap/v2-core contracts/UniswapV2Pair.sol and libraries/UQ112x112.sol, Uniswap/v2-periphery
/// contracts/libraries/UniswapV2Library.sol and UniswapV2OracleLibrary.sol.
public enum UniswapV2 {
    /// Two reserves and what the pair keeps of a trade.
    public struct Pair: Hashable, Sendable {
        /// The reserve of token0, a `uint112`.
        public let reserve0: UInt256
        /// The reserve of token1.
        public let reserve1: UInt256
        /// The part of the input that trades: 997 of 1000, and others in forks.
        public let keptNumerator: UInt256
        /// Of how many parts.
        public let keptDenominator: UInt256

        /// Makes a pair.
        ///
        /// - Throws: `.invalidState` for empty reserves, ones above 112 bits, or a fee that is no part.
        public init(
            reserve0: UInt256, reserve1: UInt256, keptNumerator: UInt256 = 997, keptDenominator: UInt256 = 1000
        ) throws(PoolError) {
            guard !reserve0.isZero, !reserve1.isZero, max(reserve0, reserve1).significantBits <= 112 else {
                throw .invalidState("reserves \(reserve0) and \(reserve1)")
            }
            guard !keptNumerator.isZero, keptNumerator <= keptDenominator, keptDenominator.significantBits <= 32 else {
                throw .invalidState("a fee of \(keptNumerator) / \(keptDenominator)")
            }
            self.reserve0 = reserve0
            self.reserve1 = reserve1
            self.keptNumerator = keptNumerator
            self.keptDenominator = keptDenominator
        }
    }

    /// The pair's two sums of price · seconds, which wrap.
    public struct Cumulative: Hashable, Sendable {
        /// Σ UQ112.112 of token1 per token0 · seconds.
        public let price0: UInt256
        /// Σ UQ112.112 of token0 per token1 · seconds.
        public let price1: UInt256
        /// The block's time modulo 2^32 to which they reach.
        public let timestamp: UInt32

        /// Makes sums.
        public init(price0: UInt256, price1: UInt256, timestamp: UInt32) {
            self.price0 = price0
            self.price1 = price1
            self.timestamp = timestamp
        }

        /// The mean prices since earlier sums, in UQ112.112, rounded down.
        ///
        /// - Throws: `.divisionByZero` where no time passed.
        public func mean(since earlier: Cumulative) throws(MathError) -> (price0: UInt256, price1: UInt256) {
            let seconds = UInt256(UInt64(timestamp &- earlier.timestamp))
            return (
                try (price0 &- earlier.price0).divided(by: seconds, .down),
                try (price1 &- earlier.price1).divided(by: seconds, .down)
            )
        }
    }
}

extension UniswapV2.Pair {
    /// `getAmountOut`, of either token.
    public func amountOut(_ amountIn: UInt256, zeroForOne: Bool) throws(MathError) -> UInt256 {
        guard !amountIn.isZero else { throw .divisionByZero }
        let (here, there) = zeroForOne ? (reserve0, reserve1) : (reserve1, reserve0)
        let kept = try amountIn * keptNumerator
        return try (try kept * there).divided(by: try (try here * keptDenominator) + kept, .down)
    }

    /// `getAmountIn`, of either token.
    ///
    /// - Throws: `.overflow` where the pair does not hold as much.
    public func amountIn(_ amountOut: UInt256, zeroForOne: Bool) throws(MathError) -> UInt256 {
        guard !amountOut.isZero else { throw .divisionByZero }
        let (here, there) = zeroForOne ? (reserve0, reserve1) : (reserve1, reserve0)
        guard amountOut < there else { throw .overflow }
        let numerator = try (try here * amountOut) * keptDenominator
        return try (try numerator.divided(by: (there &- amountOut) &* keptNumerator, .down)) + .one
    }

    /// The pair after a swap by `getAmountOut`.
    public func swapped(_ amountIn: UInt256, zeroForOne: Bool) throws(PoolError) -> UniswapV2.Pair {
        let out = try poolMath { () throws(MathError) in try amountOut(amountIn, zeroForOne: zeroForOne) }
        return try UniswapV2.Pair(
            reserve0: zeroForOne ? reserve0 &+ amountIn : reserve0 &- out,
            reserve1: zeroForOne ? reserve1 &- out : reserve1 &+ amountIn, keptNumerator: keptNumerator,
            keptDenominator: keptDenominator)
    }

    /// The sums at a later time if nothing trades until then (`_update`, `currentCumulativePrices`).
    public func cumulative(_ last: UniswapV2.Cumulative, at time: UInt32) -> UniswapV2.Cumulative {
        let seconds = UInt256(UInt64(time &- last.timestamp))
        // UQ112x112: the reserves fit 112 bits and are not zero.
        let price0 = (reserve1 << 112).dividedOrZero(by: reserve0)
        let price1 = (reserve0 << 112).dividedOrZero(by: reserve1)
        return UniswapV2.Cumulative(
            price0: last.price0 &+ price0 &* seconds, price1: last.price1 &+ price1 &* seconds, timestamp: time)
    }
}

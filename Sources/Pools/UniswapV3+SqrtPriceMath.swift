public import Ethereum

extension UniswapV3 {
    /// Amounts between prices, and prices after amounts.
    ///
    /// Source: Uniswap/v3-core contracts/libraries/SqrtPriceMath.sol@d8b1c635. `.overflow` stands for its `require`s.
    public enum SqrtPriceMath {
        static let q96 = UInt256(high: 0, low: 1 << 96)

        /// `getNextSqrtPriceFromAmount0RoundingUp`.
        static func nextFromAmount0(
            _ price: UInt256, _ liquidity: UInt128, _ amount: UInt256, adding: Bool
        ) throws(MathError) -> UInt256 {
            guard !amount.isZero else { return price }
            let numerator = UInt256(liquidity) << 96
            let (product, overflow) = amount.multipliedReportingOverflow(by: price)
            if adding {
                if !overflow {
                    let denominator = numerator &+ product
                    if denominator >= numerator { return try UInt256.mulDiv(numerator, price, denominator, .up) }
                }
                return try numerator.divided(by: try numerator.divided(by: price, .down) + amount, .up)
            }
            guard !overflow, numerator > product else { throw .overflow }
            let next = try UInt256.mulDiv(numerator, price, numerator &- product, .up)
            guard next.significantBits <= 160 else { throw .overflow }
            return next
        }

        /// `getNextSqrtPriceFromAmount1RoundingDown`.
        static func nextFromAmount1(
            _ price: UInt256, _ liquidity: UInt128, _ amount: UInt256, adding: Bool
        ) throws(MathError) -> UInt256 {
            // The contract's two ways to divide, by whether amount · 2^96 fits a word, give the same number.
            let quotient = try UInt256.mulDiv(amount, q96, UInt256(liquidity), adding ? .down : .up)
            if adding {
                let next = try price + quotient
                guard next.significantBits <= 160 else { throw .overflow }
                return next
            }
            guard price > quotient else { throw .overflow }
            return price &- quotient
        }

        /// `getNextSqrtPriceFromInput`.
        public static func next(
            from price: UInt256, liquidity: UInt128, input: UInt256, zeroForOne: Bool
        ) throws(MathError) -> UInt256 {
            guard !price.isZero, liquidity > 0 else { throw .overflow }
            return zeroForOne
                ? try nextFromAmount0(price, liquidity, input, adding: true)
                : try nextFromAmount1(price, liquidity, input, adding: true)
        }

        /// `getNextSqrtPriceFromOutput`.
        public static func next(
            from price: UInt256, liquidity: UInt128, output: UInt256, zeroForOne: Bool
        ) throws(MathError) -> UInt256 {
            guard !price.isZero, liquidity > 0 else { throw .overflow }
            return zeroForOne
                ? try nextFromAmount1(price, liquidity, output, adding: false)
                : try nextFromAmount0(price, liquidity, output, adding: false)
        }

        /// `getAmount0Delta`: token0 between two prices.
        public static func amount0(
            _ a: UInt256, _ b: UInt256, liquidity: UInt128, roundUp: Bool
        ) throws(MathError) -> UInt256 {
            let (lower, upper) = a < b ? (a, b) : (b, a)
            guard !lower.isZero else { throw .overflow }
            let rounding: Rounding = roundUp ? .up : .down
            let scaled = try UInt256.mulDiv(UInt256(liquidity) << 96, upper &- lower, upper, rounding)
            return try scaled.divided(by: lower, rounding)
        }

        /// `getAmount1Delta`: token1 between two prices.
        public static func amount1(
            _ a: UInt256, _ b: UInt256, liquidity: UInt128, roundUp: Bool
        ) throws(MathError) -> UInt256 {
            try UInt256.mulDiv(UInt256(liquidity), a.distance(to: b), q96, roundUp ? .up : .down)
        }
    }
}

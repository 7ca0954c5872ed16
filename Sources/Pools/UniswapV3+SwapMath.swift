public import Ethereum

extension UniswapV3 {
    /// What is left of a swap: tokens to put in, or tokens to take out.
    public enum Remaining: Hashable, Sendable {
        /// Exact input.
        case input(UInt256)
        /// Exact output.
        case output(UInt256)

        /// Whether nothing is left.
        public var isZero: Bool {
            switch self {
            case .input(let amount), .output(let amount): amount.isZero
            }
        }
    }

    /// One step of a swap.
    public struct SwapStep: Hashable, Sendable {
        /// The square root of the price after it.
        public let sqrtPrice: UInt256
        /// What went in, without the fee.
        public let amountIn: UInt256
        /// What came out.
        public let amountOut: UInt256
        /// The fee, of what went in.
        public let fee: UInt256
    }

    /// `SwapMath.computeSwapStep`: a swap within one range of liquidity, towards a price.
    ///
    /// Source: Uniswap/v3-core contracts/libraries/SwapMath.sol@d8b1c635.
    ///
    /// - Parameter fee: millionths of the input.
    public static func swapStep(
        from price: UInt256, to target: UInt256, liquidity: UInt128, remaining: Remaining, fee: UInt32
    ) throws(MathError) -> SwapStep {
        let zeroForOne = price >= target
        let pips: UInt256 = 1_000_000
        guard fee < 1_000_000 else { throw .overflow }
        let feePips = UInt256(UInt64(fee))
        func input(to next: UInt256) throws(MathError) -> UInt256 {
            zeroForOne
                ? try SqrtPriceMath.amount0(next, price, liquidity: liquidity, roundUp: true)
                : try SqrtPriceMath.amount1(price, next, liquidity: liquidity, roundUp: true)
        }
        func output(to next: UInt256) throws(MathError) -> UInt256 {
            zeroForOne
                ? try SqrtPriceMath.amount1(next, price, liquidity: liquidity, roundUp: false)
                : try SqrtPriceMath.amount0(price, next, liquidity: liquidity, roundUp: false)
        }
        switch remaining {
        case .input(let amount):
            let lessFee = try UInt256.mulDiv(amount, pips &- feePips, pips, .down)
            let needed = try input(to: target)
            let reaches = lessFee >= needed
            let next =
                reaches
                ? target
                : try SqrtPriceMath.next(from: price, liquidity: liquidity, input: lessFee, zeroForOne: zeroForOne)
            let amountIn = next == target ? needed : try input(to: next)
            let taken =
                next == target ? try UInt256.mulDiv(amountIn, feePips, pips &- feePips, .up) : amount &- amountIn
            return SwapStep(sqrtPrice: next, amountIn: amountIn, amountOut: try output(to: next), fee: taken)
        case .output(let amount):
            let available = try output(to: target)
            let next =
                amount >= available
                ? target
                : try SqrtPriceMath.next(from: price, liquidity: liquidity, output: amount, zeroForOne: zeroForOne)
            let amountIn = try input(to: next)
            let amountOut = next == target ? available : try output(to: next)
            return SwapStep(
                sqrtPrice: next, amountIn: amountIn, amountOut: min(amountOut, amount),
                fee: try UInt256.mulDiv(amountIn, feePips, pips &- feePips, .up))
        }
    }
}

public import Ethereum

extension UniswapV3.Pool {
    /// What it takes to push the price to a square root.
    ///
    /// - Throws: `.outsideWindow` where the ticks on the way were not read.
    public func cost(toSqrtPrice target: UInt256) throws(PoolError) -> ManipulationCost {
        let zeroForOne = target < sqrtPrice
        // More than any pool takes, and within the int256 of `swap`.
        let plenty = UniswapV3.Remaining.input(UInt256.mask(bits: 254))
        let there = try swap(plenty, zeroForOne: zeroForOne, limit: target)
        return ManipulationCost(
            putsInToken0: zeroForOne, capital: there.amountIn, fee: there.fee, received: there.amountOut,
            returned: try returned(there, zeroForOne: zeroForOne),
            receivedAtOldPrice: try value(of: there.amountOut, inToken0: zeroForOne),
            ticksCrossed: there.ticksCrossed, liquidityEnds: there.metNoLiquidity)
    }

    /// What it takes to push the tick to a tick: to the price at which that tick begins or, downwards, ends.
    public func cost(toTick target: Int32) throws(PoolError) -> ManipulationCost {
        try cost(toSqrtPrice: try poolMath { () throws(MathError) in try UniswapV3.TickMath.sqrtRatio(at: target) })
    }

    /// What it takes to shift the mean tick of a window by holding another tick for some blocks.
    ///
    /// The mean moves by `shift` where `held · displacement ≥ window · shift`: a geometric mean multiplies by
    /// q^(m/n) (euler-xyz/uni-v3-twap-manipulation cost-of-attack.tex@a3cdf93).
    ///
    /// - Throws: `.unreachable` where no tick is far enough.
    public func cost(
        toShiftMeanTickBy shift: Int32, _ plan: HoldingPlan
    ) throws(PoolError) -> HeldManipulationCost {
        let held = Int64(plan.heldSeconds)
        let needed = (Int64(shift.magnitude) * Int64(plan.window) + held - 1) / held
        let tick = Int64(self.tick) + (shift < 0 ? 0 - needed : needed)
        guard shift != 0, tick.magnitude < UInt64(UniswapV3.TickMath.maximumTick) else {
            throw .unreachable("no tick is far enough to shift the mean by \(shift)")
        }
        return HeldManipulationCost(
            displacement: try cost(toTick: Int32(tick)), blocks: plan.blocks, tick: Int32(tick))
    }

    /// What comes back when all that came out is put in again.
    private func returned(_ swap: UniswapV3.Swap, zeroForOne: Bool) throws(PoolError) -> UInt256 {
        guard !swap.amountOut.isZero else { return .zero }
        return try swap.pool.swap(.input(swap.amountOut), zeroForOne: !zeroForOne, limit: sqrtPrice).amountOut
    }

    /// What an amount of the token that came out is worth in the one that went in, at this price.
    private func value(of amount: UInt256, inToken0: Bool) throws(PoolError) -> UInt256 {
        let price = sqrtPrice
        let unit = UniswapV3.SqrtPriceMath.q96
        return try poolMath { () throws(MathError) in
            inToken0
                ? try UInt256.mulDiv(try UInt256.mulDiv(amount, unit, price, .down), unit, price, .down)
                : try UInt256.mulDiv(try UInt256.mulDiv(amount, price, unit, .down), price, unit, .down)
        }
    }
}

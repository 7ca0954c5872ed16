public import Ethereum

extension UniswapV2.Pair {
    /// What it takes to push the price, reserve1 / reserve0, to at least (or downwards at most) `numerator` /
    /// `denominator`: the smallest input that does.
    ///
    /// - Throws: `.unreachable` where the reserves would leave their 112 bits.
    public func cost(
        toPrice numerator: UInt256, over denominator: UInt256
    ) throws(PoolError) -> ManipulationCost {
        guard !numerator.isZero, !denominator.isZero else { throw .unreachable("a price of zero or of infinity") }
        let zeroForOne = compare(numerator, denominator) > 0
        let most = UInt256.mask(bits: 112) &- (zeroForOne ? reserve0 : reserve1)
        var (low, high) = (UInt256.one, most)
        guard !most.isZero, try reaches(most, zeroForOne: zeroForOne, numerator, denominator) else {
            throw .unreachable("the reserves do not reach the price")
        }
        while low < high {
            let middle = low &+ ((high &- low) >> 1)
            if try reaches(middle, zeroForOne: zeroForOne, numerator, denominator) {
                high = middle
            } else {
                low = middle &+ .one
            }
        }
        return try cost(of: low, zeroForOne: zeroForOne)
    }

    /// The price that has to be held for a part of a window so that its arithmetic mean is `numerator` / `denominator`
    /// where it else were today's: p + (target − p) · window / held, in UQ112.112, rounded away from p.
    public func displacedPrice(
        meaning target: UInt256, _ plan: HoldingPlan
    ) throws(PoolError) -> UInt256 {
        let price = (reserve1 << 112).dividedOrZero(by: reserve0)
        let (window, held) = (UInt256(UInt64(plan.window)), UInt256(UInt64(plan.heldSeconds)))
        return try poolMath { () throws(MathError) in
            let shift = try UInt256.mulDiv(price.distance(to: target), window, held, .up)
            return target > price ? try price + shift : try price - shift
        }
    }

    /// What it takes to make the arithmetic mean of a window a price in UQ112.112, by holding another one for some
    /// blocks.
    public func cost(
        toMean target: UInt256, _ plan: HoldingPlan
    ) throws(PoolError) -> HeldManipulationCost {
        let price = try displacedPrice(meaning: target, plan)
        return HeldManipulationCost(
            displacement: try cost(toPrice: price, over: UInt256.one << 112), blocks: plan.blocks, tick: nil)
    }

    private func cost(of amount: UInt256, zeroForOne: Bool) throws(PoolError) -> ManipulationCost {
        let there = try swapped(amount, zeroForOne: zeroForOne)
        let received = zeroForOne ? reserve1 &- there.reserve1 : reserve0 &- there.reserve0
        let (here, other) = zeroForOne ? (reserve0, reserve1) : (reserve1, reserve0)
        let (kept, whole) = (keptNumerator, keptDenominator)
        return try poolMath { () throws(MathError) in
            ManipulationCost(
                putsInToken0: zeroForOne, capital: amount,
                fee: try UInt256.mulDiv(amount, whole &- kept, whole, .up), received: received,
                returned: received.isZero ? .zero : try there.amountOut(received, zeroForOne: !zeroForOne),
                receivedAtOldPrice: try UInt256.mulDiv(received, here, other, .down), ticksCrossed: 0,
                liquidityEnds: false)
        }
    }

    private func reaches(
        _ amount: UInt256, zeroForOne: Bool, _ numerator: UInt256, _ denominator: UInt256
    ) throws(PoolError) -> Bool {
        let there = try swapped(amount, zeroForOne: zeroForOne)
        let order = there.compare(numerator, denominator)
        return zeroForOne ? order <= 0 : order >= 0
    }

    /// −1, 0 or 1: the pair's price against another, exactly; 1 where the pair's is higher.
    private func compare(_ numerator: UInt256, _ denominator: UInt256) -> Int {
        let mine = reserve1.multipliedFullWidth(by: denominator)
        let other = numerator.multipliedFullWidth(by: reserve0)
        if mine.high == other.high && mine.low == other.low { return 0 }
        let isBelow = mine.high == other.high ? mine.low < other.low : mine.high < other.high
        return isBelow ? -1 : 1
    }
}

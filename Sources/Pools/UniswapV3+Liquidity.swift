import Ethereum

extension UniswapV3.Pool {
    /// Adds liquidity to a range, or takes it out where it is negative; fees and owners are no matter of it.
    ///
    /// - Parameter gross: how much liquidity refers to each tick of the pool, which decides when one is initialised.
    /// - Throws: `.math` where liquidity leaves its range.
    public mutating func changeLiquidity(
        _ delta: Int128, from lower: Int32, to upper: Int32, gross: inout [Int32: UInt128]
    ) throws(PoolError) {
        guard lower < upper, lower.isMultiple(of: ticks.spacing), upper.isMultiple(of: ticks.spacing) else {
            throw .invalidState("range \(lower)..<\(upper)")
        }
        for (tick, sign) in [(lower, Int128(1)), (upper, Int128(-1))] {
            let (sum, overflow) = Self.adding(delta, to: gross[tick] ?? 0)
            guard !overflow else { throw .math(.overflow) }
            gross[tick] = sum == 0 ? nil : sum
            if sum == 0 {
                ticks.clear(tick)
            } else {
                ticks.initialise(tick, net: (ticks.net[tick] ?? 0) + sign * delta)
            }
        }
        if lower <= tick && tick < upper {
            let (sum, overflow) = Self.adding(delta, to: liquidity)
            guard !overflow else { throw .math(.overflow) }
            liquidity = sum
        }
    }

    private static func adding(_ delta: Int128, to value: UInt128) -> (UInt128, Bool) {
        let (sum, overflow) =
            delta < 0
            ? value.subtractingReportingOverflow(delta.magnitude) : value.addingReportingOverflow(delta.magnitude)
        return (sum, overflow)
    }
}

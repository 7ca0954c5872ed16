public import Ethereum

extension CompoundV3 {
    /// Exact arithmetic of the contracts: one function for one of theirs, throwing exactly where they revert.
    ///
    /// Source: compound-finance/comet contracts/CometCore.sol, CometMath.sol, CometWithExtendedAssetList.sol@d5a30b0a.
    public enum Math {
        /// `BASE_INDEX_SCALE`.
        public static let indexScale: UInt256 = 1_000_000_000_000_000
        /// `FACTOR_SCALE`.
        public static var factorScale: UInt256 { .wad }
        /// The largest 64-bit number: indexes and rates.
        static let most64 = UInt256(UInt64.max)
        /// The largest signed 104-bit number: principals.
        static let most104 = UInt256.mask(bits: 103)
    }
}

extension CompoundV3.Math {
    /// `mulFactor`: down.
    public static func mulFactor(_ n: UInt256, _ factor: UInt256) throws(MathError) -> UInt256 {
        try (n * factor).divided(by: factorScale, .down)
    }

    /// `mulPrice`: down.
    public static func mulPrice(_ n: UInt256, _ price: UInt256, scale: UInt256) throws(MathError) -> UInt256 {
        try (n * price).divided(by: scale, .down)
    }

    /// `signedMulPrice`: towards zero.
    public static func signedMulPrice(_ n: Int256, _ price: UInt256, scale: UInt256) throws(MathError) -> Int256 {
        let product = try n * signed(price)
        return try signed(product.magnitude.divided(by: scale, .down), isNegative: product.isNegative)
    }

    /// `divPrice`: down.
    public static func divPrice(_ n: UInt256, _ price: UInt256, scale: UInt256) throws(MathError) -> UInt256 {
        try (n * scale).divided(by: price, .down)
    }

    /// `presentValueSupply` and `presentValueBorrow`: a principal's magnitude as an amount, down on both sides.
    public static func presentValue(_ principal: UInt256, index: UInt256) throws(MathError) -> UInt256 {
        try (principal * index).divided(by: indexScale, .down)
    }

    /// `presentValue`: what an account has, negative where it owes.
    public static func presentValue(
        _ principal: Int256, _ totals: CompoundV3.Totals
    ) throws(MathError) -> Int256 {
        let index = principal.isNegative ? totals.baseBorrowIndex : totals.baseSupplyIndex
        return try signed(presentValue(principal.magnitude, index: index), isNegative: principal.isNegative)
    }

    /// `principalValue`: supplies down, debts up; both against the account.
    public static func principalValue(
        _ value: Int256, _ totals: CompoundV3.Totals
    ) throws(MathError) -> Int256 {
        let scaled = try value.magnitude * indexScale
        let principal =
            try value.isNegative
            ? (scaled + totals.baseBorrowIndex - 1).divided(by: totals.baseBorrowIndex, .down)
            : scaled.divided(by: totals.baseSupplyIndex, .down)
        guard principal <= most104 else { throw .overflow }
        return try signed(principal, isNegative: value.isNegative)
    }

    /// `signed256` with a sign.
    static func signed(_ magnitude: UInt256, isNegative: Bool = false) throws(MathError) -> Int256 {
        guard let value = Int256(isNegative: isNegative, magnitude: magnitude) else { throw .overflow }
        return value
    }

    private static func safe64(_ n: UInt256) throws(MathError) -> UInt256 {
        guard n <= most64 else { throw .overflow }
        return n
    }
}

extension CompoundV3.Math {
    /// `getUtilization`: from stored indexes, 1e18.
    public static func utilization(_ totals: CompoundV3.Totals) throws(MathError) -> UInt256 {
        let supply = try presentValue(totals.totalSupplyBase, index: totals.baseSupplyIndex)
        let borrow = try presentValue(totals.totalBorrowBase, index: totals.baseBorrowIndex)
        return supply.isZero ? .zero : try (borrow * factorScale).divided(by: supply, .down)
    }

    /// `getSupplyRate` and `getBorrowRate`: a second, 1e18; each product rounded down.
    public static func rate(_ curve: CompoundV3.Curve, at utilization: UInt256) throws(MathError) -> UInt256 {
        if utilization <= curve.kink {
            return try safe64(curve.base + mulFactor(curve.slopeLow, utilization))
        }
        return try safe64(
            curve.base + mulFactor(curve.slopeLow, curve.kink)
                + mulFactor(curve.slopeHigh, utilization - curve.kink))
    }

    /// The two rates that run since the last accrual.
    ///
    /// - Parameter baseBalance: base tokens that the Comet holds; only the service patch looks at them.
    public static func rates(
        _ totals: CompoundV3.Totals, supply: CompoundV3.Curve, borrow: CompoundV3.Curve, _ rules: CompoundV3.Rules,
        baseBalance: UInt256?
    ) throws(MathError) -> (supply: UInt256, borrow: UInt256) {
        let utilization = try utilization(totals)
        var rates = try (rate(supply, at: utilization), rate(borrow, at: utilization))
        guard rules.emptySidesRest else { return rates }
        if totals.totalSupplyBase.isZero { rates.0 = .zero }
        if totals.totalBorrowBase.isZero { rates.1 = .zero }
        if utilization.isZero, !totals.totalSupplyBase.isZero, let baseBalance,
            try presentValue(totals.totalSupplyBase, index: totals.baseSupplyIndex) >= baseBalance
        {
            rates.0 = .zero
        }
        return rates
    }

    /// `accruedInterestIndices` and `accrueInternal`: the totals with interest up to `timestamp`.
    ///
    /// - Throws: `.overflow` where the contract reverts, also for a time before the last accrual.
    public static func accrue(
        _ totals: CompoundV3.Totals, to timestamp: UInt64, rates: (supply: UInt256, borrow: UInt256),
        tracking: CompoundV3.Tracking = CompoundV3.Tracking(), baseScale: UInt256 = .one
    ) throws(MathError) -> CompoundV3.Totals {
        let elapsed = try UInt256(timestamp) - UInt256(totals.lastAccrualTime)
        guard !elapsed.isZero else { return totals }
        var accrued = totals
        accrued.baseSupplyIndex = try grown(totals.baseSupplyIndex, rates.supply, elapsed)
        accrued.baseBorrowIndex = try grown(totals.baseBorrowIndex, rates.borrow, elapsed)
        accrued.trackingSupplyIndex = try tracked(
            totals.trackingSupplyIndex, tracking.supplySpeed, totals.totalSupplyBase, elapsed, tracking, baseScale)
        accrued.trackingBorrowIndex = try tracked(
            totals.trackingBorrowIndex, tracking.borrowSpeed, totals.totalBorrowBase, elapsed, tracking, baseScale)
        accrued.lastAccrualTime = timestamp
        return accrued
    }

    private static func grown(_ index: UInt256, _ rate: UInt256, _ elapsed: UInt256) throws(MathError) -> UInt256 {
        try safe64(index + safe64(mulFactor(index, rate * elapsed)))
    }

    private static func tracked(
        _ index: UInt256, _ speed: UInt256, _ total: UInt256, _ elapsed: UInt256, _ tracking: CompoundV3.Tracking,
        _ baseScale: UInt256
    ) throws(MathError) -> UInt256 {
        guard total >= tracking.minimum else { return index }
        return try safe64(index + safe64((speed * elapsed * baseScale).divided(by: total, .down)))
    }
}

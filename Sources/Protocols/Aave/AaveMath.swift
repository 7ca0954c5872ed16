public import Ethereum

extension Aave {
    /// Exact arithmetic of the contracts: one function for one of theirs, throwing exactly where they revert.
    public enum Math {
        /// Seconds in the contract's year of 365 days.
        static let secondsPerYear: UInt256 = 31_536_000
    }
}

extension Aave.Math {
    /// `calculateLinearInterest`: how one unit of collateral grows, a ray.
    ///
    /// - Parameters:
    ///   - rate: a ray a year.
    ///   - elapsed: seconds since the index was stored.
    /// - Throws: `.overflow`.
    ///
    /// Rounding: down. Source: aave-dao/aave-v3-origin `MathUtils.sol@fd1fbd9`.
    public static func linearInterest(rate: UInt256, elapsed: UInt256) throws(MathError) -> UInt256 {
        try UInt256.ray + (rate * elapsed).divided(by: secondsPerYear, .down)
    }

    /// `calculateCompoundedInterest`: how one unit of debt grows, a ray.
    ///
    /// - Parameters:
    ///   - rate: a ray a year.
    ///   - elapsed: seconds since the index was stored; 0 yields one ray.
    /// - Throws: `.overflow`.
    public static func compoundedInterest(
        rate: UInt256, elapsed: UInt256, _ compounding: Aave.Rules.Compounding
    ) throws(MathError) -> UInt256 {
        guard !elapsed.isZero else { return .ray }
        return switch compounding {
        case .binomialPerSecond: try binomialInterestPerSecond(rate: rate, elapsed: elapsed)
        case .binomial: try binomialInterest(rate: rate, elapsed: elapsed)
        case .exponential: try exponentialInterest(rate: rate, elapsed: elapsed)
        }
    }

    /// Rounding: the rate per second down, half up in its powers, otherwise down.
    /// Source: aave/protocol-v2 `MathUtils.sol@ce53c4a8`.
    private static func binomialInterestPerSecond(rate: UInt256, elapsed: UInt256) throws(MathError) -> UInt256 {
        let less = elapsed &- .one
        let lesser = elapsed.subtractingOrZero(2)
        let perSecond = try rate.divided(by: secondsPerYear, .down)
        let square = try UInt256.rayMul(perSecond, perSecond)
        let cube = try UInt256.rayMul(square, perSecond)
        let second = try (elapsed * less * square) >> 1
        let third = try (elapsed * less * lesser * cube).divided(by: 6, .down)
        return try UInt256.ray + perSecond * elapsed + second + third
    }

    /// Rounding: half up in the powers of the rate, otherwise down.
    /// Source: aave/aave-v3-core `MathUtils.sol@782f5191`, unchanged until aave-v3-origin v3.3.0.
    private static func binomialInterest(rate: UInt256, elapsed: UInt256) throws(MathError) -> UInt256 {
        let less = elapsed &- .one
        let lesser = elapsed.subtractingOrZero(2)
        let square = try UInt256.rayMul(rate, rate).divided(by: secondsPerYear * secondsPerYear, .down)
        let cube = try UInt256.rayMul(square, rate).divided(by: secondsPerYear, .down)
        let second = try (elapsed * less * square) >> 1
        let third = try (elapsed * less * lesser * cube).divided(by: 6, .down)
        return try UInt256.ray + (rate * elapsed).divided(by: secondsPerYear, .down) + second + third
    }

    /// Rounding: half up in products of rays, otherwise down.
    ///
    /// The contract adds and multiplies here without a check, and 128 bits of rate times 64 bits of seconds cannot
    /// overflow; larger numbers cannot come from its storage and throw.
    /// Source: aave-dao/aave-v3-origin `MathUtils.sol`, v3.4.0 to fd1fbd9.
    private static func exponentialInterest(rate: UInt256, elapsed: UInt256) throws(MathError) -> UInt256 {
        let x = try (rate * elapsed).divided(by: secondsPerYear, .down)
        let cube = try UInt256.rayMul(x, x.divided(by: 6, .down))
        return try UInt256.ray + x + UInt256.rayMul(x, (x >> 1) + cube)
    }

    /// `getNormalizedIncome`: the liquidity index at a time, a ray.
    ///
    /// - Throws: `.overflow` where the contract reverts, also for a time before the last update.
    ///
    /// Source: aave-dao/aave-v3-origin `ReserveLogic.sol@fd1fbd9`, the same since aave/protocol-v2.
    public static func normalizedIncome(
        index: UInt256, rate: UInt256, updated: UInt64, at timestamp: UInt64
    ) throws(MathError) -> UInt256 {
        guard updated != timestamp else { return index }
        return try .rayMul(linearInterest(rate: rate, elapsed: UInt256(timestamp) - UInt256(updated)), index)
    }

    /// `getNormalizedDebt`: the variable borrow index at a time, a ray.
    ///
    /// - Throws: `.overflow` where the contract reverts, also for a time before the last update.
    ///
    /// Source: aave-dao/aave-v3-origin `ReserveLogic.sol@fd1fbd9`, the same since 3.0.
    public static func normalizedDebt(
        index: UInt256, rate: UInt256, updated: UInt64, at timestamp: UInt64, _ compounding: Aave.Rules.Compounding
    ) throws(MathError) -> UInt256 {
        guard updated != timestamp else { return index }
        let elapsed = try UInt256(timestamp) - UInt256(updated)
        return try .rayMul(compoundedInterest(rate: rate, elapsed: elapsed, compounding), index)
    }

    /// `StableDebtToken.balanceOf`: a debt at the account's own rate.
    ///
    /// - Throws: `.overflow` where the contract reverts.
    ///
    /// Rounding: half up. Source: aave/protocol-v2 `StableDebtToken.sol@ce53c4a8` (per second); aave/aave-v3-core
    /// `StableDebtToken.sol@782f5191`, until aave-v3-origin v3.1.0.
    public static func stableDebt(
        principal: UInt256, rate: UInt256, updated: UInt64, at timestamp: UInt64,
        _ compounding: Aave.Rules.Compounding = .binomial
    ) throws(MathError) -> UInt256 {
        guard !principal.isZero else { return .zero }
        let elapsed = try UInt256(timestamp) - UInt256(updated)
        return try .rayMul(principal, compoundedInterest(rate: rate, elapsed: elapsed, compounding))
    }

    /// What third-order interest leaves out of a stable debt that compounded all the time, at most; `.max` beyond the
    /// threefold of a year's rate, where nothing can be said.
    ///
    /// The rest of the series after x³ is below x⁴/24 · e^x, and e^x below 3 to the next whole number.
    static func thirdOrderRemainder(of amount: UInt256, rate: UInt256, elapsed: UInt256) -> UInt256 {
        do throws(MathError) {
            let x = try (rate * elapsed).divided(by: secondsPerYear, .up)
            guard x <= UInt256.ray &* 3 else { return .max }
            let fourth = try UInt256.rayMulCeil(.rayMulCeil(x, x), .rayMulCeil(x, x))
            let growth: UInt256 = x <= .ray ? 3 : x <= UInt256.ray &* 2 ? 9 : 27
            return try UInt256.rayMulCeil(amount, fourth * growth).divided(by: 24, .up)
        } catch {
            return .max
        }
    }

    /// `10 ** decimals` as the contract computes it: without a check, modulo 2^256.
    public static func assetUnit(decimals: Int) -> UInt256 {
        var unit = UInt256.one
        for _ in 0..<decimals { unit = unit &* 10 }
        return unit
    }

    /// The same, prepared to divide by.
    static func unit(decimals: Int) -> FixedDivisor {
        units.indices.contains(decimals) ? units[decimals] : FixedDivisor(assetUnit(decimals: decimals))
    }

    private static let units = (0...36).map { FixedDivisor(assetUnit(decimals: $0)) }
}

extension Aave.Math {
    /// What one account's collateral is worth, in base units: down.
    ///
    /// - Throws: `.overflow` where amount times price leaves 256 bits; `.divisionByZero`.
    @inlinable
    public static func collateralValue(
        amount: UInt256, price: UInt256, unit: FixedDivisor
    ) throws(MathError) -> UInt256 {
        try unit.quotient(of: amount * price)
    }

    /// What one account's debt is worth, in base units: down until 3.4, up from 3.5 (`mulDivCeil`).
    ///
    /// - Throws: `.overflow` where amount times price leaves 256 bits; `.divisionByZero`.
    @inlinable
    public static func debtValue(
        amount: UInt256, price: UInt256, unit: FixedDivisor, roundsUp: Bool
    ) throws(MathError) -> UInt256 {
        let product = try amount * price
        return roundsUp ? try unit.quotientUp(of: product) : try unit.quotient(of: product)
    }

    /// The health factor until 3.4, a wad: the threshold is averaged and cut to whole basis points first.
    ///
    /// - Parameters:
    ///   - adjustedCollateral: `percentMul(collateral, average threshold)`, in base units.
    ///   - debt: in base units.
    /// - Returns: below 1e18 the account can be liquidated; `.max` where there is no debt.
    /// - Throws: `.overflow` where the contract reverts.
    ///
    /// Rounding: half up. Source: aave-dao/aave-v3-origin `GenericLogic.sol`, v3.1.0 to v3.4.0.
    @inlinable
    public static func averagedHealthFactor(
        adjustedCollateral: UInt256, debt: UInt256
    ) throws(MathError) -> UInt256 {
        guard !debt.isZero else { return .max }
        return try .wadDiv(adjustedCollateral, debt)
    }

    /// The health factor that the pool's `getUserAccountData` returns, rules 3.5 to 3.7.
    ///
    /// - Parameters:
    ///   - weightedCollateral: Σ collateral · threshold, in base units · bps.
    ///   - debt: total debt, in base units.
    /// - Returns: a wad: below 1e18 the account can be liquidated. `.max` where there is no debt.
    /// - Throws: `.overflow` where the contract reverts.
    ///
    /// Rounding: half up to wad · bps, then down to wad.
    /// Source: aave-dao/aave-v3-origin `GenericLogic.sol@fd1fbd9`.
    @inlinable
    public static func summedHealthFactor(
        weightedCollateral: UInt256, debt: UInt256
    ) throws(MathError) -> UInt256 {
        guard !debt.isZero else { return .max }
        return try .percentMulFloor(.wadDiv(weightedCollateral, debt), 1)
    }

    /// `calculateAvailableBorrows`: what the account may still borrow, in base units.
    ///
    /// - Throws: `.overflow` where the contract reverts.
    ///
    /// Rounding: half up until 3.4, down from 3.5.
    @inlinable
    public static func availableBorrows(
        collateral: UInt256, debt: UInt256, ltv: UInt256, roundsDown: Bool
    ) throws(MathError) -> UInt256 {
        let most: UInt256 = roundsDown ? try .percentMulFloor(collateral, ltv) : try .percentMul(collateral, ltv)
        return most.subtractingOrZero(debt)
    }
}

public import Ethereum

extension AaveV4 {
    /// Exact arithmetic of hub and spoke: one function for one of theirs, throwing exactly where they revert.
    ///
    /// Source of everything here: aave/aave-v4 @cdacec50 (v0.5.11), `src/libraries/math/MathUtils.sol`,
    /// `src/hub/libraries/{AssetLogic,Premium,SharesMath}.sol`, `src/spoke/libraries/SpokeUtils.sol`.
    public enum Math {
        /// Seconds in the contract's year of 365 days.
        static let secondsPerYear: UInt256 = 31_536_000
        /// Shares and assets that every pool of supplies is taken to hold besides what is in it.
        static let virtualUnits: UInt256 = 1_000_000
        /// A basis point as a wad.
        static let wadsInBasisPoint: UInt256 = 100_000_000_000_000
        /// The decimal places to which every token is scaled before it is valued.
        static let wadDecimals = 18
    }
}

extension AaveV4.Math {
    /// `calculateLinearInterest`: how one unit of debt grows, a ray.
    ///
    /// - Parameters:
    ///   - rate: a ray a year, at most 96 bits.
    ///   - elapsed: seconds since the index was stored.
    /// - Throws: `.overflow`.
    ///
    /// Rounding: down.
    public static func linearInterest(rate: UInt256, elapsed: UInt256) throws(MathError) -> UInt256 {
        try (rate * elapsed).divided(by: secondsPerYear, .down) + .ray
    }

    /// `getDrawnIndex`: what one drawn share has grown to, a ray.
    ///
    /// - Parameters:
    ///   - isDrawn: whether the asset has drawn or premium shares at all; where it has none, its index stands still.
    /// - Throws: `.overflow`, also where the index was stored after `timestamp`, which the contract refuses.
    ///
    /// Rounding: up.
    public static func drawnIndex(
        stored: UInt256, rate: UInt256, updated: UInt64, at timestamp: UInt64, isDrawn: Bool
    ) throws(MathError) -> UInt256 {
        guard updated != timestamp, isDrawn else { return stored }
        guard updated < timestamp else { throw .overflow }
        return try .rayMulCeil(stored, linearInterest(rate: rate, elapsed: UInt256(timestamp - updated)))
    }

    /// `calculatePremiumRay`: premium debt in rays of the token's smallest unit, exactly.
    ///
    /// - Throws: `.overflow`, also where the offset is larger than what the shares are worth.
    public static func premiumRay(
        shares: UInt256, offset: Int256, index: UInt256
    ) throws(MathError) -> UInt256 {
        guard let worth = Int256(exactly: try shares * index), let ray = try (worth - offset).asUInt256() else {
            throw .overflow
        }
        return ray
    }

    /// `fromRayUp`: rays as whole units, up.
    public static func unitsUp(_ rays: UInt256) -> UInt256 {
        do throws(MathError) {
            return try rays.divided(by: .ray, .up)
        } catch {
            // Neither the divisor is zero nor can the quotient overflow.
            return .zero
        }
    }

    /// `toValue`: what an amount is worth, 10^26 to a unit of the oracle's currency; exact.
    ///
    /// - Throws: `.overflow`, also for more than 18 decimal places.
    public static func value(
        of amount: UInt256, price: UInt256, decimals: Int
    ) throws(MathError) -> UInt256 {
        guard (0...wadDecimals).contains(decimals) else { throw .overflow }
        return try amount * price * UInt256(10).raised(to: UInt(wadDecimals - decimals))
    }

    /// `toAssetsDown` and `toAssetsUp`: supplied shares as an amount.
    ///
    /// - Throws: `.overflow`.
    public static func assets(
        ofShares shares: UInt256, totalAssets: UInt256, totalShares: UInt256, _ rounding: Rounding = .down
    ) throws(MathError) -> UInt256 {
        try .mulDiv(shares, totalAssets + virtualUnits, totalShares + virtualUnits, rounding)
    }

    /// `toSharesDown` and `toSharesUp`: an amount as supplied shares.
    ///
    /// - Throws: `.overflow`.
    public static func shares(
        ofAssets assets: UInt256, totalAssets: UInt256, totalShares: UInt256, _ rounding: Rounding = .down
    ) throws(MathError) -> UInt256 {
        try .mulDiv(assets, totalShares + virtualUnits, totalAssets + virtualUnits, rounding)
    }

    /// The health factor of `_processUserAccountData`, a wad; `.max` without debt.
    ///
    /// - Parameters:
    ///   - weightedCollateral: Σ collateral factor · value, in values · bps.
    ///   - debtValueRay: Σ value of debt, in values · rays.
    /// - Throws: `.overflow`.
    ///
    /// Rounding: down, with a product of 512 bits. Source: `src/spoke/Spoke.sol`.
    public static func healthFactor(
        weightedCollateral: UInt256, debtValueRay: UInt256
    ) throws(MathError) -> UInt256 {
        guard !debtValueRay.isZero else { return .max }
        return try .mulDiv(weightedCollateral * wadsInBasisPoint, .ray, debtValueRay, .down)
    }
}

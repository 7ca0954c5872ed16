public import Ethereum

extension AaveV4 {
    /// One asset of a hub, as the hub stores it.
    ///
    /// Source: aave/aave-v4 `src/hub/interfaces/IHub.sol@cdacec50`, `Asset`.
    public struct HubAsset: Hashable, Sendable {
        /// Tokens that lie ready.
        public var liquidity: UInt256
        /// Fees that nobody has taken yet.
        public var realizedFees: UInt256
        /// Shares of all suppliers.
        public var addedShares: UInt256
        /// Tokens that were lent to the reinvestment controller.
        public var swept: UInt256
        /// Subtracted from what the premium shares are worth, in rays.
        public var premiumOffsetRay: Int256
        /// Shares of all drawn debt.
        public var drawnShares: UInt256
        /// Shares of all premium debt.
        public var premiumShares: UInt256
        /// The protocol's part of interest, bps.
        public var liquidityFee: UInt256
        /// What a drawn share was worth when last stored, a ray.
        public var drawnIndex: UInt256
        /// What drawn debt costs, a ray a year.
        public var drawnRate: UInt256
        /// When the index was stored, seconds since 1970.
        public var lastUpdate: UInt64
        /// Bad debt that was written off and is still counted as an asset, in rays.
        public var deficitRay: UInt256

        /// Makes an asset; an untouched one by default.
        public init(
            liquidity: UInt256 = .zero, realizedFees: UInt256 = .zero, addedShares: UInt256 = .zero,
            swept: UInt256 = .zero, premiumOffsetRay: Int256 = .zero, drawnShares: UInt256 = .zero,
            premiumShares: UInt256 = .zero, liquidityFee: UInt256 = .zero, drawnIndex: UInt256 = .ray,
            drawnRate: UInt256 = .zero, lastUpdate: UInt64 = 0, deficitRay: UInt256 = .zero
        ) {
            self.liquidity = liquidity
            self.realizedFees = realizedFees
            self.addedShares = addedShares
            self.swept = swept
            self.premiumOffsetRay = premiumOffsetRay
            self.drawnShares = drawnShares
            self.premiumShares = premiumShares
            self.liquidityFee = liquidityFee
            self.drawnIndex = drawnIndex
            self.drawnRate = drawnRate
            self.lastUpdate = lastUpdate
            self.deficitRay = deficitRay
        }
    }

    /// What one spoke holds of one asset of a hub.
    public struct SpokeShare: Hashable, Sendable {
        /// Shares of the debt drawn through the spoke.
        public var drawnShares: UInt256
        /// Shares of the premium debt of the spoke.
        public var premiumShares: UInt256
        /// Subtracted from what the premium shares are worth, in rays.
        public var premiumOffsetRay: Int256
        /// Whether the hub takes anything from the spoke at all.
        public var isActive: Bool
        /// Whether supplying, withdrawing, drawing and repaying have stopped.
        public var isHalted: Bool
    }

    /// What an account's own key says of a collateral.
    public struct DynamicConfiguration: Hashable, Sendable {
        /// The share of the value that counts, bps.
        public var collateralFactor: UInt256
        /// What a liquidator receives at most for one paid, bps including the principal.
        public var maxLiquidationBonus: UInt256
        /// The protocol's part of the bonus, bps.
        public var liquidationFee: UInt256

        /// Makes a configuration.
        public init(collateralFactor: UInt256, maxLiquidationBonus: UInt256, liquidationFee: UInt256) {
            self.collateralFactor = collateralFactor
            self.maxLiquidationBonus = maxLiquidationBonus
            self.liquidationFee = liquidationFee
        }
    }

    /// Names the configuration of one reserve under one key.
    public struct ConfigurationKey: Hashable, Comparable, Sendable {
        /// The reserve's number.
        public var reserve: Int
        /// The key.
        public var key: UInt64

        /// Names a configuration.
        public init(reserve: Int, key: UInt64) {
            self.reserve = reserve
            self.key = key
        }

        // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
        public static func < (one: Self, other: Self) -> Bool {
            (one.reserve, one.key) < (other.reserve, other.key)
        }
    }
}

extension AaveV4.HubAsset {
    /// `getDrawnIndex`: the index at a time, a ray.
    ///
    /// - Throws: where the hub reverts.
    public func drawnIndex(at timestamp: UInt64) throws(MathError) -> UInt256 {
        try AaveV4.Math.drawnIndex(
            stored: drawnIndex, rate: drawnRate, updated: lastUpdate, at: timestamp,
            isDrawn: !drawnShares.isZero || !premiumShares.isZero)
    }

    /// `totalAddedAssets`: what all supplied shares are worth at a time.
    ///
    /// - Throws: where the hub reverts.
    ///
    /// Source: aave/aave-v4 `src/hub/libraries/AssetLogic.sol@cdacec50`.
    public func totalAddedAssets(at timestamp: UInt64) throws(MathError) -> UInt256 {
        let index = try drawnIndex(at: timestamp)
        let owed = AaveV4.Math.unitsUp(try owedRay(at: index))
        return try liquidity + swept + owed - realizedFees - unrealizedFees(at: index)
    }

    /// `getUnrealizedFees`: the fee on the interest since the index was stored, down.
    public func unrealizedFees(at index: UInt256) throws(MathError) -> UInt256 {
        guard index != drawnIndex, !liquidityFee.isZero else { return .zero }
        let after = AaveV4.Math.unitsUp(try owedRay(at: index))
        let before = AaveV4.Math.unitsUp(try owedRay(at: drawnIndex))
        return try .percentMulFloor(after - before, liquidityFee)
    }

    private func owedRay(at index: UInt256) throws(MathError) -> UInt256 {
        let premium = try AaveV4.Math.premiumRay(shares: premiumShares, offset: premiumOffsetRay, index: index)
        return try drawnShares * index + premium + deficitRay
    }
}

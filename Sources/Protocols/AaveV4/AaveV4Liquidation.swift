public import Ethereum

extension AaveV4 {
    /// How a liquidation is sized; one configuration for a whole spoke.
    public struct LiquidationConfiguration: Hashable, Sendable {
        /// The health factor that a liquidation may restore, a wad of at least one.
        public var targetHealthFactor: UInt256
        /// The health factor at and below which the bonus is the largest, a wad below one.
        public var healthFactorForMaxBonus: UInt256
        /// The share of the largest bonus that is paid right below the line, bps.
        public var liquidationBonusFactor: UInt256

        /// Makes a configuration.
        public init(
            targetHealthFactor: UInt256, healthFactorForMaxBonus: UInt256, liquidationBonusFactor: UInt256
        ) {
            self.targetHealthFactor = targetHealthFactor
            self.healthFactorForMaxBonus = healthFactorForMaxBonus
            self.liquidationBonusFactor = liquidationBonusFactor
        }
    }

    /// One pair of collateral and debt of an account below the line.
    public struct LiquidationCase: Hashable, Sendable {
        /// The spoke's configuration.
        public var configuration: LiquidationConfiguration
        /// What the account's own key says of the collateral.
        public var terms: DynamicConfiguration
        /// The account's supplied shares.
        public var suppliedShares: UInt256
        /// What the hub's supplies of the collateral amount to, and their shares.
        public var pool: (assets: UInt256, shares: UInt256) {
            get { (poolAssets, poolShares) }
            set { (poolAssets, poolShares) = newValue }
        }
        private var poolAssets: UInt256
        private var poolShares: UInt256
        /// The collateral's price and decimal places.
        public var collateralPrice: UInt256
        /// The collateral's decimal places.
        public var collateralDecimals: Int
        /// The account's drawn shares.
        public var drawnShares: UInt256
        /// The account's premium debt, in rays.
        public var premiumRay: UInt256
        /// The debt's index.
        public var drawnIndex: UInt256
        /// The debt's price.
        public var debtPrice: UInt256
        /// The debt's decimal places.
        public var debtDecimals: Int
        /// All debt of the account, in values · rays.
        public var totalDebtValueRay: UInt256
        /// The account's health factor, a wad below one.
        public var healthFactor: UInt256
        /// The most that the liquidator pays, in units of the debt's token.
        public var debtToCover: UInt256

        /// Makes a case.
        public init(
            configuration: LiquidationConfiguration, terms: DynamicConfiguration, suppliedShares: UInt256,
            pool: (assets: UInt256, shares: UInt256), collateralPrice: UInt256, collateralDecimals: Int,
            drawnShares: UInt256, premiumRay: UInt256, drawnIndex: UInt256, debtPrice: UInt256, debtDecimals: Int,
            totalDebtValueRay: UInt256, healthFactor: UInt256, debtToCover: UInt256
        ) {
            self.configuration = configuration
            self.terms = terms
            self.suppliedShares = suppliedShares
            (poolAssets, poolShares) = pool
            self.collateralPrice = collateralPrice
            self.collateralDecimals = collateralDecimals
            self.drawnShares = drawnShares
            self.premiumRay = premiumRay
            self.drawnIndex = drawnIndex
            self.debtPrice = debtPrice
            self.debtDecimals = debtDecimals
            self.totalDebtValueRay = totalDebtValueRay
            self.healthFactor = healthFactor
            self.debtToCover = debtToCover
        }
    }

    /// What a liquidation moves.
    public struct LiquidationAmounts: Hashable, Sendable {
        /// Supplied shares that the account loses.
        public var collateralShares: UInt256
        /// The part of them that the liquidator gets; the rest is the protocol's fee.
        public var collateralSharesToLiquidator: UInt256
        /// Drawn shares that are repaid.
        public var drawnShares: UInt256
        /// Premium debt that is repaid, in rays.
        public var premiumRay: UInt256

        /// Makes amounts.
        public init(
            collateralShares: UInt256, collateralSharesToLiquidator: UInt256, drawnShares: UInt256,
            premiumRay: UInt256
        ) {
            self.collateralShares = collateralShares
            self.collateralSharesToLiquidator = collateralSharesToLiquidator
            self.drawnShares = drawnShares
            self.premiumRay = premiumRay
        }
    }

    /// Why a liquidation is refused.
    public enum LiquidationRefusal: Error, Hashable, Sendable {
        /// The contract reverts in its own arithmetic.
        case reverts(MathError)
        /// `MustNotLeaveDust`: the liquidator has to cover this much.
        case mustCover(UInt256)
    }
}

extension AaveV4.LiquidationConfiguration {
    /// The smallest remainder of collateral or debt that a liquidation may leave: 1,000 units of the currency.
    public static let dustThreshold: UInt256 = 100_000_000_000_000_000_000_000_000_000
    private static let whole: UInt256 = 10_000

    /// `calculateLiquidationBonus`: what a liquidator receives for one paid, bps including the principal.
    ///
    /// - Throws: `.overflow` for a health factor above one.
    ///
    /// Rounding: down. Source: aave/aave-v4 `src/spoke/libraries/LiquidationLogic.sol@cdacec50`.
    public func bonus(healthFactor: UInt256, maxBonus: UInt256) throws(MathError) -> UInt256 {
        guard healthFactor > healthFactorForMaxBonus else { return maxBonus }
        let least = try UInt256.percentMulFloor(maxBonus - Self.whole, liquidationBonusFactor) + Self.whole
        let range = try (maxBonus - least) * (UInt256.wad - healthFactor)
        return try least + range.divided(by: UInt256.wad - healthFactorForMaxBonus, .down)
    }
}

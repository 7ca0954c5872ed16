public import Ethereum

extension MorphoBlue {
    /// What one account has in one market, as the market stores it.
    public struct Holding: Hashable, Sendable {
        /// Its share of what all owe.
        public var borrowShares: UInt256
        /// Its collateral, which never grows.
        public var collateral: UInt256

        /// Makes a holding.
        public init(borrowShares: UInt256, collateral: UInt256) {
            self.borrowShares = borrowShares
            self.collateral = collateral
        }

        /// Reads the slot that holds both.
        init(slot: UInt256) {
            self.init(borrowShares: UInt256(slot.low), collateral: UInt256(slot.high))
        }

        /// The slot that holds both.
        var slot: UInt256 { borrowShares | collateral << 128 }
    }

    /// The numbers that `_isHealthy` compares, in the loan token's smallest units.
    ///
    /// Source: morpho-org/morpho-blue src/Morpho.sol `_isHealthy`@30856519.
    public struct Health: Hashable, Sendable {
        /// The collateral's value.
        public let collateralValue: UInt256
        /// How much of it a debt may be.
        public let maxBorrow: UInt256
        /// The debt, rounded up.
        public let borrowed: UInt256

        /// - Parameter totals: with interest accrued.
        /// - Throws: `.overflow` where the contract reverts.
        public init(_ holding: Holding, _ totals: Totals, price: UInt256, lltv: UInt256) throws(MathError) {
            borrowed = try Math.toAssetsUp(holding.borrowShares, totals.borrowAssets, totals.borrowShares)
            collateralValue = try Math.mulDivDown(holding.collateral, price, Math.oraclePriceScale)
            maxBorrow = try Math.wMulDown(collateralValue, lltv)
        }

        /// Whether anyone may liquidate: a debt at the line is healthy.
        public var isLiquidatable: Bool { maxBorrow < borrowed }

        /// `maxBorrow * 1e18 / borrowed`, down: below 1e18 exactly where the position can be liquidated; `.max` without
        /// debt.
        public var factor: UInt256 {
            guard !borrowed.isZero else { return .max }
            do throws(MathError) {
                return try .mulDiv(maxBorrow, .wad, borrowed, .down)
            } catch {
                return .max &- .one
            }
        }
    }

    /// The largest liquidation that the contract accepts, to the last unit.
    ///
    /// Source: morpho-org/morpho-blue src/Morpho.sol `liquidate`@30856519.
    public struct Liquidation: Hashable, Sendable {
        /// The argument that is passed; the other one is zero.
        public enum Argument: String, Hashable, Sendable {
            /// All of the debt: the collateral suffices for it.
            case repaidShares
            /// All of the collateral: what it leaves of the debt is realised as bad debt.
            case seizedAssets
        }

        /// The argument that is passed.
        public var argument: Argument
        /// Collateral that the liquidator gets.
        public var seizedAssets: UInt256
        /// Shares of the debt that are repaid.
        public var repaidShares: UInt256
        /// What that costs, in the loan token's smallest units.
        public var repaidAssets: UInt256
        /// Shares that nobody repays.
        public var badDebtShares: UInt256
        /// What suppliers lose by them.
        public var badDebtAssets: UInt256
    }
}

extension MorphoBlue.Liquidation {
    /// The largest liquidation of a holding.
    ///
    /// - Throws: `.divisionByZero` at a price of zero, unless the collateral is taken for nothing; `.overflow`.
    public init(
        of holding: MorphoBlue.Holding, _ totals: MorphoBlue.Totals, price: UInt256, factor: UInt256
    ) throws(MathError) {
        let seizable =
            price.isZero
            ? .max
            : try Self.seized(
                for: holding.borrowShares, totals.borrowAssets, totals.borrowShares, price: price, factor: factor)
        if seizable <= holding.collateral {
            try self.init(
                .repaidShares, holding.borrowShares, of: holding, totals, price: price, factor: factor)
        } else {
            try self.init(.seizedAssets, holding.collateral, of: holding, totals, price: price, factor: factor)
        }
    }

    /// The collateral that goes with shares repaid.
    ///
    /// - Throws: `.divisionByZero` at a price of zero; `.overflow`.
    static func seized(
        for shares: UInt256, _ borrowAssets: UInt256, _ borrowShares: UInt256, price: UInt256, factor: UInt256
    ) throws(MathError) -> UInt256 {
        typealias Math = MorphoBlue.Math
        return try Math.mulDivDown(
            Math.wMulDown(Math.toAssetsDown(shares, borrowAssets, borrowShares), factor), Math.oraclePriceScale, price)
    }

    /// What `liquidate` does with one argument.
    ///
    /// - Throws: `.overflow` where it takes more than there is.
    public init(
        _ argument: Argument, _ amount: UInt256, of holding: MorphoBlue.Holding, _ totals: MorphoBlue.Totals,
        price: UInt256, factor: UInt256
    ) throws(MathError) {
        typealias Math = MorphoBlue.Math
        self.argument = argument
        switch argument {
        case .repaidShares:
            repaidShares = amount
            seizedAssets = try Self.seized(
                for: amount, totals.borrowAssets, totals.borrowShares, price: price, factor: factor)
        case .seizedAssets:
            seizedAssets = amount
            let quoted = try Math.mulDivUp(amount, price, Math.oraclePriceScale)
            repaidShares = try Math.toSharesUp(
                Math.wDivUp(quoted, factor), totals.borrowAssets, totals.borrowShares)
        }
        repaidAssets = try Math.toAssetsUp(repaidShares, totals.borrowAssets, totals.borrowShares)
        let sharesLeft = try holding.borrowShares - Math.toUInt128(repaidShares)
        let assets = totals.borrowAssets.subtractingOrZero(repaidAssets)
        let shares = try totals.borrowShares - repaidShares
        let collateralLeft = try holding.collateral - Math.toUInt128(seizedAssets)
        badDebtShares = collateralLeft.isZero ? sharesLeft : .zero
        badDebtAssets =
            collateralLeft.isZero ? min(assets, try Math.toAssetsUp(badDebtShares, assets, shares)) : .zero
        guard badDebtAssets <= totals.supplyAssets else { throw .overflow }
    }
}

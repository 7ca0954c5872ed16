public import Ethereum

extension CompoundV2 {
    /// One debt with one collateral, after interest is accrued in both markets.
    public struct LiquidationCase: Hashable, Sendable {
        /// What is owed.
        public var debt: UInt256
        /// The share of it that one call may repay, 1e18; `nil` where all of it may be.
        public var closeFactor: UInt256?
        /// What the account has, in cTokens.
        public var tokens: UInt256
        /// The collateral's exchange rate.
        public var exchangeRate: UInt256
        /// The incentive with the principal, 1e18.
        public var incentive: UInt256
        /// The price of the debt.
        public var borrowedPrice: UInt256
        /// The price of the collateral's underlying.
        public var collateralPrice: UInt256
        /// The protocol's share of what is seized, 1e18.
        public var seizeShare: UInt256
        /// Whether that is a share of what the repayment alone is worth, not of the incentive too.
        public var sharesPrincipal: Bool
        /// How the contract rounds.
        public var rounding: Rounding

        /// Makes a case.
        public init(
            debt: UInt256, closeFactor: UInt256?, tokens: UInt256, exchangeRate: UInt256, incentive: UInt256,
            borrowedPrice: UInt256, collateralPrice: UInt256, seizeShare: UInt256, sharesPrincipal: Bool = false,
            rounding: Rounding = .truncating
        ) {
            self.debt = debt
            self.closeFactor = closeFactor
            self.tokens = tokens
            self.exchangeRate = exchangeRate
            self.incentive = incentive
            self.borrowedPrice = borrowedPrice
            self.collateralPrice = collateralPrice
            self.seizeShare = seizeShare
            self.sharesPrincipal = sharesPrincipal
            self.rounding = rounding
        }
    }
}

extension CompoundV2.LiquidationCase {
    /// cTokens for each smallest unit repaid, 1e18: three divisions, in the contract's order.
    ///
    /// Source: compound-finance/compound-protocol `Comptroller.liquidateCalculateSeizeTokens@a3214f6`; half up:
    /// the same function @4caf72a.
    public func ratio() throws(MathError) -> UInt256 {
        typealias Math = CompoundV2.Math
        if rounding == .halfUp {
            return try Math.div(
                Math.mulExp(incentive, borrowedPrice), Math.mulExp(collateralPrice, exchangeRate))
        }
        return try Math.div(Math.mul(incentive, borrowedPrice), Math.mul(collateralPrice, exchangeRate))
    }

    /// The largest repayment: the close factor's, and what all of the collateral pays for.
    ///
    /// Source: `Comptroller.liquidateBorrowAllowed`, `CToken.liquidateBorrowFresh@a3214f6`
    /// (`LIQUIDATE_SEIZE_TOO_MUCH`); the second is `((tokens + 1) · 1e18 − 1) / ratio`, down.
    public func most() throws(MathError) -> UInt256 {
        let closed = try closeFactor.map { factor throws(MathError) in try CompoundV2.Math.mul(factor, debt) } ?? debt
        let ratio = try ratio()
        guard !ratio.isZero else { return closed }
        let paid = try ((tokens + .one) * .wad - .one).divided(by: ratio, .down)
        return min(closed, paid)
    }

    /// cTokens that a repayment seizes, and those of them that the market keeps.
    ///
    /// Source: `CToken.seizeInternal@a3214f6`; of the principal: VenusProtocol/isolated-pools `VToken._seize@58b76f81`.
    public func seized(for repay: UInt256) throws(MathError) -> (all: UInt256, kept: UInt256) {
        let all = try CompoundV2.Math.mul(ratio(), repay)
        let share = try CompoundV2.Math.mul(all, seizeShare)
        return (all, sharesPrincipal ? try CompoundV2.Math.div(share, incentive) : share)
    }
}

extension CompoundV2.Totals {
    /// The collateral's market after tokens were seized, and the market's part of them burnt for its reserves.
    func seizing(kept: UInt256, rate: UInt256) throws(MathError) -> CompoundV2.Totals {
        var after = self
        after.reserves = try reserves + CompoundV2.Math.mul(rate, kept)
        after.supply = try supply - kept
        return after
    }

    /// A market after a debt was repaid.
    func repaying(_ amount: UInt256) throws(MathError) -> CompoundV2.Totals {
        var after = self
        after.cash = try cash + amount
        after.borrows = borrows.subtractingOrZero(amount)
        return after
    }
}

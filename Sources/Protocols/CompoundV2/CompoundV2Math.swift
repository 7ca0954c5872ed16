public import Ethereum

extension CompoundV2 {
    /// The contracts' arithmetic, under their names and with their rounding.
    ///
    /// Source: compound-finance/compound-protocol `ExponentialNoError.sol@a3214f6`, which truncates, and
    /// `Exponential.sol@4caf72a`, whose `mulExp` rounds half up. What leaves 256 bits throws: the newer code reverts
    /// there, the older one answers an error code.
    public enum Math {
        private static let one = FixedDivisor(.wad)
        private static let half = UInt256(500_000_000_000_000_000)

        /// `mul_(Exp, Exp)`, and `mul_ScalarTruncate`: `a · b / 1e18`, down.
        public static func mul(_ a: UInt256, _ b: UInt256) throws(MathError) -> UInt256 {
            try one.quotient(of: a * b)
        }

        /// `mulExp` of the older code: `(a · b + 5e17) / 1e18`, down.
        public static func mulExp(_ a: UInt256, _ b: UInt256) throws(MathError) -> UInt256 {
            try one.quotient(of: a * b + half)
        }

        /// `div_(Exp, Exp)`: `a · 1e18 / b`, down.
        public static func div(_ a: UInt256, _ b: UInt256) throws(MathError) -> UInt256 {
            try (a * .wad).divided(by: b, .down)
        }

        /// What `tokens` of a market count against debt.
        ///
        /// - Parameters:
        ///   - weight: collateral factor or liquidation threshold, 1e18.
        ///   - rate: the exchange rate.
        ///   - price: what the oracle answers, for 1e18 of the underlying's smallest units.
        ///
        /// Source: `Comptroller.getHypotheticalAccountLiquidityInternal` of each kind, see ``CompoundV2/Rounding``.
        public static func collateral(
            _ tokens: UInt256, weight: UInt256, rate: UInt256, price: UInt256, _ rounding: Rounding
        ) throws(MathError) -> UInt256 {
            let denominated =
                switch rounding {
                case .truncating: try mul(mul(weight, rate), price)
                case .halfUp: try mulExp(mulExp(weight, rate), price)
                case .weightLast: try mul(weight, mul(rate, price))
                }
            return try mul(denominated, tokens)
        }

        /// What `tokens` are worth, not weighted: `totalCollateral` of Venus' isolated pools.
        public static func value(_ tokens: UInt256, rate: UInt256, price: UInt256) throws(MathError) -> UInt256 {
            try mul(mul(rate, price), tokens)
        }

        /// What a debt has grown to: `principal · index / interestIndex`, down.
        ///
        /// Source: `CToken.borrowBalanceStoredInternal`.
        public static func borrowBalance(
            principal: UInt256, interestIndex: UInt256, index: UInt256
        ) throws(MathError) -> UInt256 {
            principal.isZero ? .zero : try (principal * index).divided(by: interestIndex, .down)
        }

        /// `(cash + borrows + badDebt − reserves) · 1e18 / supply`, down; `nil` without supply, where the market's
        /// initial rate stands.
        ///
        /// Source: `CToken.exchangeRateStoredInternal`; bad debt: VenusProtocol/isolated-pools `VToken.sol@58b76f81`.
        public static func exchangeRate(_ totals: Totals) throws(MathError) -> UInt256? {
            guard !totals.supply.isZero else { return nil }
            let assets = try totals.cash + totals.borrows + totals.badDebt - totals.reserves
            return try (assets * .wad).divided(by: totals.supply, .down)
        }

        /// The totals with interest up to `slot`, a block number or seconds since 1970, whichever the market counts in.
        ///
        /// - Throws: where the contract reverts, a slot before the last accrual included.
        ///
        /// Source: `CToken.accrueInterest`.
        public static func accrue(_ totals: Totals, rate: UInt256, to slot: UInt64) throws(MathError) -> Totals {
            guard slot != totals.slot else { return totals }
            let factor = try rate * (UInt256(slot) - UInt256(totals.slot))
            let interest = try mul(factor, totals.borrows)
            var accrued = totals
            accrued.slot = slot
            accrued.borrows = try interest + totals.borrows
            accrued.reserves = try mul(totals.reserveFactor, interest) + totals.reserves
            accrued.index = try mul(factor, totals.index) + totals.index
            return accrued
        }

        /// How many cTokens a repayment seizes, what the protocol keeps included.
        ///
        /// Source: `Comptroller.liquidateCalculateSeizeTokens`.
        public static func seizeTokens(
            repaying amount: UInt256, incentive: UInt256, borrowedPrice: UInt256, collateralPrice: UInt256,
            exchangeRate: UInt256
        ) throws(MathError) -> UInt256 {
            try mul(div(mul(incentive, borrowedPrice), mul(collateralPrice, exchangeRate)), amount)
        }

        /// What an account owes in VAI, from the stored index; a user index of zero stands for 1e18.
        ///
        /// Source: VenusProtocol/venus-protocol `VAIController.getVAIRepayAmount@ce5c8beb`.
        public static func vaiRepayAmount(
            minted: UInt256, pastInterest: UInt256, userIndex: UInt256, mintIndex: UInt256
        ) throws(MathError) -> UInt256 {
            let since = try mintIndex - (userIndex.isZero ? .wad : userIndex)
            return try minted + mul(since, minted - pastInterest)
        }
    }

    /// What a market counts as a whole, as of its last accrual.
    public struct Totals: Hashable, Sendable {
        /// Underlying that lies in the contract.
        public var cash: UInt256
        /// Underlying that is owed to it.
        public var borrows: UInt256
        /// Underlying that belongs to nobody's tokens.
        public var reserves: UInt256
        /// cTokens.
        public var supply: UInt256
        /// The multiplier of debts, 1e18 at first.
        public var index: UInt256
        /// The share of interest that goes to the reserves, 1e18.
        public var reserveFactor: UInt256
        /// Debt that was given up; only Venus' isolated pools count it.
        public var badDebt: UInt256
        /// When interest was last accrued: a block number or seconds since 1970.
        public var slot: UInt64

        /// Makes totals.
        public init(
            cash: UInt256, borrows: UInt256, reserves: UInt256, supply: UInt256, index: UInt256,
            reserveFactor: UInt256, badDebt: UInt256 = .zero, slot: UInt64
        ) {
            self.cash = cash
            self.borrows = borrows
            self.reserves = reserves
            self.supply = supply
            self.index = index
            self.reserveFactor = reserveFactor
            self.badDebt = badDebt
            self.slot = slot
        }
    }
}

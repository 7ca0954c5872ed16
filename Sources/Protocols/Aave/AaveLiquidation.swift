public import Ethereum

extension Aave {
    /// One pair of collateral and debt of an account below the line.
    public struct LiquidationCase: Hashable, Sendable {
        /// What the account has of the collateral, in its token's smallest units.
        public var collateralBalance: UInt256
        /// The collateral's price in base units.
        public var collateralPrice: UInt256
        /// The smallest units of one whole token of the collateral.
        public var collateralUnit: UInt256
        /// What the account owes of the debt, at both kinds of rates.
        public var debtBalance: UInt256
        /// The debt's price in base units.
        public var debtPrice: UInt256
        /// The smallest units of one whole token of the debt.
        public var debtUnit: UInt256
        /// Everything that the account owes, in base units.
        public var totalDebt: UInt256
        /// The account's health factor, a wad below one.
        public var healthFactor: UInt256
        /// Bonus of the collateral with the principal, bps: 10,500 is 5 %.
        public var bonus: UInt256
        /// The protocol's share of the bonus, bps.
        public var fee: UInt256

        /// Makes a case.
        public init(
            collateralBalance: UInt256, collateralPrice: UInt256, collateralUnit: UInt256, debtBalance: UInt256,
            debtPrice: UInt256, debtUnit: UInt256, totalDebt: UInt256, healthFactor: UInt256, bonus: UInt256,
            fee: UInt256
        ) {
            self.collateralBalance = collateralBalance
            self.collateralPrice = collateralPrice
            self.collateralUnit = collateralUnit
            self.debtBalance = debtBalance
            self.debtPrice = debtPrice
            self.debtUnit = debtUnit
            self.totalDebt = totalDebt
            self.healthFactor = healthFactor
            self.bonus = bonus
            self.fee = fee
        }
    }

    /// What a liquidation takes and gives.
    public struct LiquidationAmounts: Hashable, Sendable {
        /// The most of the debt that the contract lets be repaid, before the collateral's size limits it.
        public var maxRepay: UInt256
        /// What is repaid.
        public var repay: UInt256
        /// What is taken from the account, the fee included.
        public var collateral: UInt256
        /// What of that the protocol keeps.
        public var fee: UInt256
        /// Whether the contract refuses it, because something small but not nothing would be left.
        public var leavesDust: Bool
        /// What the liquidator receives.
        public var received: UInt256 { collateral.subtractingOrZero(fee) }
    }
}

extension Aave.Rules {
    /// What `liquidationCall` does when it is asked to cover `cover` of the debt, `2^256−1` for as much as it may.
    ///
    /// - Throws: where the contract reverts in its arithmetic.
    ///
    /// Source: aave/protocol-v2 `LendingPoolCollateralManager.sol@ce53c4a8`; aave/aave-v3-core `LiquidationLogic.sol`
    /// @782f5191; aave-dao/aave-v3-origin `LiquidationLogic.sol` v3.3.0 to v3.6.0 and @fd1fbd91 (3.7).
    public func liquidation(
        of case_: Aave.LiquidationCase, cover: UInt256
    ) throws(MathError) -> Aave.LiquidationAmounts {
        let most = try maxRepay(case_)
        let wanted = min(cover, most)
        var amounts = Aave.LiquidationAmounts(
            maxRepay: most, repay: wanted, collateral: try seizure(case_, for: wanted), fee: .zero, leavesDust: false)
        if amounts.collateral > case_.collateralBalance {
            amounts.collateral = case_.collateralBalance
            let need = try need(case_)
            amounts.repay = seizureRounding == .bonusFirst ? min(wanted, need) : need
        }
        amounts.fee = try fee(case_, on: amounts)
        amounts.leavesDust = try leavesDust(case_, amounts)
        return amounts
    }

    /// Base units that a pair has to be worth on both sides before half is the limit.
    private static let largeValue: UInt256 = 200_000_000_000
    /// Base units that have to be left on a side that is not cleared.
    private static let leastRest: UInt256 = 100_000_000_000
    /// The health factor, a wad, above which half is the limit.
    private static let closeFactorLine: UInt256 = 950_000_000_000_000_000

    private func maxRepay(_ case_: Aave.LiquidationCase) throws(MathError) -> UInt256 {
        let isHealthier = case_.healthFactor > Self.closeFactorLine
        switch closeFactor {
        case .half: return try .percentMul(case_.debtBalance, 5_000)
        case .halfUntilUnhealthy: return try .percentMul(case_.debtBalance, isHealthier ? 5_000 : 10_000)
        case .halfOfPosition:
            let debt = try debtValue(case_, case_.debtBalance)
            let collateral = try value(case_.collateralBalance, case_.collateralPrice, case_.collateralUnit, .down)
            guard isHealthier, collateral >= Self.largeValue, debt >= Self.largeValue else {
                return case_.debtBalance
            }
            let most = try UInt256.percentMul(case_.totalDebt, 5_000)
            guard debt > most else { return case_.debtBalance }
            return try (most * case_.debtUnit).divided(by: case_.debtPrice, .down)
        }
    }

    private func seizure(_ case_: Aave.LiquidationCase, for repay: UInt256) throws(MathError) -> UInt256 {
        let value = try case_.debtPrice * repay * case_.collateralUnit
        let divisor = try case_.collateralPrice * case_.debtUnit
        if seizureRounding == .bonusFirst {
            return try UInt256.percentMul(value, case_.bonus).divided(by: divisor, .down)
        }
        let base = try value.divided(by: divisor, .down)
        return seizureRounding == .directed
            ? try .percentMulFloor(base, case_.bonus) : try .percentMul(base, case_.bonus)
    }

    /// What has to be repaid for all of the collateral.
    private func need(_ case_: Aave.LiquidationCase) throws(MathError) -> UInt256 {
        let value = try case_.collateralPrice * case_.collateralBalance * case_.debtUnit
        let base = try value.divided(by: case_.debtPrice * case_.collateralUnit, .down)
        return switch seizureRounding {
        case .bonusFirst, .halfUp: try .percentDiv(base, case_.bonus)
        case .halfUpNeedUp, .directed: try .percentDivCeil(base, case_.bonus)
        }
    }

    private func fee(
        _ case_: Aave.LiquidationCase, on amounts: Aave.LiquidationAmounts
    ) throws(MathError) -> UInt256 {
        guard !case_.fee.isZero else { return .zero }
        switch seizureRounding {
        case .bonusFirst:
            // A fork of V2 pays a part of the bonus to somebody else: bonus · share, down.
            let value = try case_.debtPrice * amounts.repay * case_.collateralUnit
            let principal = try value.divided(by: case_.collateralPrice * case_.debtUnit, .down)
            return try .percentMulFloor(amounts.collateral.subtractingOrZero(principal), case_.fee)
        case .halfUp, .halfUpNeedUp:
            let bonus = try amounts.collateral - UInt256.percentDiv(amounts.collateral, case_.bonus)
            return try .percentMul(bonus, case_.fee)
        case .directed:
            let bonus = try amounts.collateral - UInt256.percentDivFloor(amounts.collateral, case_.bonus)
            return try .percentMulCeil(bonus, case_.fee)
        }
    }

    private func leavesDust(
        _ case_: Aave.LiquidationCase, _ amounts: Aave.LiquidationAmounts
    ) throws(MathError) -> Bool {
        guard closeFactor == .halfOfPosition, amounts.repay < case_.debtBalance,
            amounts.collateral < case_.collateralBalance
        else { return false }
        let debt = try debtValue(case_, case_.debtBalance - amounts.repay)
        let collateral = try value(
            case_.collateralBalance - amounts.collateral, case_.collateralPrice, case_.collateralUnit, .down)
        return debt < Self.leastRest || collateral < Self.leastRest
    }

    private func debtValue(_ case_: Aave.LiquidationCase, _ amount: UInt256) throws(MathError) -> UInt256 {
        try value(amount, case_.debtPrice, case_.debtUnit, roundsDebtValueUp ? .up : .down)
    }

    private func value(
        _ amount: UInt256, _ price: UInt256, _ unit: UInt256, _ rounding: Rounding
    ) throws(MathError) -> UInt256 {
        try (amount * price).divided(by: unit, rounding)
    }
}

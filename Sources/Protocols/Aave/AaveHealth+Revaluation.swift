public import Ethereum
public import Lending

extension Aave.Market {
    /// The pool's comparison at other prices, from the amounts that the position's legs state.
    ///
    /// Source: aave-dao/aave-v3-origin `GenericLogic.calculateUserAccountData`, as in ``Aave/HealthTable``.
    public func revalue(_ position: Position, at prices: [Address: UInt256]) -> Verdict? {
        guard position.match != .differs, position.hfProtocol != nil else { return nil }
        do throws(MathError) {
            return try verdict(of: position, at: prices)
        } catch {
            return nil
        }
    }

    private func verdict(of position: Position, at prices: [Address: UInt256]) throws(MathError) -> Verdict {
        var totals = Aave.AccountTotals.empty
        for leg in position.collateral where leg.enabled {
            let value = try Aave.Math.collateralValue(
                amount: leg.amount, price: prices[leg.asset] ?? leg.priceRaw, unit: leg.unit)
            try totals.collateral += value
            try totals.weightedCollateral += value * UInt256(UInt64(clamping: leg.factor ?? 0))
        }
        var last: Leg?
        var owed = UInt256.zero
        // Both kinds of debt in an asset stand side by side, and are valued together.
        for leg in position.debt {
            if let before = last, before.asset != leg.asset {
                try totals.debt += value(of: owed, before, prices)
                owed = .zero
            }
            try owed += leg.amount
            last = leg
        }
        if let last { try totals.debt += value(of: owed, last, prices) }
        if !totals.collateral.isZero {
            totals.liquidationThreshold =
                try totals.weightedCollateral.quotientAndRemainder(dividingBy: totals.collateral).quotient
        }
        let summed = rules.healthFormula == .summed
        if summed {
            totals.healthFactor = try Aave.Math.summedHealthFactor(
                weightedCollateral: totals.weightedCollateral, debt: totals.debt)
        } else if !totals.debt.isZero {
            totals.healthFactor = try Aave.Math.averagedHealthFactor(
                adjustedCollateral: .percentMul(totals.collateral, totals.liquidationThreshold), debt: totals.debt)
        }
        let compared = try state.compared(totals)
        var verdict = Verdict(
            hfNum: compared.number, hfDen: compared.debt, hfProtocol: totals.healthFactor,
            liquidatable: totals.healthFactor < .wad)
        if !summed { verdict.step = totals.liquidationThreshold }
        return verdict
    }

    private func value(
        of amount: UInt256, _ leg: Leg, _ prices: [Address: UInt256]
    ) throws(MathError) -> UInt256 {
        try Aave.Math.debtValue(
            amount: amount, price: prices[leg.asset] ?? leg.priceRaw, unit: leg.unit,
            roundsUp: rules.roundsDebtValueUp)
    }
}

extension Leg {
    fileprivate var unit: FixedDivisor { FixedDivisor(Aave.Math.assetUnit(decimals: decimals)) }
}

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
        // By index: a leg is large, and nothing of it has to be kept.
        let (collateral, debt) = (position.collateral, position.debt)
        var totals = Aave.AccountTotals.empty
        for place in collateral.indices where collateral[place].enabled {
            let value = try Aave.Math.collateralValue(
                amount: collateral[place].amount, price: prices[collateral[place].asset] ?? collateral[place].priceRaw,
                unit: collateral[place].unit)
            try totals.collateral += value
            try totals.weightedCollateral += value * UInt256(UInt64(clamping: collateral[place].factor ?? 0))
        }
        var owed = UInt256.zero
        // Both kinds of debt in an asset stand side by side, and are valued together.
        for place in debt.indices {
            try owed += debt[place].amount
            guard place + 1 == debt.count || debt[place + 1].asset != debt[place].asset else { continue }
            try totals.debt += Aave.Math.debtValue(
                amount: owed, price: prices[debt[place].asset] ?? debt[place].priceRaw, unit: debt[place].unit,
                roundsUp: rules.roundsDebtValueUp)
            owed = .zero
        }
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
}

extension Leg {
    var unit: FixedDivisor { Aave.Math.unit(decimals: decimals) }
}

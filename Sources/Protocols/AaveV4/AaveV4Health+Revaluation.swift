public import Ethereum
import JSON
public import Lending

extension AaveV4.Market {
    /// The spoke's comparison at other prices, from the amounts that the position's legs state.
    ///
    /// Source: aave/aave-v4 `src/spoke/Spoke.sol@cdacec50`, as in ``AaveV4/HealthTable``.
    public func revalue(_ position: Position, at prices: [Address: UInt256]) -> Verdict? {
        guard position.match != .differs, position.hfProtocol != nil,
            let debts = position.details["debtReserves"]?.array, debts.count == position.debt.count
        else { return nil }
        var totals = AaveV4.AccountTotals()
        do throws(MathError) {
            for leg in position.collateral where leg.enabled {
                let value = try AaveV4.Math.value(
                    of: leg.amount, price: prices[leg.asset] ?? leg.priceRaw, decimals: leg.decimals)
                try totals.collateralValue += value
                try totals.weightedCollateral += value * UInt256(UInt64(clamping: leg.factor ?? 0))
            }
            for (leg, facts) in zip(position.debt, debts) {
                guard let ray = try AaveV4.debtRay(of: leg, facts) else { return nil }
                try totals.debtValueRay += AaveV4.Math.value(
                    of: ray, price: prices[leg.asset] ?? leg.priceRaw, decimals: leg.decimals)
            }
            let health = try AaveV4.Math.healthFactor(
                weightedCollateral: totals.weightedCollateral, debtValueRay: totals.debtValueRay)
            return Verdict(
                hfNum: try AaveV4.compared(totals), hfDen: totals.debtValueRay, hfProtocol: health,
                liquidatable: health < .wad)
        } catch {
            return nil
        }
    }
}

extension AaveV4 {
    /// What a leg owes in rays, exactly; `nil` where its facts do not say.
    static func debtRay(of leg: Leg, _ facts: JSONValue) throws(MathError) -> UInt256? {
        guard let index = leg.index else { return nil }
        guard leg.kind == "premium" else { return try leg.raw * index }
        guard let offset = facts["premiumOffsetRay"]?.string.flatMap({ Int256(decimal: $0) }) else { return nil }
        return try Math.premiumRay(shares: leg.raw, offset: offset, index: index)
    }
}

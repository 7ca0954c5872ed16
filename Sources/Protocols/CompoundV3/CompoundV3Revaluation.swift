public import Ethereum
public import Lending

extension CompoundV3.Market {
    /// What `absorb` would find at other prices, with interest accrued: the comparison behind `liquidatable`.
    ///
    /// At the prices of the block it is `execution.verdict`, not the view's numbers, which leave interest out.
    public func revalue(_ position: Position, at prices: [Address: UInt256]) -> Verdict? {
        guard position.match != .differs, position.execution?.match != .differs,
            !position.unknown.contains(where: { $0.field == "collateral" || $0.field == "debt" })
        else { return nil }
        do throws(MathError) {
            var health = CompoundV3.Health(liquidity: .zero, debt: .zero, weighted: .zero, liquidatable: false)
            if let debt = position.debt.first {
                let price = prices[debt.asset] ?? debt.priceRaw
                guard !price.isZero else { return nil }
                health.debt = try CompoundV3.Math.mulPrice(debt.amount, price, scale: state.base.scale)
            }
            var weighted = UInt256.zero
            for leg in position.collateral where leg.enabled {
                guard let asset = state.assets.first(where: { $0.token == leg.asset }) else { return nil }
                let price = prices[leg.asset] ?? leg.priceRaw
                // The Comet refuses a price of zero: nothing is decided then.
                guard !price.isZero else { return nil }
                try weighted += CompoundV3.Math.mulFactor(
                    CompoundV3.Math.mulPrice(leg.amount, price, scale: asset.scale), asset.liquidateCollateralFactor)
            }
            health.weighted = weighted
            return Verdict(
                hfNum: weighted, hfDen: health.debt, hfProtocol: position.debt.isEmpty ? .max : health.factor,
                liquidatable: weighted < health.debt)
        } catch {
            return nil
        }
    }
}

import Chain
import Ethereum
public import Lending

extension CompoundV2.Market {
    /// What the positions hold; every market with decimals where there are none to look at.
    public func pricedAssets(of positions: [Position]) -> [PricedAsset] {
        guard positions.isEmpty else { return PricedAsset.of(positions) }
        return state.markets.compactMap { market in
            guard let decimals = market.decimals.value, decimals <= 36 else { return nil }
            return PricedAsset(
                asset: market.underlying, symbol: market.underlyingSymbol, decimals: decimals,
                priceRaw: market.price.value, priceScale: CompoundV2.priceScale(decimals: decimals),
                currency: state.rules.currency, source: PriceSource(.feed, state.oracle))
        }
    }
}

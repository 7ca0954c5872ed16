import Chain
import Ethereum
public import Lending

extension CompoundV3.Market {
    /// The base and every collateral, whether anybody holds it or not.
    public func pricedAssets(of positions: [Position]) -> [PricedAsset] {
        let base = state.base
        let currency = state.valueUnit.symbol
        return [
            PricedAsset(
                asset: base.token, symbol: base.symbol, decimals: base.decimals, priceRaw: base.price.value,
                priceScale: Self.priceScale, currency: currency, source: PriceSource(.feed, base.priceFeed))
        ]
            + state.assets.map { asset in
                PricedAsset(
                    asset: asset.token, symbol: asset.symbol, decimals: asset.decimals, priceRaw: asset.price.value,
                    priceScale: Self.priceScale, currency: currency, source: PriceSource(.feed, asset.priceFeed))
            }
    }
}

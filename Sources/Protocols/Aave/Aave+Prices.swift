import Chain
import Ethereum
public import Lending

extension Aave.Market {
    /// Every reserve, whether anybody holds it or not.
    public func pricedAssets(of positions: [Position]) -> [PricedAsset] {
        state.reserves.map { reserve in
            PricedAsset(
                asset: reserve.asset, symbol: reserve.symbol, decimals: reserve.configuration.decimals,
                priceRaw: reserve.price.value, priceScale: state.baseUnit, currency: state.valueUnit.symbol,
                currencyAsset: addresses.baseCurrency.isZero ? nil : addresses.baseCurrency, source: reserve.source)
        }
    }
}

import Chain
import Ethereum
public import Lending

extension AaveV4.Market {
    /// Every reserve that could be read, whether anybody holds it or not.
    public func pricedAssets(of positions: [Position]) -> [PricedAsset] {
        state.reserves.compactMap(\.value).map { reserve in
            PricedAsset(
                asset: reserve.underlying, symbol: reserve.symbol, decimals: reserve.decimals,
                priceRaw: reserve.price.value, priceScale: AaveV4.priceScale, currency: AaveV4.valueUnit.symbol,
                source: reserve.source)
        }
    }
}

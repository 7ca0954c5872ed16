import Chain
import Ethereum
import Lending

extension Aave {
    /// Where the pool's oracle takes the price of an asset from.
    ///
    /// ```
    /// getAssetPrice(a): a == BASE_CURRENCY → BASE_CURRENCY_UNIT
    ///                   no source          → fallback oracle
    ///                   source.latestAnswer() > 0 → that, otherwise the fallback oracle
    /// ```
    /// Nothing is checked for age or deviation. Source: aave-dao/aave-v3-origin `AaveOracle.sol@fd1fbd9`.
    static func priceSource(
        of asset: Address, source: Reading<Address>, contracts: Contracts
    ) -> PriceSource {
        if asset == contracts.baseCurrency { return PriceSource(.base, asset) }
        guard let source = source.value else { return PriceSource(.unknown) }
        guard !source.isZero else {
            return PriceSource(.fallback, contracts.fallbackOracle.isZero ? nil : contracts.fallbackOracle)
        }
        return PriceSource(.feed, source)
    }
}

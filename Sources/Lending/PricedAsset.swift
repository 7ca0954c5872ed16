public import Ethereum

/// An asset that a market prices, with the price that its rules use at the block it was opened at.
public struct PricedAsset: Hashable, Sendable {
    /// The token.
    public var asset: Address
    /// Its symbol; `nil` where the token names none.
    public var symbol: String?
    /// Decimal places of one whole token.
    public var decimals: Int
    /// The price of one whole token in base units; `nil` where it could not be read.
    public var priceRaw: UInt256?
    /// How many base units one unit of the currency has.
    public var priceScale: UInt256
    /// The currency that the price is stated in, such as `USD`, or the symbol of a token.
    public var currency: String
    /// The token that the price is stated in; `nil` where the currency is none.
    public var currencyAsset: Address?
    /// Which price the contract reads.
    public var source: PriceSource

    /// Makes a priced asset.
    public init(
        asset: Address, symbol: String?, decimals: Int, priceRaw: UInt256?, priceScale: UInt256, currency: String,
        currencyAsset: Address? = nil, source: PriceSource
    ) {
        self.asset = asset
        self.symbol = symbol
        self.decimals = decimals
        self.priceRaw = priceRaw
        self.priceScale = priceScale
        self.currency = currency
        self.currencyAsset = currencyAsset
        self.source = source
    }

    /// Each asset of these positions once, in the order in which their legs name them.
    public static func of(_ positions: [Position]) -> [PricedAsset] {
        var seen: Set<Address> = []
        var assets: [PricedAsset] = []
        for position in positions {
            for leg in position.collateral + position.debt where seen.insert(leg.asset).inserted {
                assets.append(
                    PricedAsset(
                        asset: leg.asset, symbol: leg.symbol, decimals: leg.decimals, priceRaw: leg.priceRaw,
                        priceScale: leg.priceScale, currency: position.valueUnit.symbol, source: leg.source))
            }
        }
        return assets
    }
}

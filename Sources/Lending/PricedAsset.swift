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

    /// Each price of these positions once, in the order in which their legs name them: an asset has several where
    /// isolated markets ask several contracts for it.
    public static func of(_ positions: [Position]) -> [PricedAsset] {
        var places: [PriceKey: Int] = [:]
        var assets: [PricedAsset] = []
        for position in positions {
            // A debt that is the currency says which token that is.
            let currency = position.debt.first { $0.source.kind == .base && $0.symbol == position.valueUnit.symbol }?
                .asset
            for leg in position.collateral + position.debt {
                let asset = PricedAsset(
                    asset: leg.asset, symbol: leg.symbol, decimals: leg.decimals, priceRaw: leg.priceRaw,
                    priceScale: leg.priceScale, currency: position.valueUnit.symbol, currencyAsset: currency,
                    source: leg.source)
                if let place = places[PriceKey(leg)] {
                    assets[place].currencyAsset = assets[place].currencyAsset ?? currency
                } else {
                    places[PriceKey(leg)] = assets.count
                    assets.append(asset)
                }
            }
        }
        return assets
    }
}

/// Which price a leg uses: the same token may have several in isolated markets.
public struct PriceKey: Hashable, Sendable {
    /// The token.
    public let asset: Address
    /// Which contract states the price.
    public let source: PriceSource
    /// Base units to a unit of the currency.
    public let scale: UInt256

    /// The price of a leg.
    public init(_ leg: Leg) {
        asset = leg.asset
        source = leg.source
        scale = leg.priceScale
    }

    /// A market's price.
    public init(_ priced: PricedAsset) {
        asset = priced.asset
        source = priced.source
        scale = priced.priceScale
    }
}

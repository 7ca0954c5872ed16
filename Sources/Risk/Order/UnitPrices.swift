import Ethereum
public import Lending

/// What units of value are worth in dollars, so that markets can be compared: for ranking only.
public struct UnitPrices: Sendable {
    /// Dollars for a whole unit, by its symbol in capitals.
    public private(set) var dollars: [String: Double]

    /// Only dollars are known.
    public init(_ dollars: [String: Double] = [:]) {
        self.dollars = dollars
        self.dollars["USD"] = 1
    }

    /// Takes prices from the legs of positions that are valued in dollars: the middle one of each symbol, so that one
    /// market with a wrong price does not carry the rest along.
    public init(from positions: [Position]) {
        var seen: [String: [Double]] = [:]
        for position in positions where position.valueUnit.symbol == "USD" {
            for leg in position.collateral + position.debt {
                guard let symbol = leg.symbol?.uppercased(), !leg.priceRaw.isZero, !leg.priceScale.isZero else {
                    continue
                }
                seen[symbol, default: []].append(leg.priceRaw.double / leg.priceScale.double)
            }
        }
        self.init(seen.mapValues(Robust.median))
        if dollars["ETH"] == nil { dollars["ETH"] = dollars["WETH"] }
        if dollars["BTC"] == nil { dollars["BTC"] = dollars["WBTC"] }
    }

    /// What a whole unit is worth; `nil` where it is not known.
    public func price(of symbol: String) -> Double? {
        let name = symbol.uppercased()
        if let known = dollars[name] { return known }
        // A dollar coin without a price of its own is taken for a dollar, a coin's wrapper for the coin.
        let facts = AssetFacts(name)
        if facts.group == "USD" { return 1 }
        return facts.group == name || facts.peg == .staked || facts.peg == .restaked ? nil : dollars[facts.group]
    }

    /// What closing a position costs, in units of value.
    func cost(in symbol: String) -> Double? { price(of: symbol).map { $0 > 0 ? RiskDefaults.closingCost / $0 : 0 } }
}

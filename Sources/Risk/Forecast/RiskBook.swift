import Ethereum
public import Lending

/// The history of one price, and where it comes from.
public struct PriceHistory: Sendable {
    /// Where the numbers come from.
    public enum Source: String, Sendable {
        /// Bars of an exchange, from a file.
        case candles
        /// Rounds of an oracle.
        case rounds
        /// What a pool said.
        case pool
        /// The prices that markets used when they were scanned.
        case scans
    }

    /// The hourly prices.
    public var series: HourlySeries
    /// Where they come from.
    public var source: Source

    /// Makes a history.
    public init(_ series: HourlySeries, _ source: Source) {
        self.series = series
        self.source = source
    }
}

/// What is known of the prices that positions hang on: volatilities and correlations, measured or chosen.
public struct RiskBook: Sendable {
    /// One thing that moves on its own: a group such as ETH, or the basis of a pegged asset.
    public struct Factor: Hashable, Sendable {
        /// Its name: `ETH`, or `WSTETH/ETH` for a basis.
        public var name: String
        /// The group.
        public var group: String
        /// How it is tied; `nil` for the group itself.
        public var peg: PeggedPair.Kind?
    }

    /// What a factor's volatility is, and where it comes from.
    struct Measure: Sendable {
        var volatility: [Horizon: Double]
        var source: String
        var count: Int
        var daily: [UInt64: Double]
    }

    private let histories: [String: PriceHistory]
    private let measures: [String: Measure]
    private var roots: PriceRoots

    /// Makes a book.
    ///
    /// - Parameters:
    ///   - histories: prices in dollars by name (`ETH`), and of pegged assets in their group by both (`WSTETH/ETH`); in
    ///     capitals.
    ///   - roots: how assets hang on roots, where it is known; symbols serve where not.
    public init(histories: [String: PriceHistory] = [:], roots: PriceRoots = PriceRoots()) {
        self.histories = histories
        self.roots = roots
        measures = histories.mapValues { history in
            let forecast = ThreeEWMA(history.series)
            var volatility: [Horizon: Double] = [:]
            for horizon in Horizon.allCases {
                if let value = forecast.volatility(horizon) { volatility[horizon] = value }
            }
            return Measure(
                volatility: volatility, source: history.source.rawValue, count: forecast.count,
                daily: history.series.dailyReturns)
        }
    }

    /// The same book for the assets of another market.
    public func with(roots: PriceRoots) -> RiskBook {
        var book = self
        book.roots = roots
        return book
    }

    /// What moves the price of a leg, with exponents. Empty where the price never moves.
    ///
    /// Roots that are known by name say what the price follows, whatever its token calls itself: wstETH on `ETH / USD` and
    /// a rate is ETH, and of its own only the basis. What has a name of nothing known is the token's own part.
    public func factors(of leg: Leg) -> [(factor: Factor, root: PriceRoot, exponent: Double)] {
        let symbol = leg.symbol ?? ""
        guard let powers = roots.powers[leg.asset] else {
            return split(symbol, PriceRoot("asset:\(leg.asset.checksummed)"), 1)
        }
        var parts: [(facts: AssetFacts, name: String, root: PriceRoot, exponent: Double)] = []
        var own: PriceRoot?
        let isKnown = AssetFacts.isKnown(symbol)
        for power in powers {
            if let name = roots.names[power.root], name.uppercased() != symbol.uppercased(),
                AssetFacts.isKnown(name) || !isKnown
            {
                parts.append((AssetFacts(name), name, power.root, Double(power.exponent)))
            } else {
                own = min(own ?? power.root, power.root)
            }
        }
        if let own {
            let facts = AssetFacts(symbol)
            guard parts.isEmpty || parts.contains(where: { $0.facts.group == facts.group }) else {
                // Quoted in something else, which stands in its history in dollars already.
                return split(symbol, own, 1)
            }
            // A coin's own rate to itself is nothing that moves.
            if parts.isEmpty || facts.peg != nil { parts.append((facts, symbol, own, 1)) }
        }
        // One root carries a group; what is pegged to it adds its basis only.
        var carried = Set(parts.lazy.filter { $0.facts.peg == nil }.map(\.facts.group))
        return parts.flatMap { part in
            split(
                part.name, part.root, part.exponent,
                basisOnly: part.facts.peg != nil && !carried.insert(part.facts.group).inserted)
        }
    }

    /// A price is its group's and, where it is pegged to it, its own basis.
    private func split(
        _ symbol: String, _ root: PriceRoot, _ exponent: Double, basisOnly: Bool = false
    ) -> [(factor: Factor, root: PriceRoot, exponent: Double)] {
        let facts = AssetFacts(symbol)
        // What has no symbol moves alone.
        let group = facts.group.isEmpty ? root.id : facts.group
        var result: [(factor: Factor, root: PriceRoot, exponent: Double)] = []
        if facts.isVolatile, !basisOnly { result.append((Factor(name: group, group: group, peg: nil), root, exponent)) }
        if let peg = facts.peg {
            let name = "\(symbol.uppercased())/\(group)"
            result.append((Factor(name: name, group: group, peg: peg), root, exponent))
        }
        return result
    }

    /// The volatility of a factor over a horizon, annualised, with its source and how many changes it is from.
    func volatility(_ factor: Factor, _ horizon: Horizon) -> (value: Double, source: String, count: Int) {
        let standard = factor.peg?.basisVolatility ?? RiskDefaults.volatility(factor.group)
        guard let measure = measures[factor.name], let own = measure.volatility[horizon] else {
            return (standard, "default", 0)
        }
        let floored = max(own, RiskDefaults.floor(factor.peg))
        guard measure.count < ThreeEWMA.warmUp else { return (floored, measure.source, measure.count) }
        // A young history is not trusted to be calm, and of an asset that is not listed nothing else is known.
        let isListed = factor.peg != nil || RiskDefaults.isListed(factor.group)
        let value = max(floored, standard) * (isListed ? 1 : RiskDefaults.novelty)
        return (value, measure.source, measure.count)
    }

    /// The correlations of factors: of groups as measured, or as chosen; a basis moves on its own.
    func correlations(_ factors: [Factor]) -> Correlations {
        let daily = factors.map { $0.peg == nil ? measures[$0.name]?.daily ?? [:] : [:] }
        return Correlations(daily: daily) { i, j in
            factors[i].peg == nil && factors[j].peg == nil
                ? RiskDefaults.correlation(factors[i].group, factors[j].group) : 0
        }
    }
}

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
    private let roots: PriceRoots

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

    /// What moves the price of a leg, with exponents. Empty where the price never moves.
    public func factors(of leg: Leg) -> [(factor: Factor, root: PriceRoot, exponent: Double)] {
        guard let powers = roots.powers[leg.asset] else {
            return split(leg.symbol ?? "", PriceRoot("asset:\(leg.asset.checksummed)"), 1)
        }
        return powers.flatMap { power in
            split(roots.names[power.root] ?? leg.symbol ?? "", power.root, Double(power.exponent))
        }
    }

    /// A price is its group's and, where it is pegged to it, its own basis.
    private func split(
        _ symbol: String, _ root: PriceRoot, _ exponent: Double
    ) -> [(factor: Factor, root: PriceRoot, exponent: Double)] {
        let facts = AssetFacts(symbol)
        // What has no symbol moves alone.
        let group = facts.group.isEmpty ? root.id : facts.group
        var result: [(factor: Factor, root: PriceRoot, exponent: Double)] = []
        if facts.isVolatile { result.append((Factor(name: group, group: group, peg: nil), root, exponent)) }
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

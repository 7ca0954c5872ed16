import Foundation

/// The table walked forward over prices that it was not made from: at each start nothing later is known.
public struct TableBacktest: Sendable {
    /// What is asked.
    public struct Options: Sendable {
        /// The moves that liquidate, as shares of the price.
        public var thresholds: [Double]
        /// How far ahead.
        public var horizon: Horizon
        /// Which part of the table, and with it which prices are watched.
        public var column: MinimumTable.Column
        /// Hours between starts.
        public var step: Int
        /// Hours before the first start.
        public var warmUp: Int

        /// The thresholds that are tried where none are named.
        public static let standardThresholds = [0.03, 0.05, 0.075, 0.10, 0.15, 0.20, 0.30]

        /// Makes options.
        public init(
            thresholds: [Double] = standardThresholds, horizon: Horizon = .day, column: MinimumTable.Column = .close,
            step: Int = 6, warmUp: Int = 8_760
        ) {
            self.thresholds = thresholds
            self.horizon = horizon
            self.column = column
            self.step = max(1, step)
            self.warmUp = max(ThreeEWMA.warmUp, warmUp)
        }
    }

    /// What came of it.
    public struct Result: Sendable {
        /// Forecasts of the table with what happened; a group is a threshold.
        public var table: [ScoredForecast] = []
        /// The same by the normal law.
        public var gaussian: [ScoredForecast] = []
        /// For each stretch of one horizon: what the table said of a move at least as large as the one that came.
        public var depths: [Double] = []
        /// Starts that were left out because an hour of their horizon is missing.
        public var missing = 0

        /// Joins results.
        public static func + (one: Result, other: Result) -> Result {
            var sum = one
            sum.table += other.table
            sum.gaussian += other.gaussian
            sum.depths += other.depths
            sum.missing += other.missing
            return sum
        }

        /// Begins with nothing.
        public init() {}
    }

    private let options: Options

    /// Makes a backtest.
    public init(_ options: Options = Options()) { self.options = options }

    /// Walks over one series; `offset` keeps its stretches of time apart from those of others.
    public func run(_ bars: HourlyBars, offset: UInt64 = 0) -> Result {
        let series = bars.series
        var result = Result()
        var forecast = ThreeEWMA()
        let ahead = options.horizon.hours
        guard series.logs.count > options.warmUp + ahead else { return result }
        for hour in 0..<(series.logs.count - ahead) {
            // The last change is taken as it came: whether it was a spike is known an hour later.
            if hour > 1, let change = series.cleaned[hour - 1] { forecast.append(change) }
            guard hour >= options.warmUp, (hour - options.warmUp).isMultiple(of: options.step),
                let now = series.logs[hour], forecast.isWarm
            else { continue }
            guard let move = worst(bars, from: hour, now) else {
                result.missing += 1
                continue
            }
            var known = forecast
            let isEcho = hour > 0 && series.cleaned[hour - 1] == nil && series.returns[hour - 1] != nil
            if !isEcho, let last = series.returns[hour] { known.append(last) }
            guard let sigma = known.volatility(options.horizon), sigma > 0 else { continue }
            let spread = sigma * options.horizon.years.squareRoot()
            let window = offset &+ UInt64((hour - options.warmUp) / ahead)
            let table = MinimumTable(options.column, options.horizon)
            for (group, threshold) in options.thresholds.enumerated() {
                let distance = options.column == .up ? log(1 + threshold) : -log(1 - threshold)
                let happened = move >= distance
                let z = distance / spread
                result.table.append(
                    ScoredForecast(table.probability(z), happened: happened, window: window, group: group))
                result.gaussian.append(
                    ScoredForecast(min(1, 2 * NormalLaw.below(-z)), happened: happened, window: window, group: group))
            }
            if (hour - options.warmUp).isMultiple(of: ahead) {
                result.depths.append(table.probability(max(0, move) / spread))
            }
        }
        return result
    }

    /// The largest adverse move within the horizon; `nil` where an hour of it is missing.
    private func worst(_ bars: HourlyBars, from hour: Int, _ now: Double) -> Double? {
        var worst = -Double.infinity
        for next in (hour + 1)...(hour + options.horizon.hours) {
            guard let close = bars.series.logs[next] else { return nil }
            switch options.column {
            case .close: worst = max(worst, now - close)
            case .low: worst = max(worst, now - min(close, bars.lows[next] ?? close))
            case .up: worst = max(worst, max(close, bars.highs[next] ?? close) - now)
            }
        }
        return worst
    }
}

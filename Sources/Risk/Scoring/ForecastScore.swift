import Foundation

/// One forecast with what then happened.
public struct ScoredForecast: Hashable, Sendable {
    /// The probability that was stated.
    public var probability: Double
    /// Whether it happened.
    public var happened: Bool
    /// Which stretch of time it belongs to: forecasts of one stretch are not independent.
    public var window: UInt64
    /// A group within which a rank is judged, such as a health factor or a threshold.
    public var group: Int

    /// Makes a scored forecast.
    public init(_ probability: Double, happened: Bool, window: UInt64, group: Int = 0) {
        self.probability = probability
        self.happened = happened
        self.window = window
        self.group = group
    }
}

/// How good probabilities were.
public struct ForecastScore: Sendable {
    /// Forecasts of nearly one probability.
    public struct Bin: Sendable {
        /// From where to where, the lower end included.
        public var from: Double
        /// Where it ends.
        public var to: Double
        /// How many forecasts, and over how many stretches of time that do not overlap.
        public var count: Int
        /// Over how many stretches of time that do not overlap.
        public var windows: Int
        /// The mean of what was stated, and how often it happened.
        public var predicted: Double
        /// How often it happened.
        public var realised: Double
        /// The 95 % interval of the frequency, as if each stretch of time were one trial.
        public var low: Double
        /// The upper end of the interval.
        public var high: Double

        /// Whether the frequency is within a factor of two of what was stated, or the interval holds it.
        public var isReliable: Bool {
            count == 0 || (realised <= 2 * predicted && 2 * realised >= predicted)
                || (low <= predicted && predicted <= high)
        }
    }

    /// Where bins begin and end.
    public static let edges = [0, 0.0001, 0.001, 0.01, 0.05, 0.20, 0.50, 1]
    /// No probability is scored as less.
    public static let clip = 1e-7

    /// How many forecasts.
    public let count: Int
    /// How often it happened.
    public let frequency: Double
    /// The bins that hold anything.
    public let bins: [Bin]
    /// The mean squared error.
    public let brier: Double
    /// That of stating each group's frequency always.
    public let climatology: Double
    /// The mean of −ln of what was stated for what happened.
    public let logScore: Double
    /// Murphy's parts of the mean squared error by bins: how far off, how well told apart, how uncertain it was.
    public let reliability: Double
    /// How well it told cases apart.
    public let resolution: Double
    /// How uncertain the outcome was.
    public let uncertainty: Double
    /// The probability that what happened was ranked above what did not, within groups; `nil` where nothing compares.
    public let rank: Double?
    /// The share that was stated below one in a thousand.
    public let sharpness: Double

    /// The gain over climatology; 0 where that cannot be beaten.
    public var skill: Double { climatology > 0 ? 1 - brier / climatology : 0 }

    /// Scores forecasts.
    public init(_ forecasts: [ScoredForecast]) {
        count = forecasts.count
        let n = Double(max(1, forecasts.count))
        let overall = Double(forecasts.count(where: \.happened)) / n
        frequency = overall
        var tallies = [Tally](repeating: Tally(), count: ForecastScore.edges.count - 1)
        var groups: [Int: (count: Int, hits: Int)] = [:]
        var squares = 0.0
        var logs = 0.0
        for forecast in forecasts {
            let outcome: Double = forecast.happened ? 1 : 0
            squares += (forecast.probability - outcome) * (forecast.probability - outcome)
            let stated = min(1 - ForecastScore.clip, max(ForecastScore.clip, forecast.probability))
            logs -= forecast.happened ? log(stated) : log(1 - stated)
            tallies[ForecastScore.bin(of: forecast.probability)].add(forecast)
            groups[forecast.group, default: (0, 0)].count += 1
            if forecast.happened { groups[forecast.group, default: (0, 0)].hits += 1 }
        }
        brier = squares / n
        logScore = logs / n
        climatology =
            groups.values.reduce(0) { sum, group in
                let share = Double(group.hits) / Double(group.count)
                return sum + Double(group.count) * share * (1 - share)
            } / n
        var parts = (reliability: 0.0, resolution: 0.0)
        bins = tallies.enumerated().compactMap { index, tally in
            guard tally.count > 0 else { return nil }
            let predicted = tally.sum / Double(tally.count)
            let realised = Double(tally.hits) / Double(tally.count)
            parts.reliability += Double(tally.count) * (predicted - realised) * (predicted - realised) / n
            parts.resolution += Double(tally.count) * (realised - overall) * (realised - overall) / n
            let (low, high) = Wilson.interval(share: realised, of: tally.windows.count)
            return Bin(
                from: ForecastScore.edges[index], to: ForecastScore.edges[index + 1], count: tally.count,
                windows: tally.windows.count, predicted: predicted, realised: realised, low: low, high: high)
        }
        reliability = parts.reliability
        resolution = parts.resolution
        uncertainty = overall * (1 - overall)
        rank = ForecastScore.rank(forecasts)
        sharpness = Double(forecasts.count { $0.probability < 0.001 }) / n
    }

    private struct Tally {
        var count = 0
        var hits = 0
        var sum = 0.0
        var windows: Set<UInt64> = []

        mutating func add(_ forecast: ScoredForecast) {
            count += 1
            hits += forecast.happened ? 1 : 0
            sum += forecast.probability
            windows.insert(forecast.window)
        }
    }

    static func bin(of probability: Double) -> Int {
        var place = 0
        for (index, edge) in edges.dropLast().enumerated() where probability >= edge { place = index }
        return place
    }

    /// The area under the curve of ranks, ties by half, over all pairs of one group.
    private static func rank(_ forecasts: [ScoredForecast]) -> Double? {
        var won = 0.0
        var pairs = 0.0
        for group in Dictionary(grouping: forecasts, by: \.group).values {
            let sorted = group.sorted { $0.probability < $1.probability }
            var misses = 0.0
            var index = 0
            while index < sorted.count {
                var end = index
                var (hits, rest) = (0.0, 0.0)
                while end < sorted.count, sorted[end].probability == sorted[index].probability {
                    if sorted[end].happened { hits += 1 } else { rest += 1 }
                    end += 1
                }
                won += hits * (misses + rest / 2)
                misses += rest
                index = end
            }
            pairs += misses * (Double(sorted.count) - misses)
        }
        return pairs > 0 ? won / pairs : nil
    }
}

/// The interval of a frequency that holds for few trials too.
///
/// Source: Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
public enum Wilson {
    /// The 95 % interval.
    public static func interval(share: Double, of count: Int) -> (low: Double, high: Double) {
        guard count > 0 else { return (0, 1) }
        let n = Double(count)
        let z = 1.959_963_984_540_054
        let middle = share + z * z / (2 * n)
        let spread = z * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        let scale = 1 + z * z / n
        return (max(0, (middle - spread) / scale), min(1, (middle + spread) / scale))
    }
}

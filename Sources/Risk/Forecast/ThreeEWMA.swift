import Foundation

/// The forecast of variance: three averages of squared hourly changes, with half-lives of 12 hours, 11.2 days and 60
/// days, mixed by horizon.
///
/// The middle one is the daily 0.94 of RiskMetrics ("Technical Document", 4th edition, 1996) taken to the hour.
public struct ThreeEWMA: Hashable, Sendable {
    /// What remains of each average after an hour.
    public static let memory = [pow(2, -1 / 12.0), pow(0.94, 1 / 24.0), pow(2, -1 / 1_440.0)]
    /// How many changes are averaged to begin with.
    public static let warmUp = 720

    private static let yearly = pow(2, -1 / 8_760.0)
    private var warming: [Double] = []
    private var averages: [Double] = []
    private var year = 0.0
    /// How many changes it has seen.
    public private(set) var count = 0

    /// Begins with nothing.
    public init() {}

    /// Takes every change of a series that is not a spike.
    public init(_ series: HourlySeries) {
        for change in series.cleaned {
            if let change { append(change) }
        }
    }

    /// Takes the next hour's change.
    public mutating func append(_ change: Double) {
        let square = change * change
        count += 1
        if averages.isEmpty {
            warming.append(square)
            guard warming.count == ThreeEWMA.warmUp else { return }
            year = warming.reduce(0, +) / Double(ThreeEWMA.warmUp)
            averages = [Double](repeating: year, count: 3)
            // The averages start at the mean and then live through what it was made of.
            let first = warming
            warming = []
            for square in first { update(square) }
            return
        }
        update(square)
    }

    private mutating func update(_ square: Double) {
        for index in 0..<3 {
            averages[index] = ThreeEWMA.memory[index] * averages[index] + (1 - ThreeEWMA.memory[index]) * square
        }
        year = ThreeEWMA.yearly * year + (1 - ThreeEWMA.yearly) * square
    }

    /// Whether it has seen enough to be used alone.
    public var isWarm: Bool { !averages.isEmpty }

    /// The volatility over a horizon, annualised, at least half of the year's; `nil` where nothing was seen.
    ///
    /// Before 720 changes it is the mean of what there is.
    public func volatility(_ horizon: Horizon) -> Double? {
        guard count > 0 else { return nil }
        guard isWarm else { return (Horizon.hoursPerYear * warming.reduce(0, +) / Double(warming.count)).squareRoot() }
        let weights = ThreeEWMA.weights(horizon)
        let mixed = zip(weights, averages).reduce(0) { $0 + $1.0 * $1.1 }
        return max((Horizon.hoursPerYear * mixed).squareRoot(), 0.5 * (Horizon.hoursPerYear * year).squareRoot())
    }

    /// How the averages are mixed.
    public static func weights(_ horizon: Horizon) -> [Double] {
        switch horizon {
        case .hour: [0.45, 0.35, 0.20]
        case .day: [0.25, 0.45, 0.30]
        case .week: [0.10, 0.40, 0.50]
        }
    }
}

/// The variance of one bar from its highest and lowest price, where only bars are to be had.
///
/// Source: Parkinson, "The extreme value method for estimating the variance of the rate of return", 1980.
public enum Parkinson {
    /// The variance over the length of the bar.
    public static func variance(high: Double, low: Double) -> Double {
        guard high > 0, low > 0, high >= low else { return 0 }
        let range = log(high / low)
        return range * range / (4 * log(2))
    }
}

import Foundation

/// How often the standardised minimum over a horizon exceeded `z`: the default for volatile prices.
///
/// For each start, the deepest fall within the horizon over the volatility forecast at the start. Its law is nearly the
/// same for all volatile assets, so one pooled table is used: 528,000 starting hours of 18 assets from 2017-08 to
/// 2023-12. Between its lines the logarithm is linear in `z`; beyond its last line a generalised Pareto tail takes over
/// where that is lower.
public struct MinimumTable: Hashable, Sendable {
    /// Which prices are watched.
    public enum Column: String, CaseIterable, Sendable {
        /// Falls, as hourly closes see them: what an oracle that aggregates posts.
        case close
        /// Falls to the lowest trade: for oracles that post spot prices, and as an upper bound.
        case low
        /// Rises to the highest trade: for positions that owe the volatile asset.
        case up
    }

    /// What no probability of this table is below.
    public static let floor = 1e-7

    /// The column.
    public let column: Column
    /// The horizon.
    public let horizon: Horizon

    /// Chooses a part of the table.
    public init(_ column: Column, _ horizon: Horizon) {
        self.column = column
        self.horizon = horizon
    }

    /// As a record names it, such as `close24h`.
    public var name: String { column.rawValue + horizon.name }

    /// The probability that the distance is used up within the horizon; 1 where `z` is not positive.
    public func probability(_ z: Double) -> Double {
        guard z > 0 else { return 1 }
        guard !z.isNaN else { return 1 }
        let values = Self.values[place]
        guard let last = Self.lines.last, let bottom = values.last else { return 1 }
        if z >= last { return max(Self.floor, z > last ? min(bottom, tail.exceeding(z)) : bottom) }
        var low = (z: 0.0, g: 1.0)
        var high = (z: last, g: bottom)
        for (line, value) in zip(Self.lines, values) {
            if line <= z { low = (line, value) }
            if line > z {
                high = (line, value)
                break
            }
        }
        let share = (z - low.z) / (high.z - low.z)
        return max(Self.floor, exp(log(low.g) + share * (log(high.g) - log(low.g))))
    }

    /// The generalised Pareto law above the 97.5 % point.
    public var tail: ParetoTail { Self.tails[place] }

    private var place: Int {
        let columns: Int =
            switch column {
            case .close: 0
            case .low: 3
            case .up: 6
            }
        let horizons: Int =
            switch horizon {
            case .hour: 0
            case .day: 1
            case .week: 2
            }
        return columns + horizons
    }
}

/// A generalised Pareto law for what exceeds the 97.5 % point.
public struct ParetoTail: Hashable, Sendable {
    /// The 97.5 % point.
    public let threshold: Double
    /// How heavy the tail is.
    public let shape: Double
    /// Its scale.
    public let scale: Double

    /// The share beyond the threshold.
    public static let share = 0.025

    /// The probability of more than `z`, which is at least the threshold.
    public func exceeding(_ z: Double) -> Double {
        guard z > threshold else { return ParetoTail.share }
        return ParetoTail.share * pow(1 + shape * (z - threshold) / scale, -1 / shape)
    }

    /// What is not exceeded with probability `level`, at least 0.975.
    public func quantile(_ level: Double) -> Double {
        threshold + scale / shape * (pow((1 - level) / ParetoTail.share, -shape) - 1)
    }

    /// The mean of what exceeds the quantile.
    public func shortfall(_ level: Double) -> Double {
        (quantile(level) + scale - shape * threshold) / (1 - shape)
    }
}

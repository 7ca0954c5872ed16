import Foundation

/// A price at a moment, as a feed, a pool or a candle says it: for statistics only.
public struct PricePoint: Hashable, Comparable, Sendable {
    /// Unix seconds.
    public var time: UInt64
    /// The price, above zero.
    public var price: Double

    /// Makes a point; `nil` where the price is not a positive number.
    public init?(time: UInt64, price: Double) {
        guard price > 0, price.isFinite else { return nil }
        self.time = time
        self.price = price
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public static func < (one: PricePoint, other: PricePoint) -> Bool {
        (one.time, one.price) < (other.time, other.price)
    }
}

/// Prices on a grid of whole hours (UTC), each the last that was seen, missing after three hours of silence.
public struct HourlySeries: Hashable, Sendable {
    /// The first hour, in hours since 1970.
    public let start: UInt64
    /// The logarithm of the price at each hour; `nil` where nothing was seen for more than three hours.
    public let logs: [Double?]
    /// The change from the hour before, where both are there.
    public let returns: [Double?]
    /// The same without spikes: what volatility is measured from.
    public let cleaned: [Double?]

    /// After how many seconds of silence a price is missing.
    public static let patience: UInt64 = 3 * 3_600
    /// The most hours that are kept, the newest: ten years.
    public static let most: UInt64 = 87_672
    /// A change is a spike beyond so many robust deviations of the 720 hours before.
    static let spike = 20.0

    /// Puts points on the grid, in whatever order they come.
    public init(_ points: [PricePoint]) {
        let points = points.sorted()
        guard let first = points.first, let last = points.last else {
            start = 0
            logs = []
            returns = []
            cleaned = []
            return
        }
        let end = last.time / 3_600
        let oldest = end >= HourlySeries.most ? end - HourlySeries.most + 1 : 0
        // The last hour is the one that its price belongs to, rounded up: nothing is carried back in time.
        let from = max(oldest, first.time / 3_600 + (first.time.isMultiple(of: 3_600) ? 0 : 1))
        let to = last.time.isMultiple(of: 3_600) ? end : end + 1
        start = from
        var logs: [Double?] = []
        var next = 0
        var hour = from
        while hour <= to {
            let now = hour * 3_600
            while next < points.count, points[next].time <= now { next += 1 }
            let seen = next > 0 ? points[next - 1] : nil
            logs.append(seen.flatMap { now - $0.time > HourlySeries.patience ? nil : log($0.price) })
            hour += 1
        }
        self.logs = logs
        let returns = logs.indices.map { index -> Double? in
            guard index > 0, let now = logs[index], let before = logs[index - 1] else { return nil }
            return now - before
        }
        self.returns = returns
        cleaned = HourlySeries.clean(returns)
    }

    /// How many changes of an hour it has.
    public var count: Int { returns.reduce(0) { $0 + ($1 == nil ? 0 : 1) } }

    /// Changes over 24 hours, day by day, by the number of the day since 1970.
    public var dailyReturns: [UInt64: Double] {
        var days: [UInt64: Double] = [:]
        var before: (day: UInt64, log: Double)?
        for (index, value) in logs.enumerated() {
            let hour = start + UInt64(index)
            guard hour.isMultiple(of: 24), let value else { continue }
            if let before, before.day + 1 == hour / 24 { days[hour / 24] = value - before.log }
            before = (hour / 24, value)
        }
        return days
    }

    /// Leaves out changes beyond 20 robust deviations that the next hour takes back by more than half, with what takes
    /// them back: a price that stays is its own second witness.
    private static func clean(_ returns: [Double?]) -> [Double?] {
        var result = returns
        var limit = Double.infinity
        var index = 0
        while index < returns.count {
            if index >= 720, index.isMultiple(of: 24) || limit == .infinity {
                let window = returns[(index - 720)..<index].compactMap(\.self)
                let deviation = Robust.deviation(window)
                limit = deviation > 0 ? spike * deviation : .infinity
            }
            if let jump = returns[index], abs(jump) > limit, index + 1 < returns.count, let back = returns[index + 1],
                back * jump < 0, abs(back) > abs(jump) / 2
            {
                result[index] = nil
                result[index + 1] = nil
                index += 2
                continue
            }
            index += 1
        }
        return result
    }
}

/// Statistics that one wrong value does not move.
enum Robust {
    static func median(_ values: [Double]) -> Double {
        guard !values.isEmpty else { return 0 }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    /// The median absolute deviation, scaled so that it is the standard deviation of a normal law.
    static func deviation(_ values: [Double]) -> Double {
        let middle = median(values)
        return 1.482_602_218_505_602 * median(values.map { abs($0 - middle) })
    }
}

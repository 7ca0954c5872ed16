import Glibc

/// Estimates that a minority of outliers cannot move. For judging only: no number of these goes back into a price.
enum Statistics {
    /// The middle value, the mean of the two middle ones where there are two; 0 of nothing.
    static func median(_ values: [Double]) -> Double {
        guard !values.isEmpty else { return 0 }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// The median absolute deviation from the median, scaled so that it is sigma for normal values.
    static func sigma(_ values: [Double]) -> Double {
        let middle = median(values)
        return 1.4826 * median(values.map { abs($0 - middle) })
    }

    /// The first place, in ascending order, where the weights up to it make up half of all: the lower weighted median.
    static func weightedMedian(_ sorted: [(value: Double, weight: Double)]) -> Int? {
        let total = sorted.reduce(0) { $0 + $1.weight }
        guard total > 0 else { return nil }
        var sum = 0.0
        for (place, item) in sorted.enumerated() {
            sum += item.weight
            // A rounding error must not decide between two equal halves.
            if 2 * sum >= total * (1 - 1e-12) { return place }
        }
        return sorted.count - 1
    }
}

/// How long an endpoint takes. Bounded, whatever is asked.
struct LatencyLog: Sendable {
    private static let samples = 500
    private static let fewest = 20
    private static let methods = 32

    private struct Ring: Sendable {
        var values: [Duration] = []
        var next = 0
        /// The 95th percentile, found again every so many samples.
        var p95: Duration?
        var stale = 0

        mutating func add(_ value: Duration) {
            if values.count < LatencyLog.samples {
                values.append(value)
            } else {
                values[next] = value
                next = (next + 1) % LatencyLog.samples
            }
            stale += 1
            guard values.count >= LatencyLog.fewest, p95 == nil || stale >= 25 else { return }
            p95 = values.sorted()[values.count * 95 / 100]
            stale = 0
        }
    }

    /// Exponentially weighted mean of all exchanges, the newest with a fifth; nil before the first.
    private(set) var mean: Duration?
    private var rings: [String: Ring] = [:]

    mutating func add(_ elapsed: Duration, method: String?) {
        mean = mean.map { $0 * 0.8 + elapsed * 0.2 } ?? elapsed
        guard let method, rings[method] != nil || rings.count < Self.methods else { return }
        rings[method, default: Ring()].add(elapsed)
    }

    /// What 95 of 100 single calls of `method` stay below; nil before 20 are known.
    func p95(_ method: String) -> Duration? { rings[method]?.p95 }
}

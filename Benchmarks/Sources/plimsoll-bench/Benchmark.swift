/// One thing that is timed: enough times in a row that the clock's own cost vanishes, and for less than a millisecond,
/// so that on a busy machine most runs end before another process takes the core.
struct Benchmark: Sendable {
    /// The group and the thing, `arithmetic/rayMul`.
    let name: String
    /// How many operations one call of `run` makes.
    let operations: Int
    /// The name of the benchmark that this one is told as a ratio of, where there is one.
    let baseline: String?
    /// Nanoseconds an operation that the house holds, where there is such a bar.
    let bar: Double?
    let run: @Sendable () -> Void

    init(
        _ name: String, operations: Int, baseline: String? = nil, bar: Double? = nil,
        run: @escaping @Sendable () -> Void
    ) {
        self.name = name
        self.operations = operations
        self.baseline = baseline
        self.bar = bar
        self.run = run
    }

    /// Nanoseconds an operation: the median of several runs, after two that only warm the caches up.
    func measure(runs: Int) -> Double {
        run()
        run()
        let clock = ContinuousClock()
        let samples = (0..<runs).map { _ in
            let elapsed = clock.measure(run).components
            return (Double(elapsed.seconds) * 1e9 + Double(elapsed.attoseconds) / 1e9) / Double(operations)
        }
        return samples.sorted()[runs / 2]
    }
}

/// Keeps a result alive, so that the optimiser cannot drop what computed it.
@inline(never)
func consume<Value>(_ value: Value) {}

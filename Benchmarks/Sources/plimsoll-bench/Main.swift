/// Prints nanoseconds per operation, the median of several runs, and ratios where one case is told in terms of another.
@main
enum Main {
    /// Every group; a new one is a file with a list, and a line here.
    static let benchmarks =
        arithmeticBenchmarks + hashingBenchmarks + textBenchmarks + signatureBenchmarks + codingBenchmarks
        + aaveBenchmarks + portfolioBenchmarks

    static func main() async throws {
        if let ingest = Ingest(CommandLine.arguments.dropFirst()) { return try await ingest.run() }
        var filter: String?
        var runs = 101
        var arguments = CommandLine.arguments.dropFirst()
        while let argument = arguments.popFirst() {
            if argument == "--runs", let count = arguments.popFirst().flatMap({ Int($0) }), count > 0 {
                runs = count
            } else if !argument.hasPrefix("-") {
                filter = argument
            } else {
                print("usage: plimsoll-bench [part of a name] [--runs <count>]")
                return
            }
        }
        var medians: [String: Double] = [:]
        for benchmark in benchmarks where filter.map({ benchmark.name.contains($0) }) ?? true {
            let median = benchmark.measure(runs: runs)
            medians[benchmark.name] = median
            var line = pad(benchmark.name, 40) + pad(rounded(median), -12) + " ns"
            if let bar = benchmark.bar {
                line += pad("bar \(rounded(bar))", -14) + (median <= bar ? "  held" : "  missed")
            }
            if let baseline = benchmark.baseline, let other = medians[baseline] {
                line += "  \(rounded(median / other)) × \(baseline)"
            }
            print(line)
        }
    }

    /// One decimal, as text.
    private static func rounded(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// Fills up with spaces, on the left where the width is negative.
    private static func pad(_ text: String, _ width: Int) -> String {
        let spaces = String(repeating: " ", count: max(0, abs(width) - text.count))
        return width < 0 ? spaces + text : text + spaces
    }
}

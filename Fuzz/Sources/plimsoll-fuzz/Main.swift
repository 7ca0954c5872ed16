/// Feeds mutated inputs to every decoder; ends with status 1 at the first that breaks a promise.
@main
enum Main {
    /// What the command line asks for.
    private struct Options {
        var iterations: UInt64 = 10_000_000
        var seed: UInt64 = 1
        var from: UInt64 = 0
        var only: String?

        init?(_ arguments: [String]) {
            var rest = arguments[...]
            while let name = rest.popFirst() {
                guard let value = rest.popFirst() else { return nil }
                let number = UInt64(value)
                switch (name, number) {
                case ("--iterations", let number?): iterations = number
                case ("--seed", let number?): seed = number
                case ("--from", let number?): from = number
                case ("--only", _): only = value
                default: return nil
                }
            }
        }
    }

    static func main() async throws {
        guard let options = Options(Array(CommandLine.arguments.dropFirst())) else {
            print(
                "usage: plimsoll-fuzz [--iterations N] [--seed S] [--from INPUT] "
                    + "[--only abi|signatures|rlp|json|hex|envelope|proof|header|receipts]"
            )
            return
        }
        CrashReport.install()
        CrashReport.limitMemory(2 << 30)
        print("seed \(options.seed), \(options.iterations) inputs from \(options.from)")
        let seed = options.seed
        let targets: [any FuzzTarget] = try [
            ABITarget(seed: seed), SignatureTarget(seed: seed), RLPTarget(seed: seed), JSONTarget(seed: seed),
            HexTarget(seed: seed),
            EnvelopeTarget(seed: seed), ProofTarget(seed: seed), HeaderTarget(seed: seed), ReceiptsTarget(seed: seed),
        ]
        let chosen = targets.filter { options.only == nil || options.only == type(of: $0).name }
        guard !chosen.isEmpty else { throw Violation("no decoder is called \(options.only ?? "")", []) }
        try await run(chosen, options)
    }

    private static func run(_ targets: [any FuzzTarget], _ options: Options) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        var accepted = [Int](repeating: 0, count: targets.count)
        var tried = accepted
        let step = max(1, options.iterations / 10)
        for count in 0..<options.iterations {
            let input = options.from + count
            CrashReport.begin(input)
            var random = FuzzRandom(seed: options.seed, input: input)
            let index = Int(input % UInt64(targets.count))
            do {
                if try await targets[index].run(&random) { accepted[index] += 1 }
            } catch {
                throw Violation("input \(input) of \(type(of: targets[index]).name): \(error)", [])
            }
            tried[index] += 1
            if (count + 1) % step == 0 { print("\(count + 1) inputs, \((clock.now - start).components.seconds) s") }
        }
        for (index, target) in targets.enumerated() {
            print("\(type(of: target).name): \(tried[index]) inputs, \(accepted[index]) accepted")
        }
        print("no crash, no broken promise; peak memory \(CrashReport.peakMemory) MiB")
    }
}

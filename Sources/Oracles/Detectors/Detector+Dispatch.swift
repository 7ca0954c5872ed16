extension Detector {
    /// What this detector sees; nothing where all is well or nothing can be said.
    public func findings(_ input: DetectorInput) -> [Finding] {
        switch self {
        case .staleness: Self.d1(input)
        case .crossSource: Self.d2(input)
        case .spotGap: Self.d3(input)
        case .bound: Self.d4(input)
        case .dispersion: Self.d5(input)
        case .attackCost: Self.d6(input)
        case .rateJump: Self.d7(input)
        case .stable: Self.d8(input)
        case .configuration: Self.d9(input)
        case .cap: Self.d10(input)
        case .sameBlock: Self.d11(input)
        case .drain: Self.d12(input)
        case .openInterest: Self.d13(input)
        case .sequencer: Self.d14(input)
        }
    }

    /// What all detectors see.
    public static func all(_ input: DetectorInput) -> [Finding] {
        allCases.flatMap { $0.findings(input) }
    }

    /// The highest severity whose limit is passed, with that limit; limits rise with the severity, from 1.
    static func severity(_ statistic: Double, _ limits: [Double]) -> (severity: Int, limit: Double)? {
        guard let place = limits.lastIndex(where: { statistic > $0 }) else { return nil }
        return (place + 1, limits[place])
    }

    /// Basis points as read by people: `-12.5 bps`, `+31 %`, `a factor of 1000`.
    static func words(bps: Double) -> String {
        let sign = bps < 0 ? "-" : "+"
        let size = abs(bps)
        if size < 1_000 { return "\(sign)\(Int(size.rounded())) bps" }
        if size < 100_000 { return "\(sign)\(Int((size / 100).rounded())) %" }
        return "a factor of about \(Int(min(size / 10_000 + 1, 1e18).rounded()))"
    }
}

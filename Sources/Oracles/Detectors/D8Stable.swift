extension Detector {
    /// D8: a price that is a constant while the market is not, and a stable away from its peg.
    static func d8(_ input: DetectorInput) -> [Finding] {
        guard let price = input.price else { return [] }
        let id = input.source.id
        if input.source.kind == .fixed {
            guard let distance = input.consensus.distance(of: price) else { return [] }
            let bps = DetectorInput.bps(distance)
            // Positive: the constant is above the market, and the market lends against nothing.
            let insolvent = input.window.profile.liquidationThresholdBps.map { Double(10_000 - $0) }
            let last = max(
                insolvent.map { $0 > 0 && $0 < 10_000 ? $0 / (1 - $0 / 10_000) : $0 }
                    ?? input.thresholds.fixedInsolvencyBps, input.thresholds.fixedBps[1])
            let size = abs(bps)
            guard let (severity, limit) = severity(size, input.thresholds.fixedBps + [last]) else { return [] }
            return [
                Finding(
                    .stable, "hardCoded", id, severity: severity, size, over: limit, "bps", .deviates,
                    "\(id) is the constant \(price), \(words(bps: bps)) from \(count(input.consensus.independent))")
            ]
        }
        guard input.window.profile.kind == .stable else { return [] }
        let away = DetectorInput.bps(price.logarithm)
        guard let (severity, limit) = severity(abs(away), input.thresholds.pegBps) else { return [] }
        return [
            Finding(
                .stable, "peg", id, severity: severity, abs(away), over: limit, "bps", .deviates,
                "\(id) answers \(price) for a stable, \(words(bps: away)) from its peg")
        ]
    }
}

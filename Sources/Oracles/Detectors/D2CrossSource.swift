extension Detector {
    /// D2: the protocol's price against independent witnesses, and a rate against the market.
    static func d2(_ input: DetectorInput) -> [Finding] {
        guard let price = input.price, let distance = input.consensus.distance(of: price) else { return [] }
        var found: [Finding] = []
        if let deviation = deviation(input, price, distance) { found.append(deviation) }
        if let rate = rate(input, distance) { found.append(rate) }
        return found
    }

    private static func deviation(_ input: DetectorInput, _ price: ExactPrice, _ distance: Double) -> Finding? {
        let consensus = input.consensus
        let bps = DetectorInput.bps(distance)
        let wide = input.widening
        // Witnesses that scatter explain a distance, but never one that is as far from the outermost of them.
        let edge = consensus.edgeBps(towards: distance)
        let limits = zip(
            Self.limits(input, sigma: consensus.spreadBps),
            Self.limits(input, sigma: input.thresholds.consensus.floorBps)
        ).map { min($0, $1 + edge) * wide }
        guard var (severity, limit) = severity(abs(bps), limits) else { return nil }
        if severity == 3, !isWitnessed(input, distance, limits[2]) { (severity, limit) = (2, limits[1]) }
        var remark = ""
        var isExplained = false
        if severity >= 2, input.source.kind.evidence == .average,
            let mean = input.history.mean(over: UInt64(max(1, input.source.window ?? 1_800)), until: input.now),
            abs(DetectorInput.bps(price.logarithm - mean)) < limits[1]
        {
            // The average is where the market was on average: it is late, nobody pushed it.
            let half = limits[2] / 2
            isExplained = abs(bps) <= half
            (severity, limit) = isExplained ? (1, limits[0]) : (2, half)
            remark = "; over its window of \(input.source.window ?? 1_800) s the market was there on average"
        }
        return Finding(
            .crossSource, "crossSource", input.source.id, severity: severity, abs(bps), over: limit, "bps", .deviates,
            "\(input.source.id) stands \(words(bps: bps)) from \(count(consensus.independent))" + remark,
            isExplained: isExplained)
    }

    /// The limits by severity before a crash widens them.
    private static func limits(_ input: DetectorInput, sigma: Double) -> [Double] {
        let threshold = input.thresholdBps + sigma
        return [
            2 * threshold, max(3 * threshold, input.thresholds.suspectBps, 4 * sigma),
            max(input.thresholds.rejectBps, 4 * threshold, 8 * sigma),
        ]
    }

    /// Whether enough witnesses speak against a price: two, in a crash three.
    ///
    /// In a crash an average that lags counts with them where it is itself so far from the price, and two are enough
    /// for twice the limit: no feed lags that far.
    private static func isWitnessed(_ input: DetectorInput, _ distance: Double, _ limit: Double) -> Bool {
        guard input.isCrash else { return input.consensus.independent >= 2 }
        guard let price = input.price else { return false }
        if input.consensus.independent >= 2, abs(DetectorInput.bps(distance)) > 2 * limit { return true }
        let late = input.consensus.rejectedAverages.count { average in
            let apart = price.logarithm - average.log
            return (apart < 0) == (distance < 0) && abs(DetectorInput.bps(apart)) > limit
        }
        return input.consensus.independent + late >= 3
    }

    static func count(_ independent: Int) -> String {
        independent == 1 ? "one independent source" : "\(independent) independent sources"
    }

    /// A rate times its base above what the market pays: a depeg that the rate cannot show.
    private static func rate(_ input: DetectorInput, _ distance: Double) -> Finding? {
        let isRate =
            input.observed.extras.rate != nil || input.source.kind.evidence == .rate || input.source.kind == .cap
        guard isRate, distance > 0 else { return nil }
        let base =
            switch input.window.profile.kind {
            case .stable: input.thresholds.stableRateBps
            case .lrt: input.thresholds.restakedRateBps
            case .major, .other, .lst, .share, .lp: input.thresholds.stakedRateBps
            }
        let bps = DetectorInput.bps(distance)
        // In a crash the base's feed lags: what is missing is not all the rate's.
        let wide = base * input.widening
        guard var (severity, limit) = severity(bps, [wide, 2 * wide, 5 * wide]) else { return nil }
        if severity == 3, !isWitnessed(input, distance, 5 * wide) { (severity, limit) = (2, 2 * wide) }
        return Finding(
            .crossSource, "marketVsRate", input.source.id, severity: severity, bps, over: limit, "bps", .deviates,
            "the rate behind \(input.source.id) is \(words(bps: bps)) above what markets pay")
    }
}

import Glibc

extension Detector {
    /// D4: an answer that cannot be, one at the edge of what its feed can give, or one that no market makes.
    static func d4(_ input: DetectorInput) -> [Finding] {
        let id = input.source.id
        guard let price = input.price else {
            guard let fault = input.observed.price.fault, fault.isImpossibleAnswer else { return [] }
            return [
                Finding(
                    .bound, "impossible", id, severity: 3, 0, over: 0, "answer", fault == .zero ? .noRound : .deviates,
                    alone: true, "\(id): \(fault)")
            ]
        }
        var found = clamped(input, price)
        if let band = band(input, price) { found.append(band) }
        return found
    }

    /// The contract never stores an answer beyond its bound: it stays at the last one within, and ages.
    private static func clamped(_ input: DetectorInput, _ price: ExactPrice) -> [Finding] {
        guard let bounds = input.observed.extras.bounds else { return [] }
        var found: [Finding] = []
        for (limit, isLow) in [(bounds.lowest, true), (bounds.highest, false)] {
            guard let limit else { continue }
            let edge = isLow ? "least" : "most"
            let gap = DetectorInput.bps(isLow ? price.logarithm - limit.logarithm : limit.logarithm - price.logarithm)
            if let market = input.consensus.price, !input.consensus.isSplit,
                isLow ? market.isBelow(limit) : limit.isBelow(market)
            {
                let beyond = abs(DetectorInput.bps(market.logarithm - limit.logarithm))
                found.append(
                    Finding(
                        .bound, isLow ? "marketBelow" : "marketAbove", input.source.id, severity: 3, beyond, over: 0,
                        "bps", .capHit, alone: input.consensus.independent >= 2,
                        "the market is at \(market), and \(limit) is the \(edge) that \(input.source.id) can answer"))
                continue
            }
            let isLate = isLate(input)
            let allowed = isLate ? input.thresholds.staleBoundBps : input.thresholds.boundBps
            guard gap < allowed else { continue }
            // With three witnesses at the same price the answer is right, and the next move may not arrive.
            let isRight =
                input.consensus.independent >= 3
                && abs(input.consensus.distance(of: price) ?? 1) * 10_000 < input.thresholdBps
            found.append(
                Finding(
                    .bound, isLow ? "minAnswer" : "maxAnswer", input.source.id, severity: isRight ? 1 : 3, gap,
                    over: allowed, "bps", .capHit, alone: true,
                    "\(input.source.id) answers \(price)\(isLate ? ", is late," : ""), and \(limit) is the \(edge) "
                        + "that it can answer"))
        }
        return found
    }

    private static func isLate(_ input: DetectorInput) -> Bool {
        guard let updated = input.window.price.updatedAt, let heartbeat = input.source.staleness.heartbeat else {
            return false
        }
        return input.now > updated && input.now - updated > UInt64(max(0, heartbeat))
    }

    private static func band(_ input: DetectorInput, _ price: ExactPrice) -> Finding? {
        let value = exp(price.logarithm)
        let id = input.source.id
        if input.window.profile.kind == .stable, !input.thresholds.stableBand.contains(value) {
            return Finding(
                .bound, "stableBand", id, severity: 3, value, over: 1, "ratio", .deviates, alone: true,
                "\(id) answers \(price) for a stable")
        }
        let isStaked = input.window.profile.kind == .lst || input.window.profile.kind == .lrt
        if isStaked, let rate = input.observed.extras.rate, !input.thresholds.rateBand.contains(exp(rate.logarithm)) {
            return Finding(
                .bound, "rateBand", id, severity: 3, exp(rate.logarithm), over: input.thresholds.rateBand.upperBound,
                "ratio", .deviates, alone: true, "the rate behind \(id) is \(rate), which no staked token's is")
        }
        guard let month = input.window.price.monthlyMedian else { return nil }
        let factor = exp(abs(price.logarithm - month))
        guard factor > input.thresholds.monthFactor else { return nil }
        // A market that went there with it is a market.
        if let distance = input.consensus.distance(of: price), input.consensus.independent >= 2,
            abs(distance) * 10_000 < input.thresholds.rejectBps
        {
            return nil
        }
        return Finding(
            .bound, "month", id, severity: 3, factor, over: input.thresholds.monthFactor, "ratio", .deviates,
            alone: true, "\(id) answers \(price), a factor of \(Int(factor.rounded())) from its month's median")
    }
}

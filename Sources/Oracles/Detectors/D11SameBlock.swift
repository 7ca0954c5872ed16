extension Detector {
    /// D11: prices within one block that differ, and one update that moves too far.
    static func d11(_ input: DetectorInput) -> [Finding] {
        guard let price = input.price else { return [] }
        let id = input.source.id
        var found: [Finding] = []
        if let range = input.observed.extras.withinBlock {
            let low = min(range.lowest.logarithm, price.logarithm)
            let high = max(range.highest.logarithm, price.logarithm)
            let bps = DetectorInput.bps(high - low)
            let limit = input.thresholds.withinBlockBps * input.widening
            if bps > limit {
                found.append(
                    Finding(
                        .sameBlock, "withinBlock", id, severity: range.didLiquidate ? 3 : 2, bps, over: limit, "bps",
                        .singleBlockMove, alone: range.didLiquidate,
                        "within the block \(id) was between \(range.lowest) and \(range.highest)"
                            + (range.didLiquidate ? ", and somebody was liquidated there" : "")))
            }
        }
        if let update = update(input, price) { found.append(update) }
        return found
    }

    private static func update(_ input: DetectorInput, _ price: ExactPrice) -> Finding? {
        guard let previous = input.window.price.previous, input.window.price.changedAt == input.now,
            input.now > previous.time
        else { return nil }
        let bps = DetectorInput.bps(price.logarithm - previous.price.logarithm)
        let base =
            input.window.profile.kind == .stable ? input.thresholds.stableJumpBps : input.thresholds.otherJumpBps
        // After a gap in the record a large move is no single update.
        let quiet = Double(input.now - previous.time)
        let limit = max(base, 6 * input.history.volatility * quiet.squareRoot() * 10_000) * input.widening
        // A fall by 1/(1+x) is as far as a rise by x.
        let size = DetectorInput.bps(abs(price.logarithm - previous.price.logarithm))
        guard size > limit else { return nil }
        var severity = 2
        var remark = ""
        if let distance = input.consensus.distance(of: price), input.consensus.independent >= 2 {
            if abs(distance) * 10_000 < max(3 * input.thresholdBps, input.thresholds.suspectBps) {
                (severity, remark) = (1, "; the market is there too")
            } else if abs(distance) * 10_000 > input.thresholds.rejectBps {
                (severity, remark) = (3, "; the market is not there")
            }
        }
        return Finding(
            .sameBlock, "singleUpdate", input.source.id, severity: severity, size, over: limit, "bps", .singleBlockMove,
            "\(input.source.id) moved \(words(bps: bps)) in one update" + remark)
    }
}

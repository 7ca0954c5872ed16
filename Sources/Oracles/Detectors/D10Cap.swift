extension Detector {
    /// D10: a cap that holds a price down, or is about to.
    static func d10(_ input: DetectorInput) -> [Finding] {
        guard let cap = input.observed.extras.cap, let price = input.price else { return [] }
        let id = input.source.id
        let headroom = DetectorInput.bps(cap.limit.logarithm - cap.uncapped.logarithm)
        guard headroom < input.thresholds.headroomBps else { return [] }
        guard !cap.limit.isBelow(cap.uncapped) else {
            // What would be answered without the cap.
            let uncapped = price.logarithm + cap.uncapped.logarithm - cap.limit.logarithm
            let slack = max(5, input.consensus.spreadBps) / 10_000
            let isMarketThere =
                input.consensus.independent >= 1 && !input.consensus.isSplit
                && (input.consensus.price.map { $0.logarithm >= uncapped - slack } ?? false)
            // A cap a few basis points below the market is what caps are for; a percent is a wrong price. The contract
            // says itself that the cap holds, and two witnesses that the market is above: nothing is left to confirm.
            let isWrong = isMarketThere && -headroom > input.thresholds.suspectBps
            return [
                Finding(
                    .cap, "capped", id, severity: isWrong ? 3 : 2, -headroom, over: 0, "bps", .capHit,
                    alone: isWrong && input.consensus.independent >= 2,
                    "a cap holds \(id) \(words(bps: headroom)) from what it would answer"
                        + (isMarketThere ? ", and the market is there" : ""))
            ]
        }
        return [
            Finding(
                .cap, "headroom", id, severity: 1, headroom, over: input.thresholds.headroomBps, "bps", nil,
                "the cap of \(id) is \(Int(headroom.rounded())) bps away")
        ]
    }
}

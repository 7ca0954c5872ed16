import Ethereum

extension Detector {
    /// D6: what moving the price would bring over what it would cost.
    ///
    /// Within one transaction capital is borrowed, and only what is lost counts; a price that has to be held over
    /// blocks puts all of the capital at risk.
    static func d6(_ input: DetectorInput) -> [Finding] {
        var worst: (ratio: Double, cost: AttackCost)?
        for cost in input.window.tick.costs {
            guard let extractable = cost.extractable, !extractable.isZero else { continue }
            let paid = cost.blocks == 0 ? cost.lost : cost.capital
            let ratio = paid.isZero ? 1e9 : min(1e9, extractable.double / paid.double)
            if ratio > (worst?.ratio ?? 0) { worst = (ratio, cost) }
        }
        guard let worst, let (severity, limit) = severity(worst.ratio, input.thresholds.profitRatio) else { return [] }
        let paid = worst.cost.blocks == 0 ? worst.cost.lost : worst.cost.capital
        return [
            Finding(
                .attackCost, "profit", input.source.id, severity: severity, worst.ratio, over: limit, "ratio", nil,
                "moving \(input.source.id) by \(worst.cost.moveBps) bps costs \(paid) \(worst.cost.unit)"
                    + " over \(worst.cost.blocks) blocks and brings \(worst.cost.extractable ?? .zero)")
        ]
    }
}

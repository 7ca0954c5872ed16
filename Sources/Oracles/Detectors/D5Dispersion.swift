import Ethereum

extension Detector {
    /// D5: reporters that do not agree, or a source that says itself how uncertain it is.
    static func d5(_ input: DetectorInput) -> [Finding] {
        var found: [Finding] = []
        if let price = input.price, let confidence = input.observed.confidence {
            let bps = confidence.double / price.mantissa.double * 10_000
            if let (severity, limit) = severity(bps, input.thresholds.confidenceBps) {
                found.append(
                    Finding(
                        .dispersion, "confidence", input.source.id, severity: severity, bps, over: limit, "bps", nil,
                        "\(input.source.id) is uncertain by \(Int(bps.rounded())) bps by its own account"))
            }
        }
        if let nodes = input.observed.extras.nodes, let price = input.price {
            found += scatter(input, nodes, price)
            if let bias = bias(input, nodes) { found.append(bias) }
        }
        return found
    }

    /// A single node that is far from the others' median again and again: the median bears it, as long as it is one.
    private static func bias(_ input: DetectorInput, _ nodes: ObservationExtras.Nodes) -> Finding? {
        var rounds: [UInt8: Int] = [:]
        for round in ([nodes] + nodes.past).prefix(10) where round.indexes.count == round.answers.count {
            let sorted = round.answers.sorted()
            guard sorted.count >= 3, !sorted[sorted.count / 2].isZero else { continue }
            let middle = sorted[sorted.count / 2].double
            for (index, answer) in zip(round.indexes, round.answers)
            where abs(answer.double - middle) / middle * 10_000 > input.thresholds.nodeBiasBps {
                rounds[index, default: 0] += 1
            }
        }
        guard let worst = rounds.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
            Double(worst.value) >= input.thresholds.nodeBiasRounds
        else { return nil }
        let id = input.source.id
        return Finding(
            .dispersion, "nodeBias", id, severity: 2, Double(worst.value), over: input.thresholds.nodeBiasRounds,
            "rounds",
            nil,
            "node \(worst.key) of \(id) was more than \(Int(input.thresholds.nodeBiasBps)) bps from the median in "
                + "\(worst.value) of the last \(min(10, 1 + nodes.past.count)) rounds")
    }

    private static func scatter(
        _ input: DetectorInput, _ nodes: ObservationExtras.Nodes, _ price: ExactPrice
    ) -> [Finding] {
        let answers = nodes.answers.filter { !$0.isZero }.sorted()
        guard answers.count >= 3, let low = answers.first, let high = answers.last else { return [] }
        let middle = answers[answers.count / 2].double
        let isMajor = input.window.profile.kind == .major || input.window.profile.kind == .stable
        let limits = input.thresholds
        let id = input.source.id
        var found: [Finding] = []
        let range = (high.double - low.double) / middle * 10_000
        let rangeLimit = (isMajor ? limits.majorRangeBps : limits.otherRangeBps) * input.widening
        if range > rangeLimit {
            found.append(
                Finding(
                    .dispersion, "range", id, severity: 1, range, over: rangeLimit, "bps", nil,
                    "the nodes of \(id) are \(Int(min(range, 1e15).rounded())) bps apart"))
        }
        let scatter = Statistics.sigma(answers.map { $0.double / middle * 10_000 }) / 1.4826
        let scatterLimit = (isMajor ? limits.majorScatterBps : limits.otherScatterBps) * input.widening
        if scatter > scatterLimit {
            found.append(
                Finding(
                    .dispersion, "scatter", id, severity: 2, scatter, over: scatterLimit, "bps", nil,
                    "half of the nodes of \(id) are more than \(Int(min(scatter, 1e15).rounded())) bps from their "
                        + "median"))
        }
        if let wrong = wrongSide(input, answers, nodes.faulty, price) { found.append(wrong) }
        return found
    }

    /// More nodes than may be faulty stand beyond the threshold on the same side of the market.
    private static func wrongSide(
        _ input: DetectorInput, _ answers: [UInt256], _ faulty: Int, _ price: ExactPrice
    ) -> Finding? {
        guard let market = input.consensus.price, input.consensus.independent >= 2, !input.consensus.isSplit else {
            return nil
        }
        let limit = max(3 * input.thresholdBps, input.thresholds.suspectBps) * input.widening
        var above = 0
        var below = 0
        for answer in answers {
            do throws(PriceFault) {
                let bps = DetectorInput.bps(
                    try ExactPrice(answer, decimals: price.decimals).logarithm - market.logarithm)
                if bps > limit { above += 1 } else if bps < -limit { below += 1 }
            } catch {
                // What cannot be a price is on neither side.
                continue
            }
        }
        let wrong = max(above, below)
        guard wrong > max(0, faulty) else { return nil }
        return Finding(
            .dispersion, "wrongSide", input.source.id, severity: 3, Double(wrong), over: Double(faulty), "nodes",
            .deviates,
            "\(wrong) of \(answers.count) nodes of \(input.source.id) report more than \(Int(limit)) bps "
                + "\(above > below ? "above" : "below") the market, and \(faulty) may be wrong")
    }
}

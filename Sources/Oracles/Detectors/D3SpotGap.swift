extension Detector {
    /// D3: a pool's price of this block against its own average.
    static func d3(_ input: DetectorInput) -> [Finding] {
        var found: [Finding] = []
        if let own = ownGap(input) { found.append(own) }
        for reference in input.window.references {
            guard let latest = reference.latest, let average = latest.price.value, let spot = latest.extras.spot,
                latest.source.kind.evidence == .average, latest.observedAt == input.now
            else { continue }
            let bps = DetectorInput.bps(spot.logarithm - average.logarithm)
            let limit = limit(input)
            guard abs(bps) > limit else { continue }
            found.append(
                Finding(
                    .spotGap, "reference", latest.source.id, severity: 1, abs(bps), over: limit, "bps", .spotVsTwap,
                    "\(latest.source.id) trades \(words(bps: bps)) from its own average"))
        }
        return found
    }

    private static func limit(_ input: DetectorInput) -> Double {
        max(3 * input.halfHourSigmaBps, input.thresholds.spotGapBps) * input.widening
    }

    private static func ownGap(_ input: DetectorInput) -> Finding? {
        guard let price = input.price else { return nil }
        let evidence = input.source.kind.evidence
        let spot: ExactPrice
        let average: Double
        if evidence == .average, let inBlock = input.observed.extras.spot {
            (spot, average) = (inBlock, price.logarithm)
        } else if evidence == .spot, let past = pastAverage(input, price) {
            (spot, average) = (price, past)
        } else {
            return nil
        }
        let bps = DetectorInput.bps(spot.logarithm - average)
        let limit = limit(input)
        guard abs(bps) > limit else { return nil }
        var severity = evidence == .spot ? 3 : 2
        var isAlone = false
        var isExplained = false
        var remark = ""
        if let distance = input.consensus.distance(of: spot) {
            let apart = abs(DetectorInput.bps(distance))
            if apart < max(input.thresholds.suspectBps, abs(bps) / 3) {
                severity = 1
                isExplained = true
                remark = "; the market went with it"
            } else {
                isAlone = evidence == .spot && apart > limit
                remark = "; the market did not"
            }
        } else if evidence == .spot, abs(bps) < 2 * limit {
            severity = 2
        }
        return Finding(
            .spotGap, "own", input.source.id, severity: severity, abs(bps), over: limit, "bps", .spotVsTwap,
            alone: isAlone,
            "the pool behind \(input.source.id) trades \(words(bps: bps)) from its average" + remark,
            isExplained: isExplained)
    }

    /// The average of the same pool where one is among the references, else of what the source said before.
    private static func pastAverage(_ input: DetectorInput, _ price: ExactPrice) -> Double? {
        for reference in input.window.references where reference.source.kind.evidence == .average {
            if !reference.source.isIndependent(of: input.source), let latest = reference.latest,
                latest.observedAt == input.now, let average = latest.price.value
            {
                return average.logarithm
            }
        }
        if let average = input.observed.extras.spot { return average.logarithm }
        let hour = input.window.price.hour
        var values: [Double] = []
        for place in 0..<hour.count where hour[place].time < input.now && hour[place].time + 1_800 >= input.now {
            values.append(hour[place].price.logarithm)
        }
        return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}

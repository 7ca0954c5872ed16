import Ethereum

extension Detector {
    /// D1: a feed that is late by its heartbeat, that missed an update, or never had one.
    static func d1(_ input: DetectorInput) -> [Finding] {
        let source = input.source
        var found: [Finding] = []
        if let round = input.observed.extras.round, round.id.isZero || input.window.price.updatedAt == 0 {
            found.append(
                Finding(
                    .staleness, "noRound", source.id, severity: 3, 0, over: 0, "round", .noRound, alone: true,
                    "\(source.id) has never had a round"))
        }
        if let round = input.observed.extras.round, let answered = round.answeredIn, answered < round.id {
            found.append(
                Finding(
                    .staleness, "oldRound", source.id, severity: 2, 1, over: 0, "round", .stale,
                    "\(source.id) answers in round \(round.id) with the answer of round \(answered)"))
        }
        guard let updated = input.window.price.updatedAt, updated > 0 else { return found }
        let age = input.now > updated ? input.now - updated : 0
        if let late = late(input, age: age) { found.append(late) }
        if let missed = missed(input, updated: updated) { found.append(missed) }
        return found
    }

    private static func late(_ input: DetectorInput, age: UInt64) -> Finding? {
        let published = input.source.staleness.heartbeat.flatMap { UInt64(exactly: $0) }
        guard let heartbeat = published ?? input.window.price.estimatedHeartbeat else { return nil }
        let margins = input.thresholds.stalenessMargin
        let margin = max(margins.lowerBound, min(margins.upperBound, heartbeat / 10))
        guard age > heartbeat + margin else { return nil }
        var severity = age > 2 * heartbeat + margin ? 3 : 2
        // Three witnesses who say the same make a late feed a right one.
        if input.consensus.independent >= 3, !input.consensus.isSplit, let price = input.price,
            let distance = input.consensus.distance(of: price), abs(distance) * 10_000 < input.thresholdBps
        {
            severity -= 1
        }
        return Finding(
            .staleness, "heartbeat", input.source.id, severity: severity, Double(age), over: Double(heartbeat + margin),
            "s", .stale,
            "\(input.source.id) is \(age) s old; an update is due every \(heartbeat) s"
                + (published == nil ? " by its own past" : ""))
    }

    /// The market moved beyond the feed's threshold since its last update, and has stood there for a while.
    private static func missed(_ input: DetectorInput, updated: UInt64) -> Finding? {
        // In a crash blocks are full.
        let wait = UInt64(Double(input.thresholds.missedUpdateSeconds) * input.widening)
        guard let threshold = input.source.staleness.deviationBps, input.consensus.independent >= 1,
            !input.consensus.isSplit, let market = input.consensus.price, input.now > updated + 2 * wait,
            let then = input.history.log(at: updated), let before = input.history.log(at: input.now - wait)
        else { return nil }
        let limit = Double(threshold) + 10 + 2 * input.consensus.spreadBps
        let move = DetectorInput.bps(market.logarithm - then)
        let earlier = DetectorInput.bps(before - then)
        guard abs(move) > limit, abs(earlier) > limit, (move < 0) == (earlier < 0) else { return nil }
        return Finding(
            .staleness, "missedUpdate", input.source.id, severity: 2, abs(move), over: limit, "bps", .pendingUpdate,
            "the market moved \(words(bps: move)) since the last update of \(input.source.id), which is due at "
                + "\(threshold) bps, and it has not followed for \(wait) s")
    }
}

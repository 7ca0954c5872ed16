import Glibc

extension Detector {
    /// D7: a rate that grows faster than anything earns, falls, or shares that come and go.
    static func d7(_ input: DetectorInput) -> [Finding] {
        var windows = [input.window.price]
        // A rate beside the protocol's price tells the same story earlier.
        windows += input.window.references.filter { $0.source.kind.evidence == .rate }
        var found: [Finding] = []
        for (place, window) in windows.enumerated() {
            // A rate that stands behind the price is the price.
            let isOwn = place == 0 || !input.source.isIndependent(of: window.source)
            if let jump = jump(input, window, isOwn: isOwn) { found.append(jump) }
            if let drift = drift(input, window, isOwn: isOwn) { found.append(drift) }
            if isOwn { found += supply(input, window) }
        }
        return found
    }

    private static func yearly(_ input: DetectorInput) -> Double {
        switch input.window.profile.kind {
        case .lst, .major: input.thresholds.stakedGrowthBps
        case .lrt: input.thresholds.restakedGrowthBps
        case .stable, .other, .share, .lp: input.thresholds.shareGrowthBps
        }
    }

    /// The last change of the rate against what it may have earned while it stood.
    private static func jump(_ input: DetectorInput, _ window: ObservationWindow, isOwn: Bool) -> Finding? {
        guard let change = window.rateChange, change.at == input.now else { return nil }
        // What is looked at often changes in small steps, and what is looked at seldom in large ones.
        let seconds = Double(change.at - min(change.at, change.since))
        let allowed = yearly(input) * seconds / 31_536_000 + input.thresholds.growthSlackBps
        let bps = DetectorInput.bps(change.to.logarithm - change.from.logarithm)
        let limits = input.thresholds
        let words = "the rate of \(window.source.id) went from \(change.from) to \(change.to)"
        if bps < -limits.rateFallBps {
            let isSteep = -bps > limits.rateJumpBps
            return Finding(
                .rateJump, "rateFall", window.source.id, severity: isOwn && isSteep ? 3 : isOwn ? 2 : 1, -bps,
                over: isSteep ? limits.rateJumpBps : limits.rateFallBps, "bps", .singleBlockMove, words)
        }
        guard bps > allowed else { return nil }
        let severity = bps > allowed + limits.rateJumpBps ? 3 : 2
        return Finding(
            .rateJump, "rateJump", window.source.id, severity: isOwn ? severity : severity - 1, bps,
            over: severity == 3 ? allowed + limits.rateJumpBps : allowed, "bps", .singleBlockMove,
            alone: isOwn && bps > allowed + limits.impossibleRateJumpBps,
            words + ", \(Self.words(bps: bps)), and it earns at most "
                + "\(Int(allowed.rounded())) bps in \(Int(seconds)) s")
    }

    /// Small steps add up: the growth of a day.
    private static func drift(_ input: DetectorInput, _ window: ObservationWindow, isOwn: Bool) -> Finding? {
        guard isOwn, let now = window.lastKnown, now.time == input.now, let rate = now.rate,
            let before = window.sample(86_400, before: input.now) ?? window.day.first, let then = before.rate,
            now.time > before.time
        else { return nil }
        // Weekly payments come at once: a day may bring what eight days earn.
        let allowed =
            yearly(input) * max(Double(now.time - before.time), 691_200) / 31_536_000 + input.thresholds.growthSlackBps
        let bps = DetectorInput.bps(rate.logarithm - then.logarithm)
        guard bps > allowed else { return nil }
        let severity = bps > allowed + input.thresholds.rateJumpBps ? 3 : 2
        return Finding(
            .rateJump, "rateDrift", window.source.id, severity: severity, bps,
            over: severity == 3 ? allowed + input.thresholds.rateJumpBps : allowed, "bps", nil,
            "the rate of \(window.source.id) rose by \(words(bps: bps)) in \(now.time - before.time) s")
    }

    private static func supply(_ input: DetectorInput, _ window: ObservationWindow) -> [Finding] {
        guard let now = window.lastKnown, let before = window.previous, now.time == input.now,
            let shares = now.shares, let sharesBefore = before.shares, shares > 0, sharesBefore > 0
        else { return [] }
        let limit = input.thresholds.supplyJumpBps
        let change = (shares / sharesBefore - 1) * 10_000
        guard abs(change) > limit else { return [] }
        let backing = now.assets.flatMap { assets in before.assets.map { $0 > 0 ? (assets / $0 - 1) * 10_000 : 0 } }
        let id = window.source.id
        if let backing, change - backing > limit {
            return [
                Finding(
                    .rateJump, "unbackedSupply", id, severity: 3, change - backing, over: limit, "bps", nil,
                    "the shares behind \(id) grew by \(words(bps: change)), and what backs them by "
                        + words(bps: backing))
            ]
        }
        return [
            Finding(
                .rateJump, "supplyJump", id, severity: change < -5_000 ? 2 : 1, abs(change), over: limit, "bps", nil,
                "the shares behind \(id) changed by \(words(bps: change)) at once")
        ]
    }
}

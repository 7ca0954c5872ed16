extension Detector {
    /// D12: liquidity that leaves the pools and books which make the price.
    static func d12(_ input: DetectorInput) -> [Finding] {
        var found: [Finding] = []
        for window in [input.window.price] + input.window.references {
            guard let latest = window.latest, let sample = window.lastKnown, sample.time == input.now,
                let now = sample.depth
            else { continue }
            let id = window.source.id
            let hour = fall(window, 3_600, input.now, now)
            let day = fall(window, 86_400, input.now, now)
            if day > input.thresholds.drainDayBps {
                found.append(
                    Finding(
                        .drain, "depth", id, severity: 2, day, over: input.thresholds.drainDayBps, "bps",
                        .thinReference, "\(Int((day / 100).rounded())) % of the depth behind \(id) left within a day"))
            } else if hour > input.thresholds.drainHourBps {
                found.append(
                    Finding(
                        .drain, "depth", id, severity: 1, hour, over: input.thresholds.drainHourBps, "bps",
                        .thinReference,
                        "\(Int((hour / 100).rounded())) % of the depth behind \(id) left within an hour"))
            }
            if let share = latest.depth?.largestProviderBps, Double(share) > Double(input.thresholds.providerBps) {
                found.append(
                    Finding(
                        .drain, "provider", id, severity: 1, Double(share), over: Double(input.thresholds.providerBps),
                        "bps", .thinReference, "one provider holds \(share / 100) % of the depth behind \(id)"))
            }
        }
        return found
    }

    /// How much less than the most of that time, in basis points.
    private static func fall(_ window: ObservationWindow, _ seconds: UInt64, _ now: UInt64, _ depth: Double) -> Double {
        let ring = seconds <= 3_600 ? window.hour : window.day
        var most = 0.0
        for place in 0..<ring.count where ring[place].time + seconds >= now { most = max(most, ring[place].depth ?? 0) }
        return most > 0 ? (1 - depth / most) * 10_000 : 0
    }
}

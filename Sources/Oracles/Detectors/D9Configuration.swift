import Ethereum
import Glibc

extension Detector {
    /// D9: decimal places, a missing factor, a change of what stands behind a price, an empty vault.
    static func d9(_ input: DetectorInput) -> [Finding] {
        let id = input.source.id
        var found: [Finding] = []
        if let scale = input.observed.extras.scale, scale.stored != scale.recomputed {
            found.append(
                Finding(
                    .configuration, "scale", id, severity: 3, 0, over: 0, "factor", .deviates, alone: true,
                    "\(id) holds the factor \(scale.stored), and the decimal places make \(scale.recomputed)"))
        }
        if input.observed.extras.state.contains(.fallbackActive) {
            found.append(
                Finding(
                    .configuration, "fallback", id, severity: 2, 0, over: 0, "source", .fallbackActive,
                    "the oracle has no source of its own and asks its fallback"))
        }
        if let unit = unit(input) { found.append(unit) }
        if let change = change(input) { found.append(change) }
        if let empty = empty(input) { found.append(empty) }
        return found
    }

    /// A factor from the market that is a power of ten, or a price that is its own rate.
    private static func unit(_ input: DetectorInput) -> Finding? {
        guard let price = input.price, let distance = input.consensus.distance(of: price) else { return nil }
        let decades = distance / M_LN10
        let id = input.source.id
        // A factor of five within one step.
        guard abs(decades) > 0.7 else { return nil }
        if let rate = input.observed.extras.rate, abs(rate.logarithm - price.logarithm) < 0.1 {
            return Finding(
                .configuration, "composition", id, severity: 3, abs(decades), over: 0.7, "decades", .deviates,
                alone: true, "\(id) answers \(price), which is its rate alone: the base's price is missing")
        }
        // Pools do go there when they are pushed; that is another detector's.
        let evidence = input.source.kind.evidence
        guard evidence != .spot, evidence != .average, evidence != .rate else { return nil }
        let nearest = decades.rounded()
        let isPower = abs(decades - nearest) < 0.1 && abs(nearest) >= 1
        return Finding(
            .configuration, isPower ? "decimals" : "composition", id, severity: 3, abs(decades), over: 0.7, "decades",
            .deviates, alone: isPower && abs(nearest) >= 2 || input.consensus.independent >= 2,
            isPower
                ? "\(id) answers \(price), 10^\(Int(nearest)) times the market: decimal places are wrong"
                : "\(id) answers \(price), \(words(bps: DetectorInput.bps(distance))) from the market: no market's move"
        )
    }

    private static func change(_ input: DetectorInput) -> Finding? {
        let recent = input.observed.extras.changes.filter {
            $0.at <= input.now && input.now - $0.at < input.thresholds.changeWatch
        }
        guard let last = recent.max(by: { $0.at < $1.at }) else { return nil }
        let age = input.now - last.at
        let isFresh = age < input.thresholds.changeSuspect
        return Finding(
            .configuration, "changed", input.source.id, severity: isFresh ? 2 : 1, Double(age),
            over: Double(isFresh ? input.thresholds.changeSuspect : input.thresholds.changeWatch), "s", nil,
            "the \(last.what) of \(input.source.id) changed \(age) s ago")
    }

    private static func empty(_ input: DetectorInput) -> Finding? {
        guard let vault = input.observed.extras.vault else { return nil }
        let whole = vault.shares.double / pow(10, Double(max(0, min(77, vault.shareDecimals))))
        guard whole < input.thresholds.emptyShares else { return nil }
        let age = input.window.profile.marketAge ?? vault.age
        let isYoung = age.map { $0 < input.thresholds.youth } ?? false
        return Finding(
            .configuration, "emptyMarket", input.source.id, severity: isYoung ? 2 : 1, whole,
            over: input.thresholds.emptyShares, "shares", nil,
            "there are \(whole) shares behind \(input.source.id)" + (isYoung ? ", and the market is young" : "")
                + ": a donation moves its price")
    }
}

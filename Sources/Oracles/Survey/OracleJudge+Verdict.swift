import Chain
import Ethereum
import Lending
import Networks

extension OracleJudge {
    /// Flags, reasons and the verdict.
    func decide(_ found: inout AssetAssessment) {
        var severity = 0
        func raise(_ level: Int, _ flag: String?, _ reason: String) {
            severity = max(severity, level)
            if let flag, !found.flags.contains(flag) { found.flags.append(flag) }
            found.reasons.append(reason)
        }
        guard found.price != nil else {
            found.flags.append("no_round")
            found.reasons.append("the protocol has no price for it")
            found.verdict = found.asset.priceRaw == nil ? .unknown : .reject
            return
        }
        if let sequencer = sequencer() { raise(sequencer.level, sequencer.flag, sequencer.reason) }
        if found.flags.contains("cap_hit") { raise(2, nil, "a cap holds the price down") }
        if found.flags.contains("fallback_active") { raise(2, nil, "the oracle has no source and asks its fallback") }
        if let stale = staleness(found) { raise(stale.level, "stale", stale.reason) }
        if let bound = bound(found) { raise(3, "at_bound", bound) }
        if let deviation = deviation(found) { raise(deviation.level, "deviates", deviation.reason) }
        for compared in found.compared { pools(compared, &found) }
        for compared in found.compared where compared.reference.reading.evidence == .rate {
            if let price = compared.price, let market = found.reference, let bps = price.deviationBps(from: market),
                bps > limits.rateBps
            {
                raise(2, "deviates", "its issuer's rate is \(bps) bps above what markets pay")
            }
        }
        if found.independent == 1, !found.flags.contains("thin_reference") { found.flags.append("thin_reference") }
        switch severity {
        case 3...: found.verdict = .reject
        case 2: found.verdict = .suspect
        default:
            found.verdict = found.independent == 0 ? .unknown : .ok
            if found.independent == 0 {
                found.reasons.append("nothing independent of the protocol's own source has a price for it")
            }
        }
    }

    private func sequencer() -> (level: Int, flag: String, reason: String)? {
        switch book.sequencer {
        case nil: return nil
        case .unknown(let reason): return (2, "sequencer_down", "whether the sequencer is up is not known: \(reason)")
        case .known(let state):
            if state.isDown || state.since == 0 { return (3, "sequencer_down", "the chain's sequencer is down") }
            guard book.block.timestamp >= state.since, book.block.timestamp - state.since > limits.grace else {
                return (3, "sequencer_grace", "the sequencer has been up since \(state.since) only")
            }
            return nil
        }
    }

    /// Age against the heartbeat with a tenth of it, one to thirty minutes, to spare.
    private func staleness(_ found: AssetAssessment) -> (level: Int, reason: String)? {
        guard let updated = found.updatedAt, let heartbeat = found.heartbeat, book.block.timestamp > updated else {
            return nil
        }
        let age = Int(clamping: book.block.timestamp - updated)
        let margin = max(60, min(1_800, heartbeat / 10))
        guard age > heartbeat + margin else { return nil }
        return (age > 2 * heartbeat ? 3 : 2, "its feed is \(age) s old, and an update is due every \(heartbeat) s")
    }

    /// An answer at the edge of what the aggregator can report: beyond it the feed stands still.
    private func bound(_ found: AssetAssessment) -> String? {
        guard let address = found.asset.source.address else { return nil }
        var words: String?
        book.forest.walk(address) { node, _, _ in
            guard let bounds = node.bounds, bounds.upperBound > bounds.lowerBound else { return }
            // The answer is the proxy's, the bounds are the aggregator's.
            let answer = node.price ?? book.forest.nodes[address]?.price
            guard let answer else { return }
            if let bps = answer.deviationBps(from: bounds.lowerBound), bps <= limits.boundBps {
                words = "its feed answers \(answer), and cannot answer less than \(bounds.lowerBound)"
            } else if let bps = answer.deviationBps(from: bounds.upperBound), bps >= -limits.boundBps {
                words = "its feed answers \(answer), and cannot answer more than \(bounds.upperBound)"
            }
        }
        return words
    }

    private func deviation(_ found: AssetAssessment) -> (level: Int, reason: String)? {
        guard let price = found.price, let reference = found.reference,
            let bps = price.deviationBps(from: reference)
        else { return nil }
        let threshold = found.feedDeviationBps ?? limits.usualDeviationBps
        let size = Int(bps.magnitude)
        let words = "it stands \(bps) bps from \(found.independent) independent sources"
        if size > limits.rejectBps, found.independent >= 2 { return (3, words) }
        if size > max(3 * threshold, limits.suspectBps) { return (2, words) }
        return size > 2 * threshold ? (1, words) : nil
    }

    private func pools(_ compared: AssetAssessment.Compared, _ found: inout AssetAssessment) {
        let reading = compared.reference.reading
        guard compared.isIndependent else { return }
        if let spot = reading.spot, let average = reading.price.value, let bps = spot.deviationBps(from: average),
            bps.magnitude > UInt(max(limits.suspectBps, 3 * (found.feedDeviationBps ?? limits.usualDeviationBps))),
            !found.flags.contains("spot_vs_twap")
        {
            found.flags.append("spot_vs_twap")
            found.reasons.append("\(reading.configuration.kind) trades \(bps) bps from its own average")
        }
        guard let depth = reading.depth, let price = reading.price.value,
            let dollars = compared.reference.dollars.value,
            let rate = dollars.over(price), let worth = depth.times(rate)
        else { return }
        if let least = SourcePrice(UInt256(limits.thinDepth), decimals: 0), worth < least,
            !found.flags.contains("thin_reference")
        {
            found.flags.append("thin_reference")
        }
    }
}

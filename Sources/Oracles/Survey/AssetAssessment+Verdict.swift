import Ethereum
import Lending

extension AssetAssessment {
    /// Takes over what the judge says.
    mutating func take(_ judged: PriceVerdict, usualDeviationBps: Int) {
        verdict =
            switch judged.trust {
            case .ok: .ok
            case .unknown: .unknown
            case .suspect: .suspect
            case .reject: .reject
            }
        findings = judged.findings
        flags = judged.flags.map(\.rawValue)
        reasons = Array(judged.reasons.prefix(Self.mostReasons))
        cost = judged.cost
        independent = judged.consensus.independent
        reference = judged.consensus.price
        let members = Dictionary(
            judged.consensus.members.map { ($0.observation.source.id, $0) }, uniquingKeysWith: { first, _ in first })
        for place in compared.indices {
            guard let member = members[compared[place].name] else { continue }
            compared[place].weight = member.fate == .counted ? member.weight : 0
            compared[place].fate = member.fate
        }
        dexTwap = middle { $0.evidence == .twap }
        venues = middle { $0.evidence == .venue }
        expect(usualDeviationBps)
    }

    private static let mostReasons = 12

    /// The lower median of the sources of one sort that were not refused.
    private func middle(_ isWanted: (SourceReading) -> Bool) -> ExactPrice? {
        let prices = compared.filter { $0.isIndependent && $0.isCredible && isWanted($0.reference.reading) }
            .compactMap(\.price).sorted()
        return prices.isEmpty ? nil : prices[(prices.count - 1) / 2]
    }

    /// A signed price or quote of now that is newer than the protocol's feed, beyond the feed's own threshold.
    private mutating func expect(_ usualDeviationBps: Int) {
        guard kind == "push" || kind == "ratio" || kind == "capped", let price else { return }
        let known = updatedAt ?? 0
        let next = middle { reading in
            reading.evidence == .venue || (reading.evidence == .pull && (reading.updatedAt ?? 0) > known)
        }
        guard let next else { return }
        let bps = next.deviationBps(from: price)
        guard bps.magnitude > UInt(feedDeviationBps ?? usualDeviationBps) else { return }
        pending = next
        if !flags.contains(PriceFlag.pendingUpdate.rawValue) { flags.append(PriceFlag.pendingUpdate.rawValue) }
        reasons.append("signed or quoted prices are \(bps) bps from the feed: an update is due")
    }
}

import Chain
import Ethereum
import Lending
import Networks

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
        guard let price else { return }
        if isPulled { return expectPull(price) }
        guard kind == "push" || kind == "ratio" || kind == "capped" else { return }
        let known = updatedAt ?? 0
        func isNewer(_ reading: SourceReading) -> Bool {
            reading.evidence == .venue || (reading.evidence == .pull && (reading.updatedAt ?? 0) > known)
        }
        guard let next = middle(isNewer) else { return }
        let bps = next.deviationBps(from: price)
        guard bps.magnitude > UInt(feedDeviationBps ?? usualDeviationBps) else { return }
        let times = compared.filter { $0.isIndependent && $0.isCredible && isNewer($0.reference.reading) }
            .compactMap(\.reference.reading.updatedAt)
        expect(
            next, "quoted", at: times.max(), "signed or quoted prices are \(bps) bps from the feed: an update is due")
    }

    /// Whether the price is one that somebody has to bring.
    var isPulled: Bool { !pulled.isEmpty }

    /// The same root, signed and not brought yet: whoever brings it sets the price, whatever the distance.
    private mutating func expectPull(_ price: ExactPrice) {
        let updates = compared.filter { one in
            one.reference.reading.update.map { update in
                // The contract keeps what it has where the other is not newer.
                one.reference.reading.roots.contains { root in pulled[root].map { update.publishTime > $0 } ?? false }
            } ?? false
        }
        guard !updates.isEmpty else { return }
        if !flags.contains(PriceFlag.pullUpdateNeeded.rawValue) { flags.append(PriceFlag.pullUpdateNeeded.rawValue) }
        // Only a price that is that root alone is known beforehand.
        guard roots.count == 1, let newest = updates.max(by: { $0.updatedAt < $1.updatedAt }), let next = newest.price,
            next != price
        else { return }
        expect(
            next, "signed", at: newest.updatedAt,
            "a signed price of \(newest.updatedAt) is \(next.deviationBps(from: price)) bps from the one on the chain")
    }

    private mutating func expect(_ next: ExactPrice, _ channel: String, at time: UInt64?, _ reason: String) {
        // How much of it a cap lets through is the contract's to say: rather no price than a wrong one.
        if isLimited, let price, next > price { return }
        pending = next
        pendingChannel = channel
        pendingAt = time
        if !flags.contains(PriceFlag.pendingUpdate.rawValue) { flags.append(PriceFlag.pendingUpdate.rawValue) }
        reasons.append(reason)
    }

    /// The calls that bring the signed prices behind this one; where one of them is not at hand, why.
    var needsUpdate: (updates: [SignedUpdate], missing: String?) {
        var updates: [SignedUpdate] = []
        var missing = hidden
        for (root, time) in pulled.sorted(by: { $0.key < $1.key }) {
            let servers = compared.map(\.reference.reading).filter {
                $0.configuration.kind == "hermes" && $0.roots.contains(root)
            }
            if let update = servers.compactMap(\.update).max(by: { $0.publishTime < $1.publishTime }) {
                if update.publishTime > time { updates.append(update) }
            } else {
                let why = servers.lazy.compactMap { $0.price.reason.map { "\($0)" } ?? $0.notes.first }.first
                missing = missing ?? "\(root.name): \(why ?? "no server of its updates was asked (--cex, kind hermes)")"
            }
        }
        return (updates, missing)
    }
}

extension AssetAssessment.Compared {
    fileprivate var updatedAt: UInt64 { reference.reading.updatedAt ?? 0 }
}

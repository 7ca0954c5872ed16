public import Lending
import Chain
import Ethereum
import Networks

/// Decides how far a protocol's prices can be trusted, from what was read about them.
///
/// Limits are those that `docs/oracles.md` states; a price alone never changes what a position is.
public struct OracleJudge: Sendable {
    /// What makes a price suspicious.
    public struct Limits: Sendable {
        /// The least deviation that is suspicious, in basis points.
        public var suspectBps = 100
        /// The deviation beyond which two independent sources make a price unusable.
        public var rejectBps = 500
        /// The deviation threshold of a feed where none is published.
        public var usualDeviationBps = 50
        /// Whole US dollars that move a pool by 2 % below which it is thin evidence.
        public var thinDepth: UInt64 = 100_000
        /// How near to its bound an answer is stuck, in basis points.
        public var boundBps = 200
        /// Head-room of a cap that is worth a word, in basis points.
        public var headroomBps = 20
        /// Seconds after a sequencer's return in which prices are not to be trusted.
        public var grace: UInt64 = 3_600
        /// How far a rate times its base may stand above the market, in basis points.
        public var rateBps = 200

        /// The limits of the house.
        public init() {}
    }

    let book: OracleBook
    let limits: Limits

    /// Judges by what `book` holds.
    public init(_ book: OracleBook, limits: Limits = Limits()) {
        self.book = book
        self.limits = limits
    }

    /// What is to be thought of one asset's price.
    public func assess(_ asset: PricedAsset) -> AssetAssessment {
        var found = AssetAssessment(
            asset: asset, price: price(of: asset), roots: [], kind: "unknown", compared: [], independent: 0,
            verdict: .unknown, flags: [], reasons: [])
        describe(&found)
        compare(&found)
        weigh(&found)
        decide(&found)
        consult(&found)
        return found
    }

    /// The protocol's price as a number of its currency.
    private func price(of asset: PricedAsset) -> SourcePrice? {
        asset.priceRaw.flatMap { SourcePrice.ratio($0, .one, over: asset.priceScale, decimals: 0) }
    }

    // MARK: The protocol's side

    private func describe(_ found: inout AssetAssessment) {
        let source = found.asset.source
        guard source.kind == .feed, let address = source.address else {
            found.kind = source.kind == .base ? "fixed" : "unknown"
            if source.kind == .fallback { found.flags.append("fallback_active") }
            return
        }
        found.roots = book.forest.roots(of: address)
        let top = book.forest.nodes[address]
        found.kind = Self.kind(of: top?.kind)
        let oldest = book.forest.oldest(below: address)
        found.updatedAt = oldest?.updatedAt
        let facts = [oldest?.address, address].compactMap { $0.flatMap { book.facts.facts(of: $0) } }.first
        found.heartbeat = facts?.heartbeat
        found.feedDeviationBps = facts?.deviationBps
        var isCapped = false
        var headroom: Int?
        book.forest.walk(address) { node, _, _ in
            isCapped = isCapped || node.isCapped == true
            if let bps = node.headroomBps { headroom = min(headroom ?? bps, bps) }
        }
        if isCapped || headroom.map({ $0 < 0 }) ?? false {
            found.flags.append("cap_hit")
        } else if let headroom, headroom < limits.headroomBps {
            found.reasons.append("its cap is \(headroom) bps above the rate")
        }
    }

    private static func kind(of node: OracleNode.Kind?) -> String {
        switch node {
        case .proxy, .aggregator, .feed, .redstone, .chronicle, .adapter, .product, .morpho, .cross: "push"
        case .pyth: "pull"
        case .ratioCap, .rate, .vault: "ratio"
        case .priceCap: "capped"
        case .constant: "fixed"
        case .pool: "spot"
        case .opaque, .unread, nil: "unknown"
        }
    }

    // MARK: The other side

    private func compare(_ found: inout AssetAssessment) {
        let currency = dollars(ofCurrency: found.asset)
        for reference in book.references[found.asset.asset] ?? [] {
            let price = reference.dollars.value.flatMap { dollars in
                currency.flatMap { $0 == .one ? dollars : dollars.over($0) }
            }
            let isIndependent =
                reference.reading.evidence != .rate && reference.reading.roots.isDisjoint(with: found.roots)
                && reference.reading.address.map { $0 != found.asset.source.address } ?? true
            found.compared.append(
                AssetAssessment.Compared(
                    reference: reference, price: price,
                    deviationBps: price.flatMap { found.price?.deviationBps(from: $0) },
                    isIndependent: isIndependent, weight: weight(reference)))
        }
    }

    /// US dollars for one unit of the market's currency.
    private func dollars(ofCurrency asset: PricedAsset) -> SourcePrice? {
        if let currency = asset.currencyAsset { return book.dollars(of: currency) }
        return asset.currency == "USD" ? .one : nil
    }

    /// Per mille: the class of the evidence, less with age.
    private func weight(_ reference: OracleBook.Reference) -> Int {
        let reading = reference.reading
        let base =
            switch reading.evidence {
            case .push, .pull: 1_000
            case .twap: 800
            case .venue: reading.configuration.quote == .named("USD") ? 1_000 : 700
            case .spot: 300
            case .aggregator: 250
            case .rate: 0
            }
        guard let updated = reading.updatedAt, let heartbeat = reading.heartbeat, reading.evidence == .push,
            book.block.timestamp > updated
        else { return base }
        let age = Int(clamping: book.block.timestamp - updated)
        // Half its weight is gone at twice its heartbeat, all of it at three times.
        let late = max(0, age - heartbeat)
        return max(0, base - base * min(late, 2 * heartbeat) / (2 * heartbeat))
    }

    private func weigh(_ found: inout AssetAssessment) {
        let usable = found.compared.indices.filter { index in
            let compared = found.compared[index]
            return compared.isIndependent && compared.price != nil && compared.weight > 0
        }
        // The heaviest first; what shares a root with one that counts does not count again.
        var taken: Set<OracleRoot> = []
        var counted: [Int] = []
        let order = usable.sorted { one, other in
            (found.compared[other].weight, one) < (found.compared[one].weight, other)
        }
        for index in order where found.compared[index].reference.reading.roots.isDisjoint(with: taken) {
            taken.formUnion(found.compared[index].reference.reading.roots)
            counted.append(index)
        }
        found.independent = counted.count
        found.reference = median(counted, found)
        found.dexTwap = median(usable.filter { found.compared[$0].reference.reading.evidence == .twap }, found)
        found.venues = median(usable.filter { found.compared[$0].reference.reading.evidence == .venue }, found)
        pend(&found, usable)
    }

    /// The lower weighted median.
    private func median(_ places: [Int], _ found: AssetAssessment) -> SourcePrice? {
        let sorted = places.compactMap { index in
            found.compared[index].price.map { (price: $0, weight: found.compared[index].weight) }
        }.sorted { $0.price < $1.price }
        let total = sorted.reduce(0) { $0 + $1.weight }
        var sum = 0
        for item in sorted {
            sum += item.weight
            if 2 * sum >= total { return item.price }
        }
        return nil
    }

    /// A signed price or quote of now that is newer than the protocol's feed, beyond the feed's own threshold.
    private func pend(_ found: inout AssetAssessment, _ usable: [Int]) {
        guard found.kind == "push" || found.kind == "ratio" || found.kind == "capped", let price = found.price else {
            return
        }
        let fresh = usable.filter { index in
            let reading = found.compared[index].reference.reading
            guard reading.evidence == .venue || reading.evidence == .pull else { return false }
            return reading.evidence == .venue || (reading.updatedAt ?? 0) > (found.updatedAt ?? 0)
        }
        guard let next = median(fresh, found), let bps = next.deviationBps(from: price),
            bps.magnitude > UInt(found.feedDeviationBps ?? limits.usualDeviationBps)
        else { return }
        found.pending = next
        found.flags.append("pending_update")
        found.reasons.append("signed or quoted prices are \(bps) bps from the feed: an update is due")
    }
}

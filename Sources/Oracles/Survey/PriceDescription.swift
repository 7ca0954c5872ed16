import Chain
import Ethereum
import Lending
import Networks

/// Puts together what was read about one price; says nothing about what that means.
struct PriceDescription {
    let book: OracleBook

    /// The protocol's side and the sources beside it.
    func describe(_ asset: PricedAsset) -> AssetAssessment {
        var found = AssetAssessment(asset: asset, price: price(of: asset))
        describe(&found)
        compare(&found)
        return found
    }

    /// The protocol's price as a number of its currency.
    private func price(of asset: PricedAsset) -> ExactPrice? {
        asset.priceRaw.flatMap { ExactPrice.ratio($0, .one, over: asset.priceScale, decimals: 0) }
    }

    private func describe(_ found: inout AssetAssessment) {
        let source = found.asset.source
        guard source.kind == .feed, let address = source.address else {
            found.kind = source.kind == .base ? "fixed" : "unknown"
            found.isFallback = source.kind == .fallback
            if source.kind != .base { found.hidden = "it is not known where the oracle has its price from" }
            return
        }
        found.roots = book.forest.roots(of: address)
        let top = book.forest.nodes[address]
        found.kind = Self.kind(of: top?.kind)
        book.forest.walk(address) { node, _, _ in
            switch node.kind {
            case .pyth:
                if let root = node.root { found.pulled[root] = node.updatedAt ?? 0 }
            case .unread, .opaque:
                found.hidden = found.hidden ?? "what stands behind \(node.address) was not seen"
            case .priceCap: found.isLimited = true
            default: if node.isCapped == true { found.isLimited = true }
            }
        }
        let oldest = book.forest.oldest(below: address)
        found.updatedAt = oldest?.updatedAt
        let facts = [oldest?.address, address].compactMap { $0.flatMap { book.facts.facts(of: $0) } }.first
        found.heartbeat = facts?.heartbeat
        found.feedDeviationBps = facts?.deviationBps
    }

    private static func kind(of node: OracleNode.Kind?) -> String {
        switch node {
        case .proxy, .aggregator, .feed, .redstone, .chronicle, .adapter, .product, .morpho, .cross,
            .router:
            "push"
        case .pyth: "pull"
        case .ratioCap, .rate, .vault: "ratio"
        case .priceCap: "capped"
        case .constant: "fixed"
        case .pool: "spot"
        case .opaque, .unread, nil: "unknown"
        }
    }

    private func compare(_ found: inout AssetAssessment) {
        let currency = dollars(ofCurrency: found.asset)
        var behind: Set<Address> = []
        if let source = found.asset.source.address {
            behind.insert(source)
            book.forest.walk(source) { node, _, _ in behind.insert(node.address) }
        }
        for reference in book.references[found.asset.asset] ?? [] {
            let price = reference.dollars.value.flatMap { dollars in
                currency.flatMap { $0 == .one ? dollars : dollars.over($0) }
            }
            let isBehind = reference.reading.address.map(behind.contains) ?? false
            let isIndependent =
                reference.reading.evidence != .rate && !isBehind
                && reference.reading.roots.isDisjoint(with: found.roots)
            found.compared.append(
                AssetAssessment.Compared(
                    reference: reference, price: price,
                    deviationBps: price.flatMap { found.price?.deviationBps(from: $0) }, isIndependent: isIndependent,
                    isBehind: isBehind))
        }
    }

    /// US dollars for one unit of the market's currency.
    func dollars(ofCurrency asset: PricedAsset) -> ExactPrice? {
        if let currency = asset.currencyAsset { return book.dollars(of: currency) }
        if asset.currency == "USD" { return .one }
        return (book.symbols[asset.currency] ?? book.symbols["W" + asset.currency]).flatMap { book.dollars(of: $0) }
    }
}

import Bindings
import Chain
import Ethereum
import Lending

extension Aave {
    /// Where the prices of some accounts come from, and which of those contracts are known from the inside.
    struct Feeds {
        /// The source of each asset whose price replaces that of a category's members.
        var sources: [Address: Address] = [:]
        /// The hash of each source's code, as it was told, with its layout.
        var layouts: [Address: (code: Hash32, layout: FeedLayout)] = [:]
        /// Whether another oracle answers where a source does not.
        var hasFallback: Bool
    }
}

extension Aave.Market {
    /// The sources of the prices that the book's members stand on, with what is known of their code.
    func feeds(of book: Aave.Book, on snapshot: Snapshot) async throws(LendingError) -> Aave.Feeds {
        var feeds = Aave.Feeds(hasFallback: !addresses.fallbackOracle.isZero)
        do throws(ChainError) {
            let substitutes = Set(book.state.categories.values.compactMap { $0.value?.priceSource })
                .subtracting([.zero]).sorted()
            if rules.categoryPrices, !substitutes.isEmpty {
                let oracle = addresses.oracle
                let answers = try await snapshot.read(
                    substitutes.map { (target: oracle, method: AaveOracle.getSourceOfAsset($0)) })
                for (asset, answer) in zip(substitutes, answers) {
                    if let source = answer.value, !source.isZero { feeds.sources[asset] = source }
                }
            }
            let used = book.members.reduce(into: Set<Int>()) { $0.formUnion($1.configuration.reserves) }
            let own = book.state.reserves.filter { used.contains($0.id) && $0.source.kind == .feed }
                .compactMap(\.source.address)
            let contracts = Set(own + feeds.sources.values).sorted()
            guard !contracts.isEmpty else { return feeds }
            for (contract, code) in zip(contracts, try await snapshot.code(at: contracts)) {
                guard let code = code.value else { continue }
                let hash = Keccak256.hash(code.span)
                if let layout = Aave.FeedLayout.known[hash] { feeds.layouts[contract] = (hash, layout) }
            }
            return feeds
        } catch {
            throw .chain(error)
        }
    }
}

extension Aave.Feeds {
    /// The oracle's entry for an asset; `nil` where no source was read.
    func slot(
        of asset: Address, _ name: String, source: Address?, oracle: Address, _ layout: Aave.Layout
    ) -> ProvableSlot? {
        source.map { source in
            ProvableSlot(
                oracle, StorageSlot.mapping(asset, at: layout.sources), holds: source.word, mask: .mask(bits: 160),
                "price source of \(name)")
        }
    }

    /// The slots behind a price that a source answers, and what of it is in none.
    func claims(
        of asset: Address, _ name: String, source: Address, price: Reading<UInt256>, oracle: Address,
        _ layout: Aave.Layout
    ) -> ([ProvableSlot], String?) {
        var slots: [ProvableSlot] = []
        if let entry = slot(of: asset, name, source: source, oracle: oracle, layout) { slots.append(entry) }
        guard let price = price.value else { return (slots, "the price of \(name) is not known") }
        guard let (code, feed) = layouts[source] else {
            return (slots, "the price of \(name): where its source \(source) stores the answer is not known")
        }
        // An answer that is not positive is replaced by the fallback's, and would look like a lie.
        guard !hasFallback else { return (slots, "the price of \(name) may come from the fallback oracle") }
        slots.append(
            ProvableSlot(source, feed.answer, holds: price, code: code, "answer of the price source of \(name)"))
        return (slots, nil)
    }
}

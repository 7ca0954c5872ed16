import Chain
import Ethereum
import Lending
import Networks

/// Which pools make the prices of a market, and what pushing those prices costs by what was read of them.
///
/// Only prices that rest on pools alone have a cost, and only pools whose kind the network file names.
struct PoolCosts {
    /// A pool behind one asset's price.
    struct Entry: Sendable {
        var asset: PricedAsset
        var read: PoolBook.Entry
        /// Seconds of its average; nil where the price is read as it is in the block.
        var window: Int?
    }

    private(set) var entries: [Entry] = []
    /// Why a price that rests on pools has no cost, by asset.
    private(set) var reasons: [Address: String] = [:]

    init(_ assessments: [AssetAssessment], of network: Network, in book: OracleBook) {
        for found in assessments where !found.roots.isEmpty && found.roots.allSatisfy(\.isPool) {
            let asset = found.asset.asset
            // Where average and price of the block are the same, nobody can say which of them has to be pushed.
            guard let own = found.pool(), own.isCertain else {
                reasons[asset] = "it is not known whether the pool's average or its price of the block is used"
                continue
            }
            var pools: Set<Address> = []
            for source in network.priceSources {
                guard let pool = PoolBook.pool(of: source), found.roots.contains(OracleRoot("pool", pool)),
                    pools.insert(pool).inserted, let read = book.pools.entries[pool]
                else { continue }
                if let reason = read.probe.state.reason {
                    reasons[asset] = "pool \(pool.checksummed): \(reason)"
                } else {
                    entries.append(Entry(asset: found.asset, read: read, window: own.isAverage ? own.window : nil))
                }
            }
            if pools.isEmpty { reasons[asset] = "the network file does not name the pool behind it as a source" }
        }
    }
}

extension PoolCosts.Entry {
    /// How far prices are pushed, in basis points.
    static let moves = [-5_000, -2_000, -1_000, -500, -200, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000]

    /// What each push costs by what was read, and what it would bring; a push that reaches beyond what was read is left
    /// out.
    ///
    /// - Parameter extractable: what the scanned positions give at the asset's price after a push, in whole units.
    func costs(in book: OracleBook, blockTime: Int, extractable: (Int) -> UInt256?) -> [AttackCost] {
        guard let state = read.probe.state.value, let token0 = read.tokens.0, let token1 = read.tokens.1,
            let decimals0 = read.decimals.0, let decimals1 = read.decimals.1,
            asset.asset == token0 || asset.asset == token1, let price0 = worth(token0, book),
            let price1 = worth(token1, book)
        else { return [] }
        let ofToken0 = asset.asset == token0
        var costs: [AttackCost] = []
        for bps in Self.moves {
            do throws(PoolError) {
                var cost = try state.attackCost(
                    of: try PoolMove(bps: bps, ofToken0: ofToken0), token0: .init(price0, decimals: decimals0),
                    token1: .init(price1, decimals: decimals1), held: try plan(blockTime), unit: asset.currency)
                cost.extractable = extractable(bps)
                costs.append(cost)
            } catch {
                continue
            }
        }
        return costs
    }

    /// The cheapest way to move an average all the way: the price is held through its whole window.
    private func plan(_ blockTime: Int) throws(PoolError) -> HoldingPlan? {
        guard let window, let seconds = UInt32(exactly: window) else { return nil }
        let step = UInt32(clamping: max(1, blockTime / 1_000))
        return try HoldingPlan(window: seconds, blocks: Int(max(1, seconds / step)), blockTime: min(step, seconds))
    }

    /// What a whole token is worth in the market's currency: by the sources; the asset itself, where there are none, by the
    /// market's own price.
    private func worth(_ token: Address, _ book: OracleBook) -> ExactPrice? {
        let currency = PriceDescription(book: book).dollars(ofCurrency: asset)
        if let dollars = book.dollars(of: token), let currency {
            return currency == .one ? dollars : dollars.over(currency)
        }
        guard token == asset.asset else { return token == asset.currencyAsset ? .one : nil }
        return asset.priceRaw.flatMap { ExactPrice.ratio($0, .one, over: asset.priceScale, decimals: 0) }
    }
}

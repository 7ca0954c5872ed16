import Chain
import Ethereum
import Lending
import Networks
import Oracles
import Risk

/// Past rounds of the feeds behind a scan's prices: what volatility is measured from where nobody gave bars.
enum FeedRounds {
    /// The most feeds that are read.
    private static let most = 32

    /// The last rounds of each group's own asset that a market prices in dollars, by group; one exchange a feed, behind
    /// those that find it. What cannot be read is left out.
    static func read(
        _ count: Int, _ outcome: ScanOutcome, of network: Network
    ) async throws(ChainError) -> [String: [PricePoint]] {
        var assets: [String: PricedAsset] = [:]
        for market in outcome.markets {
            for asset in market.market.pricedAssets(of: market.reading.positions) where asset.currency == "USD" {
                let facts = AssetFacts(asset.symbol ?? "")
                guard facts.peg == nil, facts.isVolatile, !facts.group.isEmpty, facts.group.utf8.count <= 32,
                    asset.source.kind == .feed, asset.source.address != nil, assets.count < most
                else { continue }
                assets[facts.group] = assets[facts.group] ?? asset
            }
        }
        guard !assets.isEmpty else { return [:] }
        let book: OracleBook
        if let known = outcome.oracles?.book {
            book = known
        } else {
            book = try await OracleSurvey(of: network, on: outcome.snapshot).read(Array(assets.values))
        }
        var rounds: [String: [PricePoint]] = [:]
        for (group, asset) in assets.sorted(by: { $0.key < $1.key }) {
            guard let source = asset.source.address,
                let history = try await FeedHistory.read(count, of: source, in: book, on: outcome.snapshot)
            else { continue }
            let points = history.rounds.compactMap { round -> PricePoint? in
                guard let price = round.price.value?.scaled(to: 100_000_000), let time = round.updatedAt,
                    time <= outcome.snapshot.block.timestamp
                else { return nil }
                return PricePoint(time: time, price: price.double / 1e8)
            }
            if points.count > 1 { rounds[group] = points }
        }
        return rounds
    }
}

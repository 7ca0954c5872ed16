import Lending
import Oracles
import Risk

/// How far the positions of a scan are from their lines; nothing is asked of a node for it.
struct DistanceMeasure {
    /// By deployment and market: isolated markets price the same token each in its own way.
    private let finders: [MarketID: DistanceFinder]

    /// Prepares the markets of a scan, with the roots of their prices as far as they are known.
    init(_ outcome: ScanOutcome) {
        var finders: [MarketID: DistanceFinder] = [:]
        for market in outcome.markets {
            for (id, positions) in Dictionary(grouping: market.reading.positions, by: \.market) {
                finders[id] = DistanceFinder(market.market, roots: market.roots(of: positions, in: outcome))
            }
        }
        self.finders = finders
    }

    /// The positions with their distances, in their order.
    func measured(_ positions: [Position]) async -> [Position] {
        guard positions.count > 1 else { return positions.map(measure) }
        // Two halves of alternating positions: as many cores as a small machine has, and no queue of tasks.
        return await withTaskGroup(of: (Int, [Position]).self) { group in
            let lanes = 2
            for lane in 0..<lanes {
                group.addTask {
                    (lane, stride(from: lane, to: positions.count, by: lanes).map { measure(positions[$0]) })
                }
            }
            var result = positions
            for await (lane, measured) in group {
                for (place, position) in measured.enumerated() { result[lane + place * lanes] = position }
            }
            return result
        }
    }

    private func measure(_ position: Position) -> Position {
        finders[position.market]?.measured(position) ?? position
    }
}

extension ScanOutcome.Market {
    /// How the prices of these positions, all of one market, hang on their roots.
    func roots(of positions: [Position], in outcome: ScanOutcome) -> PriceRoots {
        let assets = market.pricedAssets(of: positions)
        let shared = Set(market.contracts.map(\.address))
        guard let oracles = outcome.oracles else { return PriceRoots(of: assets, besides: shared) }
        return PriceRoots(of: assets, in: oracles.book.forest, besides: shared)
    }
}

import Lending
import Oracles
import Risk

/// How far the positions of a scan are from their lines; nothing is asked of a node for it.
struct DistanceMeasure {
    private let finders: [String: DistanceFinder]

    /// Prepares the markets of a scan, with the roots of their prices as far as they are known.
    init(_ outcome: ScanOutcome) {
        var finders: [String: DistanceFinder] = [:]
        for market in outcome.markets {
            finders[market.id.deployment] = DistanceFinder(market.market, roots: market.roots(in: outcome))
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
        finders[position.market.deployment]?.measured(position) ?? position
    }
}

extension ScanOutcome.Market {
    /// How the market's prices hang on their roots.
    func roots(in outcome: ScanOutcome) -> PriceRoots {
        let assets = market.pricedAssets(of: reading.positions)
        let shared = Set(market.contracts.map(\.address))
        guard let oracles = outcome.oracles else { return PriceRoots(of: assets, besides: shared) }
        return PriceRoots(of: assets, in: oracles.book.forest, besides: shared)
    }
}

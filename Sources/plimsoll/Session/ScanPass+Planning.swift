import Keeper
import Lending

extension ScanPass {
    /// Plans whatever can be liquidated. Nothing is asked for it, and nothing is tried: `plimsoll plan` does that.
    func plan(_ outcome: inout ScanOutcome, _ opened: [any LendingMarket]) {
        for (index, market) in opened.enumerated() {
            let planner = LiquidationPlanner(market, policy: .profit)
            for place in outcome.markets[index].reading.positions.indices {
                let position = outcome.markets[index].reading.positions[place]
                outcome.markets[index].reading.positions[place] = planner.planned(position)
            }
        }
    }
}

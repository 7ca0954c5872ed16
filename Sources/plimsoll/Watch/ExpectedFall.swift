import Ethereum
import Keeper
import Lending

/// A position that stands, and falls once prices have arrived that are signed or quoted already.
struct ExpectedFall: Sendable {
    /// The prices after that, by token.
    let prices: [Address: UInt256]
    /// The contract's comparison at them.
    let verdict: Verdict
    /// Whether the calls that bring them are at hand: then nobody else has to act first.
    let canBeBrought: Bool

    /// - Returns: `nil` where the position falls already, or does not fall.
    init?(of position: Position) {
        guard position.liquidatable == false, let oracle = position.oracle, oracle.liquidatableAtPending == true,
            let verdict = oracle.healthUnder.first(where: { $0.name == "pending" })?.verdict
        else { return nil }
        prices = Dictionary(oracle.pending.map { ($0.asset, $0.priceRaw) }, uniquingKeysWith: { first, _ in first })
        self.verdict = verdict
        canBeBrought =
            !oracle.updates.isEmpty && oracle.updateMissing == nil
            && oracle.pending.allSatisfy { $0.channel == "signed" }
    }

    /// The position with plans at the expected prices: they hold once those have arrived.
    func planned(_ position: Position, in market: any LendingMarket) -> Position {
        var position = position
        let found = LiquidationPlanner(market, policy: .profit).plans(for: position, at: prices, verdict)
        position.plans = found.plans
        position.unknown += found.unknown
        return position
    }
}

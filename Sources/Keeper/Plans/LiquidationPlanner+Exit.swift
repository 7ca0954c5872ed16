import Ethereum
public import Lending
import Pools

extension LiquidationPlanner {
    /// The plans of a position with what their exits bring, and for a pair whose pools are shallow one of the size that
    /// earns most through them; best first.
    ///
    /// - Parameter book: pools at the pinned block, after what others sold before; of several ways the one that pays
    ///   most is taken.
    public func exiting(_ position: Position, through book: ExitBook) -> Position {
        guard let plans = position.plans, !plans.isEmpty, !book.isEmpty else { return position }
        var found: [LiquidationPlan] = []
        for plan in plans where plan.size != .exit {
            var plan = plan
            plan.exit = book.best(for: plan)
            found.append(plan)
            if plan.size == .most, let smaller = sized(plan, for: position, book) { found.append(smaller) }
        }
        var position = position
        position.plans = Array(ordered(found, of: position).prefix(Self.mostPlans))
        return position
    }

    /// The same pair at the size that earns most, where that is less than the most: the contract's integers decide
    /// between the sizes next to it.
    private func sized(
        _ plan: LiquidationPlan, for position: Position, _ book: ExitBook
    ) -> LiquidationPlan? {
        guard let most = plan.steps.first, let amount = book.optimum(of: most), amount < most.seize else { return nil }
        let middle: UInt256
        do throws(MathError) {
            middle = try UInt256.mulDiv(amount, most.repay, most.seize, .down)
        } catch {
            return nil
        }
        var best: LiquidationPlan?
        for cover in [middle.subtractingOrZero(.one), middle, middle.addingOrMax(.one)] {
            guard !cover.isZero, cover < most.repay, let quote = call(position, most.pair, cover), quote.dustOK else {
                continue
            }
            var smaller = self.plan(.exit, quote, for: position)
            smaller.exit = book.best(for: smaller)
            guard let sold = smaller.soldGross else { continue }
            if best?.soldGross.map({ sold > $0 }) ?? true { best = smaller }
        }
        return best
    }
}

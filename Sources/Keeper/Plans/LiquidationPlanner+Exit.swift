import Ethereum
public import Lending

extension LiquidationPlanner {
    /// The plans of a position with what their exits bring, and for a pair whose pool is shallow one of the size that
    /// earns most through it; best first.
    ///
    /// - Parameter pools: at the pinned block; of several for one pair the one that pays most is taken.
    public func exiting(_ position: Position, through pools: [ExitPool]) -> Position {
        guard let plans = position.plans, !plans.isEmpty, !pools.isEmpty else { return position }
        var found: [LiquidationPlan] = []
        for plan in plans {
            var plan = plan
            plan.exit = best(plan, pools)
            found.append(plan)
            if plan.size == .most, let smaller = sized(plan, for: position) { found.append(smaller) }
        }
        var position = position
        position.plans = Array(ordered(found, of: position).prefix(Self.mostPlans))
        return position
    }

    private func best(_ plan: LiquidationPlan, _ pools: [ExitPool]) -> LiquidationExit? {
        // A share that was not redeemed is sold nowhere.
        guard plan.seizeAsset == plan.pair.collateralAsset, !plan.repay.isZero else { return nil }
        var best: LiquidationExit?
        for pool in pools where pool.sold == plan.pair.collateralAsset && pool.bought == plan.pair.debtAsset {
            do throws(MathError) {
                let exit = try LiquidationExit(pool, seize: plan.seize, repay: plan.repay)
                if best.map({ exit.expectedOut > $0.expectedOut }) ?? true { best = exit }
            } catch {
                continue  // an empty pool is no exit
            }
        }
        return best
    }

    /// The same pair at the size that earns most, where that is less than the most.
    private func sized(_ plan: LiquidationPlan, for position: Position) -> LiquidationPlan? {
        guard let exit = plan.exit, let most = plan.steps.first else { return nil }
        do throws(MathError) {
            let amount = try exit.pool.optimum(costing: most.repay, over: most.seize)
            guard !amount.isZero, amount < most.seize else { return nil }
            let cover = try UInt256.mulDiv(amount, most.repay, most.seize, .down)
            guard let quote = quote(position, most.pair, cover), quote.dustOK else { return nil }
            var smaller = self.plan(.exit, quote, for: position)
            smaller.exit = try LiquidationExit(exit.pool, seize: quote.seize, repay: quote.repay)
            return smaller
        } catch {
            return nil
        }
    }
}

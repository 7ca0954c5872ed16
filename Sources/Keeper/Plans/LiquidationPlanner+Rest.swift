import Ethereum
import Lending

/// What a plan leaves behind, and how long it holds.
extension LiquidationPlanner {
    /// What of all debt the rest of all collateral does not cover, at the protocol's own prices, base units.
    func shortfall(of position: Position, after plan: LiquidationPlan) -> UInt256? {
        guard let debt = position.debtValue, let collateral = position.collateralValue else { return nil }
        do throws(MathError) {
            let taken = try UInt256.mulDiv(
                plan.seizeValue, plan.seize + plan.protocolFee, max(plan.seize, .one), .up)
            return debt.subtractingOrZero(plan.repayValue).subtractingOrZero(collateral.subtractingOrZero(taken))
        } catch {
            return nil
        }
    }

    /// When the block is due that comes after the next one.
    func until(_ timestamp: UInt64, _ blockTime: Int) -> UInt64? {
        let (start, tooLarge) = timestamp.multipliedReportingOverflow(by: 1_000)
        let (end, tooLate) = start.addingReportingOverflow(2 * UInt64(max(0, min(blockTime, 86_400_000))))
        return tooLarge || tooLate ? nil : end
    }

    /// The smallest repayment after which nothing is left of the debt, or of the collateral; `nil` where none does that.
    /// Where only an argument beyond the most does, it is the most.
    func clearing(
        of position: Position, _ pair: LiquidationPair, _ most: LiquidationQuote
    ) -> UInt256? {
        func clears(_ quote: LiquidationQuote) -> Bool { quote.rest.debt.isZero || quote.rest.collateral.isZero }
        guard clears(most) else { return nil }
        func clears(_ cover: UInt256) -> Bool {
            guard let quote = quote(position, pair, cover) else { return false }
            return clears(quote) && quote.dustOK
        }
        var low = UInt256.zero
        var best = most.repay
        // It is the most, or so little below it that only rounding lies between.
        var stride = UInt256.one
        while best > stride {
            guard clears(best &- stride) else {
                low = best &- stride
                break
            }
            best = best &- stride
            stride = stride << 2
        }
        while best &- low > .one {
            let middle = low &+ (best &- low) >> 1
            if clears(middle) { best = middle } else { low = middle }
        }
        return best
    }
}

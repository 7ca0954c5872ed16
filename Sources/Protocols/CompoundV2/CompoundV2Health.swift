public import Ethereum
import Lending
import Chain

extension CompoundV2 {
    /// The sums that the comptroller compares, each in 1e-18 of its currency.
    public struct Sums: Hashable, Sendable {
        /// Collateral, weighted.
        public var collateral = UInt256.zero
        /// Debt.
        public var debt = UInt256.zero
        /// Collateral, not weighted.
        public var total = UInt256.zero

        /// What is left to borrow.
        public var liquidity: UInt256 { collateral.subtractingOrZero(debt) }
        /// What is missing: anything above zero lets anyone liquidate.
        public var shortfall: UInt256 { debt.subtractingOrZero(collateral) }

        /// `collateral · 1e18 / debt`, down; `.max` without debt. No contract computes it.
        ///
        /// Source: compound.md A4, normal form.
        public func health() throws(MathError) -> UInt256 {
            debt.isZero ? .max : try .mulDiv(collateral, .wad, debt, .down)
        }
    }

    /// What the comptroller says of one account.
    enum Outcome: Sendable {
        /// Two sums.
        case sums(Sums)
        /// An error code instead of a verdict: no liquidation passes.
        case refused(code: UInt256, why: String)
        /// The call reverts: no liquidation passes.
        case reverts(String)
        /// Something that it depends on could not be read.
        case unknown(String)
    }
}

extension CompoundV2.MarketState {
    /// What the comptroller computes for one account.
    ///
    /// - Parameter accrued: with interest accrued in every market that the account entered; otherwise as stored.
    ///
    /// Source: compound-finance/compound-protocol `Comptroller.getHypotheticalAccountLiquidityInternal@a3214f6` and the
    /// same function of each fork.
    func evaluate(
        _ member: CompoundV2.Member, _ rounding: CompoundV2.Rounding, accrued: Bool
    ) -> CompoundV2.Outcome {
        if let issue = member.issues.first { return .unknown(issue.reason) }
        if accrued, let issue = member.executionIssue { return .unknown(issue) }
        var sums = CompoundV2.Sums()
        do throws(MathError) {
            for holding in member.holdings {
                let market = markets[holding.market]
                if rules.passesOverDelisted && !market.isListed { continue }
                guard holding.error.isZero else {
                    return refusal(15, "getAccountSnapshot of \(market.name) answers error \(holding.error)")
                }
                if rules.passesOverEmpty && holding.tokens.isZero && holding.borrow.isZero { continue }
                let rate: UInt256
                switch accrued ? market.executionRate : market.exchangeRate {
                case .known(let value): rate = value
                case .unknown(let reason): return unreadable(reason, "the exchange rate of \(market.name)")
                }
                let weight: UInt256
                switch terms(of: market, in: member.pool).weight {
                case .known(let value): weight = value
                case .unknown(let reason): return unreadable(reason, "the collateral factor of \(market.name)")
                }
                let price: UInt256
                switch market.price {
                case .known(let value): price = value
                case .unknown(let reason): return unreadable(reason, "the price of \(market.name)")
                }
                guard !price.isZero else { return refusal(13, "the price of \(market.name) is zero") }
                guard let owed = accrued ? holding.accrued : holding.borrow else {
                    return .unknown("the accrued debt in \(market.name) was not read")
                }
                try sums.collateral += CompoundV2.Math.collateral(
                    holding.tokens, weight: weight, rate: rate, price: price, rounding)
                try sums.total += CompoundV2.Math.value(holding.tokens, rate: rate, price: price)
                try sums.debt += CompoundV2.Math.mul(price, owed)
            }
            try sums.debt += member.vai
        } catch {
            let why = "a number leaves 256 bits"
            return rounding == .halfUp ? .refused(code: 11, why: why) : .reverts(why)
        }
        return .sums(sums)
    }

    private func refusal(_ code: UInt256, _ why: String) -> CompoundV2.Outcome {
        rules.answersErrors ? .refused(code: code, why: why) : .reverts(why)
    }

    /// A call that reverts takes the comptroller's with it; any other failure is ours.
    private func unreadable(_ reason: Reason, _ what: String) -> CompoundV2.Outcome {
        if case .reverted = reason { return .reverts("\(what): \(reason)") }
        return .unknown("\(what): \(reason)")
    }

    /// How the contract rounds: the way in which most of its answers come out, the first one where none tells.
    ///
    /// Accounts whose numbers are the same either way say nothing.
    func rounding(of members: [CompoundV2.Member]) -> CompoundV2.Rounding {
        guard rules.roundings.count > 1 else { return rules.roundings[0] }
        var scores = [Int](repeating: 0, count: rules.roundings.count)
        for member in members {
            guard let answer = member.answer.value, answer.count == 3, answer[0].isZero else { continue }
            for (place, rounding) in rules.roundings.enumerated() {
                guard case .sums(let sums) = evaluate(member, rounding, accrued: false) else { continue }
                if sums.liquidity == answer[1] && sums.shortfall == answer[2] { scores[place] += 1 }
            }
        }
        let best = scores.max() ?? 0
        return rules.roundings[scores.firstIndex(of: best) ?? 0]
    }
}

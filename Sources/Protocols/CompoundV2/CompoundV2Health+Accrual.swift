import Chain
public import Ethereum
import JSON
public import Lending

extension CompoundV2.Market {
    /// What `liquidateBorrow` will find in a block of another time, every market accrued in one step from what it stores.
    ///
    /// Where a market counts in blocks, they are taken to come as the network file says. A debt's principal cannot be
    /// read: it is bounded by the stored balance on both sides, and where the bounds do not agree nothing is said.
    ///
    /// Source: compound-finance/compound-protocol `CToken.accrueInterest@a3214f6`.
    public func verdict(of position: Position, at timestamp: UInt64, prices: [Address: UInt256]) -> Verdict? {
        guard timestamp >= position.block.timestamp else { return nil }
        if timestamp == position.block.timestamp { return revalue(position, at: prices) }
        var low = position
        var high = position
        var rates: [JSONValue] = []
        var owedLow: [JSONValue] = []
        var owedHigh: [JSONValue] = []
        do throws(MathError) {
            for leg in position.collateral {
                guard let market = market(of: leg) else { return nil }
                guard let totals = try accrued(market, position, timestamp) else {
                    rates.append(market.exchangeRate.value.map { .string($0.description) } ?? .null)
                    continue
                }
                guard let rate = try CompoundV2.Math.exchangeRate(totals) else { return nil }
                rates.append(.string(rate.description))
            }
            for leg in position.debt {
                // The stored index of VAI grows only when somebody acts.
                guard leg.source.kind != .base else {
                    owedLow.append(.string(leg.amount.description))
                    owedHigh.append(.string(leg.amount.description))
                    continue
                }
                guard let market = market(of: leg), let before = market.totals?.index else { return nil }
                let index = try accrued(market, position, timestamp)?.index ?? before
                let least = try UInt256.mulDiv(leg.raw, index, before, .down)
                // Less than one unit more is stored, which makes less than `index / before` more.
                let most = index == before ? least : try UInt256.mulDiv(leg.raw + .one, index, before, .up) - .one
                owedLow.append(.string(least.description))
                owedHigh.append(.string(most.description))
            }
        } catch {
            return nil
        }
        low.details["accruedRates"] = .array(rates)
        high.details["accruedRates"] = .array(rates)
        low.details["accruedDebt"] = .array(owedLow)
        high.details["accruedDebt"] = .array(owedHigh)
        guard let least = revalue(low, at: prices), let most = revalue(high, at: prices),
            least.liquidatable == most.liquidatable
        else { return nil }
        return most
    }

    /// A market's totals at a time; `nil` where its accrual reverts, so that what is stored goes on to count.
    private func accrued(
        _ market: CompoundV2.CToken, _ position: Position, _ timestamp: UInt64
    ) throws(MathError) -> CompoundV2.Totals? {
        if case .stuck = market.accrual { return nil }
        guard market.accruesAsComputed == true, let totals = market.totals, let rate = market.borrowRate else {
            throw .overflow
        }
        if market.isTimeBased { return try CompoundV2.Math.accrue(totals, rate: rate, to: timestamp) }
        // The chain may count other blocks inside its EVM: the index at the pinned block tells.
        guard secondsPerBlock > 0, case .accrued(_, let index?) = market.accrual,
            try CompoundV2.Math.accrue(totals, rate: rate, to: position.block.number).index == index
        else { throw .overflow }
        let blocks = (timestamp - position.block.timestamp) / UInt64(secondsPerBlock)
        return try CompoundV2.Math.accrue(totals, rate: rate, to: position.block.number + blocks)
    }
}

public import Ethereum
import JSON
public import Lending

extension CompoundV2.Market {
    /// The comparison at other prices, with interest accrued to the pinned block, from the numbers that the position
    /// states. Where the same asset has two markets, both take the price.
    ///
    /// Source: as in ``CompoundV2/MarketState``.
    public func revalue(_ position: Position, at prices: [Address: UInt256]) -> Verdict? {
        guard position.match != .differs, position.execution?.verdict != nil,
            let name = position.details["rounding"]?.string, let rounding = CompoundV2.Rounding(rawValue: name),
            let rates = CompoundV2.numbers(position.details["accruedRates"]), rates.count == position.collateral.count,
            let debts = CompoundV2.numbers(position.details["accruedDebt"]), debts.count == position.debt.count
        else { return nil }
        var sums = CompoundV2.Sums()
        do throws(MathError) {
            for (leg, rate) in zip(position.collateral, rates) where leg.enabled {
                guard let price = CompoundV2.price(of: leg, prices) else { return nil }
                try sums.collateral += CompoundV2.Math.collateral(
                    leg.raw, weight: leg.factorRaw ?? .zero, rate: rate, price: price, rounding)
            }
            for (leg, amount) in zip(position.debt, debts) where leg.enabled {
                guard let price = CompoundV2.price(of: leg, prices) else { return nil }
                try sums.debt += CompoundV2.Math.mul(price, amount)
            }
            return Verdict(
                hfNum: sums.collateral, hfDen: sums.debt, hfProtocol: try sums.health(),
                liquidatable: !sums.shortfall.isZero || position.details["forced"] != nil)
        } catch {
            return nil
        }
    }
}

extension CompoundV2 {
    /// What the contract would read; `nil` for zero, at which it refuses. VAI always counts one.
    fileprivate static func price(of leg: Leg, _ prices: [Address: UInt256]) -> UInt256? {
        let price = leg.source.kind == .base ? leg.priceRaw : prices[leg.asset] ?? leg.priceRaw
        return price.isZero ? nil : price
    }

    /// The integers of a list; `nil` where one is missing.
    fileprivate static func numbers(_ value: JSONValue?) -> [UInt256]? {
        guard let list = value?.array else { return nil }
        let numbers = list.compactMap { $0.string.flatMap { UInt256(decimal: $0) } }
        return numbers.count == list.count ? numbers : nil
    }
}

import Chain
import Ethereum
import JSON
public import Lending

extension CompoundV2.Market {
    /// Both sides of a pair.
    struct Sides {
        var `case`: CompoundV2.LiquidationCase
        var debt: (leg: Leg, place: Int)
        var collateral: Leg
        var collateralPlace: Int
        var borrowed: CompoundV2.CToken
        var held: CompoundV2.CToken
        /// Whether interest in the pair's markets alone leaves the account short.
        var isShort: Bool
        /// Whether the borrowed market lets anyone be liquidated.
        var isForced: Bool
        /// The treasury's part of the bonus, where one contract alone may liquidate.
        var liquidatorShare: UInt256?
    }

    /// The market of a leg, which names it by symbol and underlying; `nil` where that names two.
    func market(of leg: Leg) -> CompoundV2.CToken? {
        let found = state.markets.filter { $0.underlying == leg.asset && $0.name == leg.kind }
        return found.count == 1 ? found[0] : nil
    }

    /// What the position's legs say of a pair.
    func sides(of position: Position, _ pair: LiquidationPair) throws(LiquidationRefusal) -> Sides {
        func place(_ legs: [Leg], _ key: UInt256?) -> (Int, CompoundV2.CToken)? {
            for (place, leg) in legs.enumerated() {
                if let market = market(of: leg), market.address.word == key { return (place, market) }
            }
            return nil
        }
        guard let (owed, borrowed) = place(position.debt, pair.debtKey),
            let (secured, held) = place(position.collateral, pair.collateralKey),
            let rounding = position.details["rounding"]?.string.flatMap({ CompoundV2.Rounding(rawValue: $0) }),
            let debt = number(position, "accruedDebt", owed), let rate = number(position, "accruedRates", secured)
        else { throw LiquidationRefusal("the position has no such pair, or not all of it is known") }
        guard let incentive = number(position, "incentives", secured), !incentive.isZero else {
            throw LiquidationRefusal("the liquidation incentive of \(held.name) is zero or not known")
        }
        guard let share = held.seizeShare.value else {
            throw LiquidationRefusal("the share that \(held.name) keeps of what is seized is not known")
        }
        let isForced = borrowed.isForced.value == true
        guard isForced || state.closeFactor != nil else { throw LiquidationRefusal("the close factor is not known") }
        let isShort = isShort(position, owed, secured, rounding)
        guard isShort || isForced || position.execution?.verdict?.liquidatable == true else {
            throw LiquidationRefusal("the comptroller finds no shortfall")
        }
        let leg = position.collateral[secured]
        return Sides(
            case: CompoundV2.LiquidationCase(
                debt: debt, closeFactor: isForced ? nil : state.closeFactor, tokens: leg.raw, exchangeRate: rate,
                incentive: incentive, borrowedPrice: position.debt[owed].priceRaw, collateralPrice: leg.priceRaw,
                seizeShare: share, sharesPrincipal: state.rules.countsBadDebt, rounding: rounding),
            debt: (position.debt[owed], owed), collateral: leg, collateralPlace: secured, borrowed: borrowed,
            held: held, isShort: isShort, isForced: isForced,
            liquidatorShare: state.liquidator.isZero ? nil : state.liquidatorTerms?.treasuryShare)
    }

    func number(_ position: Position, _ list: String, _ place: Int) -> UInt256? {
        guard let values = position.details[list]?.array, place < values.count else { return nil }
        return values[place].string.flatMap { UInt256(decimal: $0) }
    }

    /// Whether the comptroller finds a shortfall where interest is accrued in these two markets alone.
    private func isShort(
        _ position: Position, _ owed: Int, _ secured: Int, _ rounding: CompoundV2.Rounding
    ) -> Bool {
        let markets = [market(of: position.debt[owed])?.address, market(of: position.collateral[secured])?.address]
        func isFresh(_ leg: Leg) -> Bool { market(of: leg).map { markets.contains($0.address) } ?? false }
        guard let sums = sums(position, rounding, accruing: isFresh) else { return false }
        return !sums.shortfall.isZero
    }

    /// The comptroller's sums, with interest accrued in the markets of some legs; `nil` where a number is not known.
    func sums(
        _ position: Position, _ rounding: CompoundV2.Rounding, accruing isFresh: (Leg) -> Bool
    ) -> CompoundV2.Sums? {
        var sums = CompoundV2.Sums()
        do throws(MathError) {
            for (place, leg) in position.collateral.enumerated() where leg.enabled {
                guard let rate = isFresh(leg) ? number(position, "accruedRates", place) : leg.index,
                    !leg.priceRaw.isZero
                else { return nil }
                try sums.collateral += CompoundV2.Math.collateral(
                    leg.raw, weight: leg.factorRaw ?? .zero, rate: rate, price: leg.priceRaw, rounding)
            }
            for (place, leg) in position.debt.enumerated() where leg.enabled {
                guard let amount = isFresh(leg) ? number(position, "accruedDebt", place) : leg.amount,
                    !leg.priceRaw.isZero
                else { return nil }
                try sums.debt += CompoundV2.Math.mul(leg.priceRaw, amount)
            }
        } catch {
            return nil
        }
        return sums
    }
}

extension CompoundV2.Market {
    /// The account after the call: in the pair's markets interest is accrued, in the others it is as stored.
    public func position(_ position: Position, after quote: LiquidationQuote) -> Position? {
        var after = position
        let sides: Sides
        do throws(LiquidationRefusal) {
            sides = try self.sides(of: position, quote.pair)
        } catch {
            return nil
        }
        let markets = [sides.borrowed.address, sides.held.address]
        let accruesAll = !quote.before.isEmpty
        var rates = position.details["accruedRates"]?.array ?? []
        var debts = position.details["accruedDebt"]?.array ?? []
        guard rates.count == position.collateral.count, debts.count == position.debt.count else { return nil }
        do throws(MathError) {
            let seized = try sides.case.seized(for: quote.repay)
            let outcome = try outcome(of: sides, quote.repay, seized)
            let tokens = try sides.case.tokens - seized.all
            let owed = try sides.case.debt - quote.repay
            rates[sides.collateralPlace] = .string((outcome.rate ?? sides.case.exchangeRate).description)
            debts[sides.debt.place] = .string(owed.description)
            after.details["accruedRates"] = .array(rates)
            after.details["accruedDebt"] = .array(debts)
            after.collateral[sides.collateralPlace].raw = tokens
            for place in after.collateral.indices {
                guard let market = market(of: after.collateral[place]), accruesAll || markets.contains(market.address)
                else { continue }
                guard let rate = number(after, "accruedRates", place) else { return nil }
                after.collateral[place].index = rate
                after.collateral[place].amount = try CompoundV2.Math.mul(rate, after.collateral[place].raw)
            }
            for place in after.debt.indices where after.debt[place].source.kind != .base {
                guard let market = market(of: after.debt[place]), accruesAll || markets.contains(market.address)
                else { continue }
                guard let amount = number(after, "accruedDebt", place) else { return nil }
                after.debt[place].raw = amount
                after.debt[place].amount = amount
            }
            guard let rounding = position.details["rounding"]?.string.flatMap({ CompoundV2.Rounding(rawValue: $0) }),
                let stored = sums(after, rounding, accruing: { _ in false }),
                let verdict = revalue(after, at: [:])
            else { return nil }
            after.hfNum = stored.collateral
            after.hfDen = stored.debt
            after.hfProtocol = try stored.health()
            after.debtValue = stored.debt
            after.liquidatable = verdict.liquidatable
            after.execution?.verdict = verdict
        } catch {
            return nil
        }
        after.hfOnchain = nil
        after.match = .equal
        after.details["liquidated"] = true
        return after
    }
}

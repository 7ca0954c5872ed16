import Bindings
import Chain
public import Ethereum
import JSON
public import Lending

extension CompoundV2.Market {
    /// Each debt with each collateral that may be seized. Keys are the markets' addresses: several may have one token.
    ///
    /// VAI is repaid to its controller, which is not sized here.
    public func liquidationPairs(of position: Position) throws(LiquidationRefusal) -> [LiquidationPair] {
        guard position.match == .equal, position.execution?.verdict != nil else {
            throw LiquidationRefusal("the position is not known well enough")
        }
        guard !state.isPaused else { throw LiquidationRefusal("the protocol is paused: nobody can be liquidated") }
        if let refusal = liquidatorRefusal(of: position) { throw refusal }
        if position.details["path"]?.string == "liquidateAccount or healAccount" {
            throw LiquidationRefusal(
                "its collateral is not above minLiquidatableCollateral: liquidateAccount or healAccount have to be "
                    + "called, for all debts together, which is not sized")
        }
        let isHealthy = position.execution?.verdict?.liquidatable != true
        let debts = position.debt.compactMap { leg -> (Leg, CompoundV2.CToken)? in
            guard leg.source.kind != .base, leg.enabled, !leg.paused, let market = market(of: leg),
                !isHealthy || market.isForced.value == true
            else { return nil }
            return (leg, market)
        }
        let collateral = position.collateral.compactMap { leg -> (Leg, CompoundV2.CToken)? in
            guard leg.enabled, !leg.paused, !leg.raw.isZero, let market = market(of: leg) else { return nil }
            return (leg, market)
        }
        let pairs = debts.flatMap { debt, borrowed in
            collateral.map { leg, held in
                LiquidationPair(
                    debtAsset: debt.asset, collateralAsset: leg.asset, debtKey: borrowed.address.word,
                    collateralKey: held.address.word)
            }
        }
        guard !pairs.isEmpty else {
            throw LiquidationRefusal(
                "no collateral that may be seized, or no debt that may be repaid: paused, stuck, empty or VAI")
        }
        return pairs
    }

    /// The borrowed market's `liquidateBorrow`, or that of the contract that alone may call it, and `redeem` where the
    /// collateral's market has the cash for it; otherwise what is received are cTokens, and `seizeAsset` says so.
    ///
    /// Where only interest in other markets brings the account below the line, `accrueInterest` of these comes first:
    /// the call accrues in its own two markets alone.
    public func liquidation(
        of position: Position, _ pair: LiquidationPair, cover: UInt256
    ) throws(LiquidationRefusal) -> LiquidationQuote {
        guard position.details["liquidated"] == nil else {
            throw LiquidationRefusal("the markets' totals after a first call are not followed")
        }
        let sides = try sides(of: position, pair)
        let case_ = sides.case
        let (most, repay): (UInt256, UInt256)
        let seized: (all: UInt256, kept: UInt256)
        let values: (seize: UInt256, repay: UInt256)
        let outcome: Outcome
        do throws(MathError) {
            most = try case_.most()
            repay = min(cover, most)
            seized = try case_.seized(for: repay)
            outcome = try self.outcome(of: sides, repay, seized)
            values = (
                try CompoundV2.Math.value(
                    outcome.tokens, rate: case_.exchangeRate, price: case_.collateralPrice),
                try (case_.borrowedPrice * repay).divided(by: .wad, .up)
            )
        } catch {
            throw LiquidationRefusal("the contract reverts: a number leaves 256 bits, or a price is 0")
        }
        guard !repay.isZero, !outcome.tokens.isZero else {
            throw LiquidationRefusal("what it would repay or seize rounds to nothing")
        }
        let call = try liquidateCall(position.account.address, repay, sides)
        let redeemed = outcome.redeemed
        var quote = LiquidationQuote(
            pair: pair, repayArg: repay, maxRepay: most, repay: repay, seize: redeemed ?? outcome.tokens,
            protocolFee: redeemed == nil ? outcome.keptTokens : outcome.kept,
            bonusBps: sides.collateral.bonusBps ?? 10_000, seizeValue: values.seize, repayValue: values.repay,
            dustRule: nil, dustOK: true,
            rest: (case_.debt.subtractingOrZero(repay), outcome.rest),
            spender: call.call.target, call: call.call, function: call.function, arguments: call.arguments)
        quote.value = call.value
        if redeemed == nil {
            quote.seizeAsset = sides.held.address
        } else {
            quote.after = [try redeemCall(outcome.tokens, sides.held)]
        }
        if !sides.isShort, !sides.isForced { quote.before = try accrualCalls(position, sides) }
        return quote
    }

    /// What a call does to the collateral's market.
    struct Outcome {
        /// cTokens that the liquidator gets, and those that are kept from them.
        var tokens: UInt256
        var keptTokens: UInt256
        /// The kept ones in underlying.
        var kept: UInt256
        /// What redeeming the tokens at once brings; `nil` where that cannot be done.
        var redeemed: UInt256?
        /// What of the collateral is left, in underlying.
        var rest: UInt256
        /// The market's exchange rate afterwards, where it is known.
        var rate: UInt256?
    }

    func outcome(
        of sides: Sides, _ repay: UInt256, _ seized: (all: UInt256, kept: UInt256)
    ) throws(MathError) -> Outcome {
        let rate = sides.case.exchangeRate
        var outcome = Outcome(
            tokens: try seized.all - seized.kept, keptTokens: seized.kept,
            kept: try CompoundV2.Math.mul(rate, seized.kept), redeemed: nil,
            rest: try CompoundV2.Math.mul(rate, sides.case.tokens.subtractingOrZero(seized.all)), rate: nil)
        if let share = sides.liquidatorShare {
            // bonus = seized · (incentive − 1) / incentive, and of it the treasury's part, each down.
            // Source: VenusProtocol/venus-protocol `Liquidator.sol@ce5c8beb`.
            let incentive = sides.case.incentive
            let bonus = try (seized.all * (incentive - .wad)).divided(by: incentive, .down)
            let ours = try CompoundV2.Math.mul(bonus, share)
            outcome.tokens = try outcome.tokens - ours
            outcome.keptTokens = try outcome.keptTokens + ours
            outcome.kept = try CompoundV2.Math.mul(rate, outcome.keptTokens)
            return outcome
        }
        guard var totals = sides.held.accruedTotals else { return outcome }
        if sides.borrowed.address == sides.held.address { totals = try totals.repaying(repay) }
        totals = try totals.seizing(kept: seized.kept, rate: rate)
        guard let after = try CompoundV2.Math.exchangeRate(totals) else { return outcome }
        outcome.rate = after
        let amount = try CompoundV2.Math.mul(after, outcome.tokens)
        // Newer isolated pools pay their share out at once.
        let cash = state.rules.countsBadDebt ? totals.cash.subtractingOrZero(outcome.kept) : totals.cash
        guard !amount.isZero, amount <= cash else { return outcome }
        outcome.redeemed = amount
        totals.cash = try totals.cash - amount
        totals.supply = try totals.supply - outcome.tokens
        outcome.rate = try CompoundV2.Math.exchangeRate(totals)
        return outcome
    }
}

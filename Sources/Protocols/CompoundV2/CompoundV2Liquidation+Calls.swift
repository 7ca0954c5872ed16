import Bindings
import Chain
import Ethereum
import JSON
import Lending

extension CompoundV2 {
    /// What Venus' liquidating contract adds.
    struct LiquidatorTerms: Hashable, Sendable {
        /// The treasury's part of the bonus, 1e18; `nil` where it could not be read.
        var treasuryShare: UInt256?
        /// Whether VAI has to be repaid before anything else.
        var forcesVAI: Bool?
        /// From which VAI debt on.
        var leastVAI: UInt256?
    }
}

extension CompoundV2.Market {
    /// Why the liquidating contract would refuse whatever is proposed here; `nil` where it would not.
    ///
    /// Source: VenusProtocol/venus-protocol `Liquidator.sol@ce5c8beb` (`checkRestrictions`, `_checkForceVAILiquidate`).
    func liquidatorRefusal(of position: Position) -> LiquidationRefusal? {
        guard !state.liquidator.isZero else { return nil }
        guard let terms = state.liquidatorTerms, terms.treasuryShare != nil else {
            return LiquidationRefusal("the terms of the liquidating contract \(state.liquidator) are not known")
        }
        guard state.rules.pools else {
            return LiquidationRefusal("how this release of the liquidating contract splits the bonus is not known")
        }
        if position.details["liquidationRestricted"]?.bool != false {
            return LiquidationRefusal(
                position.details["liquidationRestricted"]?.bool == true
                    ? "only permitted liquidators may liquidate this account"
                    : "whether only permitted liquidators may liquidate this account is not known")
        }
        let vai = position.debt.first { $0.source.kind == .base }?.amount ?? .zero
        guard !vai.isZero else { return nil }
        guard let forces = terms.forcesVAI, let least = terms.leastVAI else {
            return LiquidationRefusal("whether VAI has to be repaid first is not known")
        }
        return forces && vai >= least
            ? LiquidationRefusal("its VAI has to be repaid first, which is not sized") : nil
    }

    /// The liquidating call; of the chain's own coin it carries what is repaid.
    func liquidateCall(
        _ borrower: Address, _ repay: UInt256, _ sides: Sides
    ) throws(LiquidationRefusal) -> LiquidationCall {
        let (borrowed, held) = (sides.borrowed.address, sides.held.address)
        let isNative = sides.borrowed.underlying == .native
        let value = isNative ? repay : .zero
        if !state.liquidator.isZero {
            return try PlannedCall.made(
                to: state.liquidator,
                VenusLiquidator.liquidateBorrow(
                    vToken: borrowed, borrower: borrower, repayAmount: repay, vTokenCollateral: held
                ).encode(), VenusLiquidator.LiquidateBorrow.selector, VenusLiquidator.LiquidateBorrow.signature,
                words: [borrowed.word, borrower.word, repay, held.word],
                arguments: [
                    ("vToken", borrowed.checksummed), ("borrower", borrower.checksummed),
                    ("repayAmount", repay.description), ("vTokenCollateral", held.checksummed),
                ], value: value)
        }
        if isNative {
            return try PlannedCall.made(
                to: borrowed,
                CompoundCEther.liquidateBorrow(borrower: borrower, cTokenCollateral: held).encode(),
                CompoundCEther.LiquidateBorrow.selector, CompoundCEther.LiquidateBorrow.signature,
                words: [borrower.word, held.word],
                arguments: [("borrower", borrower.checksummed), ("cTokenCollateral", held.checksummed)],
                value: value)
        }
        return try PlannedCall.made(
            to: borrowed,
            CompoundCToken.liquidateBorrow(borrower: borrower, repayAmount: repay, cTokenCollateral: held).encode(),
            CompoundCToken.LiquidateBorrow.selector, CompoundCToken.LiquidateBorrow.signature,
            words: [borrower.word, repay, held.word],
            arguments: [
                ("borrower", borrower.checksummed), ("repayAmount", repay.description),
                ("cTokenCollateral", held.checksummed),
            ])
    }

    /// What turns the cTokens into their underlying.
    func redeemCall(
        _ tokens: UInt256, _ market: CompoundV2.CToken
    ) throws(LiquidationRefusal) -> LiquidationCall {
        try PlannedCall.made(
            to: market.address, CompoundCToken.redeem(tokens).encode(), CompoundCToken.Redeem.selector,
            CompoundCToken.Redeem.signature, words: [tokens], arguments: [("redeemTokens", tokens.description)])
    }

    /// `accrueInterest` of every other market of the account that accrues.
    func accrualCalls(_ position: Position, _ sides: Sides) throws(LiquidationRefusal) -> [LiquidationCall] {
        var calls: [LiquidationCall] = []
        var seen = [sides.borrowed.address, sides.held.address]
        for leg in position.collateral + position.debt {
            guard let market = market(of: leg), !market.isStuck, !seen.contains(market.address) else { continue }
            seen.append(market.address)
            calls.append(
                try PlannedCall.made(
                    to: market.address, CompoundCToken.accrueInterest().encode(),
                    CompoundCToken.AccrueInterest.selector, CompoundCToken.AccrueInterest.signature, words: [],
                    arguments: []))
        }
        return calls
    }
}

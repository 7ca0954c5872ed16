import Bindings
import Chain
public import Ethereum
import JSON
public import Lending

extension CompoundV3.Market {
    /// `absorb` alone, which pays nobody, as base for base; and `absorb` with a purchase of each collateral, where the
    /// Comet sells once the account is absorbed.
    public func liquidationPairs(of position: Position) throws(LiquidationRefusal) -> [LiquidationPair] {
        guard position.match == .equal, position.debt.count == 1, position.execution?.match == .equal else {
            throw LiquidationRefusal("the position is not known well enough")
        }
        guard !state.totals.absorbPaused else { throw LiquidationRefusal("absorb is paused") }
        let absorbed = try absorbed(position)
        let base = state.base.token
        var pairs = [LiquidationPair(debtAsset: base, collateralAsset: base)]
        if absorbed.refusal == nil {
            pairs += absorbed.lots.filter { !$0.amount.isZero }.map {
                LiquidationPair(debtAsset: base, collateralAsset: $0.asset.token)
            }
        }
        return pairs
    }

    /// `absorb`, and then `buyCollateral` at the quote of the Comet, with the least that must be received as quoted.
    ///
    /// What is bought costs the least base that the quote gives as much for; the most is what all of the Comet's own
    /// collateral costs, the account's included.
    ///
    /// Source: compound-finance/comet contracts/CometWithExtendedAssetList.sol@d5a30b0a.
    public func liquidation(
        of position: Position, _ pair: LiquidationPair, cover: UInt256
    ) throws(LiquidationRefusal) -> LiquidationQuote {
        guard position.liquidatable == true else { throw LiquidationRefusal("the Comet finds it collateralized") }
        let absorbed = try absorbed(position)
        let absorb = try absorbCall(position.account.address)
        guard pair.collateralAsset != state.base.token else { return alone(pair, absorb, absorbed) }
        if let refusal = absorbed.refusal { throw refusal }
        guard let lot = absorbed.lots.first(where: { $0.asset.token == pair.collateralAsset }),
            let price = position.collateral.first(where: { $0.asset == pair.collateralAsset })?.priceRaw
                ?? lot.asset.price.value,
            let basePrice = position.debt.first?.priceRaw ?? state.base.price.value
        else { throw LiquidationRefusal("the Comet has no such collateral, or its price is not known") }
        let (most, base, bought): (UInt256, UInt256, UInt256)
        let values: (seize: UInt256, repay: UInt256)
        let discount: UInt256
        do throws(MathError) {
            discount = try CompoundV3.Math.discount(
                storeFrontPriceFactor: state.base.storeFrontPriceFactor, liquidationFactor: lot.asset.liquidationFactor,
                state.rules)
            let terms = CompoundV3.Math.SaleTerms(
                basePrice: basePrice, baseScale: state.base.scale,
                discounted: try CompoundV3.Math.discountedPrice(price, discount: discount), scale: lot.asset.scale)
            most = try terms.largestPurchase(of: lot.amount)
            bought = try terms.quote(min(cover, most))
            base = try terms.leastBase(for: bought)
            values = (
                try CompoundV3.Math.mulPrice(bought, price, scale: lot.asset.scale),
                try (base * basePrice).divided(by: state.base.scale, .up)
            )
        } catch {
            throw LiquidationRefusal("the contract reverts: a number leaves 256 bits")
        }
        guard !bought.isZero else { throw LiquidationRefusal("what it would buy rounds to nothing") }
        let buy = try buyCall(pair.collateralAsset, least: bought, for: base)
        var quote = LiquidationQuote(
            pair: pair, repayArg: base, maxRepay: most, repay: base, seize: bought, protocolFee: .zero,
            bonusBps: position.collateral.first { $0.asset == pair.collateralAsset }?.bonusBps ?? 10_000,
            seizeValue: values.seize, repayValue: values.repay, dustRule: nil, dustOK: true,
            rest: (.zero, .zero), spender: comet, call: buy.call, function: buy.function, arguments: buy.arguments)
        quote.sender = buy.sender
        quote.before = [absorb]
        return quote
    }

    private func alone(
        _ pair: LiquidationPair, _ absorb: LiquidationCall, _ absorbed: CompoundV3.Absorbed
    ) -> LiquidationQuote {
        var quote = LiquidationQuote(
            pair: pair, repayArg: .zero, maxRepay: .zero, repay: .zero, seize: .zero, protocolFee: .zero,
            bonusBps: 10_000, seizeValue: .zero, repayValue: .zero, dustRule: nil, dustOK: true, rest: (.zero, .zero),
            spender: comet, call: absorb.call, function: absorb.function, arguments: absorb.arguments)
        quote.sender = absorb.sender
        return quote
    }

    private func absorbCall(_ account: Address) throws(LiquidationRefusal) -> LiquidationCall {
        try PlannedCall.made(
            to: comet, CompoundV3Comet.absorb(absorber: .zero, accounts: [account]).encode(),
            CompoundV3Comet.Absorb.selector, CompoundV3Comet.Absorb.signature,
            words: [.zero, 64, .one, account.word],
            arguments: [("absorber", "sender"), ("accounts", account.checksummed)], sender: .optional(at: 4))
    }

    private func buyCall(
        _ asset: Address, least: UInt256, for base: UInt256
    ) throws(LiquidationRefusal) -> LiquidationCall {
        try PlannedCall.made(
            to: comet,
            CompoundV3Comet.buyCollateral(asset: asset, minAmount: least, baseAmount: base, recipient: .zero).encode(),
            CompoundV3Comet.BuyCollateral.selector, CompoundV3Comet.BuyCollateral.signature,
            words: [asset.word, least, base, .zero],
            arguments: [
                ("asset", asset.checksummed), ("minAmount", least.description), ("baseAmount", base.description),
                ("recipient", "sender"),
            ], sender: .needed(at: 100))
    }
}

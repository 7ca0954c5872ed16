import Chain
import Ethereum
import JSON
import Lending

extension CompoundV2.Book {
    /// Puts a member's legs into its position, as stored, and what they grow to once interest is accrued into its
    /// details, leg by leg: `accruedRates` for collateral, `accruedDebt` for debt.
    func addLegs(of member: CompoundV2.Member, to position: inout Position) {
        var rates: [JSONValue] = []
        var debts: [JSONValue] = []
        var incentives: [JSONValue] = []
        for holding in member.holdings where holding.error.isZero {
            let market = state.markets[holding.market]
            if !holding.tokens.isZero {
                if let leg = collateral(holding, member, market) {
                    position.collateral.append(leg)
                    incentives.append(
                        state.terms(of: market, in: member.pool).incentive.map { .string($0.description) } ?? .null)
                    rates.append(market.executionRate.value.map { .string($0.description) } ?? .null)
                } else {
                    position.unknown.append(Unknown("collateral", "the leg in \(market.name) has no value"))
                }
            }
            guard !holding.borrow.isZero else { continue }
            if let leg = debt(holding, market) {
                position.debt.append(leg)
                debts.append(holding.accrued.map { .string($0.description) } ?? .null)
            } else {
                position.unknown.append(Unknown("debt", "the leg in \(market.name) has no value"))
            }
        }
        if !member.vai.isZero {
            position.debt.append(vai(member.vai))
            debts.append(.string(member.vai.description))
        }
        position.details["accruedRates"] = .array(rates)
        position.details["accruedDebt"] = .array(debts)
        position.details["incentives"] = .array(incentives)
        if !state.liquidator.isZero {
            position.details["liquidationRestricted"] = member.isRestricted.value.map { .bool($0) } ?? .null
        }
        if let closeFactor = state.closeFactor { position.details["closeFactor"] = .string(closeFactor.description) }
        if !state.liquidator.isZero { position.details["liquidator"] = .string(state.liquidator.checksummed) }
    }

    private func collateral(
        _ holding: CompoundV2.Holding, _ member: CompoundV2.Member, _ market: CompoundV2.CToken
    ) -> Leg? {
        let terms = state.terms(of: market, in: member.pool)
        guard let rate = market.exchangeRate.value, let price = market.price.value, let weight = terms.weight.value
        else { return nil }
        do throws(MathError) {
            guard
                var leg = leg(
                    market, raw: holding.tokens, amount: try CompoundV2.Math.mul(rate, holding.tokens), index: rate,
                    value: try CompoundV2.Math.value(holding.tokens, rate: rate, price: price), price)
            else { return nil }
            leg.factorRaw = weight
            leg.factorScale = .wad
            leg.factor = try weight.divided(by: 100_000_000_000_000, .down).asInt()
            leg.bonusBps = try terms.incentive?.divided(by: 100_000_000_000_000, .down).asInt()
            leg.enabled = !state.rules.passesOverDelisted || market.isListed
            leg.frozen = market.isMintPaused
            leg.paused = state.isPaused || market.isSeizePaused || market.isStuck
            return leg
        } catch {
            return nil
        }
    }

    private func debt(_ holding: CompoundV2.Holding, _ market: CompoundV2.CToken) -> Leg? {
        guard let price = market.price.value else { return nil }
        do throws(MathError) {
            // What the account stores is its principal and an index of its own, which no getter tells.
            var leg = leg(
                market, raw: holding.borrow, amount: holding.borrow, index: nil,
                value: try CompoundV2.Math.mul(price, holding.borrow), price)
            leg?.frozen = market.isBorrowPaused
            leg?.paused = state.isPaused || market.isLiquidationPaused || market.isStuck
            leg?.enabled = !state.rules.passesOverDelisted || market.isListed
            return leg
        } catch {
            return nil
        }
    }

    private func leg(
        _ market: CompoundV2.CToken, raw: UInt256, amount: UInt256, index: UInt256?, value: UInt256, _ price: UInt256
    ) -> Leg? {
        // Without decimals a price has no unit, and the leg none either.
        guard let decimals = market.decimals.value, decimals <= 36 else { return nil }
        return Leg(
            asset: market.underlying, symbol: market.underlyingSymbol, decimals: decimals, raw: raw, amount: amount,
            index: index, priceRaw: price, priceScale: CompoundV2.priceScale(decimals: decimals), value: value,
            source: PriceSource(.feed, state.oracle), kind: market.name)
    }

    private func vai(_ amount: UInt256) -> Leg {
        Leg(
            asset: state.vai, symbol: "VAI", decimals: 18, raw: amount, amount: amount, index: nil, priceRaw: .wad,
            priceScale: .wad, value: amount, source: PriceSource(.base), kind: "minted")
    }
}

extension CompoundV2.CToken {
    /// Whether interest cannot be accrued, so that nobody repays or seizes.
    var isStuck: Bool { if case .stuck = accrual { true } else { false } }
}

extension CompoundV2 {
    /// The oracle states the price of 1e18 smallest units: of one whole token, in 10^(36 − decimals) of the currency.
    ///
    /// Source: compound-finance/compound-protocol `PriceOracle.sol@a3214f6`; compound.md A5.
    static func priceScale(decimals: Int) -> UInt256 {
        (0..<max(0, 36 - decimals)).reduce(UInt256.one) { power, _ in power &* 10 }
    }
}

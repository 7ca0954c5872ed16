import Chain
import Ethereum
import Lending

extension CompoundV3.Market {
    /// One base unit of currency in prices.
    static let priceScale: UInt256 = 100_000_000

    /// Puts the legs and their sums into the position. A leg that cannot be computed is left out and named.
    func setLegs(_ position: inout Position, _ member: CompoundV3.Member) {
        var collateral: UInt256? = .zero
        for (asset, balance) in zip(state.held(member.assetsIn), member.balances) {
            guard let leg = leg(asset, balance) else {
                let reason = asset.price.reason.map(\.description) ?? "its value leaves 256 bits"
                position.unknown.append(Unknown("collateral", "the leg in \(asset.name) has no value: \(reason)"))
                collateral = nil
                continue
            }
            if !balance.isZero { position.collateral.append(leg) }
            if let sum = collateral {
                let (after, overflow) = sum.addingReportingOverflow(leg.value)
                collateral = overflow ? nil : after
            }
        }
        position.collateralValue = collateral
        if collateral == nil { position.unknown.append(Unknown("collateralValue", "a leg has no value")) }
        guard member.principal.isNegative else {
            position.debtValue = .zero
            return
        }
        guard let debt = debt(member.principal) else {
            let reason = state.base.price.reason.map(\.description) ?? state.why(.accrual)
            position.unknown.append(Unknown("debt", "the debt has no value: \(reason)"))
            return
        }
        position.debt = [debt]
        position.debtValue = debt.value
    }

    /// A collateral leg, valued as the contract values it.
    ///
    /// `bonusBps` is what a buyer of the absorbed collateral gets for 10,000 of base: `absorb` itself pays nobody.
    func leg(_ asset: CompoundV3.Asset, _ balance: UInt256) -> Leg? {
        guard let price = asset.price.value else { return nil }
        do throws(MathError) {
            var leg = Leg(
                asset: asset.token, symbol: asset.symbol, decimals: asset.decimals, raw: balance, amount: balance,
                index: nil, priceRaw: price, priceScale: Self.priceScale,
                value: try CompoundV3.Math.mulPrice(balance, price, scale: asset.scale),
                bonusBps: bonus(of: asset), frozen: asset.isDeactivated || state.totals.supplyPaused,
                paused: state.totals.absorbPaused, source: PriceSource(.feed, asset.priceFeed))
            leg.factorRaw = asset.liquidateCollateralFactor
            leg.factorScale = .wad
            leg.factor = Self.bps(asset.liquidateCollateralFactor)
            leg.enabled = !(state.rules.skipsZeroFactors && asset.liquidateCollateralFactor.isZero)
            return leg
        } catch {
            return nil
        }
    }

    /// The debt with interest up to the block, as `absorb` values it.
    func debt(_ principal: Int256) -> Leg? {
        guard let price = state.base.price.value, let accrued = state.accrued, let amount = state.owed(principal)
        else { return nil }
        do throws(MathError) {
            return Leg(
                asset: state.base.token, symbol: state.base.symbol, decimals: state.base.decimals,
                raw: principal.magnitude, amount: amount, index: accrued.baseBorrowIndex, priceRaw: price,
                priceScale: Self.priceScale,
                value: try CompoundV3.Math.mulPrice(amount, price, scale: state.base.scale),
                paused: state.totals.absorbPaused, source: PriceSource(.feed, state.base.priceFeed), kind: "base")
        } catch {
            return nil
        }
    }

    private func bonus(of asset: CompoundV3.Asset) -> Int? {
        do throws(MathError) {
            let discount = try CompoundV3.Math.discount(
                storeFrontPriceFactor: state.base.storeFrontPriceFactor, liquidationFactor: asset.liquidationFactor,
                state.rules)
            return try UInt256.mulDiv(10_000, .wad, .wad - discount, .down).asInt()
        } catch {
            return nil
        }
    }

    /// A factor in basis points, where it is whole: a Comet keeps four decimal places.
    private static func bps(_ factor: UInt256) -> Int? {
        let unit: UInt256 = 100_000_000_000_000
        do throws(MathError) {
            let (quotient, remainder) = try factor.quotientAndRemainder(dividingBy: unit)
            return remainder.isZero ? quotient.asInt() : nil
        } catch {
            return nil
        }
    }
}

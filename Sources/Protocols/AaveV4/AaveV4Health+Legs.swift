import Chain
import Ethereum
import JSON
import Lending

extension AaveV4.Book {
    /// The legs of one member, with what only this protocol has of each.
    ///
    /// A leg that cannot be computed is left out and named in `unknown`.
    func addLegs(of member: AaveV4.Member, healthFactor: UInt256?, to position: inout Position) {
        var collateral: [JSONValue] = []
        var debt: [JSONValue] = []
        for holding in member.holdings {
            guard state.reserves.indices.contains(holding.reserve),
                let reserve = state.reserves[holding.reserve].value
            else {
                position.unknown.append(Unknown("collateral", "reserve \(holding.reserve) could not be read"))
                continue
            }
            if holding.isCollateral, !holding.suppliedShares.isZero {
                if let leg = supply(holding, reserve, healthFactor) {
                    position.collateral.append(leg)
                    collateral.append(facts(of: holding, reserve))
                } else {
                    position.unknown.append(Unknown("collateral", "the leg in \(reserve.name) has no value"))
                }
            }
            guard holding.isBorrowed else { continue }
            let legs = owed(holding, reserve)
            if legs.isEmpty {
                position.unknown.append(Unknown("debt", "the leg in \(reserve.name) has no value"))
            }
            for leg in legs {
                position.debt.append(leg)
                debt.append(debtFacts(of: holding, reserve))
            }
        }
        position.details["collateralReserves"] = .array(collateral)
        position.details["debtReserves"] = .array(debt)
    }

    private func supply(_ holding: AaveV4.Holding, _ reserve: AaveV4.Reserve, _ health: UInt256?) -> Leg? {
        let key = AaveV4.ConfigurationKey(reserve: reserve.id, key: holding.configurationKey)
        guard let terms = configurations[key]?.value, let total = state.totalAssets(of: reserve),
            let shares = reserve.asset.value?.addedShares
        else { return nil }
        do throws(MathError) {
            let amount = try AaveV4.Math.assets(
                ofShares: holding.suppliedShares, totalAssets: total, totalShares: shares)
            guard var leg = leg(reserve, raw: holding.suppliedShares, amount: amount, ray: nil) else { return nil }
            leg.factor = terms.collateralFactor.asInt()
            leg.bonusBps = try state.liquidation.bonus(
                healthFactor: min(health ?? .wad, .wad), maxBonus: terms.maxLiquidationBonus
            ).asInt()
            leg.enabled = !terms.collateralFactor.isZero
            if !leg.enabled { leg.value = .zero }
            leg.paused = reserve.isPaused || reserve.stopsLiquidation(collateral: true)
            return leg
        } catch {
            return nil
        }
    }

    /// Drawn debt, and premium debt where there is any.
    private func owed(_ holding: AaveV4.Holding, _ reserve: AaveV4.Reserve) -> [Leg] {
        guard let index = state.drawnIndex(of: reserve) else { return [] }
        do throws(MathError) {
            var legs: [Leg] = []
            let drawnRay = try holding.drawnShares * index
            let premiumRay = try holding.premiumRay(at: index)
            for (shares, ray, kind) in [
                (holding.drawnShares, drawnRay, "drawn"), (holding.premiumShares, premiumRay, "premium"),
            ] where kind == "drawn" || !(shares.isZero && ray.isZero) {
                guard var leg = leg(reserve, raw: shares, amount: AaveV4.Math.unitsUp(ray), ray: ray) else {
                    return []
                }
                leg.index = index
                leg.kind = kind
                leg.paused = reserve.isPaused || reserve.stopsLiquidation(collateral: false)
                legs.append(leg)
            }
            return legs
        } catch {
            return []
        }
    }

    /// A leg worth its amount, or exactly so many rays of it, up.
    private func leg(_ reserve: AaveV4.Reserve, raw: UInt256, amount: UInt256, ray: UInt256?) -> Leg? {
        guard let price = reserve.price.value else { return nil }
        do throws(MathError) {
            var value = try AaveV4.Math.value(of: ray ?? amount, price: price, decimals: reserve.decimals)
            if ray != nil { value = AaveV4.Math.unitsUp(value) }
            return Leg(
                asset: reserve.underlying, symbol: reserve.symbol, decimals: reserve.decimals, raw: raw,
                amount: amount, index: nil, priceRaw: price, priceScale: AaveV4.priceScale, value: value,
                frozen: reserve.isFrozen, paused: reserve.isPaused, source: reserve.source)
        } catch {
            return nil
        }
    }

    private func facts(of holding: AaveV4.Holding, _ reserve: AaveV4.Reserve) -> JSONValue {
        let key = AaveV4.ConfigurationKey(reserve: reserve.id, key: holding.configurationKey)
        let terms = configurations[key]?.value
        return [
            "reserveId": .integer(reserve.id), "hub": .string(reserve.hub.checksummed),
            "assetId": .integer(reserve.assetId),
            "dynamicConfigKey": .integer(holding.configurationKey),
            "isLatestKey": .bool(holding.configurationKey == reserve.dynamicConfigurationKey),
            "collateralRiskBps": .string(reserve.collateralRisk.description),
            "maxLiquidationBonusBps": terms.map { .string($0.maxLiquidationBonus.description) } ?? .null,
            "liquidationFeeBps": terms.map { .string($0.liquidationFee.description) } ?? .null,
            "receiveShares": .bool(reserve.givesShares),
        ]
    }

    private func debtFacts(of holding: AaveV4.Holding, _ reserve: AaveV4.Reserve) -> JSONValue {
        [
            "reserveId": .integer(reserve.id), "hub": .string(reserve.hub.checksummed),
            "assetId": .integer(reserve.assetId),
            "premiumOffsetRay": .string(holding.premiumOffsetRay.description),
        ]
    }
}

extension AaveV4.Reserve {
    /// Whether the hub itself refuses what a liquidation needs on this side.
    ///
    /// Seized shares may still be taken as shares where the spoke is halted.
    func stopsLiquidation(collateral: Bool) -> Bool {
        guard let share = share.value else { return false }
        return !share.isActive || share.isHalted && !(collateral && givesShares)
    }
}

import Chain
import Ethereum
import JSON
public import Lending

extension AaveV4.Market {
    /// The account after the call in the same block, with what it changes at the hubs: what is left of its supplies is
    /// worth what their pools are worth then. Without collateral its debts are written off.
    ///
    /// The premium is refreshed by the same call, which moves shares and offset but not what is owed.
    ///
    /// Source: aave/aave-v4 `src/spoke/Spoke.sol`, `src/hub/Hub.sol` (`remove`, `restore`) @cdacec50.
    public func position(_ position: Position, after quote: LiquidationQuote) -> Position? {
        let sides: Sides
        do throws(Lending.LiquidationRefusal) {
            sides = try self.sides(of: position, quote.pair)
        } catch {
            return nil
        }
        var case_ = sides.case
        case_.debtToCover = quote.repayArg
        let amounts: AaveV4.LiquidationAmounts
        do throws(AaveV4.LiquidationRefusal) {
            amounts = try case_.amounts()
        } catch {
            return nil
        }
        do throws(MathError) {
            var after = position
            after.details["liquidated"] = true
            try repay(amounts, of: sides.debt.id, in: &after)
            try seize(amounts, sides, quote, in: &after)
            guard after.collateral.contains(where: \.enabled), !after.debt.isEmpty else {
                return settled(after)
            }
            guard let verdict = revalue(after, at: [:]) else { return nil }
            after.hfNum = verdict.hfNum
            after.hfDen = verdict.hfDen
            after.hfProtocol = verdict.hfProtocol
            after.liquidatable = verdict.liquidatable
            after.hfOnchain = nil
            after.debtValue = AaveV4.Math.unitsUp(verdict.hfDen)
            after.details["totalDebtValueRay"] = .string(verdict.hfDen.description)
            return after
        } catch {
            return nil
        }
    }

    /// Neither debt nor anything that counts against it is left.
    private func settled(_ position: Position) -> Position {
        var after = position
        after.debt = []
        after.details["debtReserves"] = []
        after.debtValue = .zero
        after.hfDen = .zero
        after.hfProtocol = .max
        after.hfOnchain = nil
        after.liquidatable = false
        return after
    }

    private func repay(
        _ amounts: AaveV4.LiquidationAmounts, of reserve: Int, in position: inout Position
    ) throws(MathError) {
        var facts = position.details["debtReserves"]?.array ?? []
        for place in position.debt.indices where facts[place]["reserveId"]?.int == reserve {
            guard let index = position.debt[place].index else { throw .overflow }
            if position.debt[place].kind == "drawn" {
                position.debt[place].raw = try position.debt[place].raw - amounts.drawnShares
                position.debt[place].amount = AaveV4.Math.unitsUp(try position.debt[place].raw * index)
            } else if let ray = try AaveV4.debtRay(of: position.debt[place], facts[place]) {
                // The shares stand for what is owed; the offset takes what is repaid.
                let rest = try ray - amounts.premiumRay
                let worth = try position.debt[place].raw * index
                position.debt[place].amount = AaveV4.Math.unitsUp(rest)
                guard
                    let offset = Int256(
                        isNegative: worth < rest, magnitude: worth.distance(to: rest)),
                    var own = facts[place].object
                else { throw .overflow }
                own["premiumOffsetRay"] = .string(offset.description)
                facts[place] = .object(own)
            }
        }
        position.details["debtReserves"] = .array(facts)
        // A debt without drawn shares is none: its premium is repaid before them.
        let cleared = position.debt.indices.contains {
            facts[$0]["reserveId"]?.int == reserve && position.debt[$0].kind == "drawn" && position.debt[$0].raw.isZero
        }
        guard cleared else { return }
        let kept = position.debt.indices.filter { facts[$0]["reserveId"]?.int != reserve }
        position.details["debtReserves"] = .array(kept.map { facts[$0] })
        position.debt = kept.map { position.debt[$0] }
    }

    private func seize(
        _ amounts: AaveV4.LiquidationAmounts, _ sides: Sides, _ quote: LiquidationQuote, in position: inout Position
    ) throws(MathError) {
        let facts = position.details["collateralReserves"]?.array ?? []
        for place in position.collateral.indices {
            guard let id = facts[place]["reserveId"]?.int, state.reserves.indices.contains(id),
                let reserve = state.reserves[id].value, var asset = reserve.asset.value
            else { throw .overflow }
            func isSame(_ other: AaveV4.Reserve) -> Bool {
                (other.hub, other.assetId) == (reserve.hub, reserve.assetId)
            }
            if id == sides.collateral.id {
                position.collateral[place].raw = try position.collateral[place].raw - amounts.collateralShares
            }
            guard isSame(sides.collateral) || isSame(sides.debt) else { continue }
            try asset.accrue(to: state.timestamp)
            if isSame(sides.collateral) { try asset.remove(quote.seize, at: state.timestamp) }
            if isSame(sides.debt) { try asset.restore(amounts, paid: quote.repay) }
            position.collateral[place].amount = try AaveV4.Math.assets(
                ofShares: position.collateral[place].raw, totalAssets: asset.totalAddedAssets(at: state.timestamp),
                totalShares: asset.addedShares)
        }
        let kept = position.collateral.indices.filter { !position.collateral[$0].raw.isZero }
        position.details["collateralReserves"] = .array(kept.map { facts[$0] })
        position.collateral = kept.map { position.collateral[$0] }
    }
}

extension AaveV4.HubAsset {
    /// Brings the index up to date, and the fees with it.
    fileprivate mutating func accrue(to timestamp: UInt64) throws(MathError) {
        let index = try drawnIndex(at: timestamp)
        realizedFees = try realizedFees + unrealizedFees(at: index)
        drawnIndex = index
        lastUpdate = timestamp
    }

    /// Pays tokens out for shares, up.
    fileprivate mutating func remove(_ amount: UInt256, at timestamp: UInt64) throws(MathError) {
        let shares = try AaveV4.Math.shares(
            ofAssets: amount, totalAssets: totalAddedAssets(at: timestamp), totalShares: addedShares, .up)
        addedShares = try addedShares - shares
        liquidity = try liquidity - amount
    }

    /// Takes a repayment: drawn shares and premium debt.
    fileprivate mutating func restore(
        _ amounts: AaveV4.LiquidationAmounts, paid: UInt256
    ) throws(MathError) {
        drawnShares = try drawnShares - amounts.drawnShares
        guard let premium = Int256(exactly: amounts.premiumRay) else { throw .overflow }
        premiumOffsetRay = try premiumOffsetRay + premium
        liquidity = try liquidity + paid
    }
}

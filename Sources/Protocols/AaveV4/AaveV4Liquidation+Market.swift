import Bindings
import Chain
public import Ethereum
import JSON
public import Lending

extension AaveV4.Market {
    /// Each drawn debt with each collateral that counts and that neither spoke nor hub stops. Keys are reserve numbers:
    /// several reserves may have one token.
    public func liquidationPairs(
        of position: Position
    ) throws(Lending.LiquidationRefusal) -> [LiquidationPair] {
        guard position.match == .equal, position.hfProtocol != nil else {
            throw Lending.LiquidationRefusal("the position is not known well enough")
        }
        let debts = zip(position.debt, position.details["debtReserves"]?.array ?? []).filter {
            $0.0.kind == "drawn" && !$0.0.paused && !$0.0.raw.isZero
        }
        let collateral = zip(position.collateral, position.details["collateralReserves"]?.array ?? []).filter {
            $0.0.enabled && !$0.0.paused && !$0.0.raw.isZero
        }
        func key(_ facts: JSONValue) -> UInt256? { facts["reserveId"]?.int.map { UInt256(UInt64(clamping: $0)) } }
        let pairs = debts.flatMap { debt, owed in
            collateral.map { leg, held in
                LiquidationPair(
                    debtAsset: debt.asset, collateralAsset: leg.asset, debtKey: key(owed), collateralKey: key(held))
            }
        }
        guard !pairs.isEmpty else {
            throw Lending.LiquidationRefusal(
                "no collateral that may be seized, or no debt that may be repaid: paused, halted or empty")
        }
        return pairs
    }

    /// The spoke's `liquidationCall`, for tokens. There is no close factor: the most restores the target health factor,
    /// or clears a side that would be dust. The bonus is that of the pinned block's health factor.
    ///
    /// Source: aave/aave-v4 `src/spoke/libraries/LiquidationLogic.sol@cdacec50`; what is received:
    /// `previewRemoveByShares`, `src/hub/Hub.sol`.
    public func liquidation(
        of position: Position, _ pair: LiquidationPair, cover: UInt256
    ) throws(Lending.LiquidationRefusal) -> LiquidationQuote {
        guard position.details["liquidated"] == nil else {
            throw Lending.LiquidationRefusal("one call takes the most: it restores the target health factor")
        }
        let sides = try sides(of: position, pair)
        var case_ = sides.case
        guard case_.healthFactor < .wad else {
            throw Lending.LiquidationRefusal("its health factor is not below 1e18")
        }
        let most = try moved(case_, sides)
        case_.debtToCover = cover
        let moved = cover >= most.repay ? most : try self.moved(case_, sides)
        guard !moved.repay.isZero, !moved.received.isZero else {
            throw Lending.LiquidationRefusal("what it would repay or seize rounds to nothing")
        }
        guard let liquidity = sides.collateral.asset.value?.liquidity, liquidity >= moved.received else {
            throw Lending.LiquidationRefusal("the hub has not enough of \(sides.collateral.name) to pay it out")
        }
        // All that the contract takes: what interest adds before inclusion is covered too.
        let argument = cover >= most.repay ? UInt256.max : cover
        let (held, owed) = (UInt256(UInt64(sides.collateral.id)), UInt256(UInt64(sides.debt.id)))
        let call = try PlannedCall.made(
            to: spoke,
            AaveV4Spoke.liquidationCall(
                collateralReserveId: held, debtReserveId: owed, user: position.account.address,
                debtToCover: argument, receiveShares: false
            ).encode(), AaveV4Spoke.LiquidationCall.selector, AaveV4Spoke.LiquidationCall.signature,
            words: [held, owed, position.account.address.word, argument, .zero],
            arguments: [
                ("collateralReserveId", held.description), ("debtReserveId", owed.description),
                ("user", position.account.address.checksummed), ("debtToCover", argument.description),
                ("receiveShares", "false"),
            ])
        return LiquidationQuote(
            pair: pair, repayArg: argument, maxRepay: most.repay, repay: moved.repay, seize: moved.received,
            protocolFee: moved.taken.subtractingOrZero(moved.received), bonusBps: sides.bonus,
            seizeValue: moved.values.seize, repayValue: moved.values.repay, dustRule: "MustNotLeaveDust 1000e26",
            dustOK: true,
            rest: (sides.owed.subtractingOrZero(moved.repay), sides.held.subtractingOrZero(moved.taken)),
            spender: spoke, call: call.call, function: call.function, arguments: call.arguments)
    }

    /// What a call moves, in tokens.
    private struct Moved {
        var repay: UInt256
        var received: UInt256
        var taken: UInt256
        var values: (seize: UInt256, repay: UInt256)
    }

    private func moved(
        _ case_: AaveV4.LiquidationCase, _ sides: Sides
    ) throws(Lending.LiquidationRefusal) -> Moved {
        let amounts: AaveV4.LiquidationAmounts
        do throws(AaveV4.LiquidationRefusal) {
            amounts = try case_.amounts()
        } catch {
            switch error {
            case .mustCover(let needed):
                throw Lending.LiquidationRefusal("MustNotLeaveDust: at least \(needed) has to be covered")
            case .reverts: throw Lending.LiquidationRefusal("the contract reverts: a number leaves 256 bits")
            }
        }
        do throws(MathError) {
            func tokens(_ shares: UInt256) throws(MathError) -> UInt256 {
                try AaveV4.Math.assets(
                    ofShares: shares, totalAssets: case_.pool.assets, totalShares: case_.pool.shares)
            }
            let repay =
                try UInt256.rayMulCeil(amounts.drawnShares, case_.drawnIndex)
                + AaveV4.Math.unitsUp(amounts.premiumRay)
            let received = try tokens(amounts.collateralSharesToLiquidator)
            return Moved(
                repay: repay, received: received, taken: try tokens(amounts.collateralShares),
                values: (
                    try AaveV4.Math.value(
                        of: received, price: case_.collateralPrice, decimals: case_.collateralDecimals),
                    try AaveV4.Math.value(of: repay, price: case_.debtPrice, decimals: case_.debtDecimals)
                ))
        } catch {
            throw Lending.LiquidationRefusal("the contract reverts: a number leaves 256 bits")
        }
    }

    /// Both sides of a pair.
    struct Sides {
        var `case`: AaveV4.LiquidationCase
        var collateral: AaveV4.Reserve
        var debt: AaveV4.Reserve
        var held: UInt256
        var owed: UInt256
        var bonus: Int
    }

    /// What the position's legs and the spoke say of a pair.
    func sides(
        of position: Position, _ pair: LiquidationPair
    ) throws(Lending.LiquidationRefusal) -> Sides {
        func reserve(_ key: UInt256?) -> AaveV4.Reserve? {
            key?.asInt().flatMap { state.reserves.indices.contains($0) ? state.reserves[$0].value : nil }
        }
        let heldFacts = position.details["collateralReserves"]?.array ?? []
        let owedFacts = position.details["debtReserves"]?.array ?? []
        guard let collateral = reserve(pair.collateralKey), let debt = reserve(pair.debtKey),
            let place = heldFacts.firstIndex(where: { $0["reserveId"]?.int == collateral.id }),
            position.collateral.indices.contains(place), owedFacts.count == position.debt.count,
            let total = totalAssets(of: collateral), let shares = collateral.asset.value?.addedShares,
            let index = state.drawnIndex(of: debt), let health = position.hfProtocol,
            let debtValue = position.details["totalDebtValueRay"]?.string.flatMap({ UInt256(decimal: $0) }),
            let factor = position.collateral[place].factor, let bonus = position.collateral[place].bonusBps,
            let most = number(heldFacts[place], "maxLiquidationBonusBps"),
            let fee = number(heldFacts[place], "liquidationFeeBps")
        else { throw Lending.LiquidationRefusal("the position has no such pair, or not all of it is known") }
        let leg = position.collateral[place]
        var premium = UInt256.zero
        var drawn: Leg?
        for (own, facts) in zip(position.debt, owedFacts) where facts["reserveId"]?.int == debt.id {
            if own.kind == "drawn" { drawn = own }
            guard own.kind == "premium" else { continue }
            do throws(MathError) {
                premium = try AaveV4.debtRay(of: own, facts) ?? .max
            } catch {
                premium = .max
            }
        }
        guard let drawn, premium != .max else {
            throw Lending.LiquidationRefusal("the debt of the pair is not known")
        }
        let case_ = AaveV4.LiquidationCase(
            configuration: state.liquidation,
            terms: AaveV4.DynamicConfiguration(
                collateralFactor: UInt256(UInt64(clamping: factor)), maxLiquidationBonus: most, liquidationFee: fee),
            suppliedShares: leg.raw, pool: (total, shares), collateralPrice: leg.priceRaw,
            collateralDecimals: leg.decimals, drawnShares: drawn.raw, premiumRay: premium, drawnIndex: index,
            debtPrice: drawn.priceRaw, debtDecimals: drawn.decimals, totalDebtValueRay: debtValue,
            healthFactor: health, debtToCover: .max)
        return Sides(
            case: case_, collateral: collateral, debt: debt, held: leg.amount,
            owed: drawn.amount.addingOrMax(AaveV4.Math.unitsUp(premium)), bonus: bonus)
    }

    private func totalAssets(of reserve: AaveV4.Reserve) -> UInt256? { state.totalAssets(of: reserve) }

    private func number(_ facts: JSONValue, _ name: String) -> UInt256? {
        facts[name]?.string.flatMap { UInt256(decimal: $0) }
    }
}

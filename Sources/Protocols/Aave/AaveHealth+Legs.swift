import Chain
import Ethereum
import Lending

extension Aave.Book {
    /// The legs of one member. A leg that cannot be computed is left out and named in `unknown`.
    func legs(of index: Int, unknown: inout [Unknown]) -> (collateral: [Leg], debt: [Leg]) {
        var collateral: [Leg] = []
        var debt: [Leg] = []
        let member = members[index]
        let category = member.category == 0 ? nil : state.categories[member.category]?.value
        var slot = member.start
        for reserve in state.reserves {
            if member.configuration.secures(reserve.id) {
                add(supply(reserve, sheet.balances[slot], category), reserve, "collateral", &collateral, &unknown)
                slot += 1
            }
            guard member.configuration.owes(reserve.id) else { continue }
            add(variableDebt(reserve, slot, category), reserve, "debt", &debt, &unknown)
            slot += 1
            guard state.rules.stableDebt else { continue }
            if sheet.stable[slot] != nil { add(stableDebt(reserve, slot, category), reserve, "debt", &debt, &unknown) }
            slot += 1
        }
        return (collateral, debt)
    }

    private func add(
        _ leg: Leg?, _ reserve: Aave.Reserve, _ side: String, _ legs: inout [Leg], _ unknown: inout [Unknown]
    ) {
        guard let leg else {
            unknown.append(Unknown(side, "the leg in \(reserve.name) has no value"))
            return
        }
        // A bit may be set over nothing.
        if !leg.raw.isZero || !leg.amount.isZero { legs.append(leg) }
    }

    private func supply(_ reserve: Aave.Reserve, _ scaled: UInt256, _ category: Aave.Category?) -> Leg? {
        let terms = state.terms(of: reserve, in: category)
        guard let index = state.liquidityIndex(of: reserve) else { return nil }
        do throws(MathError) {
            var leg = leg(
                reserve, category, raw: scaled, amount: try state.supplied(scaled, index: index), index: index,
                kind: nil)
            leg?.factor = terms.liquidationThreshold
            leg?.bonusBps = terms.liquidationBonus
            leg?.enabled = terms.countsAsCollateral
            leg?.isolated = state.rules.isolationMode && reserve.configuration.debtCeiling != 0
            if !terms.countsAsCollateral { leg?.value = .zero }
            return leg
        } catch {
            return nil
        }
    }

    private func variableDebt(_ reserve: Aave.Reserve, _ slot: Int, _ category: Aave.Category?) -> Leg? {
        let balance = sheet.balances[slot]
        if let scaled = sheet.scaledBehindAmount[slot] {
            return leg(reserve, category, raw: scaled, amount: balance, index: nil, kind: "variable", owed: true)
        }
        guard let index = state.borrowIndex(of: reserve) else {
            return balance.isZero && state.rules.skipsZeroDebt
                ? leg(reserve, category, raw: .zero, amount: .zero, index: nil, kind: "variable", owed: true) : nil
        }
        do throws(MathError) {
            return leg(
                reserve, category, raw: balance, amount: try state.owed(balance, index: index), index: index,
                kind: "variable", owed: true)
        } catch {
            return nil
        }
    }

    /// The contract values both kinds of debt together: this leg has what the variable one leaves of that.
    private func stableDebt(_ reserve: Aave.Reserve, _ slot: Int, _ category: Aave.Category?) -> Leg? {
        guard let stable = sheet.stable[slot], let variable = variableDebt(reserve, slot - 1, category) else {
            return nil
        }
        let amount = sheet.balances[slot]
        do throws(MathError) {
            let whole = leg(
                reserve, category, raw: stable.principal, amount: try variable.amount + amount, index: nil,
                kind: "stable", owed: true)
            guard var leg = whole else { return nil }
            leg.amount = amount
            leg.value = try leg.value - variable.value
            return leg
        } catch {
            return nil
        }
    }

    private func leg(
        _ reserve: Aave.Reserve, _ category: Aave.Category?, raw: UInt256, amount: UInt256, index: UInt256?,
        kind: String?,
        owed: Bool = false
    ) -> Leg? {
        let (price, source) = state.price(of: reserve, in: category)
        guard let price = price.value else { return nil }
        let configuration = reserve.configuration
        let unit = Aave.Math.unit(decimals: configuration.decimals)
        do throws(MathError) {
            let value =
                owed
                ? try Aave.Math.debtValue(
                    amount: amount, price: price, unit: unit, roundsUp: state.rules.roundsDebtValueUp)
                : try Aave.Math.collateralValue(amount: amount, price: price, unit: unit)
            return Leg(
                asset: reserve.asset, symbol: reserve.symbol, decimals: configuration.decimals, raw: raw,
                amount: amount,
                index: index, priceRaw: price, priceScale: state.baseUnit, value: value,
                frozen: configuration.isFrozen, paused: state.isPaused || configuration.isPaused, source: source,
                kind: kind)
        } catch {
            return nil
        }
    }
}

extension Aave.MarketState {
    /// A scaled supply as an amount.
    ///
    /// - Throws: `.overflow`.
    func supplied(_ scaled: UInt256, index: UInt256) throws(MathError) -> UInt256 {
        switch rules.balanceRounding {
        case .halfUp: try .rayMul(scaled, index)
        case .againstTheAccount: try .rayMulFloor(scaled, index)
        }
    }

    /// A scaled debt as an amount.
    ///
    /// - Throws: `.overflow`.
    func owed(_ scaled: UInt256, index: UInt256) throws(MathError) -> UInt256 {
        switch rules.balanceRounding {
        case .halfUp: try .rayMul(scaled, index)
        case .againstTheAccount: try .rayMulCeil(scaled, index)
        }
    }
}

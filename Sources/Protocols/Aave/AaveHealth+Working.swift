import Chain
import Ethereum
import Lending

extension Aave.Book {
    /// Every step from what one member holds to its health factor, in the order of the contract.
    ///
    /// It ends where the contract would revert or something is not known.
    func working(of index: Int) -> [WorkingStep] {
        var work = Aave.Work(state: state)
        let member = members[index]
        guard member.issues.isEmpty, !member.configuration.isEmpty else { return [] }
        if member.category != 0 && state.categories[member.category]?.value == nil { return [] }
        let category = member.category == 0 ? nil : state.categories[member.category]?.value
        do throws(MathError) {
            var slot = member.start
            for reserve in state.reserves {
                let secures = member.configuration.secures(reserve.id)
                let owes = member.configuration.owes(reserve.id)
                guard secures || owes else { continue }
                guard let price = state.price(of: reserve, in: category).price.value else { return work.steps }
                if secures {
                    try work.supply(reserve, sheet.balances[slot], price, state.terms(of: reserve, in: category))
                    slot += 1
                }
                if owes {
                    try work.debt(reserve, self, slot, price)
                    slot += state.rules.stableDebt ? 2 : 1
                }
            }
            try work.finish()
        } catch {
            return work.steps
        }
        return work.steps
    }
}

extension Aave {
    /// Writes down one computation while it is made.
    struct Work {
        let state: MarketState
        var steps: [WorkingStep] = []
        private var collateral = UInt256.zero
        private var debt = UInt256.zero
        private var weighted = UInt256.zero
        private var weightedLTV = UInt256.zero

        init(state: MarketState) { self.state = state }

        private var base: String { Aave.unitText(state.baseUnit) }

        private mutating func step(
            _ subject: String, _ name: String, _ formula: String, _ inputs: [(String, UInt256)], _ value: UInt256,
            _ unit: String
        ) {
            steps.append(
                WorkingStep(
                    subject: subject, name: name, formula: formula,
                    inputs: inputs.map { WorkingStep.Input($0.0, $0.1) }, value: value, unit: unit))
        }
    }
}

extension Aave.Work {
    /// A supply: index, amount, value, weight.
    mutating func supply(
        _ reserve: Aave.Reserve, _ scaled: UInt256, _ price: UInt256, _ terms: Aave.Terms
    ) throws(MathError) {
        guard terms.countsAsCollateral else {
            step(reserve.name, "collateral left out", "liquidation threshold = 0", [("scaled", scaled)], .zero, base)
            return
        }
        guard let index = state.liquidityIndex(of: reserve) else { throw .overflow }
        step(
            reserve.name, "liquidity index", "rayMul(1e27 + rate * elapsed / 31536000, stored index)",
            [
                ("rate", reserve.liquidityRate), ("elapsed", elapsed(reserve.lastUpdate)),
                ("stored index", reserve.liquidityIndex),
            ], index, "ray")
        let isHalfUp = state.rules.balanceRounding == .halfUp
        let amount = try state.supplied(scaled, index: index)
        step(
            reserve.name, "collateral", isHalfUp ? "rayMul(scaled, index), half up" : "scaled * index / 1e27, down",
            [("scaled", scaled), ("index", index)], amount, "1e-\(reserve.configuration.decimals)")
        let unit = Aave.Math.assetUnit(decimals: reserve.configuration.decimals)
        let value = try Aave.Math.collateralValue(amount: amount, price: price, unit: FixedDivisor(unit))
        step(
            reserve.name, "collateral value", "collateral * price / unit, down",
            [("collateral", amount), ("price", price), ("unit", unit)], value, base)
        let threshold = UInt256(UInt64(terms.liquidationThreshold))
        let part = try value * threshold
        step(
            reserve.name, "weighted collateral",
            "collateral value * liquidation threshold\(terms.isMember ? " of the category" : "")",
            [("collateral value", value), ("liquidation threshold", threshold)], part, "\(base)*1e4")
        try collateral += value
        try weighted += part
        try weightedLTV += value * UInt256(UInt64(terms.ltv))
    }

    /// A debt: index, amount, what is owed at the account's own rate, value.
    mutating func debt(
        _ reserve: Aave.Reserve, _ book: Aave.Book, _ slot: Int, _ price: UInt256
    ) throws(MathError) {
        let balance = book.sheet.balances[slot]
        let unitText = "1e-\(reserve.configuration.decimals)"
        var amount = balance
        if state.owesAmounts(reserve) {
            step(reserve.name, "debt", "balanceOf of the debt token", [], amount, unitText)
        } else if !(balance.isZero && state.rules.skipsZeroDebt) {
            guard let index = state.borrowIndex(of: reserve) else { throw .overflow }
            step(
                reserve.name, "borrow index", "rayMul(\(compounding), stored index)",
                [
                    ("rate", reserve.variableBorrowRate), ("elapsed", elapsed(reserve.lastUpdate)),
                    ("stored index", reserve.variableBorrowIndex),
                ], index, "ray")
            amount = try state.owed(balance, index: index)
            let isHalfUp = state.rules.balanceRounding == .halfUp
            step(
                reserve.name, "debt", isHalfUp ? "rayMul(scaled, index), half up" : "scaled * index / 1e27, up",
                [("scaled", balance), ("index", index)], amount, unitText)
        }
        if state.rules.stableDebt, let stable = book.sheet.stable[slot + 1] {
            let owed = book.sheet.balances[slot + 1]
            step(
                reserve.name, "stable debt", "rayMul(principal, \(compounding)), half up",
                [("principal", stable.principal), ("rate", stable.rate), ("elapsed", elapsed(stable.updated))],
                owed, unitText)
            try amount += owed
        }
        let unit = Aave.Math.assetUnit(decimals: reserve.configuration.decimals)
        let roundsUp = state.rules.roundsDebtValueUp
        let value = try Aave.Math.debtValue(amount: amount, price: price, unit: FixedDivisor(unit), roundsUp: roundsUp)
        step(
            reserve.name, "debt value", "debt * price / unit, \(roundsUp ? "up" : "down")",
            [("debt", amount), ("price", price), ("unit", unit)], value, base)
        try debt += value
    }

    /// The sums and what follows from them.
    mutating func finish() throws(MathError) {
        step("account", "total collateral", "sum of collateral values", [], collateral, base)
        step("account", "total debt", "sum of debt values", [], debt, base)
        step("account", "total weighted collateral", "sum of weighted collateral", [], weighted, "\(base)*1e4")
        var threshold = UInt256.zero
        var ltv = UInt256.zero
        if !collateral.isZero {
            threshold = try weighted.divided(by: collateral, .down)
            ltv = try weightedLTV.divided(by: collateral, .down)
        }
        step(
            "account", "liquidation threshold", "total weighted collateral / total collateral, down",
            [("total weighted collateral", weighted), ("total collateral", collateral)], threshold, "bps")
        step(
            "account", "loan to value", "sum of collateral value * ltv / total collateral, down",
            [("sum", weightedLTV), ("total collateral", collateral)], ltv, "bps")
        let summed = state.rules.healthFormula == .summed
        let available = try Aave.Math.availableBorrows(
            collateral: collateral, debt: debt, ltv: ltv, roundsDown: summed)
        step(
            "account", "available borrows",
            "percentMul(total collateral, loan to value) - total debt, \(summed ? "down" : "half up"), at least 0",
            [("total collateral", collateral), ("loan to value", ltv), ("total debt", debt)], available, base)
        guard !debt.isZero else {
            return step("account", "health factor", "2^256 - 1 without debt", [], .max, "wad")
        }
        if summed {
            let health = try Aave.Math.summedHealthFactor(weightedCollateral: weighted, debt: debt)
            step(
                "account", "health factor", "wadDiv(total weighted collateral, total debt) / 10000, half up, then down",
                [("total weighted collateral", weighted), ("total debt", debt)], health, "wad")
        } else {
            let adjusted = try UInt256.percentMul(collateral, threshold)
            step(
                "account", "adjusted collateral", "percentMul(total collateral, liquidation threshold), half up",
                [("total collateral", collateral), ("liquidation threshold", threshold)], adjusted, base)
            let health = try Aave.Math.averagedHealthFactor(adjustedCollateral: adjusted, debt: debt)
            step(
                "account", "health factor", "wadDiv(adjusted collateral, total debt), half up",
                [("adjusted collateral", adjusted), ("total debt", debt)], health, "wad")
        }
    }

    private func elapsed(_ updated: UInt64) -> UInt256 {
        UInt256(state.timestamp).subtractingOrZero(UInt256(updated))
    }

    private var compounding: String {
        switch state.rules.compounding {
        case .binomialPerSecond:
            "1e27 + n*r + n*(n-1)*b2/2 + n*(n-1)*(n-2)*b3/6, r = rate/Y, b2 = rayMul(r, r), b3 = rayMul(b2, r)"
        case .binomial: "1e27 + n*rate/Y + n*(n-1)*b2/2 + n*(n-1)*(n-2)*b3/6, b2 = rate^2/Y^2, b3 = b2*rate/Y"
        case .exponential: "1e27 + x + rayMul(x, x/2 + rayMul(x, x/6)), x = rate*n/Y"
        }
    }
}

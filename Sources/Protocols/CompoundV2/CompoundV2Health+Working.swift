import Chain
import Ethereum
import Lending

extension CompoundV2.Book {
    /// Every step from what one member holds to both comparisons: as stored, then with interest accrued.
    ///
    /// It ends where the contract would refuse or something is not known.
    func working(of index: Int) -> [WorkingStep] {
        let member = members[index]
        guard member.issues.isEmpty else { return [] }
        var steps: [WorkingStep] = []
        do throws(MathError) {
            for accrued in [false, true] { try add(member, accrued: accrued, to: &steps) }
        } catch {
            return steps
        }
        return steps
    }

    private func add(
        _ member: CompoundV2.Member, accrued: Bool, to steps: inout [WorkingStep]
    ) throws(MathError) {
        func step(
            _ subject: String, _ name: String, _ formula: String, _ inputs: [(String, UInt256)], _ value: UInt256,
            _ unit: String = "base1e18"
        ) {
            steps.append(
                WorkingStep(
                    subject: subject, name: accrued ? "\(name), accrued" : name, formula: formula,
                    inputs: inputs.map { WorkingStep.Input($0.0, $0.1) }, value: value, unit: unit))
        }
        var sums = CompoundV2.Sums()
        for holding in member.holdings {
            let market = state.markets[holding.market]
            guard let rate = (accrued ? market.executionRate : market.exchangeRate).value,
                let price = market.price.value, !price.isZero,
                let weight = state.terms(of: market, in: member.pool).weight.value,
                let owed = accrued ? holding.accrued : holding.borrow
            else { return }
            if accrued, let totals = market.totals {
                step(
                    market.name, "exchange rate", "(cash + borrows + badDebt - reserves) * 1e18 / supply, down",
                    [
                        ("cash", totals.cash), ("stored borrows", totals.borrows), ("stored reserves", totals.reserves),
                        ("supply", totals.supply), ("rate a slot", market.borrowRate ?? .zero),
                        ("accrued at", UInt256(totals.slot)),
                    ], rate, "1e18")
            }
            if !holding.tokens.isZero {
                let value = try CompoundV2.Math.collateral(
                    holding.tokens, weight: weight, rate: rate, price: price, rounding)
                try sums.collateral += value
                step(
                    market.name, "collateral", rounding.formula,
                    [("tokens", holding.tokens), ("factor", weight), ("rate", rate), ("price", price)], value)
            }
            guard !owed.isZero else { continue }
            let value = try CompoundV2.Math.mul(price, owed)
            try sums.debt += value
            step(market.name, "debt", "price * amount / 1e18, down", [("price", price), ("amount", owed)], value)
        }
        if !member.vai.isZero {
            try sums.debt += member.vai
            step("VAI", "debt", "getVAIRepayAmount", [], member.vai)
        }
        step(
            "account", "liquidity", "max(0, collateral - debt)",
            [("collateral", sums.collateral), ("debt", sums.debt)], sums.liquidity)
        step(
            "account", "shortfall", "max(0, debt - collateral)",
            [("collateral", sums.collateral), ("debt", sums.debt)], sums.shortfall)
        step(
            "account", "health", "collateral * 1e18 / debt, down",
            [("collateral", sums.collateral), ("debt", sums.debt)], try sums.health(), "wad")
    }
}

extension CompoundV2.Rounding {
    /// The formula, rounding included.
    var formula: String {
        switch self {
        case .truncating: "(factor * rate / 1e18) * price / 1e18 * tokens / 1e18, each down"
        case .halfUp: "(factor * rate / 1e18) * price / 1e18, each half up, * tokens / 1e18, down"
        case .weightLast: "factor * (rate * price / 1e18) / 1e18 * tokens / 1e18, each down"
        }
    }
}

import Chain
import Ethereum
import Lending

extension MorphoBlue.Book {
    /// Every step from what one member holds to its health, in the order of the contract.
    ///
    /// It ends where the contract would revert or something is not known.
    func working(of index: Int) -> [WorkingStep] {
        let member = members[index]
        guard let state = markets[member.id], case .known(let holding) = member.holding,
            case .known(let params) = state.params, case .known(let totals) = state.totals,
            case .known(let accrued) = state.accrued
        else { return [] }
        var steps = accrual(state, totals, accrued)
        do throws(MathError) {
            let borrowed = try MorphoBlue.Math.toAssetsUp(
                holding.borrowShares, accrued.borrowAssets, accrued.borrowShares)
            steps.append(
                step(
                    "account", "borrowed",
                    "(borrowShares * (totalBorrowAssets + 1) + totalBorrowShares + 1e6 - 1) / (totalBorrowShares + 1e6)",
                    [
                        ("borrowShares", holding.borrowShares), ("totalBorrowAssets", accrued.borrowAssets),
                        ("totalBorrowShares", accrued.borrowShares),
                    ], borrowed, "loan"))
            guard case .known(let price) = state.price else { return steps }
            let health = try MorphoBlue.Health(holding, accrued, price: price, lltv: params.lltv)
            steps += [
                step(
                    "account", "collateral value", "collateral * price / 1e36, down",
                    [("collateral", holding.collateral), ("price", price)], health.collateralValue, "loan"),
                step(
                    "account", "maxBorrow", "collateral value * lltv / 1e18, down",
                    [("collateral value", health.collateralValue), ("lltv", params.lltv)], health.maxBorrow, "loan"),
            ]
            guard !holding.borrowShares.isZero else {
                return steps + [step("account", "health factor", "2^256 - 1 without debt", [], .max, "wad")]
            }
            steps.append(
                step(
                    "account", "health factor", "maxBorrow * 1e18 / borrowed, down; liquidatable where below 1e18",
                    [("maxBorrow", health.maxBorrow), ("borrowed", borrowed)], health.factor, "wad"))
        } catch {
            return steps
        }
        return steps
    }

    /// From what the market stores to what it owes at the block.
    private func accrual(
        _ state: MorphoBlue.MarketState, _ totals: MorphoBlue.Totals, _ accrued: MorphoBlue.Totals
    ) -> [WorkingStep] {
        guard let rate = state.rate else { return [] }
        let elapsed = UInt256(timestamp).subtractingOrZero(totals.lastUpdate)
        var inputs: [(String, UInt256)] = [
            ("totalBorrowAssets", totals.borrowAssets), ("totalSupplyAssets", totals.supplyAssets),
            ("elapsed", elapsed),
        ]
        var formula = "as the rate model states it"
        if case .known(.adaptiveCurve(let start)) = state.model {
            formula =
                "curve((start + end + 2 mid) / 4, err), end = start * wExp(speed * err * elapsed), mid at half of that"
            inputs.append(("rateAtTarget", start.magnitude))
        }
        return [
            step("market", "borrow rate", formula, inputs, rate, "wad a second"),
            step(
                "market", "totalBorrowAssets",
                "stored + stored * (x + x^2/2 + x^3/6) / 1e18, x = rate * elapsed, each division down",
                [("stored", totals.borrowAssets), ("rate", rate), ("elapsed", elapsed)], accrued.borrowAssets, "loan"),
        ]
    }

    private func step(
        _ subject: String, _ name: String, _ formula: String, _ inputs: [(String, UInt256)], _ value: UInt256,
        _ unit: String
    ) -> WorkingStep {
        WorkingStep(
            subject: subject, name: name, formula: formula,
            inputs: inputs.map { WorkingStep.Input($0.0, $0.1) }, value: value, unit: unit)
    }
}

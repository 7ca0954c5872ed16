import Chain
import Ethereum
import Lending

extension CompoundV3.Market {
    /// Every step from what the account holds to what `absorb` compares, in the order of the contract.
    ///
    /// It ends where the contract would revert or something is not known.
    func working(of member: CompoundV3.Member) -> [WorkingStep] {
        guard member.issues.isEmpty, member.principal.isNegative else { return [] }
        var steps: [WorkingStep] = []
        func step(
            _ subject: String, _ name: String, _ formula: String, _ inputs: [(String, UInt256)], _ value: UInt256,
            _ unit: String
        ) {
            steps.append(
                WorkingStep(
                    subject: subject, name: name, formula: formula,
                    inputs: inputs.map { WorkingStep.Input($0.0, $0.1) }, value: value, unit: unit))
        }
        do throws(MathError) {
            let (base, stored) = (state.base, state.totals)
            step(
                base.name, "utilisation", "total borrow * 1e18 / total supply at stored indexes, down",
                [("total supply", stored.totalSupplyBase), ("total borrow", stored.totalBorrowBase)],
                try CompoundV3.Math.utilization(stored), "1e18")
            guard let accrued = state.accrued else { return steps }
            step(
                base.name, "borrow index", "stored + stored * (rate * elapsed) / 1e18, down",
                [
                    ("stored", stored.baseBorrowIndex),
                    ("elapsed", UInt256(state.timestamp) &- UInt256(stored.lastAccrualTime)),
                ], accrued.baseBorrowIndex, "1e15")
            for (name, totals) in [("stored", stored), ("accrued", accrued)] {
                let owed = try CompoundV3.Math.presentValue(member.principal.magnitude, index: totals.baseBorrowIndex)
                step(
                    base.name, "debt, \(name)", "principal * \(name) index / 1e15, down",
                    [("principal", member.principal.magnitude), ("index", totals.baseBorrowIndex)], owed,
                    "1e-\(base.decimals)")
                guard let price = base.price.value else { return steps }
                step(
                    base.name, "debt value, \(name)", "debt * price / scale, towards zero",
                    [("debt", owed), ("price", price), ("scale", base.scale)],
                    try CompoundV3.Math.mulPrice(owed, price, scale: base.scale), "base1e8")
            }
            for (asset, balance) in zip(state.held(member.assetsIn), member.balances) {
                if state.rules.skipsZeroFactors, asset.liquidateCollateralFactor.isZero {
                    step(asset.name, "collateral left out", "factor = 0", [("balance", balance)], .zero, "base1e8")
                    continue
                }
                guard let price = asset.price.value else { return steps }
                let value = try CompoundV3.Math.mulPrice(balance, price, scale: asset.scale)
                step(
                    asset.name, "collateral value", "balance * price / scale, down",
                    [("balance", balance), ("price", price), ("scale", asset.scale)], value, "base1e8")
                let factor = asset.liquidateCollateralFactor
                step(
                    asset.name, "weighted collateral", "value * liquidate collateral factor / 1e18, down",
                    [("value", value), ("factor", factor)], try CompoundV3.Math.mulFactor(value, factor), "base1e8")
            }
            for (name, totals) in [("stored", stored), ("accrued", accrued)] {
                let health: CompoundV3.Health
                do throws(CompoundV3.Halt) {
                    health = try state.health(
                        principal: member.principal, assetsIn: member.assetsIn, balances: member.balances, totals)
                } catch {
                    return steps
                }
                guard let weighted = health.weighted, let factor = health.factor else { return steps }
                step(
                    "account", "health factor, \(name)", "sum of weighted collateral * 1e18 / debt value, down",
                    [("sum of weighted collateral", weighted), ("debt value", health.debt)], factor, "wad")
            }
        } catch {
            return steps
        }
        return steps
    }
}

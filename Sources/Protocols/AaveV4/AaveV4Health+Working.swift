import Chain
import Ethereum
import Lending

extension AaveV4.Book {
    /// Every step from what one member holds to its health factor, in the order of the contract: from the last reserve
    /// to the first.
    ///
    /// It ends where the contract would revert or something is not known.
    func working(of member: AaveV4.Member) -> [WorkingStep] {
        var work = AaveV4.Work(state: state)
        guard member.issues.isEmpty, !member.holdings.isEmpty else { return [] }
        do throws(MathError) {
            for holding in member.holdings.reversed() {
                guard state.reserves.indices.contains(holding.reserve),
                    let reserve = state.reserves[holding.reserve].value, let price = reserve.price.value
                else { return work.steps }
                if holding.isCollateral {
                    let key = AaveV4.ConfigurationKey(reserve: reserve.id, key: holding.configurationKey)
                    guard let terms = configurations[key]?.value else { return work.steps }
                    try work.supply(holding, reserve, price, terms)
                }
                if holding.isBorrowed { try work.debt(holding, reserve, price) }
            }
            try work.finish()
        } catch {
            return work.steps
        }
        return work.steps
    }
}

extension AaveV4 {
    /// Writes down one computation while it is made.
    struct Work {
        let state: MarketState
        var steps: [WorkingStep] = []
        private var totals = AccountTotals()
        private var collateral: [(risk: UInt256, value: UInt256)] = []

        init(state: MarketState) { self.state = state }

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

extension AaveV4.Work {
    /// A supply: what the hub's shares are worth, amount, value, weight.
    mutating func supply(
        _ holding: AaveV4.Holding, _ reserve: AaveV4.Reserve, _ price: UInt256, _ terms: AaveV4.DynamicConfiguration
    ) throws(MathError) {
        guard !terms.collateralFactor.isZero, !holding.suppliedShares.isZero else {
            return step(
                reserve.name, "collateral left out", "collateral factor = 0, or no shares",
                [
                    ("supplied shares", holding.suppliedShares), ("collateral factor", terms.collateralFactor),
                    ("key", UInt256(holding.configurationKey)),
                ], .zero, "base1e26")
        }
        guard let asset = reserve.asset.value, let total = state.totalAssets(of: reserve) else { throw .overflow }
        step(
            reserve.name, "total added assets", "liquidity + swept + debt and deficit, up - realized - unrealized fees",
            [("liquidity", asset.liquidity), ("swept", asset.swept), ("realized fees", asset.realizedFees)], total,
            "1e-\(reserve.decimals)")
        let amount = try AaveV4.Math.assets(
            ofShares: holding.suppliedShares, totalAssets: total, totalShares: asset.addedShares)
        step(
            reserve.name, "collateral", "shares * (total assets + 1e6) / (total shares + 1e6), down",
            [
                ("shares", holding.suppliedShares), ("total assets", total), ("total shares", asset.addedShares),
            ], amount, "1e-\(reserve.decimals)")
        let value = try AaveV4.Math.value(of: amount, price: price, decimals: reserve.decimals)
        step(
            reserve.name, "collateral value", "collateral * price * 10^(18 - decimals)",
            [("collateral", amount), ("price", price)], value, "base1e26")
        let part = try value * terms.collateralFactor
        step(
            reserve.name, "weighted collateral", "collateral value * collateral factor of the account's key",
            [
                ("collateral value", value), ("collateral factor", terms.collateralFactor),
                ("key", UInt256(holding.configurationKey)),
            ], part, "base1e26*1e4")
        try totals.collateralValue += value
        try totals.weightedCollateral += part
        collateral.append((reserve.collateralRisk, value))
    }

    /// A debt: index, drawn and premium debt in rays, value.
    mutating func debt(
        _ holding: AaveV4.Holding, _ reserve: AaveV4.Reserve, _ price: UInt256
    ) throws(MathError) {
        guard let asset = reserve.asset.value, let index = state.drawnIndex(of: reserve) else { throw .overflow }
        step(
            reserve.name, "drawn index", "stored index * (1e27 + rate * elapsed / 31536000) / 1e27, up",
            [
                ("rate", asset.drawnRate),
                ("elapsed", UInt256(state.timestamp).subtractingOrZero(UInt256(asset.lastUpdate))),
                ("stored index", asset.drawnIndex),
            ], index, "ray")
        let unit = "1e-\(reserve.decimals)*1e-27"
        let drawn = try holding.drawnShares * index
        step(
            reserve.name, "drawn debt", "drawn shares * drawn index",
            [("drawn shares", holding.drawnShares), ("drawn index", index)], drawn, unit)
        let premium = try holding.premiumRay(at: index)
        let offset = holding.premiumOffsetRay
        step(
            reserve.name, "premium debt", "premium shares * drawn index \(offset.isNegative ? "+" : "-") offset",
            [("premium shares", holding.premiumShares), ("drawn index", index), ("offset", offset.magnitude)],
            premium, unit)
        let value = try AaveV4.Math.value(of: drawn + premium, price: price, decimals: reserve.decimals)
        step(
            reserve.name, "debt value", "(drawn debt + premium debt) * price * 10^(18 - decimals)",
            [("drawn debt", drawn), ("premium debt", premium), ("price", price)], value, "base1e26*1e27")
        try totals.debtValueRay += value
    }

    /// The sums and what follows from them.
    mutating func finish() throws(MathError) {
        step("account", "total collateral", "sum of collateral values", [], totals.collateralValue, "base1e26")
        step("account", "total debt", "sum of debt values", [], totals.debtValueRay, "base1e26*1e27")
        step(
            "account", "total weighted collateral", "sum of weighted collateral", [], totals.weightedCollateral,
            "base1e26*1e4")
        let premium = try AaveV4.Math.riskPremium(debtValue: totals.debtValue, collateral)
        step(
            "account", "risk premium", "average collateral risk of what covers the debt, least risk first, up",
            [("total debt", totals.debtValue)], premium, "bps")
        guard !totals.debtValueRay.isZero else {
            return step("account", "health factor", "2^256 - 1 without debt", [], .max, "wad")
        }
        let health = try AaveV4.Math.healthFactor(
            weightedCollateral: totals.weightedCollateral, debtValueRay: totals.debtValueRay)
        step(
            "account", "health factor", "total weighted collateral * 1e14 * 1e27 / total debt, down",
            [("total weighted collateral", totals.weightedCollateral), ("total debt", totals.debtValueRay)], health,
            "wad")
    }
}

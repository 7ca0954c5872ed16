import Ethereum
import Foundation
public import Lending

extension RiskBook {
    /// What a position is likely to go through: likelihood, severity, class.
    ///
    /// - Parameters:
    ///   - drift: how the distance drifts in a year by interest; `nil` where it is not known.
    ///   - units: what a unit of value is worth, for the cost of closing.
    /// - Returns: `nil` where the position is not known well enough, or owes nothing.
    public func assess(_ position: Position, drift: Double? = nil, units: UnitPrices = UnitPrices()) -> RiskFindings? {
        guard let sheet = BalanceSheet(position) else { return nil }
        let view = exposure(of: position, sheet)
        let isLiquidatable = position.liquidatable == true
        let model = Likelihood(view: view, book: self, drift: drift ?? 0)
        var probabilities = Horizon.allCases.map { horizon in
            isLiquidatable || sheet.distance <= 0 ? Likelihood.certain(horizon) : model.probability(horizon)
        }
        // A longer horizon holds the shorter one.
        for index in probabilities.indices.dropFirst() {
            let before = probabilities[index - 1]
            probabilities[index].value = max(probabilities[index].value, before.value)
            probabilities[index].low = max(probabilities[index].low, before.low)
            probabilities[index].high = max(probabilities[index].high, probabilities[index].value, before.high)
        }
        let severity = Severity(sheet: sheet, likelihood: model, probabilities: probabilities.map(\.value))
        let cost = units.cost(in: position.valueUnit.symbol)
        let isProfitable = cost.map { sheet.grossBonus >= $0 } ?? true
        let rank = RiskClass(of: position, isProfitable: isProfitable)
        let day = probabilities[1].value
        let sigmas = model.sigmas(.day)
        let level = WarningLevel(
            liquidatable: isLiquidatable, atNextPrice: rank == .pending, hour: probabilities[0].value, day: day,
            week: probabilities[2].value, sigmas: sigmas, interestDays: model.interestDays)
        return RiskFindings(
            riskClass: rank.name, level: level.name, distance: sheet.distance,
            sigmas: sigmas.isFinite ? sigmas : nil, probabilities: probabilities,
            expectedLiquidatable: day * sheet.repayable,
            expectedBadDebt: zip(Horizon.allCases, severity.badDebt(isProfitable: isProfitable)).map {
                ($0.name, $1.total)
            },
            expectedBonus: probabilities[0].value * sheet.grossBonus,
            frontiers: (severity.frontier.eligible, severity.frontier.bonusExhausted, severity.frontier.insolvent),
            isToxic: sheet.isToxic, drift: drift, inputs: view.inputs, notes: notes(drift, cost, view))
    }

    private func notes(_ drift: Double?, _ cost: Double?, _ view: View) -> [String] {
        var notes: [String] = []
        if drift == nil { notes.append("interest is left out of the likelihood") }
        if cost == nil { notes.append("the unit of value has no known price: closing is taken to pay") }
        if view.inputs.contains(where: { $0.source == "default" }) {
            notes.append("a default stands in for the history of at least one price")
        }
        return notes
    }

    /// A position's exposure to factors.
    struct View: Sendable {
        var factors: [Factor]
        var exposure: Exposure
        var correlations: Correlations
        var inputs: [RiskFindings.Input]
        /// How many groups that move in dollars stand behind its collateral.
        var volatileCollaterals: Int

        /// Its weight in what moves in dollars, without regard to sign, and with it.
        var volatileWeight: (gross: Double, net: Double) {
            var result = (gross: 0.0, net: 0.0)
            for (factor, weight) in zip(factors, exposure.weights) where factor.peg == nil {
                result.gross += abs(weight)
                result.net += weight
            }
            return result
        }
    }

    private func exposure(of position: Position, _ sheet: BalanceSheet) -> View {
        var weights: [Factor: Double] = [:]
        var origins: [Factor: PriceRoot] = [:]
        var behind: [String: Double] = [:]
        for (leg, counted) in sheet.collateral {
            for (factor, root, exponent) in factors(of: leg) {
                weights[factor, default: 0] += exponent * counted / sheet.weighted
                origins[factor] = min(origins[factor] ?? root, root)
                if factor.peg == nil { behind[factor.group, default: 0] += counted / sheet.weighted }
            }
        }
        for (leg, owed) in sheet.debt {
            for (factor, root, exponent) in factors(of: leg) {
                weights[factor, default: 0] -= exponent * owed / sheet.owed
                origins[factor] = min(origins[factor] ?? root, root)
            }
        }
        // What cancels moves nothing; the order of names makes the record the same each time.
        let factors = weights.filter { abs($0.value) > 1e-9 }.keys.sorted { $0.name < $1.name }
        let exposure = Exposure(distance: sheet.distance, weights: factors.map { weights[$0] ?? 0 })
        let inputs = factors.map { factor in
            let (volatility, source, count) = volatility(factor, .day)
            return RiskFindings.Input(
                root: origins[factor]?.id ?? factor.name, name: factor.name, source: source, count: count,
                volatility: volatility, weight: weights[factor] ?? 0)
        }
        return View(
            factors: factors, exposure: exposure, correlations: correlations(factors), inputs: inputs,
            volatileCollaterals: behind.values.count { $0 > 0.01 })
    }
}

/// What counts for and against a position, as numbers for statistics.
struct BalanceSheet: Sendable {
    var collateral: [(leg: Leg, counted: Double)] = []
    var debt: [(leg: Leg, owed: Double)] = []
    /// The sums of what is counted and of what is owed, in whole units of value.
    var weighted = 0.0
    var owed = 0.0
    /// Collateral without its factors.
    var held = 0.0
    var distance = 0.0
    /// What a liquidator gains for each unit repaid.
    var bonus = 0.0

    init?(_ position: Position) {
        let unit = pow(10, Double(position.valueUnit.decimals))
        var bonuses = 0.0
        for leg in position.collateral where leg.enabled && !leg.value.isZero {
            let value = leg.value.double / unit
            let factor: Double
            if let raw = leg.factorRaw, let scale = leg.factorScale, !scale.isZero {
                factor = raw.double / scale.double
            } else {
                factor = Double(leg.factor ?? 10_000) / 10_000
            }
            collateral.append((leg, value * factor))
            weighted += value * factor
            held += value
            bonuses += value * Double(max(0, (leg.bonusBps ?? 10_000) - 10_000)) / 10_000
        }
        for leg in position.debt where !leg.value.isZero {
            let value = leg.value.double / unit
            debt.append((leg, value))
            owed += value
        }
        guard weighted > 0, owed > 0, weighted.isFinite, owed.isFinite else { return nil }
        bonus = held > 0 ? bonuses / held : 0
        // The contract's own comparison where it states both sides; the legs where it does not.
        let verdict = position.execution?.verdict
        if let num = verdict?.hfNum ?? position.hfNum, let den = verdict?.hfDen ?? position.hfDen, !num.isZero,
            !den.isZero
        {
            distance = log(num.double / den.double)
        } else {
            distance = log(weighted / owed)
        }
        guard distance.isFinite else { return nil }
    }

    /// The mean share of collateral that counts.
    var threshold: Double { weighted / held }
    /// What can be repaid at most, were all of it allowed at once: the debt, or what collateral pays for.
    var repayable: Double { min(owed, held / (1 + bonus)) }
    /// What closing all of it gains before costs.
    var grossBonus: Double { repayable * bonus }
    /// Whether a liquidation makes it worse.
    var isToxic: Bool { LossFrontier.isToxic(loanToValue: owed / held, bonus: bonus) }
    /// Debt that collateral does not cover once the bonus is paid.
    var shortfall: Double { max(0, owed - held / (1 + bonus)) }
}

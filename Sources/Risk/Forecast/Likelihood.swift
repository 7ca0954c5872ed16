import Foundation
import Lending

/// The probability of liquidation of one exposure, by the model that fits it.
struct Likelihood: Sendable {
    let view: RiskBook.View
    let book: RiskBook
    /// The drift of the distance in a year.
    let drift: Double

    /// Below this weight in anything that moves in dollars a position is a pegged pair.
    static let pegged = 0.02
    /// From this net weight on, a position is hurt by rises.
    static let short = -0.05

    /// The volatility of the distance over a horizon, annualised.
    func volatility(_ horizon: Horizon) -> Double {
        view.exposure.volatility(view.factors.map { book.volatility($0, horizon).value }, view.correlations)
    }

    /// The distance in deviations of the horizon, interest taken off.
    func sigmas(_ horizon: Horizon) -> Double {
        view.exposure.sigmas(volatility: volatility(horizon), drift: drift, within: horizon.years)
    }

    /// Days until interest alone reaches the line; `nil` where it leads away or nothing is known of it.
    var interestDays: Double? { drift < 0 ? view.exposure.distance / -drift * 365 : nil }

    /// Pegs that may be lost, with the weight of each.
    var peg: PeggedPair? {
        guard view.volatileWeight.gross < Likelihood.pegged else { return nil }
        let hazards = zip(view.factors, view.exposure.weights).compactMap { factor, weight in
            factor.peg.map { (rate: $0.hazard, weight: weight) }
        }
        return PeggedPair(volatility: volatility(.day), hazards: hazards, feed: .dynamic)
    }

    /// The part of the table that fits.
    func column(_ horizon: Horizon) -> MinimumTable {
        MinimumTable(view.volatileWeight.net < Likelihood.short ? .up : .close, horizon)
    }

    /// What has happened already.
    static func certain(_ horizon: Horizon) -> RiskFindings.Probability {
        RiskFindings.Probability(horizon: horizon.name, value: 1, low: 1, high: 1, model: "certain", gaussian: 1)
    }

    func probability(_ horizon: Horizon) -> RiskFindings.Probability {
        let spread = volatility(horizon)
        let gaussian = GaussianPassage(distance: view.exposure.distance, volatility: spread, drift: drift)
            .probability(within: horizon.years)
        let left = view.exposure.distance + min(0, drift * horizon.years)
        if left <= 0 { return Likelihood.certain(horizon) }
        if let peg {
            let value = min(1, max(MinimumTable.floor, peg.probability(left, within: horizon.years)))
            // A hazard chosen from a handful of events: a factor of three either way.
            return RiskFindings.Probability(
                horizon: horizon.name, value: value, low: max(MinimumTable.floor, value / 3), high: min(1, value * 3),
                model: "pegged", gaussian: gaussian)
        }
        let table = column(horizon)
        let basket = view.volatileCollaterals >= 2 ? RiskDefaults.basket : 1
        let value = min(1, basket * table.probability(left / (spread * horizon.years.squareRoot())))
        let (low, high) = Likelihood.interval(value, horizon)
        return RiskFindings.Probability(
            horizon: horizon.name, value: value, low: low, high: high, model: "minimum-table", column: table.name,
            gaussian: gaussian)
    }

    /// How far the table was off where it was tried: 13 % down to one in a thousand, a factor of three below, and 40 %
    /// over a week.
    static func interval(_ value: Double, _ horizon: Horizon) -> (low: Double, high: Double) {
        let share = horizon == .week ? 0.40 : 0.13
        let high = value < 0.001 ? value * 3 : value * (1 + share)
        return (max(MinimumTable.floor, value * (1 - share)), min(1, max(MinimumTable.floor, high)))
    }
}

/// What would be lost.
struct Severity: Sendable {
    let sheet: BalanceSheet
    let likelihood: Likelihood
    /// By horizon.
    let probabilities: [Double]

    var frontier: LossFrontier {
        LossFrontier(health: exp(sheet.distance), threshold: sheet.threshold, bonus: sheet.bonus)
    }

    /// The bad debt to expect by horizon.
    func badDebt(isProfitable: Bool) -> [ExpectedBadDebt] {
        let latency = RiskDefaults.latencyHours / Horizon.hoursPerYear
        let volatility = likelihood.volatility(.hour)
        let loss = Overshoot(volatility: volatility, latency: latency)
            .loss(threshold: sheet.threshold, bonus: sheet.bonus)
        return zip(Horizon.allCases, probabilities).map { horizon, probability in
            let drift =
                isProfitable
                ? 0
                : Overshoot(volatility: likelihood.volatility(horizon), latency: horizon.years)
                    .loss(threshold: sheet.threshold, bonus: sheet.bonus)
            return ExpectedBadDebt(
                debt: sheet.owed, probability: probability, overshoot: loss, isProfitable: isProfitable, drift: drift,
                depegging: depegging(horizon), isToxic: sheet.isToxic, shortfall: sheet.shortfall)
        }
    }

    /// The probability of a jump that the bonus does not cover, and what it then costs for each unit of debt.
    private func depegging(_ horizon: Horizon) -> (probability: Double, loss: Double) {
        guard let peg = likelihood.peg else { return (0, 0) }
        let needed = max(PeggedPair.smallestJump, frontier.bonusExhausted)
        guard needed < 1 else { return (0, 0) }
        // ∫ Pr(J > j | J > d) dj from d to 1 for a Pareto law with exponent 1.1.
        return (peg.jump(needed, within: horizon.years), 10 * (needed - pow(needed, 1.1)))
    }
}

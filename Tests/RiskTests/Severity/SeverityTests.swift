import Foundation
import Risk
import TestSupport
import Testing

@Suite struct SeverityTests {
    @Test func published() {
        let hour = 1 / 8_760.0
        // From prices that jump: threshold, bonus, the published loss and its last digit.
        let rows: [(Double, Double, Double, Double)] = [
            (0.95, 0.01, 3.42673e-5, 5e-11), (0.915, 0.04, 2.22874e-5, 5e-11), (0.83, 0.05, 1.75637e-6, 5e-12),
            (0.78, 0.05, 6.6131e-7, 5e-12),
        ]
        for (threshold, bonus, expected, digit) in rows {
            let loss = Overshoot(volatility: 0.9, latency: hour, law: .tail).loss(threshold: threshold, bonus: bonus)
            #expect(abs(loss - expected) <= digit * 1.01, "\(threshold) \(loss)")
        }
        let normal = Overshoot(volatility: 0.9, latency: hour, law: .normal)
        #expect(near(normal.loss(threshold: 0.95, bonus: 0.01), 1.785113541e-8, 1e-8))
        #expect(near(normal.loss(threshold: 0.83, bonus: 0.05), 7.44e-50, 2e-3))
    }

    /// With a normal law the loss is an exchange option.
    @Test(arguments: Seed.sweep(40)) func margrabeIdentity(_ seed: Seed) {
        var random = seed.generator
        let volatility = Double.random(in: 0.3...3, using: &random)
        let latency = Double.random(in: 0.1...20, using: &random) / 8_760
        let y = Double.random(in: 0...5, using: &random) * volatility * latency.squareRoot()
        let loss = Overshoot(volatility: volatility, latency: latency, law: .normal).loss(threshold: exp(-y), bonus: 0)
        let option = Margrabe.value(1, exp(y), volatility: volatility, years: latency)
        #expect(abs(loss - option) <= 1e-8 * option + 1e-15)
    }

    @Test func margrabe() {
        let s = Margrabe.ratioVolatility(0.8, 0.6, correlation: 0.7)
        #expect(near(s, 0.572712843, 1e-8))
        #expect(near(Margrabe.value(100, 120 / 1.05, volatility: s, years: 7 / 365), 0.1612616167, 1e-8))
    }

    @Test func frontiers() {
        #expect(near(LossFrontier.toxicFrontier(bonus: 0.05), 0.952381, 1e-6))
        #expect(near(LossFrontier.toxicFrontier(bonus: 0.05, depth: 0.05, passThrough: 1), 0.865801, 1e-6))
        #expect(LossFrontier.isToxic(loanToValue: 0.96, bonus: 0.05))
        #expect(!LossFrontier.isToxic(loanToValue: 0.95, bonus: 0.05))
        let frontier = LossFrontier(health: 1.25, threshold: 0.8, bonus: 0.05)
        #expect(near(frontier.eligible, 0.2, 1e-12))
        #expect(near(frontier.bonusExhausted, 0.328, 1e-12))
        #expect(near(frontier.insolvent, 0.36, 1e-12))
        #expect(near(LossFrontier.badDebt(debt: 700, collateral: 1_000, ratio: 0.7, bonus: 0.05), 33.333, 1e-4))
        // What three positions owe after a fall by 30 %: collateral is seized with the bonus.
        #expect(near(LossFrontier.badDebt(debt: 396, collateral: 500, ratio: 0.7, bonus: 0.05), 62.667, 1e-5))
        #expect(LossFrontier.badDebt(debt: 1_200, collateral: 2_000, ratio: 0.7, bonus: 0.05) == 0)
        #expect(LossFrontier.badDebt(debt: 396, collateral: 500, ratio: 0.7, bonus: 0.05, marking: true) == 46)
    }

    @Test func causes() {
        let gap = ExpectedBadDebt(debt: 100, probability: 0.1, overshoot: 0.01, isProfitable: true, drift: 0.2)
        #expect(near(gap.total, 0.1, 1e-12))
        let stuck = ExpectedBadDebt(debt: 100, probability: 0.1, overshoot: 0.01, isProfitable: false, drift: 0.2)
        #expect(near(stuck.total, 2.1, 1e-12))
        let depeg = ExpectedBadDebt(
            debt: 100, probability: 0, overshoot: 0, isProfitable: true, drift: 0, depegging: (0.01, 0.5))
        #expect(near(depeg.total, 0.5, 1e-12))
        let toxic = ExpectedBadDebt(
            debt: 100, probability: 1, overshoot: 0.1, isProfitable: true, drift: 0, isToxic: true, shortfall: 30)
        #expect(near(toxic.total, 30, 1e-12))
    }

    @Test func levels() {
        func level(
            _ liquidatable: Bool = false, next: Bool = false, hour: Double = 0, day: Double = 0, week: Double = 0,
            sigmas: Double = 9, days: Double? = nil
        ) -> String {
            WarningLevel(
                liquidatable: liquidatable, atNextPrice: next, hour: hour, day: day, week: week, sigmas: sigmas,
                interestDays: days
            ).name
        }
        #expect(level(true) == "L0")
        #expect(level(next: true) == "L1" && level(hour: 0.2) == "L1")
        #expect(level(day: 0.1) == "L2" && level(sigmas: 1.74) == "L2" && level(days: 2.9) == "L2")
        #expect(level(day: 0.01) == "L3" && level(week: 0.1) == "L3" && level(days: 29) == "L3")
        #expect(level(day: 0.0099, week: 0.099, sigmas: 1.75, days: 30) == "L4")
    }
}

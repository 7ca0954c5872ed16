import Foundation
import Risk
import TestSupport
import Testing

/// Whether two numbers agree to a share of the second.
func near(_ value: Double, _ expected: Double, _ share: Double) -> Bool {
    abs(value - expected) <= share * abs(expected)
}

/// The published numbers of docs/risk.md.
@Suite struct LikelihoodTests {
    @Test func gaussianFirstPassage() {
        let still = GaussianPassage(distance: log(1.25), volatility: 0.8)
        let falling = GaussianPassage(distance: log(1.25), volatility: 0.8, drift: -0.35)
        #expect(near(still.probability(within: 1 / 8_760), 3.0869e-150, 2e-5))
        #expect(near(still.probability(within: 1 / 365), 9.878792039e-8, 1e-9))
        #expect(near(still.probability(within: 7 / 365), 0.04399380920, 1e-9))
        #expect(near(still.probability(within: 30 / 365), 0.3305896931, 1e-9))
        #expect(near(falling.probability(within: 1 / 8_760), 3.4876e-150, 2e-5))
        #expect(near(falling.probability(within: 1 / 365), 1.115820975e-7, 1e-9))
        #expect(near(falling.probability(within: 7 / 365), 0.04963552788, 1e-9))
        #expect(near(falling.probability(within: 30 / 365), 0.3719840478, 1e-9))
        #expect(near(GaussianPassage.bridge(from: 0.1, to: 0.05, volatility: 0.8, years: 1 / 365), 0.0033355256, 1e-7))
    }

    /// The density integrates to the probability.
    @Test func density() {
        let walk = GaussianPassage(distance: 0.2, volatility: 0.8, drift: -0.35)
        let steps = 20_000
        let sum = (0..<steps).reduce(0.0) { sum, step in
            sum + walk.density(at: (Double(step) + 0.5) / Double(steps) * 30 / 365) * 30 / 365 / Double(steps)
        }
        #expect(near(sum, walk.probability(within: 30 / 365), 1e-6))
        #expect(near(walk.meanTime, 0.2 / 0.35, 1e-12))
    }

    @Test func normalLaw() {
        #expect(near(NormalLaw.quantile(0.99), 2.3263478740, 1e-10))
        #expect(near(NormalLaw.shortfall(0.99), 2.6652142203, 1e-10))
        #expect(near(NormalLaw.shortfall(0.975), 2.3378027922, 1e-10))
        // Both forms of the logarithm meet where one takes over.
        #expect(near(NormalLaw.logBelow(-8), log(0.5 * erfc(8 / 2.0.squareRoot())), 1e-6))
        #expect(near(2 * NormalLaw.below(-2), 0.0455, 1e-3))
    }

    @Test func doubleExponentialJumps() {
        let walk = KouPassage()
        let distance = -log(0.8)
        #expect(near(walk.probability(distance: distance, within: 1 / 365), 9.7674e-4, 1e-4))
        #expect(near(walk.probability(distance: distance, within: 7 / 365), 0.0448145, 1e-5))
        let plain = GaussianPassage(distance: distance, volatility: walk.equalVolatility)
        #expect(near(plain.probability(within: 1 / 365), 5.54e-8, 1e-2))
        #expect(near(plain.probability(within: 7 / 365), 0.0400, 1e-2))
        // Without jumps it is the Brownian motion.
        let calm = KouPassage(volatility: 0.8, intensity: 1e-9)
        let brown = GaussianPassage(distance: distance, volatility: 0.8).probability(within: 30 / 365)
        #expect(near(calm.probability(distance: distance, within: 30 / 365), brown, 1e-5))
    }

    @Test func discreteShift() {
        #expect(
            near(
                DiscreteShift.shifted(0.1, volatility: 0.8, every: 1 / 8_760),
                0.1 + 0.5825971579 * 0.8 / 8_760.0.squareRoot(), 1e-9))
        #expect(DiscreteShift.shifted(0.01, volatility: 0.8, every: 1 / 365) == 0.01)
    }
}

@Suite struct MinimumTableTests {
    @Test func published() {
        #expect(near(MinimumTable(.low, .week).probability(5.403454), 2.790e-3, 2e-4))
        #expect(near(GaussianPassage(distance: 5.403454, volatility: 1).probability(within: 1), 6.5e-8, 1e-2))
        let tail = MinimumTable(.low, .day).tail
        #expect(near(tail.quantile(0.999), 7.714232, 1e-6))
        #expect(near(tail.shortfall(0.999), 11.122965, 1e-6))
        #expect(near(tail.exceeding(tail.quantile(0.999)), 0.001, 1e-12))
        // Each line of the table is what it says.
        let lines: [(Double, MinimumTable.Column, Horizon, Double)] = [
            (0.25, .close, .hour, 0.353), (2, .close, .day, 0.0332), (6, .close, .week, 1.12e-3),
            (3, .low, .hour, 0.0156), (20, .low, .day, 6e-6), (0.25, .low, .week, 0.766),
            (1.5, .up, .hour, 0.0861), (12, .up, .day, 4.4e-5), (20, .up, .week, 1.9e-7),
        ]
        for (z, column, horizon, expected) in lines {
            #expect(near(MinimumTable(column, horizon).probability(z), expected, 1e-12), "\(z) \(column) \(horizon)")
        }
    }

    /// It never rises with the distance, is 1 at the line and never below its floor.
    @Test(arguments: MinimumTable.Column.allCases, Horizon.allCases) func monotone(
        _ column: MinimumTable.Column, _ horizon: Horizon
    ) {
        let table = MinimumTable(column, horizon)
        #expect(table.probability(0) == 1)
        #expect(table.probability(-1) == 1)
        #expect(table.probability(.nan) == 1)
        #expect(table.probability(.infinity) == MinimumTable.floor)
        var before = 1.0
        for step in 1...40_000 {
            let p = table.probability(Double(step) / 400)
            #expect(p <= before && p >= MinimumTable.floor)
            before = p
        }
    }

    /// With one volatility a longer horizon is never less dangerous.
    @Test func risesWithTheHorizon() {
        for column in MinimumTable.Column.allCases {
            for step in 1...400 {
                let distance = Double(step) / 400
                let p = Horizon.allCases.map { horizon in
                    MinimumTable(column, horizon).probability(distance / (0.9 * horizon.years.squareRoot()))
                }
                #expect(p[0] <= p[1] && p[1] <= p[2], "\(column) \(distance) \(p)")
            }
        }
    }
}

@Suite struct ExposureTests {
    /// 10 ETH at 2000 with LT .83 and .2 BTC at 60000 with LT .78 against 15000 USDC and 1 ETH.
    private let collateral = [16_600.0, 9_360.0, 0]
    private let debt = [2_000.0, 0, 15_000]
    private let volatilities = [0.75, 0.55, 0.02]
    private let correlations = Correlations([[1, 0.82, 0], [0.82, 1, 0], [0, 0, 1]])

    @Test func published() throws {
        let exposure = try #require(Exposure(collateral: collateral, debt: debt))
        #expect(near(exp(exposure.distance), 1.527058824, 1e-9))
        for (weight, expected) in zip(exposure.weights, [0.521798242, 0.360554700, -0.882352941]) {
            #expect(near(weight, expected, 1e-8))
        }
        #expect(abs(exposure.weights.reduce(0, +)) < 1e-15)
        let s = exposure.volatility(volatilities, correlations)
        #expect(near(s, 0.565742580, 1e-8))
        #expect(near(exposure.sigmas(volatility: s, within: 1 / 365), 14.296197, 1e-7))
        #expect(near(exposure.sigmas(volatility: s, within: 7 / 365), 5.403454, 1e-6))
        // A drift to the line takes distance off, one away from it adds none.
        #expect(exposure.sigmas(volatility: s, drift: -0.5, within: 7 / 365) < 5.4)
        #expect(
            exposure.sigmas(volatility: s, drift: 0.5, within: 7 / 365)
                == exposure.sigmas(volatility: s, within: 7 / 365))
    }

    /// Prices in another asset give the same volatility: each price's returns less those of the new currency.
    @Test(arguments: Seed.sweep(50)) func numeraire(_ seed: Seed) throws {
        var random = seed.generator
        let count = 5
        func draw(_ range: ClosedRange<Double>) -> Double { .random(in: range, using: &random) }
        let exposure = try #require(
            Exposure(collateral: (0..<count).map { _ in draw(0...10) }, debt: (0..<count).map { _ in draw(0...5) }))
        // A covariance from random factors is a covariance.
        let factors = (0..<count).map { _ in (0..<count).map { _ in draw(-1...1) } }
        func covariance(_ rows: [[Double]]) -> [[Double]] {
            rows.map { a in rows.map { b in zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } } }
        }
        func volatility(_ matrix: [[Double]]) -> Double {
            let deviations = matrix.indices.map { matrix[$0][$0].squareRoot() }
            let correlations = matrix.indices.map { i in
                matrix.indices.map { j in
                    deviations[i] * deviations[j] > 0 ? matrix[i][j] / (deviations[i] * deviations[j]) : 0
                }
            }
            return exposure.volatility(deviations, Correlations(correlations))
        }
        let inDollars = volatility(covariance(factors))
        let other = Int.random(in: 0..<count, using: &random)
        let moved = factors.map { row in zip(row, factors[other]).map { $0 - $1 } }
        #expect(near(volatility(covariance(moved)), inDollars, 1e-9))
    }

    @Test(arguments: Seed.sweep(20)) func scaleLeavesItAlone(_ seed: Seed) throws {
        var random = seed.generator
        let a = (0..<4).map { _ in Double.random(in: 0.1...10, using: &random) }
        let b = (0..<4).map { _ in Double.random(in: 0.1...10, using: &random) }
        let scale = Double.random(in: 1e-9...1e9, using: &random)
        let one = try #require(Exposure(collateral: a, debt: b))
        let two = try #require(Exposure(collateral: a.map { $0 * scale }, debt: b.map { $0 * scale }))
        #expect(abs(one.distance - two.distance) < 1e-12)
        for (x, y) in zip(one.weights, two.weights) { #expect(abs(x - y) < 1e-12) }
    }

    /// One leg against one is the ratio itself.
    @Test func momentsOfOneLeg() throws {
        let covariance = [[0.5625, 0.3], [0.3, 0.3025]]
        let s = MomentMatching.deviation(collateral: [100, 0], debt: [0, 80], covariance: covariance, within: 7 / 365)
        #expect(near(s, ((0.5625 + 0.3025 - 0.6) * 7 / 365).squareRoot(), 1e-9))
    }

    @Test func correlationsAreSound() {
        // Three series that cannot correlate like that: the smallest eigenvalue is lifted.
        let impossible = [[1, 0.9, 0.9], [0.9, 1, -0.9], [0.9, -0.9, 1]]
        let fixed = Correlations(daily: [[:], [:], [:]]) { impossible[$0][$1] }.values
        for i in 0..<3 { #expect(fixed[i][i] == 1) }
        for seed in Seed.sweep(200) {
            var random = seed.generator
            let w = (0..<3).map { _ in Double.random(in: -1...1, using: &random) }
            var variance = 0.0
            for i in 0..<3 { for j in 0..<3 { variance += w[i] * w[j] * fixed[i][j] } }
            #expect(variance >= -1e-12, "\(seed)")
        }
    }

    @Test func correlationsAreMeasured() {
        var random = Seed(7).generator
        var days: [[UInt64: Double]] = [[:], [:]]
        for day in 0..<2_000 {
            let common = Double.random(in: -1...1, using: &random)
            days[0][UInt64(day)] = common + Double.random(in: -0.5...0.5, using: &random)
            days[1][UInt64(day)] = common + Double.random(in: -0.5...0.5, using: &random)
        }
        // The truth is 0.8; the memory of 60 days makes it uncertain by about 0.06.
        #expect(abs(Correlations(daily: days) { _, _ in 0 }.values[0][1] - 0.8) < 0.15)
    }
}

@Suite struct PeggedPairTests {
    @Test func withoutHazardItIsTwiceTheTail() {
        let pair = PeggedPair(volatility: 0.05, hazards: [], feed: .dynamic)
        #expect(
            near(
                pair.probability(0.01, within: 7 / 365), 2 * NormalLaw.below(-0.01 / (0.05 * (7.0 / 365).squareRoot())),
                1e-12))
    }

    @Test func jumps() {
        let pair = PeggedPair(volatility: 0, hazards: [(0.5, 1)], feed: .dynamic)
        #expect(near(pair.probability(0.1, within: 1 / 365), 1 - exp(-0.5 / 365 * pow(0.1, 1.1)), 1e-9))
        #expect(PeggedPair.exceeding(0.005) == 1)
        // A half weight needs twice the jump.
        let half = PeggedPair(volatility: 0, hazards: [(0.5, 0.5)], feed: .dynamic)
        #expect(near(half.jump(0.1, within: 1), 1 - exp(-0.5 * pow(0.01 / 0.2, 1.1)), 1e-9))
    }

    @Test func reversionBoundsTheBand() {
        let free = PeggedPair(volatility: 0.05, hazards: [], feed: .dynamic)
        let bound = PeggedPair(volatility: 0.05, reversion: 365, hazards: [], feed: .dynamic)
        #expect(bound.band(0.01, within: 7 / 365) < free.band(0.01, within: 7 / 365))
    }

    @Test func feedsThatDoNotFollow() {
        for feed in [PeggedPair.Feed.exchange, .fixed] {
            let pair = PeggedPair(volatility: 0.05, hazards: [(0.5, 1)], feed: feed)
            #expect(pair.probability(0.01, within: 7 / 365) == 0)
            #expect(pair.jump(0.01, within: 7 / 365) > 0)
        }
    }
}

@Suite struct VolatilityTests {
    @Test func memory() {
        #expect(near(ThreeEWMA.memory[1], 0.9974252, 1e-7))
        #expect(near(log(0.5) / log(ThreeEWMA.memory[1]), 268.9, 1e-3))
        for horizon in Horizon.allCases { #expect(near(ThreeEWMA.weights(horizon).reduce(0, +), 1, 1e-12)) }
    }

    @Test func constantChanges() throws {
        var forecast = ThreeEWMA()
        #expect(forecast.volatility(.day) == nil)
        for _ in 0..<2_000 { forecast.append(0.01) }
        for horizon in Horizon.allCases {
            #expect(near(try #require(forecast.volatility(horizon)), 0.01 * 8_760.0.squareRoot(), 1e-9))
        }
        // Calm hours: the short one falls first, none below half of the year's.
        for _ in 0..<48 { forecast.append(0) }
        let hour = try #require(forecast.volatility(.hour))
        #expect(hour < (try #require(forecast.volatility(.week))))
        for _ in 0..<3_000 { forecast.append(0) }
        #expect(try #require(forecast.volatility(.hour)) > 0.3 * 0.01 * 8_760.0.squareRoot())
    }

    @Test func parkinson() {
        #expect(near(Parkinson.variance(high: 110, low: 100), pow(log(1.1), 2) / (4 * log(2)), 1e-12))
        #expect(Parkinson.variance(high: 1, low: 2) == 0)
    }

    @Test func grid() throws {
        let point = { (time: UInt64, price: Double) in try #require(PricePoint(time: time, price: price)) }
        let hour: UInt64 = 3_600
        let series = HourlySeries([
            try point(1_000 * hour + 1, 100), try point(1_001 * hour, 110), try point(1_002 * hour - 1, 120),
            try point(1_009 * hour, 130),
        ])
        #expect(series.start == 1_001)
        let expected: [Double?] = [110, 120, 120, 120, nil, nil, nil, nil, 130]
        #expect(series.logs.count == expected.count)
        for (value, price) in zip(series.logs, expected) {
            #expect(value.map { exp($0).rounded() } == price)
        }
        #expect(series.count == 3)
        #expect(PricePoint(time: 0, price: .nan) == nil)
        #expect(PricePoint(time: 0, price: 0) == nil)
        #expect(PricePoint(time: 0, price: .infinity) == nil)
        #expect(HourlySeries([]).count == 0)
        // An absurd span is cut, not walked.
        #expect(HourlySeries([try point(0, 1), try point(UInt64.max / 2, 2)]).logs.count <= 87_674)
    }

    @Test func spikesThatGoBackAreLeftOut() throws {
        var random = Seed(3).generator
        var points: [PricePoint] = []
        var level = 0.0
        for hour in 0..<2_000 {
            level += Double.random(in: -0.004...0.004, using: &random)
            var shown = level
            if hour == 1_000 { shown += 0.5 }
            if hour >= 1_500 { shown -= 0.4 }
            points.append(try #require(PricePoint(time: UInt64(hour) * 3_600, price: exp(shown))))
        }
        let series = HourlySeries(points)
        #expect(series.returns[1_000] != nil && series.cleaned[1_000] == nil && series.cleaned[1_001] == nil)
        // A crash that stays is no spike.
        #expect(series.cleaned[1_500] != nil)
    }
}

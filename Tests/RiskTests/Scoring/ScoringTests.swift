import Foundation
import Risk
import TestSupport
import Testing

@Suite struct ScoringTests {
    @Test func published() {
        #expect(near(ExceptionTests.kupiec(days: 250, exceptions: 10, probability: 0.025), 1.958063, 1e-6))
        #expect(near(ExceptionTests.christoffersen(232, 8, 8, 2), 3.814547, 1e-6))
        let ratios = [1.0, 1.1, 0.9, 1.3, 0.95, 1.05, 1.6, 0.92]
        #expect(near(ExceptionTests.acerbiSzekely(ratios: ratios, days: 250, probability: 0.025), -0.4112, 1e-4))
        #expect(ExceptionTests.kupiec(days: 100, exceptions: 0, probability: 0.01) > 0)
        #expect(ExceptionTests.transitions([false, true, true, false]) == (0, 1, 1, 1))
    }

    @Test func wilson() {
        let few = Wilson.interval(share: 0, of: 10)
        #expect(few.low == 0 && near(few.high, 0.2775, 1e-3))
        let half = Wilson.interval(share: 0.5, of: 100)
        #expect(near(half.low, 0.4038, 1e-3) && near(half.high, 0.5962, 1e-3))
    }

    @Test func scores() {
        let perfect = ForecastScore([
            ScoredForecast(1, happened: true, window: 0), ScoredForecast(0, happened: false, window: 1),
        ])
        #expect(perfect.brier == 0 && perfect.skill == 1 && perfect.rank == 1)
        #expect(perfect.logScore < 1e-6)
        let wrong = ForecastScore([
            ScoredForecast(0, happened: true, window: 0), ScoredForecast(1, happened: false, window: 1),
        ])
        #expect(wrong.brier == 1 && wrong.rank == 0)
        // A certain error costs what the clip allows, not infinity.
        #expect(near(wrong.logScore, -log(1e-7), 1e-6))
        #expect(ForecastScore([]).count == 0)
    }

    /// Constant forecasts within bins: the parts add up to the score.
    @Test(arguments: Seed.sweep(10)) func murphy(_ seed: Seed) {
        var random = seed.generator
        let stated = [0.00005, 0.0005, 0.005, 0.03, 0.1, 0.3, 0.7]
        let forecasts = (0..<5_000).map { index in
            let p = stated.randomElement(using: &random) ?? 0
            return ScoredForecast(p, happened: Double.random(in: 0..<1, using: &random) < p, window: UInt64(index))
        }
        let score = ForecastScore(forecasts)
        #expect(abs(score.brier - (score.reliability - score.resolution + score.uncertainty)) < 1e-12)
        #expect(score.bins.count == 7)
        // What is drawn from the stated probability is found reliable, what is not is not.
        let off = ForecastScore(
            forecasts.map { ScoredForecast($0.probability, happened: $0.window.isMultiple(of: 2), window: $0.window) })
        #expect(off.bins.contains { !$0.isReliable })
        // Rarer ones are seen too seldom to be judged.
        let isReliable = score.bins.allSatisfy { $0.from < 0.01 || $0.isReliable }
        #expect(isReliable)
    }

    @Test func candleForms() throws {
        let time: UInt64 = 1_609_459_200
        let forms = [
            "1609459200,1,3,0.5,2\n1609462800,2,4,1,3\n",
            "timestamp,open,high,low,close\r\n1609459200000,1,3,0.5,2\r\n1609462800000,2,4,1,3\r\n",
            "close;low;high;date\n2;0.5;3;2021-01-01 00:00:00\n3;1;4;2021-01-01T01:00:00Z\n",
            "[[1609459200000,\"1\",\"3\",\"0.5\",\"2\"],[1609462800000,\"2\",\"4\",\"1\",\"3\"]]",
            "{\"time\":1609459200,\"high\":3,\"low\":0.5,\"close\":2}\n{\"t\":1609462800,\"h\":\"4\",\"l\":1,\"c\":3}\n",
            "[{\"time\":1609462800,\"high\":4,\"low\":1,\"close\":3},{\"time\":1609459200,\"high\":3,\"low\":0.5,\"close\":2}]",
            "[1609459200,1,3,0.5,2]\n[1609462800,2,4,1,3]\n",
        ]
        for form in forms {
            let candles = try CandleFile.read(Array(form.utf8))
            #expect(candles.map(\.time) == [time, time + 3_600], "\(form)")
            #expect(
                candles.map(\.close) == [2, 3] && candles.map(\.low) == [0.5, 1] && candles.map(\.high) == [3, 4])
        }
    }

    @Test(arguments: [
        "1,2,3\n", "x,1,3,0.5,2\n", "1,1,3,0.5,-2\n", "1,1,3,0.5,nan\n", "1,1,1,3,2\n", "[1,2", "{\"time\":1}\n",
        "1,1,inf,1,1\n", "1,1,3,0,2\n",
    ]) func brokenCandles(_ text: String) {
        #expect(throws: CandleError.self) { try CandleFile.read(Array(text.utf8)) }
    }

    @Test(arguments: Seed.sweep(300)) func noiseNeverCrashes(_ seed: Seed) {
        var random = seed.generator
        let letters = Array("0123456789.,-:;[]{}\"etimclosehigw \n\r\u{0}".utf8)
        let bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in letters.randomElement(using: &random) ?? 0
        }
        do {
            for candle in try CandleFile.read(bytes) { #expect(candle.close > 0 && candle.high >= candle.low) }
        } catch {
            #expect(error.line >= 1)
        }
    }
}

/// Prices with clustered volatility and heavy tails, for want of a market's: they may not be committed.
struct SimulatedMarket {
    /// Hourly bars by a GARCH process with changes of Student's law with four degrees of freedom.
    static func candles(_ seed: Seed, hours: Int, volatility: Double, step: Int = 6) -> [Candle] {
        var random = seed.generator
        func normal() -> Double {
            let u = Double.random(in: Double.leastNonzeroMagnitude..<1, using: &random)
            return (-2 * log(u)).squareRoot() * cos(2 * Double.pi * Double.random(in: 0..<1, using: &random))
        }
        let mean = volatility * volatility / 8_760
        var variance = mean
        var level = 0.0
        return (0..<hours).map { hour in
            let chi = (0..<4).reduce(0.0) { sum, _ in
                let x = normal()
                return sum + x * x
            }
            let change = (variance / 2).squareRoot() * normal() / (chi / 4).squareRoot()
            let before = level
            level += change
            // The squares are capped: with four degrees of freedom their variance is infinite.
            variance = 0.02 * mean + 0.06 * min(change * change, 50 * variance) + 0.92 * variance
            return Candle(
                time: UInt64(hour) * 3_600 + 1_600_000_000 / 3_600 * 3_600,
                high: exp(max(before, level)), low: exp(min(before, level)), close: exp(level))
        }
    }
}

@Suite struct TableBacktestTests {
    /// The bound of docs/risk.md for a bin with at least 200 forecasts: off by no more than a factor of two. Bins below
    /// one in a thousand are not bound: too few moves that large are seen.
    @Test(arguments: [Horizon.hour, .day]) func withinBounds(_ horizon: Horizon) {
        var options = TableBacktest.Options(horizon: horizon)
        if horizon == .hour { options.thresholds = [0.003, 0.005, 0.01, 0.02, 0.04] }
        let backtest = TableBacktest(options)
        var result = TableBacktest.Result()
        let seeds = Seed.sweep(12)
        for (index, seed) in seeds.enumerated() {
            let volatility = [0.5, 0.8, 1.2, 1.6][index % 4]
            let bars = HourlyBars(SimulatedMarket.candles(seed, hours: 26_280, volatility: volatility))
            result = result + backtest.run(bars, offset: UInt64(index) << 32)
        }
        let score = ForecastScore(result.table)
        for bin in score.bins where bin.count >= 200 && bin.from >= 0.001 {
            #expect(bin.isReliable, "seeds \(seeds) \(horizon) \(bin)")
        }
        #expect(score.bins.count { $0.count >= 200 && $0.from >= 0.001 } >= 4)
        #expect(score.skill > 0, "seeds \(seeds): \(score.skill)")
    }

    /// What comes later changes no forecast.
    @Test func noLookAhead() {
        let whole = SimulatedMarket.candles(Seed(5), hours: 12_000, volatility: 0.8)
        let part = Array(whole.prefix(10_000))
        let backtest = TableBacktest()
        let one = backtest.run(HourlyBars(part)).table
        let two = backtest.run(HourlyBars(whole)).table
        #expect(!one.isEmpty && one == Array(two.prefix(one.count)))
    }

    /// Prices that the table cannot hold for are found out: a volatility that doubles without a word each day.
    @Test func findsAWrongForecast() {
        var candles = SimulatedMarket.candles(Seed(9), hours: 26_280, volatility: 0.8)
        var level = 0.0
        for index in candles.indices {
            // One day in twenty falls by an eighth, in calm.
            if index % 480 == 0 { level -= 0.125 }
            candles[index].close *= exp(level)
            candles[index].low = candles[index].close
            candles[index].high = candles[index].close
        }
        let score = ForecastScore(TableBacktest().run(HourlyBars(candles)).gaussian)
        #expect(score.bins.contains { !$0.isReliable })
    }

    @Test func missingHours() {
        var candles = SimulatedMarket.candles(Seed(2), hours: 12_000, volatility: 0.8)
        candles.removeSubrange(9_500..<9_600)
        let result = TableBacktest().run(HourlyBars(candles))
        #expect(result.missing > 0)
        #expect(TableBacktest().run(HourlyBars([])).table.isEmpty)
        #expect(TableBacktest().run(HourlyBars(Array(candles.prefix(100)))).table.isEmpty)
    }
}

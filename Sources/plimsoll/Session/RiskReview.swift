import Chain
import Ethereum
import Foundation
import Index
import Lending
import Risk

/// Estimates of every position of a scan, from what is given and what is remembered.
struct RiskReview {
    let state: StateStore
    /// Files of bars, `ETH=file` or a file whose name begins with the symbol.
    let candles: [String]
    /// Rounds of the feeds behind prices, by group; empty where nobody asked for them.
    var rounds: [String: [PricePoint]] = [:]

    /// Puts estimates into positions, and keeps forecasts for scoring.
    func review(_ outcome: inout ScanOutcome) throws {
        let positions = outcome.markets.flatMap(\.reading.positions)
        let book = RiskBook(histories: try histories(positions))
        let units = UnitPrices(from: positions)
        var entries: [ForecastEntry] = []
        for index in outcome.markets.indices {
            let clock = InterestClock(outcome.markets[index].market)
            // Isolated markets price the same token each in its own way.
            let books = Dictionary(grouping: outcome.markets[index].reading.positions, by: \.market).mapValues {
                book.with(roots: outcome.markets[index].roots(of: $0, in: outcome))
            }
            for place in outcome.markets[index].reading.positions.indices {
                let position = outcome.markets[index].reading.positions[place]
                let book = books[position.market] ?? book
                guard let findings = book.assess(position, drift: clock.drift(of: position), units: units) else {
                    continue
                }
                outcome.markets[index].reading.positions[place].risk = findings
                if state.remembered != nil,
                    let entry = ForecastEntry(outcome.markets[index].reading.positions[place])
                {
                    entries.append(entry)
                }
            }
        }
        do throws(LedgerError) {
            try state.remembered?.keep(forecasts: entries)
        } catch {
            state.note("forecasts are not kept: \(error)")
        }
    }

    /// Prices by name: files first, else what the index has of earlier files and scans.
    private func histories(_ positions: [Position]) throws -> [String: PriceHistory] {
        var histories: [String: PriceHistory] = [:]
        do throws(LedgerError) {
            for (name, points) in rounds {
                try state.remembered?.keep(
                    prices: points.map { ($0.time, $0.price) }, of: name, source: PriceHistory.Source.rounds.rawValue)
            }
            try remember(positions)
            for (name, points) in try state.remembered?.prices() ?? [:] {
                let source = points.last.flatMap { PriceHistory.Source(rawValue: $0.source) } ?? .scans
                histories[name] = PriceHistory(
                    HourlySeries(points.compactMap { PricePoint(time: $0.time, price: $0.price) }), source)
            }
        } catch {
            state.note("remembered prices are not used: \(error)")
        }
        // What was remembered holds them as well, and more of the past.
        for (name, points) in rounds where histories[name].map({ $0.series.logs.count <= 1 }) ?? true {
            histories[name] = PriceHistory(HourlySeries(points), .rounds)
        }
        for argument in candles {
            let (name, file) = CandleLoader.name(argument)
            let bars = try CandleLoader.read(file)
            let series = HourlyBars(bars).series
            let facts = AssetFacts(name)
            guard facts.peg == nil else {
                throw CommandStop(
                    .usage,
                    "--candles \(name): it is tied to \(facts.group), and moves with that; give bars of \(facts.group)")
            }
            let group = facts.group
            histories[group] = PriceHistory(series, .candles)
            let points = series.logs.enumerated().compactMap { index, value in
                value.map { (time: (series.start + UInt64(index)) * 3_600, price: exp($0)) }
            }
            do throws(LedgerError) {
                try state.remembered?.keep(prices: points, of: group, source: PriceHistory.Source.candles.rawValue)
            } catch {
                state.note("prices are not kept: \(error)")
            }
        }
        return histories
    }

    /// What this scan saw of the prices that markets use: one more observation of each group's own asset, in dollars.
    private func remember(_ positions: [Position]) throws(LedgerError) {
        guard let index = state.remembered, let time = positions.first?.block.timestamp else { return }
        var seen: [String: [Double]] = [:]
        for position in positions where position.valueUnit.symbol == "USD" {
            for leg in position.collateral + position.debt where !leg.priceScale.isZero {
                let facts = AssetFacts(leg.symbol ?? "")
                guard facts.peg == nil, facts.isVolatile, !facts.group.isEmpty, facts.group.utf8.count <= 32 else {
                    continue
                }
                seen[facts.group, default: []].append(leg.priceRaw.double / leg.priceScale.double)
            }
        }
        for (name, prices) in seen.sorted(by: { $0.key < $1.key }) {
            let sorted = prices.sorted()
            try index.keep(
                prices: [(time, sorted[sorted.count / 2])], of: name, source: PriceHistory.Source.scans.rawValue)
        }
    }
}

import Ethereum
import Foundation
public import Lending

/// Forecasts of earlier scans with what later ones saw.
public struct ForecastLedger: Sendable {
    /// What became of a forecast.
    public enum Outcome: Hashable, Sendable {
        /// A later scan saw it liquidatable within the horizon.
        case hit
        /// None did, and one looked after the horizon had passed.
        case miss
        /// The account acted, or was liquidated between two scans: what would have happened is not known.
        case censored
        /// The horizon has not passed, or nobody has looked since.
        case open
    }

    /// How many forecasts became what.
    public struct Tally: Hashable, Sendable {
        /// How many were hit.
        public var hits = 0
        /// How many were not.
        public var misses = 0
        /// Of how many it is not known.
        public var censored = 0
        /// How many are open.
        public var open = 0

        /// Makes an empty tally.
        public init() {}
    }

    /// The tally of each horizon.
    public let tallies: [Horizon: Tally]
    /// What can be scored.
    public let scored: [Horizon: [ScoredForecast]]

    /// Resolves forecasts; entries of one position stand together in order of time.
    public init(_ entries: [ForecastEntry]) {
        var tallies: [Horizon: Tally] = [:]
        var scored: [Horizon: [ScoredForecast]] = [:]
        var start = 0
        while start < entries.count {
            var end = start
            while end < entries.count, entries[end].id == entries[start].id { end += 1 }
            for (place, horizon) in Horizon.allCases.enumerated() {
                for index in start..<end where !entries[index].liquidatable {
                    let entry = entries[index]
                    let outcome = ForecastLedger.outcome(of: entry, entries[(index + 1)..<end], horizon)
                    switch outcome {
                    case .hit: tallies[horizon, default: Tally()].hits += 1
                    case .miss: tallies[horizon, default: Tally()].misses += 1
                    case .censored: tallies[horizon, default: Tally()].censored += 1
                    case .open: tallies[horizon, default: Tally()].open += 1
                    }
                    guard outcome == .hit || outcome == .miss else { continue }
                    // Within bins of health a rank shows what the probability knows beyond it.
                    let group = Int((max(0, min(entry.health, 2)) * 50).rounded(.down))
                    scored[horizon, default: []].append(
                        ScoredForecast(
                            entry.probabilities[place], happened: outcome == .hit,
                            window: entry.time / UInt64(horizon.hours * 3_600), group: group))
                }
            }
            start = end
        }
        self.tallies = tallies
        self.scored = scored
    }

    /// What later entries of the same position say of a forecast.
    static func outcome(
        of entry: ForecastEntry, _ later: ArraySlice<ForecastEntry>, _ horizon: Horizon
    ) -> Outcome {
        let end = entry.time + UInt64(horizon.hours) * 3_600
        for next in later {
            if next.stake != entry.stake { return .censored }
            if next.time > end { return .miss }
            if next.liquidatable { return .hit }
            if next.time == end { return .miss }
        }
        return .open
    }
}

import Foundation
import TestSupport
import Testing

@testable import Oracles

/// Honest markets: nothing is wrong, and nothing is to be rejected.
struct QuietTests {
    /// What became of many runs of one kind of market.
    struct Tally: Sendable {
        var runs = 0
        var rejects = 0
        var suspects = 0
        /// Moments that were not `ok`.
        var doubtful = 0
        var firstReject: String?

        static let blocks = 10_000
        var assetDays: Double { Double(runs * Self.blocks * 12) / 86_400 }
        var doubtfulShare: Double { Double(doubtful) / Double(max(1, runs * Self.blocks)) }

        mutating func take(_ other: Tally) {
            runs += other.runs
            rejects += other.rejects
            suspects += other.suspects
            doubtful += other.doubtful
            firstReject = firstReject ?? other.firstReject
        }
    }

    /// The verdicts of 10,000 blocks, counted: how often a price became rejected, and suspect.
    private static func run(_ shape: QuietMarket.Shape, _ seed: Seed) throws -> Tally {
        var market = QuietMarket(shape, seed)
        var judge = PriceJudge(market.profile)
        var tally = Tally(runs: 1)
        var before = PriceTrust.ok
        for block in 0..<Tally.blocks {
            guard let verdict = judge.judge(try market.next()) else { continue }
            if verdict.trust == .reject, before != .reject {
                tally.rejects += 1
                let reasons = verdict.reasons.prefix(8).joined(separator: "; ")
                tally.firstReject = tally.firstReject ?? "\(shape), \(seed), block \(block): \(reasons)"
            }
            if verdict.trust == .suspect, before < .suspect { tally.suspects += 1 }
            if verdict.trust != .ok { tally.doubtful += 1 }
            before = verdict.trust
        }
        return tally
    }

    /// At most one false reject in 1,000 asset-days.
    ///
    /// `make test` takes one seed a shape, ten asset-days, and allows none. `PLIMSOLL_QUIET_SEEDS=110` is over 1,000
    /// asset-days; docs/oracle-backtest.md has what became of them, and which seeds are spent.
    @Test func honestVolatilityIsNotRejected() async throws {
        let environment = ProcessInfo.processInfo.environment
        let asked = environment["PLIMSOLL_QUIET_SEEDS"].flatMap { Int($0) } ?? 1
        let first = environment["PLIMSOLL_QUIET_FROM"].flatMap { UInt64($0) } ?? 1
        let seeds = (0..<UInt64(max(1, min(10_000, asked)))).map { Seed(first &+ $0) }
        let only = environment["PLIMSOLL_QUIET_SHAPE"]
        let lanes = max(1, min(4, ProcessInfo.processInfo.activeProcessorCount))
        var whole = Tally()
        for shape in QuietMarket.Shape.allCases where only == nil || only == shape.rawValue {
            let tally = try await withThrowingTaskGroup(of: Tally.self) { group in
                for lane in 0..<lanes {
                    group.addTask {
                        var tally = Tally()
                        for place in stride(from: lane, to: seeds.count, by: lanes) {
                            tally.take(try Self.run(shape, seeds[place]))
                        }
                        return tally
                    }
                }
                var tally = Tally()
                for try await part in group { tally.take(part) }
                return tally
            }
            print(Self.line(shape.rawValue, tally))
            whole.take(tally)
            // A run has at most one crash: suspicion then is allowed, elsewhere it would be noise.
            #expect(tally.suspects <= 6 * tally.runs, "\(shape): \(tally.suspects) suspects in \(tally.runs) runs")
        }
        print(
            Self.line("all", whole), "seeds", seeds.first.map { "\($0)" } ?? "", "to", seeds.last.map { "\($0)" } ?? "")
        let allowed = Int(whole.assetDays / 1_000)
        #expect(whole.rejects <= allowed, "\(whole.rejects) rejects: \(whole.firstReject ?? "")")
    }

    private static func line(_ name: String, _ tally: Tally) -> String {
        let days = String(format: "%.1f", tally.assetDays)
        let share = String(format: "%.3f", tally.doubtfulShare * 100)
        return "quiet | \(name) | \(tally.runs) | \(days) | \(tally.rejects) | \(tally.suspects) | \(share) % |"
            + (tally.firstReject.map { " " + $0 } ?? "")
    }
}

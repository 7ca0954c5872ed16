import Ethereum
import TestSupport
import Testing

@testable import Oracles

/// What holds whatever the prices are.
struct JudgePropertyTests {
    /// Ticks with jumps, failures and liars, as scaled by a power of ten and in an order.
    private static func verdicts(
        _ seed: Seed, scale: Int = 0, isReversed: Bool = false, without: String? = nil, failing: String? = nil
    ) throws -> [PriceVerdict] {
        var random = seed.generator
        var judge = PriceJudge(AssetProfile("a", .other))
        var verdicts: [PriceVerdict] = []
        var truth = 2_000_000_000
        for block in 0..<200 {
            let time = 1_700_000_000 + UInt64(block) * 12
            truth += Int.random(in: -2_000_000...2_000_000, using: &random)
            if Int.random(in: 0..<50, using: &random) == 0 {
                truth = truth * Int.random(in: 80..<120, using: &random) / 100
            }
            func at(_ value: Int) throws -> ObservedPrice {
                .known(try ExactPrice(UInt256(UInt64(value)) * UInt256.powerOfTen(scale), decimals: 6))
            }
            var references: [Observation] = []
            for (place, id) in ["a", "b", "c", "d"].enumerated() {
                let value = truth + Int.random(in: -500_000...500_000, using: &random)
                let isLie = Int.random(in: 0..<40, using: &random) == 0
                let fails = Int.random(in: 0..<20, using: &random) == 0
                if id == without { continue }
                let kind: SourceKind = [.cex, .pyth, .uniswapV3Twap, .uniswapV2Spot][place]
                let isUnread = fails || id == failing
                let price: ObservedPrice =
                    if isUnread { .unknown(.unread("timeout")) } else { try at(isLie ? value * 2 : value) }
                references.append(Observation(SourceIdentity(id, kind), price, observedAt: time, block: UInt64(block)))
            }
            let own = try at(truth + Int.random(in: -20_000_000...20_000_000, using: &random))
            let tick = AssetTick(
                Observation(Scene.chainlink, own, observedAt: time, block: UInt64(block)),
                references: isReversed ? references.reversed() : references)
            let verdict = judge.judge(tick)
            verdicts.append(try #require(verdict))
        }
        return verdicts
    }

    private static func gist(_ verdict: PriceVerdict) -> String {
        let found = verdict.findings.map { "\($0.key):\($0.severity)" }.sorted().joined(separator: ",")
        let fates = verdict.consensus.members.map { "\($0.observation.source.id)=\($0.fate.name)" }.joined(
            separator: ",")
        return "\(verdict.trust) \(found) \(fates) \(verdict.flags)"
    }

    @Test func aConstantFactorChangesNothing() throws {
        for seed in Seed.sweep(8) {
            let plain = try Self.verdicts(seed).map(Self.gist)
            for scale in [1, 6, 12] {
                #expect(try Self.verdicts(seed, scale: scale).map(Self.gist) == plain, "\(seed)")
            }
        }
    }

    @Test func theOrderOfSourcesChangesNothing() throws {
        for seed in Seed.sweep(8) {
            let plain = try Self.verdicts(seed).map(Self.gist)
            #expect(try Self.verdicts(seed, isReversed: true).map(Self.gist) == plain, "\(seed)")
        }
    }

    @Test func theSameTicksGiveTheSame() throws {
        for seed in Seed.sweep(4) { #expect(try Self.verdicts(seed) == Self.verdicts(seed), "\(seed)") }
    }

    /// A source that fails is as if it were not there: nobody else's fate and no finding is another.
    @Test func aFailureIsAnAbsence() throws {
        for seed in Seed.sweep(8) {
            for id in ["a", "b", "c", "d"] {
                let failing = try Self.verdicts(seed, failing: id)
                let absent = try Self.verdicts(seed, without: id)
                for (one, other) in zip(failing, absent) {
                    #expect(one.trust == other.trust && one.flags == other.flags, "\(seed) \(id)")
                    #expect(one.findings == other.findings, "\(seed) \(id)")
                    let rest = one.consensus.members.filter { $0.observation.source.id != id }
                    #expect(rest == other.consensus.members, "\(seed) \(id)")
                    #expect(one.consensus.members.first { $0.observation.source.id == id }?.fate.name == "unknown")
                }
            }
        }
    }
}

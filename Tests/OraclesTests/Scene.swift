import Ethereum
import Testing

@testable import Oracles

/// A price with six places; the scenes state prices as people do.
func price(_ value: Double, decimals: Int = 8) throws -> ExactPrice {
    let scaled = (value * 1_000_000).rounded()
    return try ExactPrice(
        UInt256(UInt64(scaled)) * UInt256.powerOfTen(decimals - 6), decimals: decimals)
}

/// A market that goes on block by block: what the protocol uses, and witnesses.
struct Scene {
    var judge: PriceJudge
    var time: UInt64 = 1_700_000_000
    var block: UInt64 = 18_000_000
    var own: SourceIdentity
    var sequencer: SequencerState?
    var extras = ObservationExtras()
    /// Of the protocol's source; `nil` where it does not say.
    var updatedAt: UInt64?

    static let chainlink = SourceIdentity(
        "feed", .chainlink, roots: ["chainlink:ETH / USD"],
        staleness: StalenessRule(heartbeat: 3_600, deviationBps: 50))

    init(_ own: SourceIdentity, _ kind: AssetProfile.Class = .major, liquidationThresholdBps: Int? = nil) {
        self.own = own
        judge = PriceJudge(AssetProfile("asset", kind, liquidationThresholdBps: liquidationThresholdBps))
    }

    /// The next block.
    mutating func step(
        _ value: ObservedPrice, _ references: [(SourceIdentity, ObservedPrice)], spot: ExactPrice? = nil
    ) throws -> PriceVerdict {
        time += 12
        block += 1
        var observations: [Observation] = []
        for (source, price) in references {
            var observation = Observation(source, price, observedAt: time, block: block)
            if source.kind.evidence == .average { observation.depth = Depth(atTwoPercent: 2_000_000) }
            observations.append(observation)
        }
        var extras = self.extras
        extras.spot = spot
        let tick = AssetTick(
            Observation(own, value, updatedAt: updatedAt, observedAt: time, block: block, extras: extras),
            references: observations, sequencer: sequencer)
        let verdict = judge.judge(tick)
        return try #require(verdict)
    }

    mutating func step(_ value: Double, beside references: [Double?]) throws -> PriceVerdict {
        try step(.known(price(value)), Self.witnesses(references))
    }

    /// Two venues, a pool's average, another network; nil is a failed read.
    static func witnesses(_ values: [Double?]) throws -> [(SourceIdentity, ObservedPrice)] {
        let sources = [
            SourceIdentity("kraken", .cex), SourceIdentity("coinbase", .cex),
            SourceIdentity("pool", .uniswapV3Twap, roots: ["pool:0x01"], window: 1_800), SourceIdentity("pyth", .pyth),
        ]
        var pairs: [(SourceIdentity, ObservedPrice)] = []
        for (source, value) in zip(sources, values) {
            pairs.append((source, try value.map { .known(try price($0)) } ?? .unknown(.unread("timeout"))))
        }
        return pairs
    }

    /// Blocks in which all agree.
    mutating func warm(_ value: Double, blocks: Int = 100, beside count: Int = 4) throws {
        for number in 0..<blocks {
            if updatedAt != nil { updatedAt = time + 12 }
            let noise = 1 + (number % 3 == 0 ? 0.0002 : -0.0001)
            let verdict = try step(value, beside: Array(repeating: value * noise, count: count))
            #expect(count == 0 || verdict.trust == .ok, "block \(number): \(verdict.reasons)")
        }
    }
}

extension PriceVerdict {
    /// Rules at severity 2 or 3, such as `D3.own`.
    var severe: [String] { findings.filter { $0.severity >= 2 }.map { "\($0.detector.rawValue).\($0.rule)" } }

    func finding(_ rule: String) -> Finding? { findings.first { "\($0.detector.rawValue).\($0.rule)" == rule } }
}

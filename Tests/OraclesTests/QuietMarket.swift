import Ethereum
import Glibc
import TestSupport

@testable import Oracles

/// An honest market, block by block: nothing is wrong with any price in it.
struct QuietMarket {
    /// What kinds of honest markets there are.
    enum Shape: String, CaseIterable, Sendable {
        /// A major asset on an ordinary day.
        case calm
        /// A major asset that falls by 30 % within an hour; the protocol uses a feed.
        case crash
        /// The same, and the protocol uses a pool's average of half an hour.
        case average
        /// A staked token with a rate and a cap, whose discount widens in a crash.
        case staked
        /// A stable about its peg that leaves it by 60 bps for an hour.
        case stable
        /// A small asset with thin pools beside it, and a fall of 30 %.
        case thin
        /// A major asset beside venues with wicks and failures.
        case noisy
    }

    /// A push feed: it updates beyond its threshold or after its heartbeat, once a block includes it.
    struct Feed {
        var value: Double
        var at: UInt64
        var thresholdBps: Int
        var heartbeat: Int

        func isDue(_ truth: Double, _ now: UInt64) -> Bool {
            abs(truth / value - 1) * 10_000 > Double(thresholdBps) || now - at > UInt64(heartbeat)
        }

        var rule: StalenessRule { StalenessRule(heartbeat: heartbeat, deviationBps: thresholdBps) }
    }

    let shape: Shape
    var random: SeededGenerator
    var time: UInt64 = 1_700_000_000
    var block: UInt64 = 18_000_000
    private var truth: Double
    private var volatility: Double
    private var crashAt: Int
    private var own: Feed
    private var second: Feed
    private var past = Ring<Double>(capacity: 150)
    private var sum = 0.0
    private var number = 0
    private var rate = 1.15
    private var discount = 0.001

    init(_ shape: Shape, _ seed: Seed) {
        self.shape = shape
        random = seed.generator
        truth = shape == .stable ? 1 : shape == .thin ? 3.5 : 2_000
        let usual: Double =
            switch shape {
            case .stable: 0.5e-4
            case .thin: 8e-4
            default: 5e-4
            }
        volatility = usual * Double.random(in: 0.5..<1.5, using: &random)
        crashAt = 2_000 + Int.random(in: 0..<6_000, using: &random)
        let threshold = shape == .stable ? 25 : shape == .thin ? 100 : 50
        let heartbeat = shape == .stable || shape == .thin ? 86_400 : 3_600
        own = Feed(value: truth, at: time, thresholdBps: threshold, heartbeat: heartbeat)
        second = Feed(value: truth, at: time, thresholdBps: threshold, heartbeat: heartbeat)
    }

    var profile: AssetProfile {
        switch shape {
        case .calm, .crash, .average, .noisy: AssetProfile(shape.rawValue, .major)
        case .staked: AssetProfile(shape.rawValue, .lst)
        case .stable: AssetProfile(shape.rawValue, .stable)
        case .thin: AssetProfile(shape.rawValue, .other)
        }
    }

    /// Normal by Box and Muller; one in a hundred is five times as large.
    private mutating func normal() -> Double {
        let radius = (-2 * log(Double.random(in: 1e-12..<1, using: &random))).squareRoot()
        let value = radius * cos(2 * .pi * Double.random(in: 0..<1, using: &random))
        return Int.random(in: 0..<100, using: &random) == 0 ? 5 * value : value
    }

    private var hasCrash: Bool { shape != .calm && shape != .noisy && shape != .stable }

    /// The next block.
    mutating func next() throws -> AssetTick {
        time += 12
        block += 1
        let inHour = (crashAt..<crashAt + 300).contains(number)
        let isCrash = hasCrash && inHour
        let unrest = isCrash ? 4.0 : hasCrash && (crashAt..<crashAt + 1_500).contains(number) ? 2 : 1
        number += 1
        truth *= exp(normal() * volatility * unrest + (isCrash ? -0.00119 : 0))
        if shape == .stable { truth *= exp(0.02 * log((inHour ? 0.994 : 1) / truth)) }
        if shape == .staked {
            rate *= 1 + 0.03 / 2_628_000
            let wide = unrest > 1 ? 0.006 : 0.001
            discount += 0.01 * (wide - discount) + normal() * 2e-5
        }
        if past.count == past.capacity, let first = past.first { sum -= first }
        past.append(truth)
        sum += truth
        // In a crash blocks are full: an update takes up to some five of them.
        let isIncluded = Int.random(in: 0..<(unrest > 1 ? 5 : 2), using: &random) == 0
        if isIncluded, own.isDue(truth, time) { (own.value, own.at) = (truth * exp(normal() * 1e-4), time) }
        if isIncluded, second.isDue(truth, time) { (second.value, second.at) = (truth * exp(normal() * 2e-4), time) }
        return AssetTick(try protocolPrice(), references: try references(unrest))
    }

    private func protocolPrice() throws -> Observation {
        var extras = ObservationExtras()
        switch shape {
        case .average:
            extras.spot = try price(truth)
            return Observation(
                SourceIdentity("twap", .uniswapV3Twap, roots: ["pool:0x99"], window: 1_800),
                .known(try price(sum / Double(past.count))), observedAt: time, block: block, extras: extras)
        case .staked:
            extras.rate = try price(rate)
            extras.cap = .init(uncapped: try price(rate), limit: try price(rate * 1.01))
            return Observation(
                SourceIdentity("capo", .cap, roots: ["chainlink:ETH / USD"], staleness: own.rule),
                .known(try price(own.value * rate)), updatedAt: own.at, observedAt: time, block: block, extras: extras)
        case .calm, .crash, .stable, .thin, .noisy:
            return Observation(
                SourceIdentity("feed", .chainlink, roots: ["chainlink:A / USD"], staleness: own.rule),
                .known(try price(own.value)), updatedAt: own.at, observedAt: time, block: block)
        }
    }

    private mutating func references(_ unrest: Double) throws -> [Observation] {
        let market = shape == .staked ? truth * rate * (1 - discount) : truth
        var found: [Observation] = []
        func add(_ source: SourceIdentity, _ value: Double?, depth: UInt64? = nil, at: UInt64? = nil) throws {
            let observed: ObservedPrice =
                if let value { .known(try price(value)) } else { .unknown(.unread("timeout")) }
            found.append(
                Observation(
                    source, observed, updatedAt: value == nil ? nil : at, observedAt: time, block: block,
                    depth: depth.map { Depth(atTwoPercent: UInt256($0)) }))
        }
        let noise = shape == .stable ? 1e-4 : shape == .thin ? 15e-4 : 3e-4
        try add(SourceIdentity("kraken", .cex), venue(market, noise * unrest))
        if shape != .thin { try add(SourceIdentity("coinbase", .cex), venue(market, noise * unrest)) }
        let share = market / truth
        if shape != .average {
            try add(
                SourceIdentity("pool", .uniswapV3Twap, roots: ["pool:0x01"], window: 1_800),
                sum / Double(past.count) * share, depth: shape == .thin ? 50_000 : 2_000_000)
        }
        if shape == .thin {
            let spot = market * exp(normal() * 40e-4)
            try add(SourceIdentity("spot", .uniswapV2Spot, roots: ["pool:0x02"]), spot, depth: 30_000)
        }
        if shape != .staked {
            try add(SourceIdentity("pyth", .pyth, staleness: second.rule), second.value, at: second.at)
        }
        return found
    }

    private mutating func venue(_ market: Double, _ noise: Double) -> Double? {
        let failures = shape == .noisy ? 50 : 10
        let wicks = shape == .noisy ? 10 : 1
        switch Int.random(in: 0..<1_000, using: &random) {
        case 0..<failures: return nil
        case failures..<failures + wicks: return market * (1 - Double.random(in: 0.01..<0.12, using: &random))
        default: return market * exp(normal() * noise)
        }
    }
}

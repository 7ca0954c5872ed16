import Ethereum
import Foundation
import JSON
import TestSupport
import Testing

/// Feeds and pools that are written to block by block: when each attack begins to show, and that what leaves nothing
/// behind shows nothing.
@Suite struct OracleSceneFeedTests {
    /// A market with feeds of its own, and two witnesses of one asset that a test writes to.
    private struct Feeds {
        let world: OracleWorld
        let symbol: String
        let own: String
        let witnesses: [String]
        let sources: [JSONValue]
        /// Blocks to look back over.
        var blocks = 0

        init(_ symbol: String, from low: UInt256 = 1, to high: UInt256 = .mask(bits: 176)) async throws {
            world = try await OracleWorld(borrowers: 10)
            self.symbol = symbol
            let index = try world.index(symbol)
            let price = try world.price(index)
            var (witnesses, sources): ([String], [JSONValue]) = ([], [])
            for _ in 0..<2 {
                let feed = try await world.aggregator(price)
                witnesses.append(feed)
                sources.append(
                    OracleWorld.source(
                        world.asset(index), feed: feed, ["heartbeat": 31_536_000, "deviationBps": 50]))
            }
            own = try await world.aggregator(price, from: low, to: high, source: symbol)
            sources.append(
                OracleWorld.source(world.asset(index), feed: own, ["heartbeat": 86_400, "deviationBps": 50]))
            // An asset beside it that nothing happens to.
            let other = symbol == "WBTC" ? 0 : try world.index("WBTC")
            for _ in 0..<2 {
                let feed = try await world.canned(OracleWorld.feed(world.price(other), at: world.now()))
                sources.append(
                    OracleWorld.source(
                        world.asset(other), feed: feed, ["heartbeat": 31_536_000, "deviationBps": 50]))
            }
            self.witnesses = witnesses
            self.sources = sources
        }

        mutating func post(_ feed: String, _ price: UInt256) async throws {
            try await world.send(feed, "post(int256)", price)
            blocks += 1
        }

        mutating func mine() async throws {
            try await world.node.call("dev_mine", ["blocks": 1, "seconds": 12])
            blocks += 1
        }

        /// What is said of the asset now, by somebody who saw every block since the beginning; nobody doubts the other.
        func look() throws -> JSONValue {
            let seen = try world.oracle(sources, ["--look-back", "\(blocks)"])
            #expect(seen.status == 0, "\(seen.errors)")
            let other = try #require(seen.records[symbol == "WBTC" ? world.symbol(0) : "WBTC"])
            #expect(other["verdict"]?.string == "ok", other.why)
            return try #require(seen.records[symbol])
        }
    }

    /// The market moved beyond the feed's own threshold, and the feed did not follow: its heartbeat is far away.
    @Test func anUpdateThatIsMissed() async throws {
        var feeds = try await Feeds("WETH")
        let fair = try feeds.world.price(feeds.world.index("WETH"))
        try await feeds.post(feeds.own, fair)
        try await feeds.mine()
        let calm = try feeds.look()
        #expect(calm["verdict"]?.string == "ok" && calm["findings"]?.array?.isEmpty == true, calm.why)
        let moved = try UInt256.mulDiv(fair, 1_014, 1_000, .down)
        for witness in feeds.witnesses { try await feeds.post(witness, moved) }
        // A feed has a minute to follow.
        let since = try await feeds.world.now()
        var now = try feeds.look()
        while now.finding("D1", "missedUpdate") == nil, feeds.blocks < 20 {
            #expect(now["verdict"]?.string == "ok", now.why)
            try await feeds.mine()
            now = try feeds.look()
        }
        let found = now.finding("D1", "missedUpdate")
        #expect(found?["severity"]?.int == 2 && now["verdict"]?.string == "suspect", now.why)
        #expect(now.hasFlag("pending_update"), now.why)
        #expect(found?["reason"]?.string?.hasSuffix("due at 50 bps, and it has not followed for 60 s") == true)
        // Five blocks of twelve seconds, or as many as two minutes after the feed's last update need.
        let later = try await feeds.world.now() - since
        #expect(later >= 60 && later <= 132, "\(later) s")
        // It follows, and the alarm is not renewed.
        try await feeds.post(feeds.own, moved)
        let after = try feeds.look()
        #expect(after["deviationBps"]?.int == 0, after.why)
    }

    /// An aggregator refuses what is under its least answer; the last one before it stays.
    @Test func anAggregatorThatRefuses() async throws {
        let fair: UInt256 = 234_567_891_234
        let least = try UInt256.mulDiv(fair, 6, 10, .down)
        var feeds = try await Feeds("WETH", from: least)
        for tenths in [9, 8, 7] as [UInt256] {
            let price = try UInt256.mulDiv(fair, tenths, 10, .down)
            try await feeds.post(feeds.own, price)
            for witness in feeds.witnesses { try await feeds.post(witness, price) }
            let honest = try feeds.look()
            #expect(honest["verdict"]?.string != "reject" && honest.finding("D4", "marketBelow") == nil, honest.why)
            #expect(honest["deviationBps"]?.int == 0)
        }
        let half = try UInt256.mulDiv(fair, 1, 2, .down)
        try await feeds.post(feeds.own, half)
        try await feeds.post(feeds.witnesses[0], half)
        // One of two witnesses went: nobody can say who is right.
        let split = try feeds.look()
        #expect(split.finding("D4", "marketBelow") == nil, split.why)
        try await feeds.post(feeds.witnesses[1], half)
        let seen = try feeds.look()
        let found = seen.finding("D4", "marketBelow")
        #expect(found?["severity"]?.int == 3 && seen["verdict"]?.string == "reject", seen.why)
        #expect(found?["reason"]?.string?.contains("is the least that") == true && seen.hasFlag("cap_hit"), seen.why)
    }

    /// Feeds of stables are bounded above: beyond 1.05 they stay where they were.
    @Test func aStableAboveItsBound() async throws {
        var feeds = try await Feeds("USDC", to: 105_000_000)
        try await feeds.mine()
        let calm = try feeds.look()
        #expect(calm["verdict"]?.string == "ok", calm.why)
        try await feeds.post(feeds.own, 110_000_000)
        for witness in feeds.witnesses { try await feeds.post(witness, 110_000_000) }
        let seen = try feeds.look()
        let found = seen.finding("D4", "marketAbove")
        #expect(found?["severity"]?.int == 3 && seen["verdict"]?.string == "reject", seen.why)
        #expect(found?["reason"]?.string?.contains("is the most that") == true, seen.why)
        #expect(seen["priceRaw"]?.string == calm["priceRaw"]?.string)
    }

    /// A price by the reserves of a pair: it has no average to be compared with but its own past.
    @Test func aPushOfAPairsReserves() async throws {
        var stage = try await OracleSceneTests.Stage()
        let world = stage.world
        try await stage.witness(stage.weth)
        try await stage.witness(stage.usdc)
        let ether = 1_000 &* UInt256.wad
        let dollars = try UInt256.mulDiv(
            try world.price(stage.weth), 1_000_000_000, try world.price(stage.usdc), .down)
        let amounts = stage.wethIsFirst ? (ether, dollars) : (dollars, ether)
        let made = try await world.node.call(
            "dev_deployPool",
            [
                "kind": "v2", "token0": "WETH", "token1": "USDC", "amount0": .string("\(amounts.0)"),
                "amount1": .string("\(amounts.1)"),
            ])
        let pair = try #require(made["pool"]?.string)
        stage.sources.append(
            OracleWorld.source(
                world.asset(stage.weth), kind: "uniswap-v2", quote: world.asset(stage.usdc),
                ["contracts": ["pool": .string(pair)]]))
        _ = try await world.contract(
            "PairFeed", [.string(pair), .bool(stage.wethIsFirst), "100000000000000000000"], source: "WETH")
        try await stage.mine(6)
        let calm = try #require(try stage.look(back: 5)["WETH"])
        #expect(calm["verdict"]?.string == "ok" && calm.finding("D3", "own") == nil, calm.why)
        #expect(calm["roots"]?.array?.map { $0.string?.hasPrefix("pool:") } == [true])
        try await world.node.call(
            "dev_swap",
            [
                "pool": .string(pair), "amount": .string("\(200 &* UInt256.wad)"),
                "direction": .string(stage.wethIsFirst ? "0to1" : "1to0"),
            ])
        let all = try stage.look(back: 6)
        let seen = try #require(all["WETH"])
        #expect(seen.finding("D3", "own")?["severity"]?.int == 3, seen.why)
        #expect(seen["verdict"]?.string == "reject" && seen.hasFlag("spot_vs_twap"), seen.why)
        #expect(all["USDC"]?["verdict"]?.string == "ok")
    }

    /// There and back within one block, as a flash loan does it: the end of the block shows nothing of it.
    @Test func aPushThatLeavesNothingBehind() async throws {
        var stage = try await OracleSceneTests.Stage()
        try await stage.witness(stage.weth)
        try await stage.witness(stage.usdc)
        stage.watchPool()
        try await stage.priceByPool(window: 0)
        try await stage.mine(3)
        let calm = try #require(try stage.look(back: 2)["WETH"])
        #expect(calm["verdict"]?.string == "ok", calm.why)
        for _ in 0..<3 {
            try await stage.world.node.call(
                "dev_swap",
                [
                    "pool": .string(stage.pool), "amount": "2000000000000000000000", "back": true,
                    "direction": .string(stage.wethIsFirst ? "0to1" : "1to0"),
                ])
            let after = try #require(try stage.look(back: 5)["WETH"])
            #expect(after["verdict"]?.string == "ok" && after["findings"]?.array?.isEmpty == true, after.why)
            #expect(after["priceRaw"] == calm["priceRaw"])
            #expect(after["references"]?.array?.last?["spot"] == calm["references"]?.array?.last?["spot"])
        }
    }
}

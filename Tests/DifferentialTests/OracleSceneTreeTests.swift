import Ethereum
import Foundation
import JSON
import TestSupport
import Testing

/// Adapters of every house, one behind each asset of a market: what each price comes from in the end.
@Suite struct OracleSceneTreeTests {
    private struct Expected {
        let kind: String
        let children: [String]
        /// What the roots begin with, sorted.
        let roots: [String]
        let updatedAt: UInt64?
    }

    @Test func adaptersOfEveryHouse() async throws {
        let world = try await OracleWorld(borrowers: 10, reserves: 8)
        let now = try await world.now()
        let word = OracleWorld.word
        func address(_ text: String) throws -> String { try OracleWorld.contractWord(text) }
        func proxy(_ name: String, _ price: UInt256, at time: UInt64, source: String? = nil) async throws -> String {
            let bounds = ["minAnswer()": word(1), "maxAnswer()": word(.mask(bits: 176))]
            var answers = OracleWorld.feed(price, at: time)
            answers["aggregator()"] = try address(try await world.canned(bounds))
            answers["description()"] = OracleWorld.text(name)
            return try await world.canned(answers, source: source)
        }
        /// What the market's oracle asks every source for.
        func answer(_ symbol: String) throws -> [String: String] {
            ["latestAnswer()": word(try world.price(try world.index(symbol))), "decimals()": word(8)]
        }
        var expected: [String: Expected] = [:]

        // Chainlink's second proxy of one feed: the feed's name is the root.
        _ = try await proxy("ETH / USD", world.price(0), at: now - 10, source: "WETH")
        expected["WETH"] = Expected(
            kind: "proxy", children: ["aggregator"], roots: ["chainlink:ETH / USD"], updatedAt: now - 10)

        // Aave's cap on a stable: the feed below says more.
        let dollar = try await proxy("USDC / USD", 110_000_000, at: now - 20)
        _ = try await world.canned(
            [
                "latestAnswer()": word(104_000_000), "decimals()": word(8), "getPriceCap()": word(104_000_000),
                "isCapped()": word(1), "ASSET_TO_USD_AGGREGATOR()": try address(dollar),
            ], source: "USDC")
        expected["USDC"] = Expected(
            kind: "price_cap", children: ["proxy"], roots: ["chainlink:USDC / USD"], updatedAt: now - 20)

        // Euler's cross of two adapters: one over a feed, one over Pyth.
        let bitcoin = try await proxy("BTC / USD", world.price(2), at: now - 300)
        let overFeed = try await world.canned(["feed()": try address(bitcoin)])
        let overPyth = try await world.canned(["pyth()": try address(bitcoin), "feedId()": word(0xb7c)])
        _ = try await world.canned(
            try answer("WBTC").merging([
                "oracleBaseCross()": try address(overFeed), "oracleCrossQuote()": try address(overPyth),
            ]) { $1 }, source: "WBTC")
        expected["WBTC"] = Expected(
            kind: "cross", children: ["adapter", "pyth"], roots: ["chainlink:BTC / USD", "pyth:0x"],
            updatedAt: now - 300)

        // Morpho's composition: a vault's share times a feed over a feed.
        let base = try await proxy("DAI / USD", world.price(3), at: now - 40)
        let vault = try await world.canned(["asset()": try address(world.asset(3)), "totalAssets()": word(.wad)])
        var morpho = try answer("DAI")
        for name in ["BASE_FEED_2()", "QUOTE_FEED_2()", "QUOTE_VAULT()"] { morpho[name] = word(0) }
        morpho["price()"] = word(try .powerOfTen(36))
        morpho["BASE_FEED_1()"] = try address(base)
        morpho["QUOTE_FEED_1()"] = try address(dollar)
        morpho["BASE_VAULT()"] = try address(vault)
        _ = try await world.canned(morpho, source: "DAI")
        expected["DAI"] = Expected(
            kind: "morpho", children: ["proxy", "proxy", "vault"],
            roots: ["chainlink:DAI / USD", "chainlink:USDC / USD", "rate:"], updatedAt: now - 40)

        // Aave's cap on a rate, ten basis points under it.
        let ether = try await proxy("ETH / USD", world.price(0), at: now - 50)
        let rate = try await world.canned(["getRate()": word(.wad)])
        _ = try await world.canned(
            try answer("WSTETH").merging([
                "BASE_TO_USD_AGGREGATOR()": try address(ether), "RATIO_PROVIDER()": try address(rate),
                "getRatio()": word(1_180_000_000_000_000_000), "isCapped()": word(0),
                "getSnapshotRatio()": word(1_181_180_000_000_000_000), "getSnapshotTimestamp()": word(UInt256(now)),
                "getMaxRatioGrowthPerSecond()": word(1),
            ]) { $1 }, source: "WSTETH")
        expected["WSTETH"] = Expected(
            kind: "ratio_cap", children: ["proxy", "rate"], roots: ["chainlink:ETH / USD", "rate:"],
            updatedAt: now - 50)

        // A product of RedStone's feed and Chronicle's.
        let red = try await world.canned([
            "getDataFeedId()": OracleWorld.short("GOV"), "getPriceFeedAdapter()": try address(ether),
            "latestAnswer()": word(1),
        ])
        let scribe = try await world.canned([
            "wat()": OracleWorld.short("USD/PEG"), "latestRoundData()": OracleWorld.round(.wad, at: now - 60),
            "decimals()": word(18),
        ])
        _ = try await world.canned(
            try answer("GOV").merging([
                "ASSET_TO_PEG()": try address(red), "PEG_TO_BASE()": try address(scribe),
            ]) { $1 }, source: "GOV")
        expected["GOV"] = Expected(
            kind: "product", children: ["redstone", "chronicle"], roots: ["chronicle:USD/PEG", "redstone:GOV"],
            updatedAt: now - 60)

        // An adapter over a rate alone.
        _ = try await world.canned(
            try answer("USDT").merging(["rateProvider()": try address(rate)]) { $1 }, source: "USDT")
        expected["USDT"] = Expected(kind: "adapter", children: ["rate"], roots: ["rate:"], updatedAt: nil)

        // A date of the future is none.
        var ahead = try answer("LST8")
        ahead["latestRoundData()"] = OracleWorld.round(try world.price(7), at: now + 1_000_000_000)
        _ = try await world.canned(ahead, source: "LST8")
        expected["LST8"] = Expected(kind: "feed", children: [], roots: ["feed:"], updatedAt: nil)

        var sources: [JSONValue] = []
        for index in [1, 4] {
            for _ in 0..<2 {
                let price = index == 1 ? 110_000_000 : try world.price(index)
                let feed = try await world.canned(OracleWorld.feed(price, at: world.now()))
                sources.append(
                    OracleWorld.source(
                        world.asset(index), feed: feed, ["heartbeat": 31_536_000, "deviationBps": 50]))
            }
        }
        // The feed behind the protocol's price by its name: no witness, whatever its contract.
        sources.append(OracleWorld.source(world.asset(0), feed: ether, ["heartbeat": 31_536_000]))
        let seen = try world.oracle(sources, ["--tree"])
        #expect(seen.status == 0, "\(seen.errors)")
        for (symbol, wanted) in expected {
            let record = try #require(seen.records[symbol])
            let tree = record["tree"]
            #expect(tree?["kind"]?.string == wanted.kind, "\(symbol): \(tree ?? .null)")
            #expect(tree?["children"]?.array?.compactMap { $0["kind"]?.string } == wanted.children, "\(symbol)")
            let roots = record["roots"]?.array?.compactMap(\.string) ?? []
            #expect(
                roots.count == wanted.roots.count && zip(roots, wanted.roots).allSatisfy { $0.hasPrefix($1) },
                "\(symbol): \(roots)")
            #expect(record["updatedAt"]?.int == wanted.updatedAt.map { Int($0) }, "\(symbol)")
        }
        let ethers = try #require(seen.records["WETH"])
        #expect(ethers["independent"]?.int == 0 && ethers["verdict"]?.string == "unknown", ethers.why)
        let capped = try #require(seen.records["USDC"])
        #expect(capped.finding("D10", "capped")?["severity"]?.int == 3 && capped.hasFlag("cap_hit"), capped.why)
        #expect(capped["verdict"]?.string == "reject", capped.why)
        let near = try #require(seen.records["WSTETH"])
        #expect(near.finding("D10", "headroom")?["severity"]?.int == 1 && near["verdict"]?.string == "ok", near.why)
    }
}

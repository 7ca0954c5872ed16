import Ethereum
import Foundation
import JSON
import TestSupport
import Testing

/// Prices that are attacked on a chain with real pools: each attack is seen by the detector whose business it is, in the
/// first block that shows it, and nobody else's price is doubted for it.
@Suite struct OracleSceneTests {
    /// A market, a pool of its WETH and USDC at the market's price, and two honest witnesses of each asset.
    struct Stage {
        let world: OracleWorld
        let weth: Int
        let usdc: Int
        let pool: String
        let wethIsFirst: Bool
        var sources: [JSONValue] = []

        init(borrowers: Int = 20, seed: Int = 21) async throws {
            world = try await OracleWorld(borrowers: borrowers, seed: seed)
            weth = try world.index("WETH")
            usdc = try world.index("USDC")
            let (asset, quote) = (world.asset(weth).lowercased(), world.asset(usdc).lowercased())
            wethIsFirst = asset < quote
            // Units of USDC for one of WETH, as a square root of 96 binary places.
            let ratio = try world.price(weth).double / world.price(usdc).double * 1e-12
            let root = (wethIsFirst ? ratio : 1 / ratio).squareRoot() * 79_228_162_514_264_337_593_543_950_336
            let made = try await world.node.call(
                "dev_deployPool",
                [
                    "kind": "v3", "token0": "WETH", "token1": "USDC", "cardinality": 150,
                    "sqrtPriceX96": .string(UInt256(decimal: String(format: "%.0f", root))?.description ?? "0"),
                    "positions": [[-887220, 887220, "1000000000000000000"]],
                ])
            pool = try #require(made["pool"]?.string)
            try await world.node.call("dev_mine", ["blocks": 3, "seconds": 1_800])
        }

        /// Two feeds beside the market's own of this asset, written now.
        mutating func witness(_ index: Int, _ price: UInt256? = nil) async throws {
            for _ in 0..<2 {
                let feed = try await world.canned(OracleWorld.feed(price ?? world.price(index), at: world.now()))
                sources.append(
                    OracleWorld.source(
                        world.asset(index), feed: feed, ["heartbeat": 31_536_000, "deviationBps": 50]))
            }
        }

        /// The pool as a source, in USDC.
        mutating func watchPool(window: Int = 1_800) {
            sources.append(
                OracleWorld.source(
                    world.asset(weth), kind: "uniswap-v3", quote: world.asset(usdc),
                    ["contracts": ["pool": .string(pool)], "window": .integer(window)]))
        }

        /// The market's price of WETH is taken from the pool from now on.
        func priceByPool(window: Int) async throws {
            try await world.node.call(
                "dev_oracle",
                [
                    "contract": "PoolFeed", "source": "WETH",
                    "arguments": [
                        .string(pool), .integer(window), .bool(wethIsFirst),
                        .string("1" + String(repeating: "0", count: 20)),
                    ],
                ])
        }

        /// Trades WETH into USDC, or back where `amount` is of USDC.
        func swap(_ amount: String, sellsWETH: Bool) async throws {
            try await world.node.call(
                "dev_swap",
                [
                    "pool": .string(pool), "amount": .string(amount),
                    "direction": .string(sellsWETH == wethIsFirst ? "0to1" : "1to0"),
                ])
        }

        func mine(_ blocks: Int = 1, seconds: Int = 12) async throws {
            try await world.node.call("dev_mine", ["blocks": .integer(blocks), "seconds": .integer(seconds)])
        }

        /// What is said of every asset now.
        func look(back: Int = 0, _ arguments: [String] = []) throws -> [String: JSONValue] {
            let seen = try world.oracle(sources, ["--look-back", "\(back)"] + arguments)
            #expect(seen.status == 0, "\(seen.errors)")
            return seen.records
        }
    }

    private func finding(_ record: JSONValue?, _ detector: String, _ rule: String) -> JSONValue? {
        record?["findings"]?.array?.first { $0["detector"]?.string == detector && $0["rule"]?.string == rule }
    }

    private func verdict(_ record: JSONValue?) -> String { record?["verdict"]?.string ?? "none" }

    private func why(_ record: JSONValue?) -> Comment {
        "\(record?["verdict"] ?? .null) \(record?["reasons"] ?? .null)"
    }

    /// A price that is read from the pool as it is in this block: pushed within a block, and back within a block.
    @Test func aPushOfASpotPrice() async throws {
        var stage = try await Stage()
        try await stage.witness(stage.weth)
        try await stage.witness(stage.usdc)
        stage.watchPool()
        try await stage.priceByPool(window: 0)
        try await stage.mine()
        let calm = try stage.look()["WETH"]
        #expect(verdict(calm) == "ok", why(calm))
        // A tenth of what is in range: the price falls by about a fifth.
        try await stage.swap("2000000000000000000000", sellsWETH: true)
        let pushed = try stage.look()
        let found = finding(pushed["WETH"], "D3", "own")
        #expect(found?["severity"]?.int == 3, why(pushed["WETH"]))
        #expect(verdict(pushed["WETH"]) == "reject" && verdict(pushed["USDC"]) == "ok", why(pushed["USDC"]))
        #expect(
            found?["reason"]?.string?.hasSuffix("from its average; the market did not") == true, why(pushed["WETH"]))
        #expect(pushed["WETH"]?["flags"]?.array?.contains("spot_vs_twap") == true)
    }

    /// A price that is an average of the pool: every block that it is held moves it further.
    @Test func aPushOfAnAverageOverBlocks() async throws {
        var stage = try await Stage()
        try await stage.witness(stage.weth)
        try await stage.witness(stage.usdc)
        stage.watchPool()
        try await stage.priceByPool(window: 1_800)
        try await stage.mine()
        let calm = try stage.look()["WETH"]
        #expect(verdict(calm) == "ok", why(calm))
        try await stage.swap("3000000000000000000000", sellsWETH: true)
        // In the block of the swap the average stands still; that the pool is elsewhere is seen.
        let first = try stage.look()["WETH"]
        #expect(finding(first, "D3", "own") != nil && verdict(first) == "suspect", why(first))
        var blocks = 0
        var now = first
        while finding(now, "D2", "crossSource") == nil, blocks < 30 {
            try await stage.mine()
            blocks += 1
            now = try stage.look()["WETH"]
        }
        #expect(finding(now, "D2", "crossSource") != nil && blocks < 30, why(now))
        // Held for longer, the average itself is where nobody else is.
        try await stage.mine(80)
        let held = try stage.look()["WETH"]
        #expect(verdict(held) == "reject" && finding(held, "D2", "crossSource")?["severity"]?.int == 3, why(held))
        #expect(verdict(try stage.look()["USDC"]) == "ok")
    }

    @Test func aFeedThatIsStuck() async throws {
        var stage = try await Stage()
        try await stage.witness(stage.weth)
        try await stage.witness(stage.usdc)
        let price = try stage.world.price(stage.weth)
        let feed = try await stage.world.canned(
            OracleWorld.feed(price, at: stage.world.now()), source: "WETH")
        stage.sources.append(
            OracleWorld.source(stage.world.asset(stage.weth), feed: feed, ["heartbeat": 3_600, "deviationBps": 50]))
        let calm = try stage.look()["WETH"]
        #expect(verdict(calm) == "ok", why(calm))
        // The heartbeat and a tenth: not yet; a block later it is.
        try await stage.mine(1, seconds: 3_600)
        #expect(finding(try stage.look()["WETH"], "D1", "heartbeat") == nil)
        try await stage.mine(1, seconds: 361)
        let late = try stage.look()
        let found = finding(late["WETH"], "D1", "heartbeat")
        #expect(found?["severity"]?.int == 2 && verdict(late["WETH"]) == "suspect", why(late["WETH"]))
        #expect(found?["reason"]?.string?.hasSuffix("an update is due every 3600 s") == true, why(late["WETH"]))
        #expect(late["WETH"]?["flags"]?.array?.contains("stale") == true)
        try await stage.mine(1, seconds: 3_600)
        let dead = try stage.look()["WETH"]
        #expect(finding(dead, "D1", "heartbeat")?["severity"]?.int == 3 && verdict(dead) == "reject", why(dead))
        #expect(verdict(late["USDC"]) == "ok", why(late["USDC"]))
    }

    /// The aggregator's least answer: the market is below it.
    @Test func aFeedThatIsClamped() async throws {
        var stage = try await Stage()
        let fair = try stage.world.price(stage.weth)
        let half = try UInt256.mulDiv(fair, 1, 2, .down)
        try await stage.witness(stage.weth, half)
        try await stage.witness(stage.usdc)
        var answers = OracleWorld.feed(fair, at: try await stage.world.now())
        answers["minAnswer()"] = OracleWorld.word(fair)
        answers["maxAnswer()"] = OracleWorld.word(.max >> 80)
        _ = try await stage.world.canned(answers, source: "WETH")
        let seen = try stage.look()
        let found = finding(seen["WETH"], "D4", "marketBelow") ?? finding(seen["WETH"], "D4", "minAnswer")
        #expect(found?["severity"]?.int == 3 && verdict(seen["WETH"]) == "reject", why(seen["WETH"]))
        #expect(found?["reason"]?.string?.contains("is the least that") == true, why(seen["WETH"]))
        #expect(seen["WETH"]?["flags"]?.array?.contains("cap_hit") == true)
        #expect(verdict(seen["USDC"]) == "ok", why(seen["USDC"]))
    }

    @Test(arguments: ["100", "10000000000"])
    func anOracleOfWrongDecimals(factor: String) async throws {
        var stage = try await Stage()
        try await stage.witness(stage.weth)
        try await stage.witness(stage.usdc)
        let wrong = try stage.world.price(stage.weth) * #require(UInt256(decimal: factor))
        _ = try await stage.world.canned(OracleWorld.feed(wrong, at: stage.world.now()), source: "WETH")
        let seen = try stage.look()
        let found = finding(seen["WETH"], "D9", "decimals")
        #expect(found?["severity"]?.int == 3 && verdict(seen["WETH"]) == "reject", why(seen["WETH"]))
        #expect(found?["reason"]?.string?.hasSuffix("times the market: decimal places are wrong") == true)
        #expect(verdict(seen["USDC"]) == "ok", why(seen["USDC"]))
    }

    /// A vault whose share is worth more from one block to the next than anything earns.
    @Test func aVaultThatIsGivenAPresent() async throws {
        var stage = try await Stage()
        let share = stage.world.symbol(4)
        let index = try stage.world.index(share)
        let vault = try await stage.world.node.call(
            "dev_oracle",
            [
                "contract": "Vault",
                "arguments": [
                    .string(stage.world.asset(stage.usdc)), "1050000000000000000000000", "1000000000000000000000000",
                ],
            ])
        let address = try #require(vault["address"]?.string)
        let base = try await stage.world.canned(
            ["latestAnswer()": OracleWorld.word(100_000_000), "decimals()": OracleWorld.word(8)])
        try await stage.world.node.call(
            "dev_oracle",
            ["contract": "VaultFeed", "source": .string(share), "arguments": [.string(address), .string(base)]])
        try await stage.witness(index, 105_000_000)
        try await stage.witness(stage.usdc)
        stage.sources.append(
            OracleWorld.source(
                stage.world.asset(index), kind: "erc4626", ["contracts": ["vault": .string(address)]]))
        try await stage.mine(6)
        let calm = try stage.look(back: 5)
        #expect(verdict(calm[share]) == "ok", why(calm[share]))
        try await stage.world.node.call(
            "dev_donate", ["vault": .string(address), "amount": "200000000000000000000000"])
        let seen = try stage.look(back: 6)
        let found = finding(seen[share], "D7", "rateJump")
        #expect(found?["severity"]?.int == 3 && verdict(seen[share]) == "reject", why(seen[share]))
        #expect(found?["reason"]?.string?.contains("and it earns at most") == true, why(seen[share]))
        #expect(verdict(seen["WETH"]) != "reject" && verdict(seen["USDC"]) == "ok", why(seen["USDC"]))
    }

    /// A dollar that the oracle holds to be one, come what may.
    @Test func aStableThatIsHardCoded() async throws {
        var stage = try await Stage()
        _ = try await stage.world.canned(
            [
                "rate()": OracleWorld.word(100_000_000), "latestAnswer()": OracleWorld.word(100_000_000),
                "decimals()": OracleWorld.word(8), "MATURITY()": OracleWorld.word(0),
            ], source: "USDC")
        let honest = stage
        try await stage.witness(stage.usdc, 90_000_000)
        try await stage.witness(stage.weth)
        var before = honest
        try await before.witness(stage.usdc, 100_010_000)
        let calm = try before.look()["USDC"]
        #expect(verdict(calm) == "ok" && calm?["kind"]?.string == "fixed", why(calm))
        let seen = try stage.look()
        let found = finding(seen["USDC"], "D8", "hardCoded")
        #expect(found?["severity"]?.int == 3 && verdict(seen["USDC"]) == "reject", why(seen["USDC"]))
        #expect(verdict(seen["WETH"]) == "ok", why(seen["WETH"]))
    }

    /// The chain's sequencer is down, and up again, but not for long.
    @Test func aSequencerThatIsDead() async throws {
        var stage = try await Stage()
        try await stage.witness(stage.weth)
        try await stage.witness(stage.usdc)
        let world = stage.world
        let now = try await world.now()
        func verdicts(_ isDown: Bool, since: UInt64) async throws -> JSONValue? {
            let feed = try await world.canned(
                [
                    "latestRoundData()": [1, isDown ? 1 : 0, UInt256(since), UInt256(since), 1].map(OracleWorld.word)
                        .joined()
                ])
            let seen = try world.oracle(stage.sources, file: ["sequencerFeed": .string(feed)])
            #expect(seen.status == 0, "\(seen.errors)")
            return seen.records["WETH"]
        }
        let up = try await verdicts(false, since: now - 100_000)
        #expect(verdict(up) == "ok", why(up))
        let down = try await verdicts(true, since: now)
        #expect(verdict(down) == "reject" && finding(down, "D14", "down")?["severity"]?.int == 3, why(down))
        #expect(down?["flags"]?.array?.contains("sequencer_down") == true)
        let back = try await verdicts(false, since: now)
        #expect(verdict(back) == "reject" && finding(back, "D14", "grace") != nil, why(back))
        #expect(back?["flags"]?.array?.contains("sequencer_grace") == true)
    }

    /// Limits are data: what one file rejects another finds in order; a limit that is none is refused with its place.
    @Test func limitsOfTheFile() async throws {
        var stage = try await Stage()
        let fair = try stage.world.price(stage.weth)
        try await stage.witness(stage.weth, try UInt256.mulDiv(fair, 93, 100, .down))
        let strict = try stage.world.oracle(stage.sources, ["WETH"])
        #expect(verdict(strict.records["WETH"]) == "reject", why(strict.records["WETH"]))
        let wide = try stage.world.oracle(
            stage.sources, ["WETH"], file: ["oracleThresholds": ["rejectBps": 2_000, "suspectBps": 1_500]])
        #expect(verdict(wide.records["WETH"]) == "ok", why(wide.records["WETH"]))
        let wrong = try stage.world.oracle(stage.sources, ["WETH"], file: ["oracleThresholds": ["rejectBsp": 2_000]])
        #expect(wrong.status == 78 && wrong.errors.contains("/oracleThresholds"), "\(wrong.errors)")
    }
}

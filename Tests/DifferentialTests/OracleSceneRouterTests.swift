import Ethereum
import Foundation
import JSON
import TestSupport
import Testing

/// What is read of routers, vaults and compositions besides their prices.
@Suite struct OracleSceneRouterTests {
    private static let dollar = OracleWorld.word(840)

    /// A router's answers for one pair: what it resolves to, and what it makes of one whole token.
    private func router(_ asset: String, _ quote: String, over adapter: String, _ price: UInt256?) throws -> [String:
        String]
    {
        let base = try OracleWorld.contractWord(asset)
        let wad = OracleWorld.word(.wad)
        var answers = [
            "name()": OracleWorld.text("EulerRouter"), "fallbackOracle()": OracleWorld.word(0),
            "resolveOracle(uint256,address,address) 0x\(wad)":
                wad + base + quote + (try OracleWorld.contractWord(adapter)),
        ]
        if let price {
            answers["getQuote(uint256,address,address) 0x\(wad)"] = OracleWorld.word(price)
        }
        return answers
    }

    /// A feed of a name, ten seconds old.
    private func feed(_ name: String, _ price: UInt256, _ time: UInt64, in world: OracleWorld) async throws -> String {
        var proxy = OracleWorld.feed(price, at: time)
        proxy["aggregator()"] = try OracleWorld.contractWord(
            try await world.canned(["maxAnswer()": OracleWorld.word(9)]))
        proxy["description()"] = OracleWorld.text(name)
        return try await world.canned(proxy)
    }

    /// An adapter over such a feed.
    private func adapter(_ name: String, _ price: UInt256, _ time: UInt64, in world: OracleWorld) async throws -> String
    {
        let below = try OracleWorld.contractWord(try await feed(name, price, time, in: world))
        return try await world.canned(["name()": OracleWorld.text("ChainlinkOracle"), "feed()": below])
    }

    /// A router is what its adapter rests on: beside the same feed it is no second witness.
    @Test func aRouterIsItsAdapters() async throws {
        let world = try await OracleWorld(borrowers: 10)
        let now = try await world.now()
        let (fair, asset) = (try world.price(0), world.asset(0))
        func source(_ router: String) -> JSONValue {
            OracleWorld.source(
                asset, kind: "euler", ["contracts": ["router": .string(router)], "heartbeat": 31_536_000])
        }
        let price = fair &* 10_000_000_000
        let first = try await world.canned(
            try router(asset, Self.dollar, over: try await adapter("ETH / USD", fair, now - 10, in: world), price))
        let second = try await world.canned(
            try router(asset, Self.dollar, over: try await adapter("ETH-PERP / USD", fair, now - 10, in: world), price))
        // Its feed is too old for it: it answers nothing.
        let stale = try await world.canned(
            try router(asset, Self.dollar, over: try await adapter("ETH / USD", fair, now - 10, in: world), nil))
        let nobody = try await world.canned(["name()": OracleWorld.text("EulerRouter")])
        let plain = OracleWorld.source(
            asset, feed: try await feed("ETH / USD", fair, now - 10, in: world),
            ["heartbeat": 31_536_000, "deviationBps": 50])
        let seen = try world.oracle([plain, source(first), source(second), source(stale), source(nobody)], ["WETH"])
        #expect(seen.status == 0, "\(seen.errors)")
        let record = try #require(seen.records["WETH"])
        let references = try #require(record["references"]?.array)
        let roots = references.map { $0["roots"]?.array?.compactMap(\.string) ?? [] }
        #expect(roots[0] == ["chainlink:ETH / USD"] && roots[1] == roots[0] && roots[2] == ["chainlink:ETH-PERP / USD"])
        #expect(references[1]["price"]?.string == references[0]["price"]?.string, "\(references[1])")
        #expect(references[1]["updatedAt"]?.int == Int(now - 10))
        #expect(references[3]["price"] == .null && references[3]["unknown"]?.string?.isEmpty == false)
        #expect(references[4]["price"] == .null && references[4]["unknown"]?.string?.isEmpty == false)
        #expect(record["independent"]?.int == 2 && record["verdict"]?.string == "ok", record.why)
    }

    /// What is said of a share's price where the vault has so many whole shares.
    private func record(of shares: Int, in world: OracleWorld) async throws -> JSONValue {
        let (share, ether) = (4, 0)
        let vault = try await world.contract(
            "Vault",
            [
                .string(world.asset(ether)), .string("\(shares + shares * 18 / 100)000000000000000000"),
                .string("\(shares)000000000000000000"),
            ])
        _ = try await world.contract(
            "VaultFeed", [.string(vault), .string(world.feed(ether))], source: world.symbol(share))
        let source = OracleWorld.source(
            world.asset(share), kind: "erc4626", quote: world.asset(ether),
            ["contracts": ["vault": .string(vault)]])
        let seen = try world.oracle([source], [world.symbol(share)])
        #expect(seen.status == 0, "\(seen.errors)")
        return try #require(seen.records[world.symbol(share)])
    }

    /// A vault of few shares: whoever gives it something moves its price.
    @Test func aVaultOfFewShares() async throws {
        let world = try await OracleWorld(borrowers: 10)
        let full = try await record(of: 5_000, in: world)
        #expect(full.finding("D9", "emptyMarket") == nil, full.why)
        let few = try await record(of: 50, in: world)
        #expect(few.finding("D9", "emptyMarket")?["severity"]?.int == 1, few.why)
        #expect(few.finding("D9", "emptyMarket")?["reason"]?.string?.contains("donation") == true)
    }

    /// The factor that a composition holds, against the places of its tokens and feeds: thirty markets with tokens of 2
    /// to 27 places are right, and the one that was made wrong is not, with no witness beside it.
    @Test func aFactorThatWasMadeWrong() async throws {
        func markets(_ options: [String]) throws -> [(asset: String, found: Bool, verdict: String)] {
            let chain = try MorphoBlueDifferentialTests.Chain(
                seed: 8, accounts: 120, options: ["--markets", "30", "--plain"] + options
            ).start()
            let run = try BuiltProgram.run(
                ["oracle", "--network", chain.networkFile, "--format", "ndjson", "--quiet"])
            #expect(run.status == 0, "\(run.errors)")
            return try run.lines.map { line in
                let record = try JSONValue(parsing: Array(line.utf8))
                return (
                    record["asset"]?.string ?? "", record.finding("D9", "scale") != nil, record["verdict"]?.string ?? ""
                )
            }
        }
        let right = try markets([])
        #expect(right.count >= 20 && !right.contains { $0.found })
        let wrong = try markets(["--wrong-scale"])
        #expect(wrong.filter(\.found).count == 1)
        #expect(wrong.filter(\.found).allSatisfy { $0.verdict == "reject" })
    }
}

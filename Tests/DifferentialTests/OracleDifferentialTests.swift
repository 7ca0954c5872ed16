import Ethereum
import Foundation
import JSON
import TestSupport
import Testing

/// Price sources on the development chain beside the pool's own, read by the built program.
@Suite(.serialized) struct OracleDifferentialTests {
    @Test func agreeingSourcesMakeAPriceOk() async throws {
        let world = try await OracleWorld()
        let now = try await world.now()
        var sources: [JSONValue] = []
        for index in world.reserves.indices {
            for _ in 0..<2 {
                let feed = try await world.canned(OracleWorld.feed(world.price(index), at: now))
                sources.append(
                    OracleWorld.source(world.asset(index), feed: feed, ["heartbeat": 31_536_000, "deviationBps": 50]))
            }
        }
        let (status, records, errors) = try world.oracle(sources)
        #expect(status == 0, "\(errors)")
        #expect(records.count == world.reserves.count)
        for (symbol, record) in records {
            #expect(record["type"]?.string == "oracle")
            #expect(record["verdict"]?.string == "ok", "\(symbol): \(record["reasons"] ?? .null)")
            #expect(record["independent"]?.int == 2)
            #expect(record["deviationBps"]?.int == 0)
            #expect(record["referenceRaw"] == record["priceRaw"])
            #expect(record["references"]?.array?.count == 2)
        }
        let scan = try world.scan(sources)
        #expect(scan.status == 0, "\(scan.errors)")
        #expect(!scan.positions.isEmpty)
        for record in scan.positions.values {
            #expect(record["oracle"]?["verdict"]?.string == "ok")
            #expect(record["oracle"]?["healthUnder"]?["reference"]?.bool == record["liquidatable"]?.bool)
            #expect(record["oracle"]?["hfProtocolUnder"]?["reference"]?.string == record["hfProtocol"]?.string)
            #expect(record["oracle"]?["healthUnder"]?["cex"]?.isNull == true)
        }
        #expect(scan.head?["oracle"]?["assets"]?["ok"]?.int == world.reserves.count)
    }

    /// A source that is broken in any way is unknown by itself; the others and every verdict stand.
    @Test func aBrokenSourceHarmsNoOther() async throws {
        let world = try await OracleWorld(borrowers: 20)
        let now = try await world.now()
        let price = try world.price(0)
        let good = try await world.canned(OracleWorld.feed(price, at: now))
        let word = OracleWorld.word
        let broken: [[String: String]] = [
            OracleWorld.feed(.zero, at: now), OracleWorld.feed(.max, at: now),
            OracleWorld.feed(try .powerOfTen(60), at: now), OracleWorld.feed(price, at: now + 86_400),
            OracleWorld.feed(price, at: 0), ["latestRoundData()": OracleWorld.round(price, at: now)],
            ["latestRoundData()": "00", "decimals()": word(8)], ["decimals()": word(8)],
            ["latestRoundData()": OracleWorld.round(price, at: now), "decimals()": word(.max)], [:],
        ]
        var sources = [OracleWorld.source(world.asset(0), feed: good)]
        for answers in broken {
            sources.append(OracleWorld.source(world.asset(0), feed: try await world.canned(answers)))
        }
        sources.append(OracleWorld.source(world.asset(0), feed: "0x00000000000000000000000000000000000000aa"))
        sources.append(OracleWorld.source(world.asset(0), kind: "unheard-of", feed: good))
        sources.append(OracleWorld.source(world.asset(0), kind: "pyth", feed: good))
        let (status, records, errors) = try world.oracle(sources)
        #expect(status == 0, "\(errors)")
        let record = try #require(records[world.symbol(0)])
        let references = try #require(record["references"]?.array)
        #expect(references.count == sources.count)
        #expect(references.map { $0["priceRaw"]?.isNull == false } == sources.indices.map { $0 == 0 })
        for reference in references.dropFirst() { #expect(reference["unknown"]?.string?.isEmpty == false) }
        #expect(record["verdict"]?.string == "ok" && record["independent"]?.int == 1)
        #expect(records[world.symbol(1)]?["verdict"]?.string == "unknown")
        let scan = try world.scan(sources)
        #expect(scan.status == 0, "\(scan.errors)")
        expectEqual(scan, try await world.node.truth(), "with broken sources")
    }

    /// Without sources nothing is read; forty cost at most three requests.
    @Test func sourcesCostThreeRequests() async throws {
        let world = try await OracleWorld(borrowers: 20, reserves: 20)
        let now = try await world.now()
        var sources: [JSONValue] = []
        for index in 0..<40 {
            let aggregator = try await world.canned([
                "minAnswer()": OracleWorld.word(1), "maxAnswer()": OracleWorld.word(.max >> 80),
            ])
            var answers = try OracleWorld.feed(world.price(index % 20), at: now)
            answers["aggregator()"] = OracleWorld.word(try #require(Address(hex: aggregator)).word)
            sources.append(OracleWorld.source(world.asset(index % 20), feed: try await world.canned(answers)))
        }
        let bare = try world.scan([])
        let full = try world.scan(sources)
        let before = try #require(bare.head?["httpRequests"]?.int)
        let after = try #require(full.head?["httpRequests"]?.int)
        #expect(after > before && after <= before + 3, "\(before) and \(after)")
        #expect(full.head?["oracle"]?["sources"]?.int == 40)
        #expect(full.head?["oracle"]?["sourcesUnknown"]?.int == 0)
        #expect(bare.head?["oracle"]?.isNull == true)
        for record in bare.positions.values {
            let fields = record["unknown"]?.array?.compactMap { $0["field"]?.string } ?? []
            #expect(fields.contains("oracle") && record["oracle"]?["verdict"]?.string == "unknown")
        }
    }

    /// A moved feed: who is liquidatable under its price alone is said to be; and what `reference` says is what the
    /// pool itself says where its feed answers the reference.
    @Test(arguments: ["3.0", "3.2"])
    func theSignatureOfAManipulatedFeed(rules: String) async throws {
        let world = try await OracleWorld(borrowers: 250, seed: 33, rules: rules)
        let index = try world.index("WETH")
        let fair = try world.price(index)
        let now = try await world.now()
        var sources: [JSONValue] = []
        for _ in 0..<2 {
            sources.append(
                OracleWorld.source(
                    world.asset(index), feed: try await world.canned(OracleWorld.feed(fair, at: now)),
                    ["heartbeat": 31_536_000, "deviationBps": 50]))
        }
        for percent in [70, 140] as [UInt64] {
            let moved = try UInt256.mulDiv(fair, UInt256(percent), 100, .down)
            try await world.node.call(
                "dev_setPrice", ["asset": .string(world.asset(index)), "price": .string(moved.description)])
            let scan = try world.scan(sources)
            #expect(scan.status == 0, "\(scan.errors)")
            var signatures = 0
            var checked = 0
            for (account, record) in scan.positions {
                let uses = (record["collateral"]?.array ?? []) + (record["debt"]?.array ?? [])
                guard uses.contains(where: { $0["asset"]?.string?.lowercased() == world.asset(index) }) else {
                    continue
                }
                checked += 1
                // The pool itself, its feed answering the fair price at the same block.
                let there = try await world.health(of: account, with: fair, from: world.feed(index))
                #expect(record["oracle"]?["hfProtocolUnder"]?["reference"]?.string == there.description, "\(account)")
                let own = record["liquidatable"]?.bool
                let other = record["oracle"]?["healthUnder"]?["reference"]?.bool
                guard own != other else { continue }
                signatures += 1
                let notes = record["oracle"]?["notes"]?.array?.compactMap(\.string) ?? []
                let words =
                    own == true
                    ? "liquidatable only under the protocol's price" : "healthy only under the protocol's price"
                #expect(notes.contains { $0.hasPrefix(words) }, "\(account): \(notes)")
                #expect(record["oracle"]?["verdict"]?.string == "reject")
            }
            #expect(checked > 20 && signatures > 0, "\(percent) %: \(checked) checked, \(signatures) signatures")
        }
    }

    @Test func treesEndAtTheirRoots() async throws {
        let world = try await OracleWorld(borrowers: 10)
        let now = try await world.now()
        let word = OracleWorld.word
        func address(_ text: String) throws -> String { word(try #require(Address(hex: text)).word) }
        let aggregator = try await world.canned(["minAnswer()": word(1), "maxAnswer()": word(.max >> 80)])
        var base = OracleWorld.feed(200_000_000_000, at: now - 100)
        base["aggregator()"] = try address(aggregator)
        base["description()"] =
            word(32) + word(9) + Hex.encode(Array("ETH / USD".utf8)).dropFirst(2) + String(repeating: "0", count: 46)
        let proxy = try await world.canned(base)
        let rate = try await world.canned(["getRate()": word(.wad)])
        let symbol = world.symbol(4)
        let cap = try await world.canned(
            [
                "latestAnswer()": word(236_000_000_000), "decimals()": word(8),
                "BASE_TO_USD_AGGREGATOR()": try address(proxy),
                "RATIO_PROVIDER()": try address(rate), "getRatio()": word(1_180_000_000_000_000_000),
                "isCapped()": word(0), "getSnapshotRatio()": word(1_170_000_000_000_000_000),
                "getSnapshotTimestamp()": word(UInt256(now - 1_000)),
                "getMaxRatioGrowthPerSecond()": word(10_500_000_000_000),
            ], source: symbol)
        let (status, records, errors) = try world.oracle([], [symbol, "--tree"])
        #expect(status == 0, "\(errors)")
        #expect(records.count == 1)
        let record = try #require(records[symbol])
        #expect(record["kind"]?.string == "ratio")
        #expect(record["tree"]?["address"]?.string?.lowercased() == cap)
        #expect(record["tree"]?["kind"]?.string == "ratio_cap")
        #expect(record["tree"]?["children"]?.array?.compactMap { $0["kind"]?.string } == ["proxy", "rate"])
        let roots = record["roots"]?.array?.compactMap(\.string) ?? []
        #expect(roots.contains("chainlink:ETH / USD") && roots.count == 2)
        #expect(record["updatedAt"]?.int == Int(now - 100))
        let unnamed = try world.oracle([], ["NOSUCH"])
        #expect(unnamed.status == 64)
    }

    @Test func venuesAreAskedWhenTheyAreWantedAndNeverBelievedAlone() async throws {
        let world = try await OracleWorld(borrowers: 60, seed: 5)
        let index = try world.index("WETH")
        let fair = try world.price(index)
        let now = try await world.now()
        func dollars(_ price: UInt256) -> String {
            let text = price.description
            return "\(text.dropLast(8)).\(text.suffix(8))"
        }
        let lie = try UInt256.mulDiv(fair, 60, 100, .down)
        let server = try TickerServer([
            "/products/ETH-USD/ticker": #"{"bid":"\#(dollars(fair))","ask":"\#(dollars(fair))"}"#,
            "/0/public/Ticker?pair=ETHUSD":
                #"{"error":[],"result":{"XETHZUSD":{"a":["\#(dollars(lie))","1","1"],"b":["\#(dollars(lie))","1","1"]}}}"#,
            "/api/v3/ticker/bookTicker?symbol=ETHUSDT": "<html>",
            "/api/v2/ticker/ethusd/": String(repeating: "9", count: 70_000),
        ])
        let own = try await world.canned(OracleWorld.feed(fair, at: now))
        func venue(_ kind: String, _ id: String) -> JSONValue {
            OracleWorld.source(world.asset(index), kind: kind, ["id": .string(id), "url": .string(server.url)])
        }
        let sources = [
            OracleWorld.source(world.asset(index), feed: own), venue("coinbase", "ETH-USD"), venue("kraken", "ETHUSD"),
            venue("binance", "ETHUSDT"), venue("okx", "ETH-USDT"), venue("bitstamp", "ethusd"),
        ]
        let silent = try world.oracle(sources, ["WETH"])
        #expect(silent.records["WETH"]?["references"]?.array?.count == 1)
        let file = NSTemporaryDirectory() + "plimsoll-\(UUID().uuidString).transcript"
        let network = try world.file(sources)
        let arguments = [
            "oracle", "WETH", "--cex", "--at", "\(now)", "--format", "ndjson", "--quiet", "--network", network,
        ]
        let live = try BuiltProgram.run(arguments + ["--record", file])
        #expect(live.status == 0, "\(live.errors)")
        let record = try JSONValue(parsing: Array(try #require(live.lines.first).utf8))
        let known = record["references"]?.array?.map { $0["priceRaw"]?.isNull == false } ?? []
        #expect(known == [true, true, true, false, false, false])
        // One liar among three: the median is the truth.
        #expect(record["referenceRaw"]?.string == fair.description)
        #expect(record["verdict"]?.string == "ok")
        let replay = try BuiltProgram.run(arguments.filter { $0 != "--at" && $0 != "\(now)" } + ["--replay", file])
        #expect(replay.output == live.output, "\(replay.errors)")
    }

    /// Real pools: the mean over the window is a witness, this block's price is not; a swap shows as their difference.
    @Test func poolsAreReadAsTheyAre() async throws {
        let world = try await OracleWorld(borrowers: 20)
        let (weth, usdc) = (try world.index("WETH"), try world.index("USDC"))
        let pool = try await world.node.call(
            "dev_deployPool",
            [
                "kind": "v3", "token0": "WETH", "token1": "USDC", "tick": 0, "cardinality": 50,
                "positions": [[-887220, 887220, "1000000000000000000"]],
            ])
        let pair = try await world.node.call(
            "dev_deployPool",
            ["kind": "v2", "token0": "WETH", "token1": "USDC", "amount0": "2000000000000", "amount1": "3000000000000"])
        let address = try #require(pool["pool"]?.string)
        let wethIsFirst = pool["token0"]?.string?.lowercased() == world.asset(weth).lowercased()
        try await world.node.call("dev_mine", ["blocks": 3, "seconds": 1_800])
        func source(_ kind: String, _ pool: String) -> JSONValue {
            OracleWorld.source(
                world.asset(weth), kind: kind, quote: world.asset(usdc),
                ["contracts": ["pool": .string(pool)], "window": 1800])
        }
        let dollar = try await world.canned(OracleWorld.feed(100_000_000, at: world.now()))
        let sources = [
            source("uniswap-v3", address), source("uniswap-v2", try #require(pair["pool"]?.string)),
            OracleWorld.source(world.asset(usdc), feed: dollar, ["heartbeat": 31_536_000]),
        ]
        let calm = try #require(try world.oracle(sources, ["WETH"]).records["WETH"]?["references"]?.array)
        // At tick zero one smallest unit trades for one: 10^18 of them for 10^18, which are 10^12 whole dollars.
        #expect(calm.map { $0["evidence"]?.string } == ["twap", "spot"])
        #expect(calm[0]["price"]?.string == "1000000000000" && calm[0]["spot"]?.string == "1000000000000")
        let ratio = wethIsFirst ? "1500000000000" : "666666666666.6"
        #expect(calm[1]["price"]?.string?.hasPrefix(ratio) == true, "\(calm[1]["price"] ?? .null)")
        try await world.node.call(
            "dev_swap",
            ["pool": .string(address), "amount": "100000000000000000", "direction": wethIsFirst ? "0to1" : "1to0"])
        let after = try #require(try world.oracle(sources, ["WETH"]).records["WETH"])
        let moved = try #require(after["references"]?.array?.first)
        #expect(moved["spot"] != calm[0]["spot"] && moved["price"]?.string?.isEmpty == false)
        #expect(after["flags"]?.array?.contains("spot_vs_twap") == true, "\(moved)")
        // A window that the pool does not remember is no average.
        let long = OracleWorld.source(
            world.asset(weth), kind: "uniswap-v3", quote: world.asset(usdc),
            ["contracts": ["pool": .string(address)], "window": 30_000_000])
        let young = try #require(
            try world.oracle([long] + sources.dropFirst(), ["WETH"]).records["WETH"]?["references"]?.array)
        #expect(young[0]["priceRaw"]?.isNull == true && young[1]["priceRaw"]?.isNull == false)
    }

    @Test(arguments: ["state-override", "multicall3", "batch", "single"])
    func everyReadPathReadsTheSources(path: String) async throws {
        let world = try await OracleWorld(borrowers: 15)
        let feed = try await world.canned(OracleWorld.feed(world.price(0), at: world.now()))
        let scan = try world.scan(
            [OracleWorld.source(world.asset(0), feed: feed, ["heartbeat": 31_536_000])], ["--read-path", path])
        #expect(scan.status == 0, "\(scan.errors)")
        #expect(scan.head?["oracle"]?["sources"]?.int == 1 && scan.head?["oracle"]?["sourcesUnknown"]?.int == 0)
    }
}

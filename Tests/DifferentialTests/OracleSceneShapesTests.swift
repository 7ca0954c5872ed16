import Ethereum
import Foundation
import JSON
import TestSupport
import Testing

/// Every kind of source as its contract answers it, and as it answers when it is broken: what is right has the right
/// price, and what is wrong is unknown by itself.
@Suite struct OracleSceneShapesTests {
    private typealias Answers = [String: String]

    /// One source and what has to be made of it: the beginning of its price, `nil` for none.
    private struct Shape {
        let name: String
        let source: JSONValue
        let price: String?
        var updatedAt: UInt64?
    }

    private static func word(_ number: UInt256) -> String { OracleWorld.word(number) }
    /// After any block that a test makes.
    private static func later(_ now: UInt64) -> UInt64 { now + 1_000_000_000 }

    /// Contracts of a test's own making, and what has to be made of them.
    private struct Gallery {
        let world: OracleWorld
        let asset: Int
        var quote = 0
        var shapes: [Shape] = []

        init(_ world: OracleWorld, _ asset: Int) { (self.world, self.asset) = (world, asset) }

        mutating func pyth(
            _ name: String, _ price: Int64, _ confidence: UInt256, _ exponent: Int64, _ time: UInt64,
            is expected: String?, at updated: UInt64?, words: Int
        ) async throws {
            let id = "0x" + OracleWorld.word(UInt256(UInt64(0xabc0 + shapes.count)))
            let all = [
                OracleWorld.word(Int256(price).bits), OracleWorld.word(confidence),
                OracleWorld.word(Int256(exponent).bits), OracleWorld.word(UInt256(time)),
            ]
            let contract = try await world.canned(["getPriceUnsafe(bytes32) \(id)": all.prefix(words).joined()])
            let source = OracleWorld.source(
                world.asset(asset), kind: "pyth",
                ["contracts": ["pyth": .string(contract)], "id": .string(id), "heartbeat": 31_536_000])
            shapes.append(Shape(name: "pyth \(name)", source: source, price: expected, updatedAt: updated))
        }

        mutating func curve(_ name: String, _ answers: Answers, _ more: Answers, is expected: String?) async throws {
            var all = answers
            for (getter, answer) in more { all[getter] = answer }
            let pool = try await world.canned(all)
            let source = OracleWorld.source(
                world.asset(asset), kind: "curve", quote: world.asset(quote), ["contracts": ["pool": .string(pool)]])
            shapes.append(Shape(name: "curve \(name)", source: source, price: expected))
        }

        mutating func uniswapV4(
            _ name: String, _ square: UInt256, _ liquidity: UInt256, is expected: String?
        ) async throws {
            let id = "0x" + OracleWorld.word(0xfeed)
            let slot = [square, 0, 0, 0].map { OracleWorld.word($0) }.joined()
            let view = try await world.canned([
                "getSlot0(bytes32) \(id)": slot, "getLiquidity(bytes32) \(id)": OracleWorld.word(liquidity),
            ])
            let source = OracleWorld.source(
                world.asset(asset), kind: "uniswap-v4", quote: world.asset(quote),
                ["contracts": ["stateView": .string(view)], "id": .string(id)])
            shapes.append(Shape(name: "uniswap-v4 \(name)", source: source, price: expected))
        }
    }

    /// What is printed of each of these sources of one asset.
    private func check(
        _ shapes: [Shape], of asset: Int, in world: OracleWorld, beside others: [JSONValue] = []
    ) throws -> JSONValue {
        let seen = try world.oracle(others + shapes.map(\.source), [world.symbol(asset)])
        #expect(seen.status == 0, "\(seen.errors)")
        let record = try #require(seen.records[world.symbol(asset)])
        let references = try #require(record["references"]?.array)
        #expect(references.count == shapes.count)
        for (shape, reference) in zip(shapes, references) {
            let price = reference["price"]?.string
            guard let expected = shape.price else {
                #expect(price == nil && reference["unknown"]?.string?.isEmpty == false, "\(shape.name): \(reference)")
                continue
            }
            #expect(price?.hasPrefix(expected) == true, "\(shape.name): \(reference)")
            if let updated = shape.updatedAt {
                #expect(reference["updatedAt"]?.int == Int(updated), "\(shape.name): \(reference)")
            }
        }
        return record
    }

    /// Networks of reporters that answer in shapes of their own.
    @Test func pythAndChronicleAndDualAggregators() async throws {
        let world = try await OracleWorld(borrowers: 10)
        let (asset, fair) = (0, try world.price(0))
        let now = try await world.now()
        var gallery = Gallery(world, asset)
        let price = Int64(try #require(fair.asUInt64()))
        let text = "\(price / 100_000_000).\(String(price % 100_000_000))"
        try await gallery.pyth("with eight places", price, 100_000_000, -8, now - 5, is: text, at: now - 5, words: 4)
        let tens = price / 1_000_000_000
        try await gallery.pyth("with a power of ten", tens, 0, 1, now - 7, is: "\(tens)0", at: now - 7, words: 4)
        try await gallery.pyth("of the future", price, 1, -8, Self.later(now), is: nil, at: nil, words: 4)
        try await gallery.pyth("of zero", 0, 1, -8, now, is: nil, at: nil, words: 4)
        try await gallery.pyth("below zero", -price, 1, -8, now, is: nil, at: nil, words: 4)
        try await gallery.pyth("of 10^35", 100_000_000_000_000_000, 1, 18, now, is: nil, at: nil, words: 4)
        try await gallery.pyth("of 10^-60", price, 1, -70, now, is: nil, at: nil, words: 4)
        try await gallery.pyth("with no exponent", price, 1, -78, now, is: nil, at: nil, words: 4)
        try await gallery.pyth("with a wild exponent", price, 1, .max, now, is: nil, at: nil, words: 4)
        try await gallery.pyth("cut short", price, 1, -8, now, is: nil, at: nil, words: 3)

        let name = OracleWorld.short("ETH/USD")
        let value = fair &* 10_000_000_000
        func scribe(_ name: String, _ feed: String, _ expected: String?, _ time: UInt64? = nil) {
            gallery.shapes.append(
                Shape(
                    name: "chronicle \(name)",
                    source: OracleWorld.source(
                        world.asset(asset), kind: "chronicle", feed: feed, ["heartbeat": 31_536_000]), price: expected,
                    updatedAt: time))
        }
        func answers(_ ok: UInt256, _ value: UInt256, _ time: UInt64) -> Answers {
            [
                "tryReadWithAge()": [ok, value, UInt256(time)].map(Self.word).joined(), "decimals()": Self.word(18),
                "wat()": OracleWorld.short("\(value) \(time)"),
            ]
        }
        // It answers the zero address alone: in a batch it is asked in vain, and then by itself.
        let tolled = try await world.contract(
            "Scribe",
            [.string("\(value)"), .string("\(try #require(UInt256(hex: name)))")])
        scribe("that admits few", tolled, text, try await world.now())
        scribe("that admits nobody", try await world.canned(["decimals()": Self.word(18), "wat()": name]), nil)
        scribe("without a value", try await world.canned(answers(0, value, now)), nil)
        scribe("of the future", try await world.canned(answers(1, value, Self.later(now))), nil)
        scribe("of zero", try await world.canned(answers(1, 0, now)), nil)
        scribe("of 10^42", try await world.canned(answers(1, .powerOfTen(60), now)), nil)
        scribe("below zero", try await world.canned(answers(1, .max, now)), nil)

        // Two proxies of one feed with aggregators of their own: one witness.
        for _ in 0..<2 {
            var proxy = OracleWorld.feed(fair, at: now - 11)
            proxy["aggregator()"] = try OracleWorld.contractWord(try await world.canned(["maxAnswer()": Self.word(9)]))
            proxy["description()"] = OracleWorld.text("ETH / USD")
            gallery.shapes.append(
                Shape(
                    name: "a proxy of one feed",
                    source: OracleWorld.source(
                        world.asset(asset), feed: try await world.canned(proxy),
                        ["heartbeat": 31_536_000, "deviationBps": 50]), price: text, updatedAt: now - 11))
        }
        let record = try check(gallery.shapes, of: asset, in: world)
        // Two of Pyth, one of Chronicle, and one for both proxies.
        #expect(record["independent"]?.int == 4 && record["verdict"]?.string == "ok", record.why)
    }

    /// Pools of Curve: what scales its coins, what does not, and from either side.
    @Test func curveAndUniswapV4() async throws {
        let world = try await OracleWorld(borrowers: 10)
        let (staked, ether, dollar) = (4, 0, 1)
        let now = try await world.now()
        func coins(_ indexes: Int...) throws -> Answers {
            var answers: Answers = [:]
            for (place, index) in indexes.enumerated() {
                answers["coins(uint256) \(place)"] = try OracleWorld.contractWord(world.asset(index))
            }
            return answers
        }
        func wad(_ thousandths: UInt64) -> String { Self.word(UInt256(thousandths) &* 1_000_000_000_000_000) }
        var gallery = Gallery(world, staked)
        gallery.quote = ether
        let pair = try coins(ether, staked)
        let average = ["price_oracle(uint256) 0": wad(999), "last_price(uint256) 0": wad(998)]
        let dynamic = Self.word(32) + Self.word(2)
        try await gallery.curve(
            "scaled", pair.merging(average) { $1 }, ["stored_rates()": dynamic + wad(1_000) + wad(1_180)],
            is: "1.17882")
        // Older pools answer an array of a fixed length, and take no argument.
        try await gallery.curve(
            "scaled in the older way", pair,
            ["price_oracle()": wad(999), "stored_rates()": wad(1_000) + wad(1_180)], is: "1.17882")
        try await gallery.curve(
            "without rates", pair, ["price_oracle()": wad(1_179), "last_prices()": wad(1_180)], is: "1.179")
        try await gallery.curve(
            "from the other side", try coins(staked, ether), ["price_oracle()": wad(848)], is: "1.17924")
        try await gallery.curve(
            "of three", try coins(dollar, ether, staked),
            ["price_oracle(uint256) 0": wad(2_345_000), "price_oracle(uint256) 1": wad(2_765_000)], is: "1.17910")
        try await gallery.curve("of zero", pair, ["price_oracle()": wad(0)], is: nil)
        try await gallery.curve("of 10^42", pair, ["price_oracle()": Self.word(.powerOfTen(60))], is: nil)
        try await gallery.curve("below zero", pair, ["price_oracle()": Self.word(.max)], is: nil)
        try await gallery.curve(
            "with a rate of zero", pair.merging(average) { $1 },
            ["stored_rates()": dynamic + wad(1_000) + wad(0)], is: nil)
        try await gallery.curve(
            "with rates by zero", pair.merging(average) { $1 },
            ["stored_rates()": dynamic + wad(0) + wad(1_000)], is: nil)
        try await gallery.curve(
            "with rates cut short", pair.merging(average) { $1 }, ["stored_rates()": dynamic + wad(1_000)],
            is: nil)
        try await gallery.curve(
            "with wild rates", pair.merging(average) { $1 },
            ["stored_rates()": dynamic + Self.word(.max) + Self.word(.max)], is: nil)
        try await gallery.curve("of others", try coins(ether, dollar), average, is: nil)
        try await gallery.curve("that is none", [:], [:], is: nil)

        let isFirst = world.asset(staked).lowercased() < world.asset(ether).lowercased()
        let root = (isFirst ? 1.179 : 1 / 1.179).squareRoot() * 79_228_162_514_264_337_593_543_950_336
        let square = try #require(UInt256(decimal: String(format: "%.0f", root)))
        let million = 1_000_000 &* UInt256.wad
        try await gallery.uniswapV4("with a price", square, million, is: "1.17")
        try await gallery.uniswapV4("without liquidity", square, 0, is: nil)
        try await gallery.uniswapV4("that was never made", 0, 0, is: nil)
        try await gallery.uniswapV4("of a root beyond its bits", UInt256.one << 161, million, is: nil)
        try await gallery.uniswapV4("of the largest root", UInt256.mask(bits: 160), million, is: nil)

        // What their quote is worth.
        let feed = OracleWorld.source(
            world.asset(ether), feed: try await world.canned(OracleWorld.feed(world.price(ether), at: now)),
            ["heartbeat": 31_536_000])
        let record = try check(gallery.shapes, of: staked, in: world, beside: [feed])
        // Five pools of Curve and the other one: each is a witness.
        #expect(record["independent"]?.int == 6, record.why)
        #expect(record["references"]?.array?.first?["spot"]?.string == "1.17764")
    }

    /// What issuers say of their shares is a rate, right or wrong, and never a witness.
    @Test func ratesOfIssuers() async throws {
        let world = try await OracleWorld(borrowers: 10)
        let (share, ether, dollar, stable) = (5, 0, 1, 3)
        let rate = Self.word(1_180_000_000_000_000_000)
        var shapes: [Shape] = []
        func issuer(_ kind: String, _ getter: String, _ answers: Answers, is expected: String?) async throws {
            let provider = try await world.canned(answers)
            var more: JSONObject = ["contracts": ["provider": .string(provider)]]
            if kind == "rate" { more["id"] = .string(getter) }
            shapes.append(
                Shape(
                    name: "\(kind) \(getter) \(answers)",
                    source: OracleWorld.source(world.asset(share), kind: kind, quote: world.asset(ether), more),
                    price: expected))
        }
        let getters = [
            "stEthPerToken", "getExchangeRate", "exchangeRate", "rsETHPrice", "getRate", "getRatio", "pricePerShare",
        ]
        for getter in getters { try await issuer("rate", getter, ["\(getter)()": rate], is: "1.18") }
        for getter in ["getPooledEthByShares", "convertToAssets"] {
            try await issuer("rate", getter, ["\(getter)(uint256) 1000000000000000000": rate], is: "1.18")
        }
        try await issuer("balancer-rate", "getRate", ["getRate()": rate], is: "1.18")
        let broken = [Self.word(0), Self.word(.max), Self.word(try .powerOfTen(60)), String(rate.prefix(40)), ""]
        for answer in broken {
            try await issuer("rate", "stEthPerToken", ["stEthPerToken()": answer], is: nil)
            try await issuer("balancer-rate", "getRate", ["getRate()": answer], is: nil)
        }
        try await issuer("rate", "getRate", [:], is: nil)
        try await issuer("rate", "selfdestruct", ["getRate()": rate], is: nil)
        let record = try check(shapes, of: share, in: world)
        #expect(record["independent"]?.int == 0 && record["verdict"]?.string == "unknown", record.why)

        shapes = []
        let asset = try OracleWorld.contractWord(world.asset(dollar))
        func vault(_ name: String, _ answers: Answers, is expected: String?) async throws {
            let good = [
                "asset()": asset, "decimals()": Self.word(18), "totalAssets()": Self.word(1_050_000_000_000),
                "totalSupply()": Self.word(1_000_000 &* UInt256.wad), "convertToAssets(uint256)": Self.word(1_050_000),
            ]
            let vault = try await world.canned(good.merging(answers) { $1 }.filter { $1 != "none" })
            shapes.append(
                Shape(
                    name: "erc4626 \(name)",
                    source: OracleWorld.source(
                        world.asset(stable), kind: "erc4626", quote: world.asset(dollar),
                        ["contracts": ["vault": .string(vault)]]), price: expected))
        }
        // A share of eighteen places over a token of six.
        try await vault("of other places", [:], is: "1.05")
        try await vault("with few shares", ["totalSupply()": Self.word(999 &* UInt256.wad)], is: "1.05")
        try await vault("of zero", ["convertToAssets(uint256)": Self.word(0)], is: nil)
        try await vault("of 10^54", ["convertToAssets(uint256)": Self.word(.powerOfTen(60))], is: nil)
        try await vault("that reverts", ["convertToAssets(uint256)": "none"], is: nil)
        try await vault("of another asset", ["asset()": try OracleWorld.contractWord(world.asset(0))], is: nil)
        try await vault("of no asset", ["asset()": Self.word(.max)], is: nil)
        try await vault("of wild places", ["decimals()": Self.word(200)], is: nil)
        let vaults = try check(shapes, of: stable, in: world)
        #expect(vaults["references"]?.array?[1]["notes"]?.array?.count == 1)
        #expect(vaults["references"]?.array?.allSatisfy { $0["evidence"]?.string == "rate" } == true)
    }
}

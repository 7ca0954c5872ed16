import Chain
import Ethereum
import Foundation
import JSON
import Lending
import TestSupport
import Testing

@testable import Risk

/// Positions with round numbers.
enum Sample {
    static let market = MarketID(
        chainId: 1, network: "test", family: "test", protocol: "test.1", deployment: "core")

    static func leg(
        _ symbol: String, _ value: Double, price: Double = 1, factor: Int? = nil, bonus: Int? = nil
    ) -> Leg {
        let asset = Address(checkedWord: UInt256(UInt64(symbol.utf8.reduce(7) { $0 &* 31 &+ Int($1) }))) ?? .zero
        return Leg(
            asset: asset, symbol: symbol, decimals: 18, raw: UInt256(UInt64(value)), amount: UInt256(UInt64(value)),
            index: nil, priceRaw: UInt256(UInt64(price * 1e8)), priceScale: 100_000_000,
            value: UInt256(UInt64(value * 1e8)), factor: factor, bonusBps: bonus, source: PriceSource(.feed))
    }

    static func position(
        _ number: UInt64, collateral: [Leg], debt: [Leg], unit: String = "USD", liquidatable: Bool? = nil
    ) -> Position {
        var position = Position(
            market: market, account: Account(Address(checkedWord: UInt256(number)) ?? .zero), entrypoint: .zero,
            block: block, hfUnit: "base", predicate: "hf < 1", hfScale: .wad,
            valueUnit: ValueUnit(symbol: unit, decimals: 8))
        position.collateral = collateral
        position.debt = debt
        let weighted = collateral.reduce(0.0) { $0 + $1.value.double * Double($1.factor ?? 10_000) / 10_000 }
        let owed = debt.reduce(0.0) { $0 + $1.value.double }
        position.hfNum = UInt256(UInt64(weighted))
        position.hfDen = UInt256(UInt64(owed))
        position.hfProtocol = owed > 0 ? UInt256(UInt64(min(18, weighted / owed) * 1e18)) : .max
        position.collateralValue = collateral.reduce(UInt256.zero) { $0 &+ $1.value }
        position.debtValue = debt.reduce(UInt256.zero) { $0 &+ $1.value }
        position.liquidatable = liquidatable ?? (weighted < owed)
        return position
    }

    static var block: Block {
        Block(
            number: 1, hash: Hash32(word: 1), parentHash: Hash32(word: 0), timestamp: 1_700_000_000,
            baseFeePerGas: nil)
    }
}

@Suite struct RiskOrderTests {
    private let book = RiskBook()

    private func assessed(_ position: Position) -> Position {
        var position = position
        position.risk = book.assess(position)
        return position
    }

    /// A thin health on a staked coin against its coin is safer than a thick one on a small coin.
    @Test func healthIsNotTheOrder() throws {
        let loop = assessed(
            Sample.position(
                1, collateral: [Sample.leg("wstETH", 109_600, price: 4_000, factor: 9_400, bonus: 10_100)],
                debt: [Sample.leg("WETH", 100_000, price: 3_500)]))
        let small = assessed(
            Sample.position(
                2, collateral: [Sample.leg("CRV", 208_334, factor: 6_000, bonus: 10_800)],
                debt: [Sample.leg("USDC", 100_000)]))
        let one = try #require(loop.risk)
        let two = try #require(small.risk)
        #expect(one.distance < two.distance)
        #expect(one.probabilities[1].model == "pegged" && two.probabilities[1].model == "minimum-table")
        let (p, q) = (try #require(one.probability("24h")), try #require(two.probability("24h")))
        #expect(p < q)
        #expect(Order.urgency.sorted([loop, small]).map(\.account) == [small.account, loop.account])
        #expect(Order.distance.sorted([loop, small]).map(\.account) == [small.account, loop.account])
        #expect(Order.health.sorted([loop, small]).map(\.account) == [loop.account, small.account])
    }

    @Test func classes() {
        let legs = (Sample.leg("WETH", 90_000, factor: 8_000, bonus: 10_500), Sample.leg("USDC", 80_000))
        let pays = Sample.position(1, collateral: [legs.0], debt: [legs.1])
        let dust = Sample.position(
            2, collateral: [Sample.leg("WETH", 9, factor: 8_000, bonus: 10_500)], debt: [Sample.leg("USDC", 8)])
        var unknown = Sample.position(3, collateral: [legs.0], debt: [Sample.leg("USDC", 40_000)])
        unknown.liquidatable = nil
        var waits = Sample.position(4, collateral: [legs.0], debt: [Sample.leg("USDC", 60_000)])
        waits.oracle = OracleFindings(
            verdict: .ok, assets: [],
            healthUnder: [
                .init("pending", Verdict(hfNum: 9, hfDen: 10, hfProtocol: nil, liquidatable: true))
            ])
        let safe = Sample.position(5, collateral: [legs.0], debt: [Sample.leg("USDC", 60_000)])
        let idle = Sample.position(6, collateral: [legs.0], debt: [])
        let all = [idle, safe, waits, unknown, dust, pays].map(assessed)
        #expect(Order.urgency.sorted(all).map { Int($0.account.address.c) } == [1, 2, 4, 3, 5, 6])
        #expect(
            all.map { $0.risk?.riskClass } == [nil, "healthy", "pending", "unknown", "unprofitable", "liquidatable"])
        #expect(all.map { $0.risk?.level }.suffix(2) == ["L0", "L0"])
        for order in Order.allCases {
            #expect(order.sorted(all).last?.account != unknown.account, "\(order)")
        }
    }

    /// Values in ether are compared with values in dollars.
    @Test func units() {
        let dollars = Sample.position(
            1, collateral: [Sample.leg("WETH", 10_000, price: 2_000, factor: 8_000, bonus: 10_500)],
            debt: [Sample.leg("USDC", 9_000)])
        let ether = Sample.position(
            2, collateral: [Sample.leg("WBTC", 100, factor: 8_000, bonus: 10_500)], debt: [Sample.leg("USDC", 90)],
            unit: "ETH")
        #expect(Order.debt.sorted([dollars, ether]).map(\.account) == [ether.account, dollars.account])
        #expect(Order.urgency.sorted([dollars, ether]).map(\.account) == [ether.account, dollars.account])
    }

    @Test(arguments: Order.allCases, Seed.sweep(5)) func isTotal(order: Order, seed: Seed) {
        var random = seed.generator
        let symbols = ["WETH", "wstETH", "WBTC", "USDC", "CRV"]
        let positions = (1...60).map { number in
            let debt = Double.random(in: 1...100_000, using: &random).rounded()
            var position = Sample.position(
                UInt64(number),
                collateral: [
                    Sample.leg(
                        symbols[number % 5], (debt * Double.random(in: 1...3, using: &random)).rounded(), factor: 8_000,
                        bonus: 10_500)
                ], debt: [Sample.leg(symbols[number / 5 % 5], debt)])
            if number % 7 == 0 { position.liquidatable = nil }
            return number % 3 == 0 ? position : assessed(position)
        }
        let sorted = order.sorted(positions).map(\.account)
        #expect(order.sorted(positions.shuffled(using: &random)).map(\.account) == sorted)
    }

    /// Prices in another currency change neither distance nor probability: the record hangs on shares alone.
    @Test(arguments: Seed.sweep(20)) func currencyAndScale(_ seed: Seed) throws {
        var random = seed.generator
        let debt = Double.random(in: 10_000...20_000, using: &random).rounded()
        let one = assessed(
            Sample.position(
                1, collateral: [Sample.leg("WETH", 30_000, factor: 8_000), Sample.leg("WBTC", 8_000, factor: 7_000)],
                debt: [Sample.leg("USDC", debt)]))
        let two = assessed(
            Sample.position(
                1,
                collateral: [
                    Sample.leg("WETH", 30_000_000, factor: 8_000), Sample.leg("WBTC", 8_000_000, factor: 7_000),
                ], debt: [Sample.leg("USDC", debt * 1_000)], unit: "ETH"))
        let a = try #require(one.risk)
        let b = try #require(two.risk)
        for (p, q) in zip(a.probabilities, b.probabilities) { #expect(near(p.value, q.value, 1e-9)) }
        let (x, y) = (try #require(a.sigmas), try #require(b.sigmas))
        #expect(near(x, y, 1e-9))
        // Two volatile collaterals reach the line more often than the table says.
        #expect(a.probabilities[0].value <= a.probabilities[1].value)
        #expect(a.probabilities[1].value <= a.probabilities[2].value)
    }

    /// Who owes what rises is read from the table of rises.
    @Test func columns() throws {
        let short = assessed(
            Sample.position(
                1, collateral: [Sample.leg("USDC", 20_000, factor: 8_000)], debt: [Sample.leg("CRV", 10_000)]))
        let long = assessed(
            Sample.position(
                1, collateral: [Sample.leg("CRV", 20_000, factor: 8_000)], debt: [Sample.leg("USDC", 10_000)]))
        #expect(short.risk?.probabilities[1].column == "up24h")
        #expect(long.risk?.probabilities[1].column == "close24h")
        // The interval holds the value.
        for p in try #require(long.risk?.probabilities) { #expect(p.low <= p.value && p.value <= p.high) }
    }

    /// What a price follows is said by its roots, whatever the token calls itself; nothing is counted twice.
    @Test func rootsSayWhatAPriceFollows() throws {
        let (eth, rate, usdc, pool) = (
            PriceRoot("chainlink:ETH / USD"), PriceRoot("rate:1"), PriceRoot("chainlink:USDC / USD"),
            PriceRoot("pool:1")
        )
        let names = [eth: "ETH", rate: "WSTETH", usdc: "USDC", pool: "FOO"]
        func factors(_ symbol: String, _ powers: [PriceRoots.Power]) -> [String] {
            let leg = Sample.leg(symbol, 1)
            return RiskBook().with(roots: PriceRoots(powers: [leg.asset: powers], names: names)).factors(of: leg).map {
                "\($0.factor.name)^\(Int($0.exponent)) \($0.root.id)"
            }
        }
        // A rate beside the coin is a basis, and the coin counts once; hard-wired to the coin there is no basis.
        #expect(factors("wstETH", [.init(eth), .init(rate)]) == ["ETH^1 \(eth.id)", "WSTETH/ETH^1 \(rate.id)"])
        #expect(factors("wstETH", [.init(eth)]) == ["ETH^1 \(eth.id)"])
        #expect(factors("aWSTETH", [.init(eth), .init(rate)]) == ["ETH^1 \(eth.id)", "WSTETH/ETH^1 \(rate.id)"])
        // A market's own price in its loan token.
        #expect(
            factors("wstETH", [.init(eth), .init(usdc, exponent: -1)]) == ["ETH^1 \(eth.id)", "USDC/USD^-1 \(usdc.id)"])
        // A token that calls itself something else than what its price follows.
        #expect(factors("USDC", [.init(eth)]) == ["ETH^1 \(eth.id)"])
        // Its own pool in ETH: its history in dollars holds both.
        #expect(factors("FOO", [.init(eth), .init(pool)]) == ["FOO^1 \(pool.id)"])
        #expect(factors("WETH", [.init(eth)]) == ["ETH^1 \(eth.id)"] && factors("WETH", []).isEmpty)
        // Two pools of one token are one price.
        #expect(factors("FOO", [.init(pool), .init(PriceRoot("pool:2"))]) == ["FOO^1 \(pool.id)"])
    }

    @Test func historyReplacesDefaults() throws {
        let calm = HourlyBars(SimulatedMarket.candles(Seed(1), hours: 3_000, volatility: 0.3)).series
        let measured = RiskBook(histories: ["CRV": PriceHistory(calm, .candles)])
        let position = Sample.position(
            1, collateral: [Sample.leg("CRV", 20_000, factor: 8_000)], debt: [Sample.leg("USDC", 10_000)])
        let one = try #require(book.assess(position))
        let two = try #require(measured.assess(position))
        #expect(one.isProxied && two.inputs.contains { $0.source == "candles" && $0.count > 2_900 })
        let (p, q) = (try #require(one.probability("24h")), try #require(two.probability("24h")))
        #expect(q < p)
        #expect(one.inputsHash != two.inputsHash)
        // A young history of an asset that nobody measured is not trusted to be calm.
        let short = HourlyBars(SimulatedMarket.candles(Seed(1), hours: 100, volatility: 0.3)).series
        let rare = Sample.position(
            1, collateral: [Sample.leg("FOO", 20_000, factor: 8_000)], debt: [Sample.leg("USDC", 10_000)])
        let three = try #require(RiskBook(histories: ["FOO": PriceHistory(short, .candles)]).assess(rare))
        let (young, standard) = (
            try #require(three.probability("24h")), try #require(book.assess(rare)?.probability("24h"))
        )
        #expect(young > standard)
    }

    @Test func recordsHoldNoFloatingPoint() throws {
        let position = assessed(
            Sample.position(
                1, collateral: [Sample.leg("WETH", 20_000, factor: 8_000, bonus: 10_500)],
                debt: [Sample.leg("USDC", 10_000)]))
        let json = PositionRecord(position).json
        let risk = try #require(json["risk"])
        for key in [
            "class", "level", "x_log", "z24", "p_liq", "p_gauss24", "elv24", "ebd", "loss_frontier_drop", "toxic_now",
            "inputs_hash", "inputs",
        ] { #expect(risk[key] != nil, "\(key)") }
        #expect(risk["loss_frontier_drop"]?["eligible"]?.string == "0.375000000")
        #expect(!numbers(in: json).contains { $0.contains(".") || $0.contains("e") })
        #expect(RiskFindings.text(0.00279, 6) == "0.002790" && RiskFindings.text(-1.5, 2) == "-1.50")
        #expect(RiskFindings.text(.infinity, 2) == .null && RiskFindings.text(1e30, 2) == .null)
        #expect(RiskFindings.text(-0.0001, 2) == "0.00" && RiskFindings.text(1e17, 6) == "100000000000000000")
    }

    private func numbers(in value: JSONValue) -> [String] {
        switch value {
        case .number(let text): [text]
        case .array(let items): items.flatMap { numbers(in: $0) }
        case .object(let object): object.members.flatMap { numbers(in: $0.1) }
        default: []
        }
    }
}

import Chain
import Ethereum
import JSON
import Oracles
import Pools
import TestSupport
import Testing

/// Ways through pools, and how much of them earns.
@Suite struct SwapRouteTests {
    static let weth = Address(a: 1, b: 0, c: 1)
    static let usdc = Address(a: 2, b: 0, c: 2)
    static let dai = Address(a: 3, b: 0, c: 3)

    /// keeper-needs.md §10: x = 10,000e18, y = 30,000,000e6, 30 bps.
    static func vector() throws -> SwapPool {
        try SwapPool(
            Address(a: 9, b: 0, c: 1), tokens: [weth, usdc],
            state: .pair(
                try UniswapV2.Pair(reserve0: 10_000_000_000_000_000_000_000, reserve1: 30_000_000_000_000)))
    }

    /// 3,000e6 for 1.05e18.
    static func cost() throws -> SwapCost { try SwapCost(3_000_000_000, per: 1_050_000_000_000_000_000) }

    private static let plenty = UInt256.mask(bits: 112)

    @Test func theVector() throws {
        let route = try SwapRoute([Self.vector()], tokens: [Self.weth, Self.usdc])
        let cost = try Self.cost()
        let best = route.optimum(cost, upTo: Self.plenty)
        #expect(best.description.hasPrefix("2322655914411") && best.description.count == 21)
        let profit = try some(route.profit(best, cost))
        #expect(profit.description == "15367275157")
        #expect(try some(route.profit(best << 1, cost)).description.hasPrefix("680"))
        #expect(try some(route.profit((best * 21).divided(by: 10, .down), cost)).isNegative)
        for step in [UInt256.one, 1_000_000_000_000_000_000] {
            #expect(try some(route.profit(best &+ step, cost)) <= profit)
            #expect(try some(route.profit(best &- step, cost)) <= profit)
        }
        let depth = route.depth(cost)
        #expect(depth.amount.description.hasPrefix("469909") && !depth.isAtLeast)
        #expect(try !some(route.profit(depth.amount, cost)).isNegative)
        #expect(try some(route.profit(depth.amount &+ .one, cost)).isNegative)
        // The protocol's cap.
        let cap: UInt256 = 100_000_000_000_000_000_000
        // The last unit may earn nothing for rounding.
        #expect(route.optimum(cost, upTo: cap).distance(to: cap) <= 1)
        // What costs more than the pool pays earns nothing.
        #expect(route.optimum(try SwapCost(4_000_000_000, per: .wad), upTo: Self.plenty).isZero)
        #expect(route.depth(try SwapCost(4_000_000_000, per: .wad)).amount.isZero)
    }

    /// A pool of ticks around a price, some ranges of which overlap.
    static func ticks(_ seed: UInt64) throws -> SwapPool {
        var generator = Seed(seed).generator
        var pool = try UniswapV3.Pool(
            sqrtPrice: try UniswapV3.TickMath.sqrtRatio(at: -777), tick: -777, liquidity: 0,
            fee: [100, 500, 3_000, 10_000].randomElement(using: &generator) ?? 500,
            ticks: try UniswapV3.TickBitmap(spacing: 60, net: [:]))
        var gross: [Int32: UInt128] = [:]
        try pool.changeLiquidity(900_000_000_000_000_000, from: -60_000, to: 60_000, gross: &gross)
        for _ in 0..<6 {
            let lower = Int32.random(in: -60..<20, using: &generator) * 60
            try pool.changeLiquidity(
                Int128.random(in: 1_000_000..<90_000_000_000_000_000_000, using: &generator), from: lower,
                to: lower + 60 * Int32.random(in: 1..<40, using: &generator), gross: &gross)
        }
        return try SwapPool(Address(a: 9, b: 0, c: 2), tokens: [Self.weth, Self.usdc], state: .ticks(pool))
    }

    /// No size near the one that was found, and none of a thousand others, earns more than rounding leaves.
    @Test(arguments: 0..<24 as Range<UInt64>)
    func nothingEarnsMore(seed: UInt64) throws {
        var generator = Seed(0xE817 + seed).generator
        let first = try Self.ticks(seed)
        let stable = try SwapPool(
            Address(a: 9, b: 0, c: 3), tokens: [Self.usdc, Self.dai],
            state: .coins(
                try StableSwap(
                    balances: [4_000_000_000_000_000_000, 5_000_000_000_000_000_000], rates: [.wad, .wad],
                    amplification: 20_000, fee: 4_000_000, generation: .ng)))
        let routes = [
            try SwapRoute([first], tokens: [Self.weth, Self.usdc]),
            try SwapRoute([first], tokens: [Self.usdc, Self.weth]),
            try SwapRoute([stable], tokens: [Self.usdc, Self.dai]),
            try SwapRoute([first, stable], tokens: [Self.weth, Self.usdc, Self.dai]),
            try SwapRoute([stable, first], tokens: [Self.dai, Self.usdc, Self.weth]),
        ]
        for (number, route) in routes.enumerated() {
            // The fair price less a bonus of 2 to 12 %.
            let unit: UInt256 = 1_000_000_000_000_000
            let fair = try route.fair(unit)
            let share = UInt256(UInt64.random(in: 880..<980, using: &generator))
            let cost = try SwapCost((fair * share).divided(by: 1_000, .down), per: unit)
            let best = route.optimum(cost, upTo: Self.plenty)
            guard let profit = route.profit(best, cost), !best.isZero else {
                Issue.record("seed \(seed), route \(number): nothing earns at \(share)")
                continue
            }
            // A unit of rounding a pool and of the cost, and what it is worth where one unit buys several.
            let slack = try some(Int256(exactly: 4 &+ (fair << 2).dividedOrZero(by: unit)))
            for _ in 0..<1_000 {
                let part = UInt256(UInt64.random(in: 1..<3_000, using: &generator))
                let amount = try UInt256.mulDiv(best, part, 1_000, .down)
                guard let other = route.profit(amount, cost) else { continue }
                #expect(try other <= profit + slack, "seed \(seed), route \(number): \(amount) beats \(best)")
            }
            for amount in [best.subtractingOrZero(.one), best.addingOrMax(.one)] {
                #expect(route.profit(amount, cost).map { $0 <= profit } ?? true, "seed \(seed), route \(number)")
            }
            let depth = route.depth(cost)
            #expect(try !some(route.profit(depth.amount, cost)).isNegative && depth.amount >= best)
        }
    }

    /// Two pools bring what one after the other brings; what was sold once makes the next sale worse.
    @Test func hopsAndParts() throws {
        let (pair, ticks) = (try Self.vector(), try Self.ticks(5))
        let other = try SwapPool(ticks.address, tokens: [Self.usdc, Self.dai], state: ticks.state)
        let routes = SwapRoute.all(
            from: Self.weth, to: Self.dai, through: [pair, other], over: [Self.usdc])
        #expect(routes.map(\.tokens) == [[Self.weth, Self.usdc, Self.dai]])
        #expect(SwapRoute.all(from: Self.weth, to: Self.dai, through: [pair, other], over: []).isEmpty)
        let route = try some(routes.first)
        let amount: UInt256 = 1_000_000_000_000_000_000
        let middle = try pair.sell(amount, of: Self.weth, for: Self.usdc).out
        #expect(try route.sell(amount).out == other.sell(middle, of: Self.usdc, for: Self.dai).out)
        let after = try route.sell(amount).after
        #expect(try after.sell(amount).out < route.sell(amount).out)
        let states = Dictionary(after.pools.map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })
        #expect(route.through(states) == after)
    }

    /// A pool of Curve is kept where its own quotes are those of its numbers, and not where one differs.
    @Test func curvePoolsProveThemselves() throws {
        let pool = Address(a: 7, b: 0, c: 7)
        let coins = [Self.weth, Self.usdc, Self.dai]
        let decimals: [UInt64] = [18, 6, 18]
        for (generation, offpeg) in [(StableSwap.Generation.ng, UInt256(20_000_000_000)), (.classic, .zero)] {
            let truth = try StableSwap(
                balances: [3_000_000_000_000_000_000_000, 4_000_000_000, 5_000_000_000_000_000_000_000],
                rates: try decimals.map { try .powerOfTen(36 - Int($0)) }, amplification: 150_027, fee: 3_000_000,
                offpegFeeMultiplier: offpeg, generation: generation)
            for lie in [UInt256.zero, 2] {
                var probe = CurvePoolProbe(pool)
                while case let calls = probe.next(), !calls.isEmpty {
                    probe.take(
                        try calls.map { call in
                            try Self.answer(call, pool, coins, decimals, truth, lie: lie)
                        })
                }
                if lie.isZero {
                    #expect(probe.state.value?.state == .coins(truth), "\(generation)")
                } else {
                    #expect(probe.state.value == nil, "\(generation)")
                }
            }
        }
    }

    private static func answer(
        _ call: Call, _ pool: Address, _ coins: [Address], _ decimals: [UInt64], _ truth: StableSwap, lie: UInt256
    ) throws -> Reading<[UInt8]> {
        func known(_ word: UInt256) -> Reading<[UInt8]> { .known(word.bigEndianBytes) }
        func asks(_ signature: String) -> Bool { call.data.starts(with: Selector(signature: signature).bytes) }
        func argument(_ place: Int) throws -> UInt256 {
            try some(UInt256(bigEndian: call.data[(4 + 32 * place)..<(36 + 32 * place)]))
        }
        if let coin = coins.firstIndex(of: call.target) { return known(UInt256(decimals[coin])) }
        if asks("coins(uint256)") || asks("balances(uint256)") {
            let place = Int(try argument(0).low)
            guard coins.indices.contains(place) else { return .unknown(.reverted("")) }
            return known(asks("coins(uint256)") ? coins[place].word : truth.balances[place])
        }
        if asks("A_precise()") { return known(truth.amplification) }
        if asks("fee()") { return known(truth.fee) }
        if asks("offpeg_fee_multiplier()"), truth.generation == .ng { return known(truth.offpegFeeMultiplier) }
        if asks("get_dy(int128,int128,uint256)") {
            let out = try truth.exchange(
                try argument(2), of: Int(try argument(0).low), for: Int(try argument(1).low)
            ).amountOut
            return known(out &+ lie)
        }
        return .unknown(.reverted(""))
    }
}

import Ethereum
import Oracles
import Pools
import TestSupport
import Testing

@Suite struct UniswapMathTests {
    typealias TickMath = UniswapV3.TickMath

    @Test func ratiosOfKnownTicks() throws {
        // Uniswap/v3-core test/TickMath.spec.ts@d8b1c635 and this formula evaluated apart from this program.
        let known: [(Int32, String)] = [
            (0, "79228162514264337593543950336"), (1, "79232123823359799118286999568"),
            (-1, "79224201403219477170569942574"), (200_000, "1744244129640337381386292603617838"),
            (50, "79426470787362580746886972461"), (100, "79625275426524748796330556128"),
            (250_000, "21246587762933397357449903968194344"), (500_000, "5697689776495288729098254600827762987878"),
            (738_203, "847134979253254120489401328389043031315994541"), (-887_272, "4295128739"),
            (887_272, "1461446703485210103287273052203988822378723970342"),
        ]
        for (tick, ratio) in known {
            #expect(try TickMath.sqrtRatio(at: tick).description == ratio)
        }
        #expect(TickMath.maximumSqrtRatio.description == known[10].1)
        for tick in [887_273, -887_273, Int32.max, Int32.min] {
            #expect(throws: MathError.overflow) { try TickMath.sqrtRatio(at: tick) }
        }
        for ratio in [TickMath.minimumSqrtRatio &- .one, TickMath.maximumSqrtRatio, .max, .zero] {
            #expect(throws: MathError.overflow) { try TickMath.tick(atSqrtRatio: ratio) }
        }
        #expect(try TickMath.tick(atSqrtRatio: TickMath.maximumSqrtRatio &- .one) == 887_271)
    }

    @Test(arguments: Seed.sweep(10)) func tickAndRatioInvertEachOther(_ seed: Seed) throws {
        var generator = seed.generator
        for _ in 0..<2000 {
            let tick = Int32(generator.next() % 1_774_544) - 887_272
            let ratio = try TickMath.sqrtRatio(at: tick)
            if tick < TickMath.maximumTick {
                #expect(try TickMath.tick(atSqrtRatio: ratio) == tick)
                #expect(try TickMath.sqrtRatio(at: tick + 1) > ratio)
            }
            if tick > -TickMath.maximumTick { #expect(try TickMath.tick(atSqrtRatio: ratio &- .one) == tick - 1) }
        }
    }

    @Test func meansAndQuotes() throws {
        typealias Library = UniswapV3.OracleLibrary
        // Uniswap/v3-periphery test/OracleLibrary.spec.ts@0682387.
        let half = try Library.consult(window: 4, tickCumulatives: (-10, -12), secondsPerLiquidity: (10, 15))
        #expect(half.tick == -1)
        let full = try Library.consult(window: 1, tickCumulatives: (12, 12), secondsPerLiquidity: (10, 11))
        #expect(full == Library.Mean(tick: 0, liquidity: .max))
        #expect(throws: MathError.divisionByZero) {
            try Library.consult(window: 0, tickCumulatives: (0, 0), secondsPerLiquidity: (0, 1))
        }
        #expect(throws: MathError.divisionByZero) {
            try Library.consult(window: 9, tickCumulatives: (0, 0), secondsPerLiquidity: (1, 1))
        }
        let wad: UInt128 = 1_000_000_000_000_000_000
        #expect(try Library.quote(tick: 0, amount: wad, baseIsToken0: true) == UInt256(wad))
        #expect(try Library.quote(tick: 0, amount: wad, baseIsToken0: false) == UInt256(wad))
        let low = "115783384738768196242144082653949453838306988932806144552194799290216044976282"
        let high = "115783384785599357996676985412062652720342362943929506828539444553934033845703"
        #expect(try Library.quote(tick: -887_272, amount: .max, baseIsToken0: true) == 1)
        #expect(try Library.quote(tick: -887_272, amount: .max, baseIsToken0: false).description == low)
        #expect(try Library.quote(tick: 887_272, amount: .max, baseIsToken0: true).description == high)
        #expect(try Library.quote(tick: 887_272, amount: .max, baseIsToken0: false) == 1)
        #expect(try Library.quote(tick: 194_000, amount: wad, baseIsToken0: false) == 3_759_311_287)
        #expect(try Library.weightedMean([(10, 1), (-11, 1)]) == -1)
        #expect(try Library.weightedMean([(5, 3), (9, 1)]) == 6)
        #expect(throws: MathError.divisionByZero) { try Library.weightedMean([]) }
    }

    @Test func costWithinOneRange() throws {
        let bitmap = try UniswapV3.TickBitmap(spacing: 1, net: [:])
        let price = try TickMath.sqrtRatio(at: 194_000)
        let pool = try UniswapV3.Pool(
            sqrtPrice: price, tick: 194_000, liquidity: 1_000_000_000_000_000_000, fee: 0, ticks: bitmap)
        // In one piece 162259734130787444868; the contract rounds each word of the bitmap up.
        let cost = try pool.cost(toTick: 194_198)
        #expect(cost.capital.distance(to: UInt256(162_259_734_130_787_444_868 as UInt128)) <= 2)
        #expect(cost.ticksCrossed == 0 && !cost.liquidityEnds && cost.fee.isZero)
        // What comes back is short by roundings of token0, a unit of which is 266 million of token1.
        #expect(cost.lossReverted <= 1_000_000_000)
    }

    @Test func theEdgeOfLiquidityIsTold() throws {
        var gross: [Int32: UInt128] = [:]
        var pool = try UniswapV3.Pool(
            sqrtPrice: UInt256(1) << 96, tick: 0, liquidity: 0, fee: 3000,
            ticks: try UniswapV3.TickBitmap(spacing: 60, net: [:]))
        try pool.changeLiquidity(1_000_000_000_000, from: -600, to: 600, gross: &gross)
        let inside = try pool.cost(toTick: 599)
        let beyond = try pool.cost(toTick: 100_000)
        #expect(!inside.liquidityEnds && beyond.liquidityEnds)
        #expect(beyond.capital > inside.capital)
        #expect(try pool.cost(toTick: 200_000).capital == beyond.capital)
        // Ticks that were not read are no empty ticks.
        let narrow = try UniswapV3.Pool(
            sqrtPrice: pool.sqrtPrice, tick: 0, liquidity: pool.liquidity, fee: 3000,
            ticks: try UniswapV3.TickBitmap(spacing: 60, net: pool.ticks.net, knownWords: -1...0))
        _ = try narrow.cost(toTick: 599)
        #expect(throws: PoolError.outsideWindow(tick: 15_360)) { try narrow.cost(toTick: 20_000) }
        #expect(throws: PoolError.self) { try UniswapV3.TickBitmap(spacing: 60, net: [61: 5]) }
        #expect(throws: PoolError.self) { try UniswapV3.TickBitmap(spacing: 0, net: [:]) }
    }

    @Test(arguments: Seed.sweep(30)) func shiftingAMeanTakesMoreTheShorterItIsHeld(_ seed: Seed) throws {
        var generator = seed.generator
        var gross: [Int32: UInt128] = [:]
        var pool = try UniswapV3.Pool(
            sqrtPrice: UInt256(1) << 96, tick: 0, liquidity: 0, fee: 500,
            ticks: try UniswapV3.TickBitmap(spacing: 10, net: [:]))
        try pool.changeLiquidity(
            Int128(1 + generator.next() % 1_000_000_000_000), from: -887_270, to: 887_270, gross: &gross)
        let shift = Int32(generator.next() % 400) + 1
        var last: UInt256?
        for blocks in [150, 75, 20, 5, 2] {
            let plan = try HoldingPlan(window: 1800, blocks: blocks, blockTime: 12)
            for sign in [Int32(1), -1] {
                let held = try pool.cost(toShiftMeanTickBy: sign * shift, plan)
                let tick = try some(held.tick)
                // Held for so long and at rest for the remainder, the mean is there, and one tick less it is not.
                let total = Int64(tick) * Int64(plan.heldSeconds)
                let mean = UniswapV3.OracleLibrary.meanTick(total, over: 1800)
                #expect(sign > 0 ? mean >= shift : mean <= -shift)
                let less = UniswapV3.OracleLibrary.meanTick(
                    (Int64(tick) - Int64(sign)) * Int64(plan.heldSeconds), over: 1800)
                #expect(sign > 0 ? less < shift : less > -shift - 1)
                #expect(held.displacement.lossReverted <= held.displacement.capital)
                #expect(try #require(held.worstLoss) >= held.displacement.lossArbitraged)
            }
            let capital = try pool.cost(toShiftMeanTickBy: shift, plan).displacement.capital
            if let last { #expect(capital >= last) }
            last = capital
        }
        #expect(throws: PoolError.self) {
            try pool.cost(toShiftMeanTickBy: 800_000, HoldingPlan(window: 1800, blocks: 1, blockTime: 12))
        }
        #expect(throws: PoolError.self) { try HoldingPlan(window: 12, blocks: 2, blockTime: 12) }
        #expect(throws: PoolError.self) { try HoldingPlan(window: 12, blocks: 0, blockTime: 12) }
        #expect(throws: PoolError.self) { try HoldingPlan(window: 12, blocks: .max, blockTime: 12) }
    }

    @Test func observationsOfAHostileRingEndInAnError() throws {
        let entry = UniswapV3.Observation(timestamp: 100, tickCumulative: 0, secondsPerLiquidity: .zero)
        #expect(throws: PoolError.self) {
            try UniswapV3.Observations(entries: [:], index: 0, cardinality: 1, cardinalityNext: 1)
        }
        #expect(throws: PoolError.self) {
            try UniswapV3.Observations(entries: [5: entry], index: 5, cardinality: 5, cardinalityNext: 5)
        }
        let ring = try UniswapV3.Observations(
            entries: [0: entry, 9: entry], index: 9, cardinality: 10, cardinalityNext: 10)
        #expect(throws: PoolError.tooOld) { try ring.observe(secondsAgo: 5000, at: 200, tick: 1, liquidity: 1) }
        _ = try ring.observe(secondsAgo: 10, at: 200, tick: 1, liquidity: 1)
    }

    @Test(arguments: Seed.sweep(50)) func pairsReachTheirTargets(_ seed: Seed) throws {
        var generator = seed.generator
        let pair = try UniswapV2.Pair(
            reserve0: UInt256(generator.next()) << Int(generator.next() % 30),
            reserve1: UInt256(generator.next()) << Int(generator.next() % 30))
        let percent = UInt256(1 + generator.next() % 400)
        let (numerator, denominator) = (pair.reserve1 &* percent, pair.reserve0 &* 100)
        guard percent != 100 else { return }
        let cost = try pair.cost(toPrice: numerator, over: denominator)
        #expect(cost.putsInToken0 == (percent < 100))
        let after = try pair.swapped(cost.capital, zeroForOne: cost.putsInToken0)
        let isThere =
            after.reserve1.multipliedFullWidth(by: denominator).high
            <= numerator.multipliedFullWidth(by: after.reserve0).high
        #expect(cost.putsInToken0 ? isThere : true)
        #expect(cost.fee <= cost.capital)
        let plan = try HoldingPlan(window: 1800, blocks: 10, blockTime: 12)
        let price = (pair.reserve1 << 112).dividedForTest(by: pair.reserve0)
        let target = price &+ price / 20
        let displaced = try pair.displacedPrice(meaning: target, plan)
        // (window − held) · p + held · q reaches window · target.
        let sum = price &* UInt256(1680) &+ displaced &* UInt256(120)
        #expect(sum >= target &* UInt256(1800))
    }
}

extension UInt256 {
    func dividedForTest(by divisor: UInt256) -> UInt256 { (try? divided(by: divisor, .down)) ?? .zero }
    static func / (a: UInt256, b: UInt256) -> UInt256 { a.dividedForTest(by: b) }
}

import Ethereum
import Foundation
import JSON
import JSONRPC
import Oracles
import Pools
import TestSupport
import Testing

/// Our arithmetic beside the bytecode of Uniswap's pools, periphery and pairs.
@Suite(.serialized) struct UniswapDifferentialTests {
    private static func chain() throws -> DevChain {
        try DevChain(["--borrowers", "1", "--reserves", "2", "--emodes", "0"])
    }

    @Test func tenThousandStatesOfPoolsAreEqual() async throws {
        let chain = try Self.chain()
        var (states, observed, costs, across) = (0, 0, 0, 0)
        for seed in 1...40 {
            let walk = try await chain.walk(seed: seed, steps: 260, kind: "v3")
            let steps = try some(walk["steps"]?.array)
            var replay = try PoolReplay(walk, start: steps[0])
            for (index, step) in steps.enumerated() {
                let before = replay
                try replay.play(step)
                // One wrong step makes all that follow wrong: stop at the first.
                guard before.states + 1 == replay.states,
                    replay.pool.sqrtPrice == (try step["state"]?.word("sqrtPriceX96"))
                else {
                    Issue.record("walk \(seed) differs at step \(index)")
                    break
                }
            }
            states += replay.states
            observed += replay.observed
            costs += replay.costs
            across += replay.costsAcrossTicks
            try await compareBitmap(replay.pool, walk, chain)
            try await compareQuotes(replay.pool, walk, chain, seed: seed)
        }
        #expect(states >= 10_000)
        #expect(observed > 2_000)
        #expect(costs > 2_000 && across > 500, "\(costs) costs, \(across) of them across ticks")
        print("pools: \(states) states, \(observed) means, \(costs) costs, \(across) across ticks")
    }

    /// The words of the bitmap and the liquidity at their ticks, as the pool has them.
    private func compareBitmap(_ pool: UniswapV3.Pool, _ walk: JSONValue, _ chain: DevChain) async throws {
        let address = try walk.text("pool")
        for (index, word) in pool.ticks.words {
            let argument = Int256(Int64(index)).bits
            #expect(try await chain.view(address, "tickBitmap(int16)", [argument]) == [word])
        }
        for (tick, net) in pool.ticks.net {
            let answer = try await chain.view(address, "ticks(int24)", [Int256(Int64(tick)).bits])
            #expect(answer[1].low == UInt128(bitPattern: net))
        }
    }

    /// Quotes of the periphery's quoter.
    private func compareQuotes(
        _ pool: UniswapV3.Pool, _ walk: JSONValue, _ chain: DevChain, seed: Int
    ) async throws {
        var generator = Seed(UInt64(seed)).generator
        let tokens = try ["token0", "token1"].map { try some(Address(hex: try walk.text($0))).word }
        for _ in 0..<4 {
            let zeroForOne = generator.next() % 2 == 0
            let amount = UInt256(generator.next()) << Int(generator.next() % 20)
            let aim = pool.tick + (zeroForOne ? -20_000 : 20_000)
            guard abs(aim) < UniswapV3.TickMath.maximumTick else { continue }
            let limit = try UniswapV3.TickMath.sqrtRatio(at: aim)
            let swap = try pool.swap(.input(amount), zeroForOne: zeroForOne, limit: limit)
            // The quoter learns the amounts from a callback, which nobody sends where nothing is owed.
            guard !swap.amountIn.isZero else { continue }
            let pair = zeroForOne ? tokens : tokens.reversed()
            let quote = try await chain.view(
                try walk.text("v3Quoter"), "quoteExactInputSingle((address,address,uint256,uint24,uint160))",
                pair + [amount, UInt256(UInt64(pool.fee)), limit])
            #expect(Array(quote.prefix(2)) == [swap.amountOut, swap.pool.sqrtPrice])
        }
    }

    @Test func costsAreWhatSwapsThereAndBackTake() async throws {
        let chain = try Self.chain()
        var across = 0
        for seed in 101...130 {
            let walk = try await chain.walk(seed: seed, steps: 0, kind: "v3")
            let steps = try some(walk["steps"]?.array)
            var replay = try PoolReplay(walk, start: steps[0])
            for step in steps {
                try replay.play(step)
            }
            var generator = Seed(UInt64(seed)).generator
            for _ in 0..<5 {
                let shift = Int32(1 + generator.next() % 3000) * (generator.next() % 2 == 0 ? 1 : -1)
                let cost = try replay.pool.cost(toTick: replay.pool.tick + shift)
                let original = replay.pool.sqrtPrice
                let target = try UniswapV3.TickMath.sqrtRatio(at: replay.pool.tick + shift)
                let there = try await swap(
                    walk, chain, replay.pool, UInt256.mask(bits: 200), zeroForOne: cost.putsInToken0, limit: target)
                #expect(there.amountIn == cost.capital && there.amountOut == cost.received)
                across += cost.ticksCrossed > 0 ? 1 : 0
                replay.pool = try replay.pool.swap(
                    .input(UInt256.mask(bits: 200)), zeroForOne: cost.putsInToken0, limit: target
                ).pool
                guard !cost.received.isZero else {
                    #expect(cost.returned.isZero)
                    continue
                }
                let back = try await swap(
                    walk, chain, replay.pool, cost.received, zeroForOne: !cost.putsInToken0, limit: original)
                #expect(back.amountOut == cost.returned)
                #expect(cost.lossReverted <= cost.capital)
                replay.pool = try replay.pool.swap(
                    .input(cost.received), zeroForOne: !cost.putsInToken0, limit: original
                ).pool
            }
        }
        #expect(across > 30)
    }

    private func swap(
        _ walk: JSONValue, _ chain: DevChain, _ pool: UniswapV3.Pool, _ amount: UInt256, zeroForOne: Bool,
        limit: UInt256
    ) async throws -> (amountIn: UInt256, amountOut: UInt256) {
        let direction = zeroForOne ? "0to1" : "1to0"
        let options = """
            {"pool":"\(try walk.text("pool"))","amount":"\(amount)","direction":"\(direction)","limit":"\(limit)"}
            """
        let answer = try await chain.call("dev_swap", JSONValue(parsing: Array(options.utf8)))
        let amounts = try some(answer["amounts"]?.array).map {
            try some(Int256(decimal: try some($0.string)))
        }
        return (amounts[zeroForOne ? 0 : 1].magnitude, amounts[zeroForOne ? 1 : 0].magnitude)
    }

    @Test func pairsTradeAndAccumulateAlike() async throws {
        let chain = try Self.chain()
        var trades = 0
        for seed in 1...20 {
            let walk = try await chain.walk(seed: seed, steps: 100, kind: "v2")
            let steps = try some(walk["steps"]?.array)
            var (pair, sums) = try pairState(steps[0])
            for step in steps.dropFirst() where step["refused"] == nil {
                let zeroForOne = step["direction"]?.string == "0to1"
                let amount = try step.word("amount")
                let out = try pair.amountOut(amount, zeroForOne: zeroForOne)
                let amounts = try some(step["amounts"]?.array).map { $0.string }
                #expect(amounts == (zeroForOne ? ["\(amount)", "-\(out)"] : ["-\(out)", "\(amount)"]))
                // A swap of the least input that pays for this output gives at least it.
                let least = try pair.amountIn(out, zeroForOne: zeroForOne)
                #expect(least <= amount)
                #expect(try pair.amountOut(least, zeroForOne: zeroForOne) >= out)
                let time = UInt32(truncatingIfNeeded: try some(step["time"]?.int))
                let moved = pair.cumulative(sums, at: time)
                pair = try pair.swapped(amount, zeroForOne: zeroForOne)
                let (expectedPair, expectedSums) = try pairState(step)
                #expect(pair == expectedPair && moved == expectedSums)
                if time != sums.timestamp {
                    let mean = try moved.mean(since: sums)
                    #expect(mean.price0 &* UInt256(UInt64(time &- sums.timestamp)) == moved.price0 &- sums.price0)
                }
                sums = moved
                trades += 1
            }
            let router = try walk.text("v2Router")
            for amount in [1, 997, 1_000_000_007] as [UInt256] where amount < pair.reserve1 {
                #expect(
                    try await chain.view(
                        router, "getAmountIn(uint256,uint256,uint256)", [amount, pair.reserve0, pair.reserve1])
                        == [try pair.amountIn(amount, zeroForOne: true)])
            }
            try await comparePairCost(pair, walk, chain, seed: seed)
        }
        #expect(trades > 1000)
    }

    private func pairState(_ step: JSONValue) throws -> (UniswapV2.Pair, UniswapV2.Cumulative) {
        let state = try some(step["state"])
        return (
            try UniswapV2.Pair(reserve0: state.word("reserve0"), reserve1: state.word("reserve1")),
            UniswapV2.Cumulative(
                price0: try state.word("price0CumulativeLast"), price1: try state.word("price1CumulativeLast"),
                timestamp: UInt32(truncatingIfNeeded: try state.word("blockTimestampLast").word0))
        )
    }

    /// The input found pushes the real pair to the price, and one unit less does not.
    private func comparePairCost(
        _ pair: UniswapV2.Pair, _ walk: JSONValue, _ chain: DevChain, seed: Int
    ) async throws {
        var generator = Seed(UInt64(seed)).generator
        let percent = UInt256(generator.next() % 300 + 1)
        guard percent != 100, pair.reserve0.significantBits < 100, pair.reserve1.significantBits < 100 else { return }
        let (numerator, denominator) = (pair.reserve1 &* percent, pair.reserve0 &* 100)
        let cost = try pair.cost(toPrice: numerator, over: denominator)
        let less = try pair.swapped(cost.capital &- .one, zeroForOne: cost.putsInToken0)
        let lessReaches = less.reserve1 &* pair.reserve0 &* 100 >= pair.reserve1 &* percent &* less.reserve0
        if pair.reserve1.significantBits < 80 && pair.reserve0.significantBits < 80 {
            #expect(lessReaches == (percent < 100))
        }
        let options = """
            {"pool":"\(try walk.text("pool"))","amount":"\(cost.capital)",\
            "direction":"\(cost.putsInToken0 ? "0to1" : "1to0")"}
            """
        let answer = try await chain.call("dev_swap", JSONValue(parsing: Array(options.utf8)))
        let after = try pairState(answer).0
        #expect(after == (try pair.swapped(cost.capital, zeroForOne: cost.putsInToken0)))
        let back = try after.swapped(cost.received, zeroForOne: !cost.putsInToken0)
        #expect(
            cost.returned
                == (cost.putsInToken0 ? after.reserve0 &- back.reserve0 : after.reserve1 &- back.reserve1))
    }
}

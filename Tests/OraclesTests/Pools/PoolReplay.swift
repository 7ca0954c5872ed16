import Ethereum
import Foundation
import JSON
import JSONRPC
import Oracles
import Pools
import TestSupport
import Testing

/// A pool of the development chain beside our own arithmetic, step by step.
struct PoolReplay {
    var pool: UniswapV3.Pool
    var observations: UniswapV3.Observations
    var gross: [Int32: UInt128] = [:]
    var states = 0
    var observed = 0
    var costs = 0
    var costsAcrossTicks = 0

    /// The pool as it was made.
    init(_ walk: JSONValue, start: JSONValue) throws {
        let spacing = Int32(try some(walk["tickSpacing"]?.int))
        let state = try some(start["state"])
        pool = try UniswapV3.Pool(
            sqrtPrice: try state.word("sqrtPriceX96"), tick: Int32(try some(state["tick"]?.int)), liquidity: 0,
            fee: UInt32(try some(walk["fee"]?.int)),
            ticks: try UniswapV3.TickBitmap(spacing: spacing, net: [:]))
        // The pool grows into its cardinality at its first write after the first block.
        observations = UniswapV3.Observations(
            at: UInt32(truncatingIfNeeded: try some(start["born"]?.int)),
            cardinalityNext: UInt16(try some(walk["cardinality"]?.int)))
    }

    /// Does a step and compares what the contract says then.
    mutating func play(_ step: JSONValue) throws {
        let time = UInt32(truncatingIfNeeded: try some(step["time"]?.int))
        switch step["action"]?.string {
        case "mint": try mint(step, at: time)
        case "swap": try swap(step, at: time)
        default: break
        }
        let state = try some(step["state"])
        #expect(pool.sqrtPrice == (try state.word("sqrtPriceX96")))
        #expect(Int(pool.tick) == state["tick"]?.int)
        #expect(UInt256(pool.liquidity) == (try state.word("liquidity")))
        #expect(Int(observations.index) == state["observationIndex"]?.int)
        #expect(Int(observations.cardinality) == state["observationCardinality"]?.int)
        let there = try UniswapV3.TickMath.tick(atSqrtRatio: pool.sqrtPrice)
        #expect(there == pool.tick || there == pool.tick + 1)
        #expect(try UniswapV3.TickMath.sqrtRatio(at: there) <= pool.sqrtPrice)
        try observe(try some(step["observe"]), at: time)
        states += 1
    }

    private mutating func mint(_ step: JSONValue, at time: UInt32) throws {
        guard step["refused"] == nil else { return }
        let (lower, upper) = (Int32(try some(step["tickLower"]?.int)), Int32(try some(step["tickUpper"]?.int)))
        let liquidity = try some(Int128(try some(step["liquidity"]?.number)))
        let isIn = liquidity > 0
        let (a, b) = (try UniswapV3.TickMath.sqrtRatio(at: lower), try UniswapV3.TickMath.sqrtRatio(at: upper))
        let middle = min(max(pool.sqrtPrice, a), b)
        let amounts = try step.words("amounts")
        // Below the range the tick decides, not the price.
        let at = pool.tick < lower ? a : pool.tick >= upper ? b : middle
        #expect(
            amounts == [
                try UniswapV3.SqrtPriceMath.amount0(at, b, liquidity: liquidity.magnitude, roundUp: isIn),
                try UniswapV3.SqrtPriceMath.amount1(a, at, liquidity: liquidity.magnitude, roundUp: isIn),
            ])
        if lower <= pool.tick && pool.tick < upper {
            observations.write(at: time, tick: pool.tick, liquidity: pool.liquidity)
        }
        try pool.changeLiquidity(liquidity, from: lower, to: upper, gross: &gross)
    }

    private mutating func swap(_ step: JSONValue, at time: UInt32) throws {
        let zeroForOne = step["direction"]?.string == "0to1"
        let limit =
            try step["limit"] == nil
            ? (zeroForOne
                ? UniswapV3.TickMath.minimumSqrtRatio &+ .one : UniswapV3.TickMath.maximumSqrtRatio &- .one)
            : step.word("limit")
        let amount = try some(Int256(decimal: try step.text("amount")))
        let remaining: UniswapV3.Remaining =
            amount.isNegative ? .output(amount.magnitude) : .input(amount.magnitude)
        guard step["refused"] == nil else {
            #expect(throws: PoolError.self) { try pool.swap(remaining, zeroForOne: zeroForOne, limit: limit) }
            return
        }
        let swap = try pool.swap(remaining, zeroForOne: zeroForOne, limit: limit)
        let amounts = try some(step["amounts"]?.array).map {
            try some(Int256(decimal: try some($0.string)))
        }
        #expect(amounts[zeroForOne ? 0 : 1] == Int256(bits: swap.amountIn))
        #expect(amounts[zeroForOne ? 1 : 0] == Int256(isNegative: true, magnitude: swap.amountOut))
        if swap.pool.sqrtPrice == limit && !amount.isNegative {
            // The contract was pushed to the limit: what it took is what the cost says.
            let cost = try pool.cost(toSqrtPrice: limit)
            #expect(cost.capital == swap.amountIn && cost.received == swap.amountOut && cost.fee == swap.fee)
            #expect(cost.returned <= cost.capital)
            costs += 1
            costsAcrossTicks += cost.ticksCrossed > 0 ? 1 : 0
        }
        if swap.pool.tick != pool.tick {
            observations.write(at: time, tick: pool.tick, liquidity: pool.liquidity)
        }
        pool = swap.pool
    }

    private mutating func observe(_ told: JSONValue, at time: UInt32) throws {
        let ages = try some(told["ages"]?.array).map { UInt32(try some($0.int)) }
        guard let ticks = told["ticks"]?.array else {
            var refused = 0
            for age in ages {
                do {
                    _ = try observations.observe(
                        secondsAgo: age, at: time, tick: pool.tick, liquidity: pool.liquidity)
                } catch { refused += 1 }
            }
            #expect(refused > 0, "the contract says OLD")
            return
        }
        let seconds = try told.words("secondsPerLiquidity")
        var found: [(tickCumulative: Int64, secondsPerLiquidity: UInt256)] = []
        for (index, age) in ages.enumerated() {
            let one = try observations.observe(secondsAgo: age, at: time, tick: pool.tick, liquidity: pool.liquidity)
            #expect(one.tickCumulative.description == ticks[index].string)
            #expect(one.secondsPerLiquidity == seconds[index])
            found.append(one)
        }
        // What a consumer makes of them, against the definition in wide integers.
        for (age, then) in zip(ages, found).dropFirst() where age > 0 {
            let now = found[0]
            let delta = UniswapV3OracleReference.difference(now.tickCumulative, then.tickCumulative)
            #expect(
                Int(UniswapV3.OracleLibrary.meanTick(delta, over: age))
                    == UniswapV3OracleReference.int24(UniswapV3OracleReference.floor(Int(delta), Int(age))))
            observed += 1
        }
    }
}

/// Plain definitions.
enum UniswapV3OracleReference {
    static func difference(_ a: Int64, _ b: Int64) -> Int64 { ((a &- b) << 8) >> 8 }

    static func int24(_ value: Int) -> Int { (value << 40) >> 40 }

    static func floor(_ a: Int, _ b: Int) -> Int {
        let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

extension JSONValue {
    /// A decimal member.
    func word(_ member: String) throws -> UInt256 {
        try some(UInt256(decimal: try text(member)))
    }

    /// A list of decimals.
    func words(_ member: String) throws -> [UInt256] {
        try some(self[member]?.array).map { try some(UInt256(decimal: try some($0.string))) }
    }
}

extension DevChain {
    /// A walk on a new pool.
    func walk(seed: Int, steps: Int, kind: String) async throws -> JSONValue {
        try await call(
            "dev_poolWalk", JSONValue(parsing: Array(#"{"seed":\#(seed),"n":\#(steps),"kind":"\#(kind)"}"#.utf8)))
    }

    /// A view of a contract: the words that it returns.
    func view(_ to: String, _ signature: String, _ words: [UInt256]) async throws -> [UInt256] {
        var data = Array(Keccak256.hash(signature.utf8).bytes.prefix(4))
        for word in words {
            word.append(to: &data)
        }
        let call = #"[{"to":"\#(to)","data":"\#(Hex.encode(data))"},"latest"]"#
        let answer = try await self.call("eth_call", JSONValue(parsing: Array(call.utf8)))
        let bytes = try Hex.decode(try some(answer.string))
        return try stride(from: 0, to: bytes.count, by: 32).map {
            try some(UInt256(bigEndian: bytes[$0..<min($0 + 32, bytes.count)]))
        }
    }
}

import Ethereum
import JSON
import Oracles
import Pools
import TestSupport
import Testing

@Suite struct StableSwapTests {
    private func pool(_ vector: Vector) throws -> StableSwap {
        try StableSwap(
            balances: vector.value.words("balances"), rates: vector.value.words("rates"),
            amplification: vector.word("A"),
            fee: vector.word("fee"), offpegFeeMultiplier: vector.word("offpegFeeMultiplier"),
            generation: vector.value["ng"]?.bool == true ? .ng : .classic)
    }

    @Test func invariantPricesAndExchanges() throws {
        for vector in try Vector.all("stableswap") {
            let pool = try pool(vector)
            let xp = try pool.scaledBalances()
            let invariant = try pool.invariant(of: xp)
            #expect(invariant == (try vector.word("D")))
            #expect(try pool.prices(of: xp, invariant: invariant) == vector.value.words("prices"))
            let exchange = try pool.exchange(
                vector.word("dx"), of: vector.number("i"), for: vector.number("j"))
            #expect(exchange.amountOut == (try vector.word("dy")))
            #expect(exchange.prices == (try vector.value.words("pricesAfter")))
            // A pool loses nothing by an exchange.
            let after = try exchange.pool.invariant(of: exchange.pool.scaledBalances())
            #expect(after >= invariant || invariant &- after <= 2)
        }
    }

    @Test func theSmallestInputIsFound() throws {
        var found = 0
        for vector in try Vector.all("stableswap") {
            let pool = try pool(vector)
            let xp = try pool.scaledBalances()
            let before = try pool.prices(of: xp, invariant: try pool.invariant(of: xp))[0]
            for change in [101, 99, 120, 80] as [UInt256] {
                let target = try UInt256.mulDiv(before, change, 100, .down)
                guard let cost = try? pool.cost(of: 1, toPrice: target) else { continue }
                found += 1
                let (i, j) = change > 100 ? (0, 1) : (1, 0)
                #expect(cost.putsInToken0 == (change > 100))
                let there = try pool.exchange(cost.capital, of: i, for: j)
                #expect(there.amountOut == cost.received)
                #expect(change > 100 ? there.prices[0] >= target : there.prices[0] <= target)
                if cost.capital > 1 {
                    let less = try pool.exchange(cost.capital &- .one, of: i, for: j)
                    #expect(change > 100 ? less.prices[0] < target : less.prices[0] > target)
                }
                #expect(cost.returned <= cost.capital)
            }
        }
        #expect(found > 150)
    }

    @Test func nonsenseIsRefused() throws {
        let good: [UInt256] = [1_000_000, 1_000_000]
        func make(_ balances: [UInt256], _ rates: [UInt256], amplification: UInt256 = 10_000, fee: UInt256 = 0) throws {
            _ = try StableSwap(
                balances: balances, rates: rates, amplification: amplification, fee: fee, generation: .ng)
        }
        try make(good, good)
        #expect(throws: PoolError.self) { try make([1], [1]) }
        #expect(throws: PoolError.self) { try make(good, [1]) }
        #expect(throws: PoolError.self) { try make([0, 1], good) }
        #expect(throws: PoolError.self) { try make(good, [0, 1]) }
        #expect(throws: PoolError.self) { try make(good, good, fee: 10_000_000_000) }
        #expect(throws: PoolError.self) { try make(good, good, amplification: 100) }
        #expect(throws: PoolError.self) { try make(Array(repeating: 1, count: 9), Array(repeating: 1, count: 9)) }
        let huge = try StableSwap(
            balances: [.max, .max], rates: [.max, .max], amplification: 10_000, fee: 0, generation: .ng)
        #expect(throws: PoolError.self) { try huge.cost(of: 1, toPrice: .wad) }
        #expect(
            try WeightedPool.spotPrice(balanceIn: 8000, weightIn: 80, balanceOut: 1000, weightOut: 20)
                == 2_000_000_000_000_000_000)
        #expect(throws: MathError.divisionByZero) {
            try WeightedPool.spotPrice(balanceIn: 1, weightIn: 0, balanceOut: 1, weightOut: 1)
        }
    }
}

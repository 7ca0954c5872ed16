public import Ethereum

extension StableSwap {
    /// What an exchange does.
    public struct Exchange: Hashable, Sendable {
        /// What comes out, raw.
        public let amountOut: UInt256
        /// The fee, in raw units of what comes out.
        public let fee: UInt256
        /// The prices that the pool's oracles then take for spot (`upkeep_oracles`, before its cap of 2).
        public let prices: [UInt256]
        /// The pool afterwards.
        public let pool: StableSwap
    }

    /// `exchange` of `amount` of coin `i` for coin `j` (`get_dy` says how much comes out).
    public func exchange(_ amount: UInt256, of i: Int, for j: Int) throws(PoolError) -> Exchange {
        guard i != j, balances.indices.contains(i), balances.indices.contains(j) else {
            throw .invalidState("coins \(i), \(j)")
        }
        let xp = try scaledBalances()
        let d = try invariant(of: xp)
        let (rates, rate) = (rates[i], rates[j])
        let x = try poolMath { () throws(MathError) in
            try xp[i] + (try (try amount * rates).divided(by: .wad, .down))
        }
        let y = try balance(of: j, where: i, is: x, xp, invariant: d)
        let (adminFee, pool) = (adminFee, self)
        let (out, fee, admin) = try poolMath { () throws(MathError) in
            let gross = try (try xp[j] - y) - .one
            let share = try pool.dynamicFee((try xp[i] + x) >> 1, (try xp[j] + y) >> 1)
            let fee = try (try gross * share).divided(by: StableSwap.feeDenominator, .down)
            let leaving = try (try fee * adminFee).divided(by: StableSwap.feeDenominator, .down)
            return (
                try (try (try gross - fee) * .wad).divided(by: rate, .down),
                try (try fee * .wad).divided(by: rate, .down), try (try leaving * .wad).divided(by: rate, .down)
            )
        }
        var (after, next) = (xp, balances)
        (after[i], after[j]) = (x, y)
        next[i] = try poolMath { () throws(MathError) in try next[i] + amount }
        next[j] = try poolMath { () throws(MathError) in try (try next[j] - out) - admin }
        return Exchange(
            amountOut: out, fee: fee, prices: try prices(of: after, invariant: d),
            pool: try StableSwap(
                balances: next, rates: self.rates, amplification: amplification, fee: self.fee,
                offpegFeeMultiplier: offpegFeeMultiplier, adminFee: adminFee, generation: generation))
    }

    /// `_dynamic_fee`.
    func dynamicFee(_ xi: UInt256, _ xj: UInt256) throws(MathError) -> UInt256 {
        guard offpegFeeMultiplier > Self.feeDenominator else { return fee }
        let sum = try xi + xj
        let excess = try (try (try (offpegFeeMultiplier &- Self.feeDenominator) * 4) * xi) * xj
        let share = try excess.divided(by: try sum * sum, .down)
        return try (offpegFeeMultiplier &* fee).divided(by: share &+ Self.feeDenominator, .down)
    }

    /// What it takes to push the spot price of a coin in coin 0 to a target (WAD, between scaled balances).
    ///
    /// The search is for the smallest input that does it; the price is the one that the pool's oracles take.
    ///
    /// - Throws: `.unreachable` where no input of up to 2^20 times the pool's worth does.
    public func cost(of coin: Int, toPrice target: UInt256) throws(PoolError) -> ManipulationCost {
        guard coin > 0, balances.indices.contains(coin) else { throw .invalidState("coin \(coin)") }
        let xp = try scaledBalances()
        let before = try prices(of: xp, invariant: try invariant(of: xp))[coin - 1]
        guard target != before else { throw .unreachable("the price is there already") }
        let rises = target > before
        let (i, j) = rises ? (0, coin) : (coin, 0)
        func reaches(_ amount: UInt256) throws(PoolError) -> Bool {
            let price = try exchange(amount, of: i, for: j).prices[coin - 1]
            return rises ? price >= target : price <= target
        }
        var (low, high) = (UInt256.one, UInt256.one)
        var doublings = 0
        let most = balances[i].significantBits + 20
        while try !reaches(high) {
            doublings += 1
            guard doublings < most else { throw .unreachable("the pool does not reach the price") }
            low = high &+ .one
            high = high << 1
        }
        while low < high {
            let middle = low &+ ((high &- low) >> 1)
            if try reaches(middle) { high = middle } else { low = middle &+ .one }
        }
        let there = try exchange(low, of: i, for: j)
        let back =
            there.amountOut.isZero ? UInt256.zero : try there.pool.exchange(there.amountOut, of: j, for: i).amountOut
        let (rateIn, rateOut) = (rates[i], rates[j])
        return try poolMath { () throws(MathError) in
            let scaled = try UInt256.mulDiv(there.amountOut, rateOut, rateIn, .down)
            let value =
                rises
                ? try UInt256.mulDiv(scaled, before, .wad, .down) : try UInt256.mulDiv(scaled, .wad, before, .down)
            let fee = try UInt256.mulDiv(there.fee, rateOut, rateIn, .up)
            return ManipulationCost(
                putsInToken0: rises, capital: low, fee: fee, received: there.amountOut, returned: back,
                receivedAtOldPrice: value, ticksCrossed: 0, liquidityEnds: false)
        }
    }
}

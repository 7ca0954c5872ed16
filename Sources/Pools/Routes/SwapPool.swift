public import Ethereum

/// A deployed pool and its state: what selling one of its tokens for another brings, to the unit.
public struct SwapPool: Hashable, Sendable {
    /// What a swap depends on.
    public enum State: Hashable, Sendable {
        /// A pair of Uniswap V2.
        case pair(UniswapV2.Pair)
        /// A pool of Uniswap V3 with the ticks around its price.
        case ticks(UniswapV3.Pool)
        /// A pool of Curve.
        case coins(StableSwap)
    }

    /// The pool.
    public let address: Address
    /// Its tokens, in its own order: two, or Curve's coins.
    public let tokens: [Address]
    /// Where it stands.
    public private(set) var state: State

    /// Makes a pool.
    ///
    /// - Throws: `.invalidState` where the tokens are not as many as the state has.
    public init(_ address: Address, tokens: [Address], state: State) throws(PoolError) {
        let count: Int
        switch state {
        case .pair, .ticks: count = 2
        case .coins(let pool): count = pool.balances.count
        }
        guard tokens.count == count, Set(tokens).count == count else {
            throw .invalidState("\(tokens.count) tokens of \(count)")
        }
        self.address = address
        self.tokens = tokens
        self.state = state
    }

    /// As network files name it: `uniswap-v2`, `uniswap-v3` or `curve`.
    public var kind: String {
        switch state {
        case .pair: "uniswap-v2"
        case .ticks: "uniswap-v3"
        case .coins: "curve"
        }
    }

    /// What selling `amount` of a token brings of another, and the pool afterwards.
    ///
    /// - Throws: `.outsideWindow` beyond the ticks that were read; `.unreachable` where the pool does not take as much;
    ///   `.math` where the contract reverts.
    public func sell(
        _ amount: UInt256, of token: Address, for other: Address
    ) throws(PoolError) -> (out: UInt256, after: SwapPool) {
        guard let i = tokens.firstIndex(of: token), let j = tokens.firstIndex(of: other), i != j else {
            throw .invalidState("\(address) does not trade \(token) for \(other)")
        }
        guard !amount.isZero else { return (.zero, self) }
        // Contracts take an int256; a pair's own reserves have less.
        guard amount.significantBits < 255 else { throw .math(.overflow) }
        var after = self
        switch state {
        case .pair(let pair):
            let out = try poolMath { () throws(MathError) in try pair.amountOut(amount, zeroForOne: i == 0) }
            guard amount.significantBits <= 112 else { throw .unreachable("a pair holds 112 bits") }
            after.state = .pair(try pair.swapped(amount, zeroForOne: i == 0))
            return (out, after)
        case .ticks(let pool):
            let swap = try pool.swap(.input(amount), zeroForOne: i == 0, limit: Self.end(zeroForOne: i == 0))
            guard swap.amountIn == amount else { throw .unreachable("the pool's liquidity ends before") }
            after.state = .ticks(swap.pool)
            return (swap.amountOut, after)
        case .coins(let pool):
            let exchange = try pool.exchange(amount, of: i, for: j)
            after.state = .coins(exchange.pool)
            return (exchange.amountOut, after)
        }
    }

    /// What an amount would bring at the price before it, without fee and slippage, down.
    public func fair(_ amount: UInt256, of token: Address, for other: Address) throws(PoolError) -> UInt256 {
        guard let i = tokens.firstIndex(of: token), let j = tokens.firstIndex(of: other), i != j else {
            throw .invalidState("\(address) does not trade \(token) for \(other)")
        }
        switch state {
        case .pair(let pair):
            let (here, there) = i == 0 ? (pair.reserve0, pair.reserve1) : (pair.reserve1, pair.reserve0)
            return try poolMath { () throws(MathError) in try UInt256.mulDiv(amount, there, here, .down) }
        case .ticks(let pool):
            let (price, unit) = (pool.sqrtPrice, UniswapV3.SqrtPriceMath.q96)
            let (over, under) = i == 0 ? (price, unit) : (unit, price)
            return try poolMath { () throws(MathError) in
                try UInt256.mulDiv(try UInt256.mulDiv(amount, over, under, .down), over, under, .down)
            }
        case .coins(let pool):
            let xp = try pool.scaledBalances()
            // Prices of scaled coins in coin 0.
            let prices = [UInt256.wad] + (try pool.prices(of: xp, invariant: try pool.invariant(of: xp)))
            return try poolMath { () throws(MathError) in
                let scaled = try UInt256.mulDiv(amount, pool.rates[i], pool.rates[j], .down)
                return try UInt256.mulDiv(scaled, prices[i], prices[j], .down)
            }
        }
    }

    /// The last price that a swap may end at.
    static func end(zeroForOne: Bool) -> UInt256 {
        zeroForOne
            ? UniswapV3.TickMath.minimumSqrtRatio &+ .one : UniswapV3.TickMath.maximumSqrtRatio &- .one
    }
}

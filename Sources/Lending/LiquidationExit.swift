public import Ethereum

/// A pool of constant product, from the side of a token that is sold into it.
///
/// Source of the formulas: Uniswap/v2-periphery `UniswapV2Library.sol` `getAmountOut`; the optimum follows from it.
public struct ExitPool: Hashable, Sendable {
    /// The pool.
    public var pool: Address
    /// The token that is sold.
    public var sold: Address
    /// The token that is bought.
    public var bought: Address
    /// The pool's reserve of what is sold.
    public var reserveIn: UInt256
    /// The pool's reserve of what is bought.
    public var reserveOut: UInt256
    /// The share of the input that is left after the pool's fee: 997.
    public var kept: UInt256
    /// What `kept` is a share of: 1000.
    public var whole: UInt256

    /// Makes a pool; the fee is Uniswap V2's by default.
    public init(
        pool: Address, sold: Address, bought: Address, reserveIn: UInt256, reserveOut: UInt256, kept: UInt256 = 997,
        whole: UInt256 = 1_000
    ) {
        self.pool = pool
        self.sold = sold
        self.bought = bought
        self.reserveIn = reserveIn
        self.reserveOut = reserveOut
        self.kept = kept
        self.whole = whole
    }

    /// What selling `amount` brings, down.
    ///
    /// - Throws: `.overflow`; `.divisionByZero` for an empty pool.
    public func out(_ amount: UInt256) throws(MathError) -> UInt256 {
        let put = try amount * kept
        return try UInt256.mulDiv(put, reserveOut, reserveIn * whole + put, .down)
    }

    /// The amount to sell that earns most where each unit costs `numerator` / `denominator` of what is bought, up.
    ///
    /// `(√(n·d·x·y·pd / pn) − x·d) / n`, and the best of it and its neighbours; zero where nothing earns.
    public func optimum(costing numerator: UInt256, over denominator: UInt256) throws(MathError) -> UInt256 {
        guard !numerator.isZero else { return .max }
        let product = try kept * whole * reserveIn * reserveOut
        let root = try UInt256.mulDiv(product, denominator, numerator, .down).squareRoot()
        let middle = try root.subtractingOrZero(reserveIn * whole).divided(by: kept, .down)
        var best = (amount: UInt256.zero, profit: UInt256.zero)
        for amount in [middle.subtractingOrZero(.one), middle, middle.addingOrMax(.one)] {
            let pay = try UInt256.mulDiv(amount, numerator, denominator, .up)
            let profit = try out(amount).subtractingOrZero(pay)
            if profit > best.profit { best = (amount, profit) }
        }
        return best.amount
    }

    /// The largest amount that is sold without a loss at that cost: the pool's depth for one block.
    public func breakEven(costing numerator: UInt256, over denominator: UInt256) throws(MathError) -> UInt256 {
        guard !numerator.isZero else { return .max }
        let gain = try UInt256.mulDiv(kept * reserveOut, denominator, numerator, .down)
        return try gain.subtractingOrZero(reserveIn * whole).divided(by: kept, .down)
    }

    /// The pool after `amount` was sold into it.
    public func after(_ amount: UInt256) throws(MathError) -> ExitPool {
        var pool = self
        pool.reserveIn = try reserveIn + amount
        pool.reserveOut = try reserveOut - out(amount)
        return pool
    }
}

/// How what a plan seizes is turned back into what it repaid.
public struct LiquidationExit: Hashable, Sendable {
    /// The pool, before the sale.
    public var pool: ExitPool
    /// What the sale brings at the pinned block, in the debt token's smallest units.
    public var expectedOut: UInt256
    /// How much worse the sale's price is than the pool's price before it, bps, up.
    public var priceImpactBps: Int
    /// The largest amount of the collateral that the pool takes without a loss at the plan's cost.
    public var depth: UInt256

    /// Sells what a plan of `steps` seizes.
    ///
    /// - Throws: where a number leaves 256 bits or the pool is empty.
    public init(_ pool: ExitPool, seize: UInt256, repay: UInt256) throws(MathError) {
        self.pool = pool
        expectedOut = try pool.out(seize)
        let fair = try UInt256.mulDiv(seize, pool.reserveOut, pool.reserveIn, .down)
        let loss = try UInt256.mulDiv(fair.subtractingOrZero(expectedOut), 10_000, fair, .up)
        priceImpactBps = Int(loss.asUInt64() ?? 10_000)
        depth = try pool.breakEven(costing: repay, over: seize)
    }
}

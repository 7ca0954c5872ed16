public import Ethereum
public import Pools

/// How what a plan seizes is turned back into what it repaid.
public struct LiquidationExit: Hashable, Sendable {
    /// Plans of one run that sell through the same pools.
    public struct Group: Hashable, Sendable {
        /// The smallest address of the pools that hang together.
        public var pool: Address
        /// When this one is executed, from one; `nil` for a plan that is another way to do it, sized alone.
        public var order: Int?
        /// What the plans before it sell of the same token through the group.
        public var soldBefore: UInt256

        /// Makes a member of a group.
        public init(pool: Address, order: Int?, soldBefore: UInt256) {
            self.pool = pool
            self.order = order
            self.soldBefore = soldBefore
        }
    }

    /// The way, before the sale.
    public var route: SwapRoute
    /// What the sale brings, in the debt token's smallest units.
    public var expectedOut: UInt256
    /// How much worse the sale's price is than the pools' prices before it, fees included, bps, up.
    public var priceImpactBps: Int
    /// How much of the collateral the way takes without a loss at the plan's cost.
    public var depth: SwapDepth
    /// Who else sells through its pools; `nil` where that was not asked.
    public var group: Group?

    /// Sells what a plan seizes for what it repays.
    ///
    /// - Throws: where the route does not take as much, or that is not known.
    public init(_ route: SwapRoute, seize: UInt256, repay: UInt256) throws(PoolError) {
        self.route = route
        expectedOut = try route.sell(seize).out
        let (fair, out) = (try route.fair(seize), expectedOut)
        (priceImpactBps, depth) = try poolMath { () throws(MathError) in
            let loss = try UInt256.mulDiv(fair.subtractingOrZero(out), 10_000, max(fair, .one), .up)
            return (Int(loss.asUInt64() ?? 10_000), route.depth(try SwapCost(repay, per: seize)))
        }
    }
}

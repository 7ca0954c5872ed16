import Ethereum
public import Pools

/// What was read of a pool.
public enum PoolState: Hashable, Sendable {
    /// A pair of Uniswap V2.
    case pair(UniswapV2.Pair)
    /// A pool of Uniswap V3 with the ticks around its price.
    case ticks(UniswapV3.Pool)
}

extension PoolState {
    /// What one whole unit of a pool's token is worth, for costs in whole units of that.
    public struct Worth: Hashable, Sendable {
        /// The worth of a whole token.
        public var price: ExactPrice
        /// The token's decimal places.
        public var decimals: Int

        /// Makes a worth.
        public init(_ price: ExactPrice, decimals: Int) {
            self.price = price
            self.decimals = decimals
        }

        /// What so many smallest units are worth, in whole units, rounded down.
        func of(_ raw: UInt256) throws(PoolError) -> UInt256 {
            let worth = self
            return try poolMath { () throws(MathError) in
                guard (0...77).contains(worth.decimals) else { throw .overflow }
                // Never a cost too high: down twice.
                let whole = try UInt256.mulDiv(
                    raw, worth.price.mantissa, UInt256.powerOfTen(worth.decimals), .down)
                return try whole.divided(by: UInt256.powerOfTen(worth.price.decimals), .down)
            }
        }
    }

    /// What it takes to push the price by a move.
    public func cost(of move: PoolMove) throws(PoolError) -> ManipulationCost {
        switch self {
        case .pair(let pair): try pair.cost(of: move)
        case .ticks(let pool): try pool.cost(of: move)
        }
    }

    /// The cost of a move as detectors take it, in whole units of what the tokens' worth is stated in.
    ///
    /// - Parameters:
    ///   - token0: what token0 is worth at an honest price.
    ///   - token1: what token1 is worth.
    ///   - plan: how the price is averaged, and how long it would be held; `nil` where it is read as it is in the block.
    ///     A pair's average is arithmetic.
    ///   - unit: what the worth is stated in.
    /// - Throws: ``PoolError`` where the pool has no such cost, or it reaches beyond what was read.
    public func attackCost(
        of move: PoolMove, token0: Worth, token1: Worth, held plan: HoldingPlan? = nil, unit: String = "USD"
    ) throws(PoolError) -> AttackCost {
        let one: ManipulationCost
        if let plan {
            one = try held(move, plan).displacement
        } else {
            one = try cost(of: move)
        }
        let worth = one.putsInToken0 ? token0 : token1
        let blocks = plan?.blocks ?? 0
        // In one transaction the push is taken back at once; over blocks others take it back.
        let loss = plan == nil ? one.lossReverted : max(one.lossArbitraged, one.lossReverted)
        let times = UInt256(UInt64(max(1, blocks)))
        let lost = try worth.of(try poolMath { () throws(MathError) in try loss * times })
        return AttackCost(moveBps: move.bps, capital: try worth.of(one.capital), lost: lost, blocks: blocks, unit: unit)
    }

    private func held(_ move: PoolMove, _ plan: HoldingPlan) throws(PoolError) -> HeldManipulationCost {
        switch self {
        case .ticks(let pool): return try pool.cost(of: move, plan)
        case .pair(let pair):
            let (over, under) = move.fraction
            let target = try poolMath { () throws(MathError) in
                try UInt256.mulDiv((pair.reserve1 << 112).dividedOrZero(by: pair.reserve0), over, under, .down)
            }
            return try pair.cost(toMean: target, plan)
        }
    }
}

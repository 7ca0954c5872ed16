public import Ethereum
import Lending
public import Pools

/// The pools of a network file at the pinned block, and what plans of one run have sold through them so far.
public struct ExitBook: Sendable {
    private let pools: [SwapPool]
    /// Tokens that a way may lead over.
    private let middles: Set<Address>
    /// Where pools stand after what was sold.
    private var states: [Address: SwapPool] = [:]
    private var sold: [Address: [Address: UInt256]] = [:]

    /// A book of pools of which nothing is sold yet.
    ///
    /// - Parameter middles: the native token and what is used as money; a way of two pools leads over one of them.
    public init(_ pools: [SwapPool], over middles: Set<Address>) {
        self.pools = pools
        self.middles = middles
    }

    /// Whether there is no pool at all.
    public var isEmpty: Bool { pools.isEmpty }

    /// The ways from one token to another, through the pools as they stand now.
    func routes(from token: Address, to other: Address) -> [SwapRoute] {
        SwapRoute.all(from: token, to: other, through: pools, over: middles).map { $0.through(states) }
    }

    /// The way that brings most for what a plan seizes; `nil` where none takes it.
    func best(for plan: LiquidationPlan) -> LiquidationExit? {
        // A share that was not redeemed is sold nowhere, and what costs nothing has nothing to cover.
        guard !plan.seize.isZero, !plan.repay.isZero, plan.seizeAsset == plan.pair.collateralAsset else { return nil }
        let asset = plan.pair.collateralAsset
        var best: (route: SwapRoute, out: UInt256)?
        for route in routes(from: asset, to: plan.pair.debtAsset) {
            do throws(PoolError) {
                let out = try route.sell(plan.seize).out
                if best.map({ out > $0.out }) ?? !out.isZero { best = (route, out) }
            } catch {
                continue  // it does not take as much, or what was read does not say
            }
        }
        guard let best else { return nil }
        do throws(PoolError) {
            return try LiquidationExit(best.route, seize: plan.seize, repay: plan.repay)
        } catch {
            return nil
        }
    }

    /// The amount to seize that earns most at a quote's cost, over all ways; `nil` where nothing earns.
    func optimum(of most: LiquidationQuote) -> UInt256? {
        guard most.seizeAsset == most.pair.collateralAsset, !most.repay.isZero else { return nil }
        var best: (amount: UInt256, profit: Int256)?
        do throws(MathError) {
            let cost = try SwapCost(most.repay, per: most.seize)
            for route in routes(from: most.pair.collateralAsset, to: most.pair.debtAsset) {
                let amount = route.optimum(cost, upTo: most.seize)
                guard !amount.isZero, let profit = route.profit(amount, cost) else { continue }
                if best.map({ profit > $0.profit }) ?? true { best = (amount, profit) }
            }
        } catch {
            return nil
        }
        return best?.amount
    }

    /// Sells what a plan seizes: whoever comes after finds the pools as they are then.
    ///
    /// - Returns: what was sold of the same token through the first of its pools before.
    mutating func sell(_ plan: LiquidationPlan) throws(PoolError) -> UInt256 {
        guard let exit = plan.exit, let first = exit.route.pools.first, let token = exit.route.tokens.first else {
            return .zero
        }
        let after = try exit.route.through(states).sell(plan.seize).after
        for pool in after.pools { states[pool.address] = pool }
        let before = sold[first.address]?[token] ?? .zero
        sold[first.address, default: [:]][token] = before.addingOrMax(plan.seize)
        return before
    }
}

public import Ethereum

/// A way from one token to another, through one pool or two.
public struct SwapRoute: Hashable, Sendable {
    /// The pools, in order; each differs from the others.
    public private(set) var pools: [SwapPool]
    /// The tokens on the way, one more than there are pools.
    public let tokens: [Address]

    /// Makes a route.
    ///
    /// - Throws: `.invalidState` where the pools do not lead from token to token.
    public init(_ pools: [SwapPool], tokens: [Address]) throws(PoolError) {
        guard !pools.isEmpty, tokens.count == pools.count + 1, Set(tokens).count == tokens.count,
            Set(pools.map(\.address)).count == pools.count,
            pools.indices.allSatisfy({
                pools[$0].tokens.contains(tokens[$0]) && pools[$0].tokens.contains(tokens[$0 + 1])
            })
        else { throw .invalidState("the pools do not lead from token to token") }
        self.pools = pools
        self.tokens = tokens
    }

    private init(pools: [SwapPool], tokens: [Address]) {
        self.pools = pools
        self.tokens = tokens
    }

    /// The most routes of one pair of tokens that are looked at.
    public static let most = 32

    /// Every way through these pools from one token to another: direct ones first, then two pools by way of a third
    /// token.
    ///
    /// - Parameter middles: the third tokens that are allowed.
    public static func all(
        from token: Address, to other: Address, through pools: [SwapPool], over middles: Set<Address>
    ) -> [SwapRoute] {
        var ways: [(pools: [SwapPool], tokens: [Address])] = pools.map { ([$0], [token, other]) }
        for first in pools where first.tokens.contains(token) {
            for middle in first.tokens where middle != token && middle != other && middles.contains(middle) {
                for second in pools where second.tokens.contains(middle) {
                    ways.append(([first, second], [token, middle, other]))
                }
            }
        }
        var routes: [SwapRoute] = []
        for way in ways where routes.count < most {
            do throws(PoolError) {
                let route = try SwapRoute(way.pools, tokens: way.tokens)
                routes.append(route)
            } catch {
                continue  // no way
            }
        }
        return routes
    }

    /// What selling `amount` of the first token brings of the last one, and the route afterwards.
    ///
    /// - Throws: as ``SwapPool/sell(_:of:for:)``.
    public func sell(_ amount: UInt256) throws(PoolError) -> (out: UInt256, after: SwapRoute) {
        var out = amount
        var after: [SwapPool] = []
        for (place, pool) in pools.enumerated() {
            let sale = try pool.sell(out, of: tokens[place], for: tokens[place + 1])
            out = sale.out
            after.append(sale.after)
        }
        return (out, SwapRoute(pools: after, tokens: tokens))
    }

    /// What an amount would bring at the prices before it, without fee and slippage, down.
    public func fair(_ amount: UInt256) throws(PoolError) -> UInt256 {
        var out = amount
        for place in pools.indices {
            out = try pools[place].fair(out, of: tokens[place], for: tokens[place + 1])
        }
        return out
    }

    /// The same way through other states of its pools; those that are not named stay.
    public func through(_ states: [Address: SwapPool]) -> SwapRoute {
        var route = self
        for place in pools.indices { route.pools[place] = states[pools[place].address] ?? pools[place] }
        return route
    }
}

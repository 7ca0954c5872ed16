public import Ethereum

extension SwapRoute {
    /// What selling `amount` earns beyond its cost; `nil` where the route does not take as much.
    public func profit(_ amount: UInt256, _ cost: SwapCost) -> Int256? {
        do throws(PoolError) {
            let out = try sell(amount).out
            let pay = try poolMath { () throws(MathError) in try cost.of(amount) }
            return Int256(isNegative: out < pay, magnitude: out.distance(to: pay))
        } catch {
            return nil
        }
    }

    /// The amount, up to `cap`, that earns most where each unit costs something; zero where nothing earns.
    ///
    /// One pool by its closed form or its marginal price, several by search over what is sold: what they bring is
    /// concave but for roundings. The place that was found, its neighbours and the cap are then tried with the pools'
    /// own integers.
    public func optimum(_ cost: SwapCost, upTo cap: UInt256) -> UInt256 {
        guard !cap.isZero else { return .zero }
        let middle = min(closedForm(cost) ?? peak(cost, upTo: cap), cap)
        var best = (amount: UInt256.zero, profit: Int256.zero)
        for amount in [middle.subtractingOrZero(.one), middle, min(middle.addingOrMax(.one), cap), cap] {
            if let profit = profit(amount, cost), profit > best.profit { best = (amount, profit) }
        }
        // Roundings make steps of the curve: as far as each next unit earns more.
        for _ in 0..<Self.mostSteps {
            let here = best.amount
            for amount in [here.subtractingOrZero(.one), min(here.addingOrMax(.one), cap)] {
                if let profit = profit(amount, cost), profit > best.profit { best = (amount, profit) }
            }
            if best.amount == here { break }
        }
        return best.amount
    }

    /// The most single units by which the best size is moved.
    private static let mostSteps = 32

    /// The largest amount that is sold without a loss: the route's depth for one block.
    public func depth(_ cost: SwapCost) -> SwapDepth {
        var low = optimum(cost, upTo: UInt256.mask(bits: 200))
        guard !low.isZero else { return SwapDepth(amount: .zero, isAtLeast: false) }
        var high = low
        repeat {
            low = high
            high = high << 1
        } while high.significantBits < 250 && (profit(high, cost).map { !$0.isNegative } ?? false)
        // Beyond the best size what is earned only falls.
        while high &- low > .one {
            let middle = low &+ (high &- low) >> 1
            if let profit = profit(middle, cost), !profit.isNegative { low = middle } else { high = middle }
        }
        return SwapDepth(amount: low, isAtLeast: profit(high, cost) == nil)
    }

    // MARK: Where the last unit earns nothing

    private func closedForm(_ cost: SwapCost) -> UInt256? {
        guard pools.count == 1, let pool = pools.first else { return nil }
        let isFirst = pool.tokens.first == tokens.first
        do throws(PoolError) {
            switch pool.state {
            case .pair(let pair): return try pair.optimum(cost, zeroForOne: isFirst)
            case .ticks(let pool): return try pool.optimum(cost, zeroForOne: isFirst)
            case .coins: return nil
            }
        } catch {
            return nil
        }
    }

    /// The top of a concave curve of integers.
    private func peak(_ cost: SwapCost, upTo cap: UInt256) -> UInt256 {
        var (low, high) = (UInt256.zero, cap)
        // What the route does not take is too much.
        while high > .one, profit(high, cost) == nil { high = high >> 1 }
        high = min(high << 1, cap)
        while high &- low > 2 {
            let third = (high &- low).dividedOrZero(by: 3)
            let (a, b) = (low &+ third, high &- third)
            guard let right = profit(b, cost), let left = profit(a, cost) else {
                high = b
                continue
            }
            if left < right { low = a } else { high = b }
        }
        return low.addingOrMax(.one)
    }
}

extension UniswapV2.Pair {
    /// `(√(n·d·x·y·pd / pn) − x·d) / n`: where the next unit brings less than it costs.
    ///
    /// Follows from UniswapV2Library.getAmountOut (Uniswap/v2-periphery).
    public func optimum(_ cost: SwapCost, zeroForOne: Bool) throws(PoolError) -> UInt256 {
        guard !cost.numerator.isZero else { return UInt256.mask(bits: 112) }
        let (x, y) = zeroForOne ? (reserve0, reserve1) : (reserve1, reserve0)
        let (kept, whole) = (keptNumerator, keptDenominator)
        return try poolMath { () throws(MathError) in
            let product = try kept * whole * x * y
            let root = try UInt256.mulDiv(product, cost.denominator, cost.numerator, .down).squareRoot()
            return try root.subtractingOrZero(x * whole).divided(by: kept, .down)
        }
    }
}

extension UniswapV3.Pool {
    /// What a swap takes until the pool's price after the fee is the cost: over however many ticks.
    ///
    /// - Throws: `.outsideWindow` where that lies beyond what was read.
    public func optimum(_ cost: SwapCost, zeroForOne: Bool) throws(PoolError) -> UInt256 {
        guard !cost.numerator.isZero else { throw .unreachable("it costs nothing") }
        let (millionth, kept) = (UInt256(1_000_000), UInt256(UInt64(1_000_000 - fee)))
        let limit = try poolMath { () throws(MathError) in
            let paid = try cost.numerator * millionth
            let left = try cost.denominator * kept
            return try zeroForOne ? Self.root(paid, over: left) : Self.root(left, over: paid)
        }
        let bounded = min(
            max(limit, UniswapV3.TickMath.minimumSqrtRatio &+ .one), UniswapV3.TickMath.maximumSqrtRatio &- .one)
        guard zeroForOne ? bounded < sqrtPrice : bounded > sqrtPrice else { return .zero }
        return try swap(.input(UInt256.mask(bits: 254)), zeroForOne: zeroForOne, limit: bounded).amountIn
    }

    /// `√(over / under) · 2^96`, as exactly as 256 bits allow.
    private static func root(_ over: UInt256, over under: UInt256) throws(MathError) -> UInt256 {
        // How much has to be left out so that the quotient fits.
        let excess = max(0, over.significantBits - under.significantBits + 193 - 256)
        let shift = (excess + 1) / 2
        let square = try UInt256.mulDiv(over, UInt256.one << (192 - 2 * shift), under, .down)
        return square.squareRoot() << shift
    }
}

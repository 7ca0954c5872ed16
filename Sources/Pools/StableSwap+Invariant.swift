public import Ethereum

extension StableSwap {
    private var count: UInt256 { UInt256(UInt64(balances.count)) }

    /// `get_D`: the pool's worth if all coins were equal.
    ///
    /// - Throws: `.noConvergence` after 255 rounds; `.math` where the contract reverts.
    public func invariant(of xp: [UInt256]) throws(PoolError) -> UInt256 {
        let (n, amplification, precision, generation) = (count, amplification, Self.precision, generation)
        var sum = UInt256.zero
        for x in xp { sum = try poolMath { () throws(MathError) in try sum + x } }
        guard !sum.isZero else { return .zero }
        var d = sum
        for _ in 0..<255 {
            let previous = d
            d = try poolMath { () throws(MathError) in
                let ann = try amplification * n
                var product = previous
                for x in xp {
                    product = try (try product * previous).divided(by: generation == .ng ? x : try x * n, .down)
                }
                if generation == .ng { product = try product.divided(by: try n.raised(to: UInt(xp.count)), .down) }
                let left = try (try ann * sum).divided(by: precision, .down)
                let right = try (try (try ann - precision) * previous).divided(by: precision, .down)
                let numerator = try (try left + (try product * n)) * previous
                return try numerator.divided(by: try right + (try (try n + .one) * product), .down)
            }
            if d.distance(to: previous) <= .one { return d }
        }
        throw .noConvergence
    }

    /// `get_y`: the scaled balance of coin `j` where that of coin `i` is `x`.
    public func balance(
        of j: Int, where i: Int, is x: UInt256, _ xp: [UInt256], invariant d: UInt256
    ) throws(PoolError) -> UInt256 {
        guard i != j, xp.indices.contains(i), xp.indices.contains(j) else { throw .invalidState("coins \(i), \(j)") }
        let (n, amplification, precision) = (count, amplification, Self.precision)
        let (b, c) = try poolMath { () throws(MathError) in
            let ann = try amplification * n
            var (sum, c) = (UInt256.zero, d)
            for (k, balance) in xp.enumerated() where k != j {
                let value = k == i ? x : balance
                sum = try sum + value
                c = try (try c * d).divided(by: try value * n, .down)
            }
            c = try (try (try c * d) * precision).divided(by: try ann * n, .down)
            return (try sum + (try (try d * precision).divided(by: ann, .down)), c)
        }
        var y = d
        for _ in 0..<255 {
            let previous = y
            y = try poolMath { () throws(MathError) in
                let numerator = try (try previous * previous) + c
                return try numerator.divided(by: try (try (try previous + previous) + b) - d, .down)
            }
            if y.distance(to: previous) <= .one { return y }
        }
        throw .noConvergence
    }

    /// `_get_p`: the marginal prices of coins 1… in coin 0, WAD, between scaled balances.
    ///
    /// For the price of whole coins multiply by rate and unit of the coin over those of coin 0.
    public func prices(of xp: [UInt256], invariant d: UInt256) throws(PoolError) -> [UInt256] {
        let (n, amplification, precision) = (count, amplification, Self.precision)
        return try poolMath { () throws(MathError) in
            let ann = try amplification * n
            var dr = try d.divided(by: try n.raised(to: UInt(xp.count)), .down)
            for x in xp {
                dr = try (try dr * d).divided(by: x, .down)
            }
            let weighted = try (try ann * xp[0]).divided(by: precision, .down)
            var prices: [UInt256] = []
            for x in xp.dropFirst() {
                let numerator = try weighted + (try (try dr * xp[0]).divided(by: x, .down))
                prices.append(try (try .wad * numerator).divided(by: try weighted + dr, .down))
            }
            return prices
        }
    }
}

public import Ethereum

/// Balancer's weighted pools, as far as a price is concerned: the power function of their swaps is not computed.
public enum WeightedPool {
    /// The spot price of what comes out in what goes in, WAD, without the fee: (Bi / Wi) / (Bo / Wo), rounded down.
    ///
    /// Source: the Balancer whitepaper's equation 2. Balances have to be at one scale (upscaled).
    ///
    /// - Throws: `.divisionByZero` for an empty balance or weight; `.overflow`.
    public static func spotPrice(
        balanceIn: UInt256, weightIn: UInt256, balanceOut: UInt256, weightOut: UInt256
    ) throws(MathError) -> UInt256 {
        let weight = try UInt256.mulDiv(weightOut, .wad, weightIn, .down)
        return try UInt256.mulDiv(balanceIn, weight, balanceOut, .down)
    }
}

public import Ethereum

extension CompoundV3.Math {
    /// The discount at which collateral is sold, 1e18: `storeFrontPriceFactor · (1 − liquidationFactor)`.
    ///
    /// - Throws: `.overflow` where a factor above one makes the contract revert.
    public static func discount(
        storeFrontPriceFactor: UInt256, liquidationFactor: UInt256, _ rules: CompoundV3.Rules
    ) throws(MathError) -> UInt256 {
        if rules.skipsZeroFactors, liquidationFactor.isZero { return .zero }
        return try mulFactor(storeFrontPriceFactor, factorScale - liquidationFactor)
    }

    /// The price at which one whole token is sold, 1e8: down.
    public static func discountedPrice(_ price: UInt256, discount: UInt256) throws(MathError) -> UInt256 {
        try mulFactor(price, factorScale - discount)
    }

    /// `quoteCollateral`: what `baseAmount` buys, in the collateral's smallest units; two divisions, both down.
    ///
    /// - Parameter discounted: the price after the discount.
    public static func quote(
        baseAmount: UInt256, basePrice: UInt256, baseScale: UInt256, discounted: UInt256, scale: UInt256
    ) throws(MathError) -> UInt256 {
        try (basePrice * baseAmount * scale).divided(by: discounted, .down).divided(by: baseScale, .down)
    }

    /// The largest amount of base that buys no more than `reserves`: `((r + 1) · baseScale · discounted − 1) /
    /// (basePrice · scale)`, down.
    public static func largestPurchase(
        of reserves: UInt256, basePrice: UInt256, baseScale: UInt256, discounted: UInt256, scale: UInt256
    ) throws(MathError) -> UInt256 {
        try ((reserves + 1) * baseScale * discounted - 1).divided(by: basePrice * scale, .down)
    }

    /// What `absorb` makes of an account.
    public struct Absorption: Hashable, Sendable {
        /// Σ value · liquidation factor, 1e8 of the market's currency.
        public var credit: UInt256
        /// What the account has afterwards, in base: zero, or the surplus as a supply.
        public var newBalance: UInt256
        /// Its principal afterwards.
        public var newPrincipal: Int256
        /// What the reserves pay, in base.
        public var basePaidOut: UInt256
    }

    /// `absorbInternal`, from the values of what is seized, each with its liquidation factor.
    ///
    /// - Parameter totals: with interest accrued.
    public static func absorb(
        principal: Int256, seized: [(value: UInt256, liquidationFactor: UInt256)], basePrice: UInt256,
        baseScale: UInt256, _ totals: CompoundV3.Totals
    ) throws(MathError) -> Absorption {
        let old = try presentValue(principal, totals)
        var credit = UInt256.zero
        for part in seized { try credit += mulFactor(part.value, part.liquidationFactor) }
        let new = try old + signed(divPrice(credit, basePrice, scale: baseScale))
        let balance = new.isNegative ? Int256.zero : new
        return try Absorption(
            credit: credit, newBalance: balance.magnitude, newPrincipal: principalValue(balance, totals),
            basePaidOut: (balance - old).magnitude)
    }
}

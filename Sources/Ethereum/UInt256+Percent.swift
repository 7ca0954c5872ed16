/// Aave's `PercentageMath` on basis points (10,000 is a whole): each function throws exactly where the contract
/// reverts.
///
/// Source: aave-dao/aave-v3-origin `PercentageMath.sol`.
extension UInt256 {
    /// `(value · bps + 5,000) / 10,000`: a part of the value, half up.
    ///
    /// - Throws: `.overflow`.
    @inlinable
    public static func percentMul(_ value: UInt256, _ bps: UInt256) throws(MathError) -> UInt256 {
        try FixedPoint.divideByPercentageFactor(value * bps + 5_000).quotient
    }

    /// `value · bps / 10,000`: a part of the value, down.
    ///
    /// - Throws: `.overflow`.
    @inlinable
    public static func percentMulFloor(_ value: UInt256, _ bps: UInt256) throws(MathError) -> UInt256 {
        try FixedPoint.divideByPercentageFactor(value * bps).quotient
    }

    /// `⌈value · bps / 10,000⌉`: a part of the value, up.
    ///
    /// - Throws: `.overflow`.
    @inlinable
    public static func percentMulCeil(_ value: UInt256, _ bps: UInt256) throws(MathError) -> UInt256 {
        let (quotient, isExact) = try FixedPoint.divideByPercentageFactor(value * bps)
        return isExact ? quotient : quotient &+ .one
    }

    /// `(value · 10,000 + bps / 2) / bps`: the whole that the value is a part of, half up.
    ///
    /// - Throws: `.divisionByZero`; `.overflow`.
    @inlinable
    public static func percentDiv(_ value: UInt256, _ bps: UInt256) throws(MathError) -> UInt256 {
        try halfUp(value, scale: FixedPoint.percentageFactor, bps)
    }

    /// `value · 10,000 / bps`: the whole that the value is a part of, down.
    ///
    /// - Throws: `.divisionByZero`; `.overflow`.
    @inlinable
    public static func percentDivFloor(_ value: UInt256, _ bps: UInt256) throws(MathError) -> UInt256 {
        try scaled(value, FixedPoint.percentageFactor, bps, .down)
    }

    /// `⌈value · 10,000 / bps⌉`: the whole that the value is a part of, up.
    ///
    /// - Throws: `.divisionByZero`; `.overflow`.
    @inlinable
    public static func percentDivCeil(_ value: UInt256, _ bps: UInt256) throws(MathError) -> UInt256 {
        try scaled(value, FixedPoint.percentageFactor, bps, .up)
    }
}

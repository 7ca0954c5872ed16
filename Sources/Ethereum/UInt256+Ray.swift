/// Aave's `WadRayMath`: each function throws exactly where the contract reverts, which is where an intermediate result
/// leaves 256 bits, even if the quotient would fit.
///
/// Source: aave-dao/aave-v3-origin `WadRayMath.sol`.
extension UInt256 {
    /// 10^27, the scale of indexes and rates.
    @inlinable public static var ray: UInt256 { FixedPoint.ray }
    /// 10^18, the scale of most tokens and of the health factor.
    @inlinable public static var wad: UInt256 { FixedPoint.wad }

    /// `(a · b + 10^27 / 2) / 10^27`: the product of two rays, half up.
    ///
    /// - Throws: `.overflow`.
    @inlinable
    public static func rayMul(_ a: UInt256, _ b: UInt256) throws(MathError) -> UInt256 {
        try FixedPoint.divideByRay(a * b + FixedPoint.halfRay).quotient
    }

    /// `a · b / 10^27`: the product of two rays, down.
    ///
    /// - Throws: `.overflow`.
    @inlinable
    public static func rayMulFloor(_ a: UInt256, _ b: UInt256) throws(MathError) -> UInt256 {
        try FixedPoint.divideByRay(a * b).quotient
    }

    /// `⌈a · b / 10^27⌉`: the product of two rays, up.
    ///
    /// - Throws: `.overflow`.
    @inlinable
    public static func rayMulCeil(_ a: UInt256, _ b: UInt256) throws(MathError) -> UInt256 {
        let (quotient, isExact) = try FixedPoint.divideByRay(a * b)
        return isExact ? quotient : quotient &+ .one
    }

    /// `(a · 10^27 + b / 2) / b`: the quotient of two rays, half up.
    ///
    /// - Throws: `.divisionByZero`; `.overflow`.
    @inlinable
    public static func rayDiv(_ a: UInt256, _ b: UInt256) throws(MathError) -> UInt256 {
        try halfUp(a, scale: FixedPoint.ray, b)
    }

    /// `a · 10^27 / b`: the quotient of two rays, down.
    ///
    /// - Throws: `.divisionByZero`; `.overflow`.
    @inlinable
    public static func rayDivFloor(_ a: UInt256, _ b: UInt256) throws(MathError) -> UInt256 {
        try scaled(a, FixedPoint.ray, b, .down)
    }

    /// `⌈a · 10^27 / b⌉`: the quotient of two rays, up.
    ///
    /// - Throws: `.divisionByZero`; `.overflow`.
    @inlinable
    public static func rayDivCeil(_ a: UInt256, _ b: UInt256) throws(MathError) -> UInt256 {
        try scaled(a, FixedPoint.ray, b, .up)
    }

    /// `(a · b + 10^18 / 2) / 10^18`: the product of two wads, half up.
    ///
    /// - Throws: `.overflow`.
    @inlinable
    public static func wadMul(_ a: UInt256, _ b: UInt256) throws(MathError) -> UInt256 {
        try FixedPoint.divideByWad(a * b + FixedPoint.halfWad).quotient
    }

    /// `a · b / 10^18`: the product of two wads, down.
    ///
    /// - Throws: `.overflow`.
    @inlinable
    public static func wadMulFloor(_ a: UInt256, _ b: UInt256) throws(MathError) -> UInt256 {
        try FixedPoint.divideByWad(a * b).quotient
    }

    /// `⌈a · b / 10^18⌉`: the product of two wads, up.
    ///
    /// - Throws: `.overflow`.
    @inlinable
    public static func wadMulCeil(_ a: UInt256, _ b: UInt256) throws(MathError) -> UInt256 {
        let (quotient, isExact) = try FixedPoint.divideByWad(a * b)
        return isExact ? quotient : quotient &+ .one
    }

    /// `(a · 10^18 + b / 2) / b`: the quotient of two wads, half up.
    ///
    /// - Throws: `.divisionByZero`; `.overflow`.
    @inlinable
    public static func wadDiv(_ a: UInt256, _ b: UInt256) throws(MathError) -> UInt256 {
        try halfUp(a, scale: FixedPoint.wad, b)
    }

    /// `a · 10^18 / b`: the quotient of two wads, down.
    ///
    /// - Throws: `.divisionByZero`; `.overflow`.
    @inlinable
    public static func wadDivFloor(_ a: UInt256, _ b: UInt256) throws(MathError) -> UInt256 {
        try scaled(a, FixedPoint.wad, b, .down)
    }

    /// `⌈a · 10^18 / b⌉`: the quotient of two wads, up.
    ///
    /// - Throws: `.divisionByZero`; `.overflow`.
    @inlinable
    public static func wadDivCeil(_ a: UInt256, _ b: UInt256) throws(MathError) -> UInt256 {
        try scaled(a, FixedPoint.wad, b, .up)
    }

    /// A ray as a wad, half up: `(a + 10^9 / 2) / 10^9` without the sum's overflow.
    @inlinable
    public static func rayToWad(_ a: UInt256) -> UInt256 {
        let (quotient, remainder) = a.dividedUnchecked(by: 1_000_000_000)
        return remainder >= 500_000_000 ? quotient &+ .one : quotient
    }

    /// A wad as a ray: `a · 10^9`.
    ///
    /// - Throws: `.overflow`.
    @inlinable
    public static func wadToRay(_ a: UInt256) throws(MathError) -> UInt256 {
        try a * 1_000_000_000
    }

    /// `(a · scale + b / 2) / b`, every step within 256 bits.
    @inlinable
    static func halfUp(_ a: UInt256, scale: UInt256, _ b: UInt256) throws(MathError) -> UInt256 {
        guard !b.isZero else { throw .divisionByZero }
        return try (a * scale + (b >> 1)).dividedUnchecked(by: b).quotient
    }

    /// `a · scale / b` with a product within 256 bits.
    @inlinable
    static func scaled(
        _ a: UInt256, _ scale: UInt256, _ b: UInt256, _ rounding: Rounding
    ) throws(MathError) -> UInt256 {
        guard !b.isZero else { throw .divisionByZero }
        return try (a * scale).divided(by: b, rounding)
    }
}

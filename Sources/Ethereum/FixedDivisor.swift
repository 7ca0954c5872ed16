/// A divisor that many numbers are divided by, with what makes that cheap: a token's `10^decimals`.
///
/// Numbers below 2^128 are multiplied by a reciprocal, larger ones divided as usual; the quotients are the same.
///
/// Source: Granlund and Montgomery, "Division by invariant integers using multiplication" (1994), theorem 4.2: for
/// n < 2^N, 2^l ≥ d and m = ⌈2^(N+l) / d⌉ the quotient ⌊n / d⌋ is ⌊n · m / 2^(N+l)⌋. The factors of two are shifted
/// away
/// first, which leaves fewer bits of dividend, so that m fits 128 bits.
@frozen
public struct FixedDivisor: Hashable, Sendable {
    /// The divisor.
    public let divisor: UInt256
    /// ⌈2^(128 + `after`) / odd part of the divisor⌉.
    @usableFromInline let multiplier: UInt128
    /// Factors of two in the divisor; 0 where only ordinary division applies.
    @usableFromInline let before: UInt128
    /// What is shifted away after the multiplication, beside 128 bits.
    @usableFromInline let after: UInt128

    /// Prepares a divisor. Zero is taken, and every division by it throws.
    public init(_ divisor: UInt256) {
        self.divisor = divisor
        let twos = divisor.trailingZeroBitCount
        let odd = divisor >> twos
        // Powers of two, odd numbers and numbers of three or four words are divided as usual.
        guard twos > 0, divisor.high == 0, !odd.isZero, odd != .one else {
            (multiplier, before, after) = (0, 0, 0)
            return
        }
        let shift = Swift.max(odd.significantBits - twos, 0)
        let (quotient, remainder) = (UInt256.one << (128 + shift)).dividedUnchecked(by: odd)
        multiplier = (remainder.isZero ? quotient : quotient &+ .one).low
        before = UInt128(truncatingIfNeeded: twos)
        after = UInt128(truncatingIfNeeded: shift)
    }

    /// The quotient, rounded down.
    ///
    /// - Throws: `.divisionByZero`.
    @inlinable
    public func quotient(of value: UInt256) throws(MathError) -> UInt256 {
        guard value.high == 0, before != 0 else {
            return try value.quotientAndRemainder(dividingBy: divisor).quotient
        }
        return UInt256(UInt256.product(value.low &>> before, multiplier).high &>> after)
    }

    /// The quotient, rounded up.
    ///
    /// - Throws: `.divisionByZero`.
    @inlinable
    public func quotientUp(of value: UInt256) throws(MathError) -> UInt256 {
        let quotient = try quotient(of: value)
        // The product is not above the value, so it cannot wrap.
        return quotient &* divisor == value ? quotient : quotient &+ .one
    }
}

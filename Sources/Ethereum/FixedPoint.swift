/// A scale that fixed-point numbers are divided by, with the reciprocal of its divisor known beforehand.
@usableFromInline
enum FixedPoint {
    /// 10^27.
    @inlinable static var ray: UInt256 { 1_000_000_000_000_000_000_000_000_000 }
    /// 10^27 / 2.
    @inlinable static var halfRay: UInt256 { 500_000_000_000_000_000_000_000_000 }
    /// 10^18.
    @inlinable static var wad: UInt256 { 1_000_000_000_000_000_000 }
    /// 10^18 / 2.
    @inlinable static var halfWad: UInt256 { 500_000_000_000_000_000 }
    /// 10^4: basis points in a whole.
    @inlinable static var percentageFactor: UInt256 { 10_000 }

    /// Divides by 10^27 = 2^26 · (2 · 5^27): a shift, then three steps by the one word 2 · 5^27, whose top bit is set.
    @inlinable
    static func divideByRay(_ value: UInt256) -> (quotient: UInt256, isExact: Bool) {
        let reciprocal = Reciprocal(divisor: 0xCECB_8F27_F420_0F3A, value: 0x3CE9_A36F_23C0_FC90)
        // Three words and the 38 bits above them, which are less than the divisor.
        let high = value.high &>> 26
        let low = value.low &>> 26 | value.high &<< 102
        var (q2, q1, q0): (UInt64, UInt64, UInt64) = (0, 0, 0)
        // Each step waits for the one before: those whose quotient is known to be zero are left out.
        var rest = high.word0
        if high >= UInt128(reciprocal.divisor) {
            (q2, rest) = reciprocal.divide(high.word1, high.word0)
        }
        (q1, rest) = reciprocal.divide(rest, low.word1)
        (q0, rest) = reciprocal.divide(rest, low.word0)
        let isExact = rest == 0 && value.low & 0x3FF_FFFF == 0
        return (UInt256(high: UInt128(truncatingIfNeeded: q2), low: UInt128(word1: q1, word0: q0)), isExact)
    }

    /// Divides by 10^18.
    @inlinable
    static func divideByWad(_ value: UInt256) -> (quotient: UInt256, isExact: Bool) {
        divide(value, by: Reciprocal(divisor: 0xDE0B_6B3A_7640_0000, value: 0x2725_DD1D_243A_BA0E), shift: 4)
    }

    /// Divides by 10^4.
    @inlinable
    static func divideByPercentageFactor(_ value: UInt256) -> (quotient: UInt256, isExact: Bool) {
        divide(value, by: Reciprocal(divisor: 0x9C40_0000_0000_0000, value: 0xA36E_2EB1_C432_CA57), shift: 50)
    }

    /// Divides by one word, both sides shifted until the divisor's top bit is set.
    @inlinable
    static func divide(
        _ value: UInt256, by reciprocal: Reciprocal, shift: UInt128
    ) -> (quotient: UInt256, isExact: Bool) {
        let high = value.high &<< shift | value.low &>> (128 &- shift)
        let low = value.low &<< shift
        var (q3, q2, q1, q0): (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var rest = high.word0
        if value.high &>> 64 != 0 || high >= UInt128(reciprocal.divisor) {
            (q3, rest) = reciprocal.divide((value.high &>> (128 &- shift)).word0, high.word1)
            (q2, rest) = reciprocal.divide(rest, high.word0)
        }
        (q1, rest) = reciprocal.divide(rest, low.word1)
        (q0, rest) = reciprocal.divide(rest, low.word0)
        return (UInt256(words: q0, q1, q2, q3), rest == 0)
    }
}

/// A normalised 64-bit divisor with its reciprocal, so that dividing two words by it takes two multiplications.
///
/// Source: Möller and Granlund, "Improved division by invariant integers", IEEE Transactions on Computers 60 (2011),
/// algorithms 4 (two words by one) and 5 (three by two).
@frozen
@usableFromInline
struct Reciprocal: Sendable {
    /// The divisor; its top bit is set.
    @usableFromInline let divisor: UInt64
    /// ⌊(2^128 − 1) / divisor⌋ − 2^64.
    @usableFromInline let value: UInt64

    /// Pairs a divisor with a reciprocal computed elsewhere.
    @inlinable
    init(divisor: UInt64, value: UInt64) {
        self.divisor = divisor
        self.value = value
    }

    /// Computes the reciprocal of a divisor whose top bit is set.
    @inlinable
    init(of divisor: UInt64) {
        self.divisor = divisor
        self.value = divisor.dividingFullWidth((~divisor, .max)).quotient
    }

    /// Divides `high · 2^64 + low` by the divisor, where `high` is less than it.
    @inlinable
    @inline(__always)
    func divide(_ high: UInt64, _ low: UInt64) -> (quotient: UInt64, remainder: UInt64) {
        let q = UInt128.product(value, high) &+ UInt128(word1: high, word0: low)
        var quotient = q.word1 &+ 1
        var remainder = low &- quotient &* divisor
        if remainder > q.word0 {
            quotient &-= 1
            remainder &+= divisor
        }
        if remainder >= divisor {
            quotient &+= 1
            remainder &-= divisor
        }
        return (quotient, remainder)
    }
}

/// A normalised 128-bit divisor with its reciprocal: the leading words of a Knuth division.
@frozen
@usableFromInline
struct DoubleReciprocal: Sendable {
    /// The divisor; its top bit is set.
    @usableFromInline let divisor: UInt128
    /// ⌊(2^192 − 1) / divisor⌋ − 2^64.
    @usableFromInline let value: UInt64

    /// Computes the reciprocal of a divisor whose top bit is set.
    @inlinable
    init(of divisor: UInt128) {
        let (d1, d0) = (divisor.word1, divisor.word0)
        var v = Reciprocal(of: d1).value
        var p = d1 &* v &+ d0
        if p < d0 {
            v &-= 1
            if p >= d1 {
                v &-= 1
                p &-= d1
            }
            p &-= d1
        }
        let t = UInt128.product(v, d0)
        p &+= t.word1
        if p < t.word1 {
            v &-= 1
            if UInt128(word1: p, word0: t.word0) >= divisor {
                v &-= 1
            }
        }
        self.divisor = divisor
        self.value = v
    }

    /// Divides `high · 2^64 + low` by the divisor, where `high` is less than it.
    @inlinable
    func divide(_ high: UInt128, _ low: UInt64) -> (quotient: UInt64, remainder: UInt128) {
        let q = UInt128.product(value, high.word1) &+ high
        let partial = high.word0 &- q.word1 &* divisor.word1
        let t = UInt128.product(divisor.word0, q.word1)
        var remainder = UInt128(word1: partial, word0: low) &- t &- divisor
        var quotient = q.word1 &+ 1
        if remainder.word1 >= q.word0 {
            quotient &-= 1
            remainder &+= divisor
        }
        if remainder >= divisor {
            quotient &+= 1
            remainder &-= divisor
        }
        return (quotient, remainder)
    }
}

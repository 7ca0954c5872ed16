extension UInt256 {
    /// The quotient, rounded down, with what is left.
    ///
    /// - Throws: `.divisionByZero`.
    @inlinable
    public func quotientAndRemainder(
        dividingBy divisor: UInt256
    ) throws(MathError) -> (quotient: UInt256, remainder: UInt256) {
        guard !divisor.isZero else { throw .divisionByZero }
        guard self >= divisor else { return (.zero, self) }
        return dividedUnchecked(by: divisor)
    }

    /// The quotient in the given direction.
    ///
    /// - Throws: `.divisionByZero`.
    @inlinable
    public func divided(by divisor: UInt256, _ rounding: Rounding) throws(MathError) -> UInt256 {
        let (quotient, remainder) = try quotientAndRemainder(dividingBy: divisor)
        return try quotient.rounded(rounding, remainder: remainder, divisor: divisor)
    }

    /// What is left of a division.
    ///
    /// - Throws: `.divisionByZero`.
    @inlinable
    public static func % (a: UInt256, b: UInt256) throws(MathError) -> UInt256 {
        try a.quotientAndRemainder(dividingBy: b).remainder
    }

    /// `a · b / d` with a product of 512 bits.
    ///
    /// - Throws: `.divisionByZero`; `.overflow` where the rounded quotient does not fit 256 bits.
    @inlinable
    public static func mulDiv(
        _ a: UInt256, _ b: UInt256, _ d: UInt256, _ rounding: Rounding
    ) throws(MathError) -> UInt256 {
        guard !d.isZero else { throw .divisionByZero }
        let quotient: UInt256
        let remainder: UInt256
        if a.high == 0 && b.high == 0 {
            (quotient, remainder) = product(a.low, b.low).dividedUnchecked(by: d)
        } else {
            let (high, low) = a.multipliedFullWidth(by: b)
            guard high < d else { throw .overflow }
            (quotient, remainder) =
                high.isZero ? low.dividedUnchecked(by: d) : divideWide(high: high, low: low, by: d)
        }
        return try quotient.rounded(rounding, remainder: remainder, divisor: d)
    }

    /// Adjusts a floored quotient by what its division left.
    @inlinable
    func rounded(_ rounding: Rounding, remainder: UInt256, divisor: UInt256) throws(MathError) -> UInt256 {
        switch rounding {
        case .down: return self
        case .up: guard !remainder.isZero else { return self }
        case .halfUp: guard remainder >= divisor &- remainder else { return self }
        }
        return try self + .one
    }

    /// Divides by a divisor that is known not to be zero.
    @usableFromInline
    func dividedUnchecked(by divisor: UInt256) -> (quotient: UInt256, remainder: UInt256) {
        guard divisor.high == 0 else {
            // The quotient has at most two words: skip the steps that would yield zeros.
            guard self >= divisor else { return (.zero, self) }
            return UInt256.divideLong(high: .zero, low: self, by: divisor, steps: divisor.word3 == 0 ? 2 : 1)
        }
        if high == 0 && divisor.low.word1 == 0 && low.word1 < divisor.low.word0 {
            // Two words by one with a quotient of one word: the processor's own division.
            let (quotient, remainder) = divisor.low.word0.dividingFullWidth((low.word1, low.word0))
            return (UInt256(quotient), UInt256(remainder))
        }
        return UInt256.divideWide(high: .zero, low: self, by: divisor)
    }

    /// Divides `high · 2^256 + low` by a divisor larger than `high`, so that the quotient fits.
    @usableFromInline
    static func divideWide(
        high: UInt256, low: UInt256, by divisor: UInt256
    ) -> (quotient: UInt256, remainder: UInt256) {
        guard divisor.high == 0 else { return divideLong(high: high, low: low, by: divisor, steps: 4) }
        guard divisor.low.word1 == 0 else { return divideByTwoWords(high: high.low, low: low, by: divisor.low) }
        return divideByWord(high: high.word0, low: low, by: divisor.word0)
    }

    /// Divides five words by one; `high` is less than the divisor.
    @usableFromInline
    static func divideByWord(
        high: UInt64, low: UInt256, by divisor: UInt64
    ) -> (quotient: UInt256, remainder: UInt256) {
        let shift = divisor.leadingZeroBitCount
        let reciprocal = Reciprocal(of: divisor &<< UInt64(truncatingIfNeeded: shift))
        let shifted = low << shift
        var rest = (UInt128(word1: high, word0: low.word3) &<< UInt128(truncatingIfNeeded: shift)).word1
        var (q3, q2): (UInt64, UInt64) = (0, 0)
        // Most dividends have no high words; a step is a long chain of dependent products.
        if rest != 0 || shifted.word3 >= reciprocal.divisor {
            (q3, rest) = reciprocal.divide(rest, shifted.word3)
        } else {
            rest = shifted.word3
        }
        if rest != 0 || shifted.word2 >= reciprocal.divisor {
            (q2, rest) = reciprocal.divide(rest, shifted.word2)
        } else {
            rest = shifted.word2
        }
        let (q1, q0): (UInt64, UInt64)
        (q1, rest) = reciprocal.divide(rest, shifted.word1)
        (q0, rest) = reciprocal.divide(rest, shifted.word0)
        return (UInt256(words: q0, q1, q2, q3), UInt256(rest &>> UInt64(truncatingIfNeeded: shift)))
    }

    /// Divides six words by two; `high` is less than the divisor.
    @usableFromInline
    static func divideByTwoWords(
        high: UInt128, low: UInt256, by divisor: UInt128
    ) -> (quotient: UInt256, remainder: UInt256) {
        let shift = divisor.leadingZeroBitCount
        let reciprocal = DoubleReciprocal(of: divisor &<< UInt128(truncatingIfNeeded: shift))
        let shifted = low << shift
        var rest = (UInt256(high: high, low: low.high) << shift).high
        var (q3, q2): (UInt64, UInt64) = (0, 0)
        if rest == 0 && shifted.high < reciprocal.divisor {
            rest = shifted.high
        } else {
            (q3, rest) = reciprocal.divide(rest, shifted.word3)
            (q2, rest) = reciprocal.divide(rest, shifted.word2)
        }
        let (q1, q0): (UInt64, UInt64)
        (q1, rest) = reciprocal.divide(rest, shifted.word1)
        (q0, rest) = reciprocal.divide(rest, shifted.word0)
        return (UInt256(words: q0, q1, q2, q3), UInt256(rest &>> UInt128(truncatingIfNeeded: shift)))
    }

    /// Knuth's algorithm D for divisors above 128 bits, both sides shifted until the divisor's top bit is set.
    ///
    /// `steps` is how many quotient words may differ from zero; `high` is less than the divisor.
    @usableFromInline
    static func divideLong(
        high: UInt256, low: UInt256, by divisor: UInt256, steps: Int
    ) -> (quotient: UInt256, remainder: UInt256) {
        let shift = 256 &- divisor.significantBits
        let normalised = divisor << shift
        let reciprocal = DoubleReciprocal(of: normalised.high)
        var pending = low << shift
        var rest = (high << shift) | (low >> (256 &- shift))
        if steps < 4 {
            let skipped = 256 &- 64 &* steps
            rest = (rest << skipped) | (pending >> (64 &* steps))
            pending = pending << skipped
        }
        var quotient = UInt256.zero
        for _ in 0..<steps {
            let word: UInt64
            (word, rest) = divideStep(rest, pending.word3, by: normalised, reciprocal)
            quotient = UInt256(words: word, quotient.word0, quotient.word1, quotient.word2)
            pending = UInt256(words: 0, pending.word0, pending.word1, pending.word2)
        }
        return (quotient, rest >> shift)
    }

    /// One quotient word: divides `rest · 2^64 + next` by a normalised divisor larger than `rest`.
    @inlinable
    static func divideStep(
        _ rest: UInt256, _ next: UInt64, by divisor: UInt256, _ reciprocal: DoubleReciprocal
    ) -> (quotient: UInt64, remainder: UInt256) {
        let tail = UInt128(word1: rest.word0, word0: next)
        guard rest.high < reciprocal.divisor else {
            // The leading words are equal, so the quotient word is 2^64 − 1: rest·2^64 + next − (2^64 − 1)·divisor.
            let shifted = UInt256(words: next, rest.word0, rest.word1, rest.word2)
            let product = UInt256(words: 0, divisor.word0, divisor.word1, divisor.word2)
            return (.max, shifted &- product &+ divisor)
        }
        var (quotient, lead) = reciprocal.divide(rest.high, rest.word1)
        let p0 = UInt128.product(quotient, divisor.word0)
        let p1 = UInt128.product(quotient, divisor.word1, plus: p0.word1, plus: 0)
        let subtrahend = UInt256(words: p0.word0, p1.word0, p1.word1, 0)
        var (remainder, borrow) = UInt256(high: lead, low: tail).subtractingReportingOverflow(subtrahend)
        if borrow {
            quotient &-= 1
            remainder = remainder &+ divisor
        }
        return (quotient, remainder)
    }
}

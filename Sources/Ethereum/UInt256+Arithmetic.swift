extension UInt256 {
    /// The sum modulo 2^256, with whether it did not fit.
    @inlinable
    public func addingReportingOverflow(_ other: UInt256) -> (partialValue: UInt256, overflow: Bool) {
        let (low, carry) = low.addingReportingOverflow(other.low)
        let (high, over) = high.addingReportingOverflow(other.high)
        let (carried, overAgain) = high.addingReportingOverflow(carry ? 1 : 0)
        return (UInt256(high: carried, low: low), over || overAgain)
    }

    /// The difference modulo 2^256, with whether it was below zero.
    @inlinable
    public func subtractingReportingOverflow(_ other: UInt256) -> (partialValue: UInt256, overflow: Bool) {
        let (low, borrow) = low.subtractingReportingOverflow(other.low)
        let (high, over) = high.subtractingReportingOverflow(other.high)
        let (borrowed, overAgain) = high.subtractingReportingOverflow(borrow ? 1 : 0)
        return (UInt256(high: borrowed, low: low), over || overAgain)
    }

    /// The product modulo 2^256, with whether it did not fit.
    @inlinable
    public func multipliedReportingOverflow(by other: UInt256) -> (partialValue: UInt256, overflow: Bool) {
        if high == 0 && other.high == 0 {
            return (UInt256.product(low, other.low), false)
        }
        let (high, low) = multipliedFullWidth(by: other)
        return (low, !high.isZero)
    }

    /// The exact 512-bit product.
    @inlinable
    public func multipliedFullWidth(by other: UInt256) -> (high: UInt256, low: UInt256) {
        let low = UInt256.product(low, other.low)
        let high = UInt256.product(high, other.high)
        let (middle, first) = UInt256.product(self.low, other.high)
            .addingReportingOverflow(UInt256.product(self.high, other.low))
        // middle · 2^128 straddles the halves.
        let (sum, carry) = low.high.addingReportingOverflow(middle.low)
        let carried = UInt256(high: first ? 1 : 0, low: middle.high)
        return (
            high &+ carried &+ (carry ? UInt256.one : UInt256.zero),
            UInt256(high: sum, low: low.low)
        )
    }

    /// The exact product of two halves.
    @inlinable
    static func product(_ a: UInt128, _ b: UInt128) -> UInt256 {
        let p00 = UInt128.product(a.word0, b.word0)
        let p01 = UInt128.product(a.word0, b.word1, plus: p00.word1, plus: 0)
        let p10 = UInt128.product(a.word1, b.word0, plus: p01.word0, plus: 0)
        let p11 = UInt128.product(a.word1, b.word1, plus: p01.word1, plus: p10.word1)
        return UInt256(high: p11, low: UInt128(word1: p10.word0, word0: p00.word0))
    }

    /// The sum.
    ///
    /// - Throws: `.overflow` where it reaches 2^256.
    @inlinable
    public static func + (a: UInt256, b: UInt256) throws(MathError) -> UInt256 {
        let (sum, overflow) = a.addingReportingOverflow(b)
        guard !overflow else { throw .overflow }
        return sum
    }

    /// The difference.
    ///
    /// - Throws: `.overflow` where it is below zero.
    @inlinable
    public static func - (a: UInt256, b: UInt256) throws(MathError) -> UInt256 {
        let (difference, overflow) = a.subtractingReportingOverflow(b)
        guard !overflow else { throw .overflow }
        return difference
    }

    /// The product.
    ///
    /// - Throws: `.overflow` where it reaches 2^256.
    @inlinable
    public static func * (a: UInt256, b: UInt256) throws(MathError) -> UInt256 {
        let (product, overflow) = a.multipliedReportingOverflow(by: b)
        guard !overflow else { throw .overflow }
        return product
    }

    /// Adds in place.
    ///
    /// - Throws: `.overflow` where the sum reaches 2^256; the left side is then unchanged.
    @inlinable
    public static func += (a: inout UInt256, b: UInt256) throws(MathError) {
        a = try a + b
    }

    /// Subtracts in place.
    ///
    /// - Throws: `.overflow` where the difference is below zero; the left side is then unchanged.
    @inlinable
    public static func -= (a: inout UInt256, b: UInt256) throws(MathError) {
        a = try a - b
    }

    /// The sum modulo 2^256.
    @inlinable
    public static func &+ (a: UInt256, b: UInt256) -> UInt256 {
        let (low, carry) = a.low.addingReportingOverflow(b.low)
        return UInt256(high: a.high &+ b.high &+ (carry ? 1 : 0), low: low)
    }

    /// The difference modulo 2^256.
    @inlinable
    public static func &- (a: UInt256, b: UInt256) -> UInt256 {
        let (low, borrow) = a.low.subtractingReportingOverflow(b.low)
        return UInt256(high: a.high &- b.high &- (borrow ? 1 : 0), low: low)
    }

    /// The product modulo 2^256.
    @inlinable
    public static func &* (a: UInt256, b: UInt256) -> UInt256 {
        let product = product(a.low, b.low)
        return UInt256(high: product.high &+ a.low &* b.high &+ a.high &* b.low, low: product.low)
    }

    /// The difference where it is positive, and zero otherwise: for quantities that the contract floors at zero.
    @inlinable
    public func subtractingOrZero(_ other: UInt256) -> UInt256 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? .zero : difference
    }

    /// The sum, or the largest number where it leaves 256 bits.
    @inlinable
    public func addingOrMax(_ other: UInt256) -> UInt256 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    /// The distance between two numbers, whichever is larger.
    @inlinable
    public func distance(to other: UInt256) -> UInt256 {
        self < other ? other &- self : self &- other
    }
}

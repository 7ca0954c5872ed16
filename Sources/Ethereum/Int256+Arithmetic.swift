extension Int256 {
    /// The sum.
    ///
    /// - Throws: `.overflow` where it does not fit.
    @inlinable
    public static func + (a: Int256, b: Int256) throws(MathError) -> Int256 {
        let sum = a &+ b
        // Only numbers of one sign can leave the range, and then the sign turns.
        guard a.isNegative != b.isNegative || sum.isNegative == a.isNegative else { throw .overflow }
        return sum
    }

    /// The difference.
    ///
    /// - Throws: `.overflow` where it does not fit.
    @inlinable
    public static func - (a: Int256, b: Int256) throws(MathError) -> Int256 {
        let difference = a &- b
        guard a.isNegative == b.isNegative || difference.isNegative == a.isNegative else { throw .overflow }
        return difference
    }

    /// The product.
    ///
    /// - Throws: `.overflow` where it does not fit.
    @inlinable
    public static func * (a: Int256, b: Int256) throws(MathError) -> Int256 {
        let isNegative = a.isNegative != b.isNegative
        guard let product = Int256(isNegative: isNegative, magnitude: try a.magnitude * b.magnitude) else {
            throw .overflow
        }
        return product
    }

    /// The opposite number.
    ///
    /// - Throws: `.overflow` for −2^255.
    @inlinable
    public static prefix func - (value: Int256) throws(MathError) -> Int256 {
        try .zero - value
    }

    /// The sum modulo 2^256.
    @inlinable
    public static func &+ (a: Int256, b: Int256) -> Int256 { Int256(bits: a.bits &+ b.bits) }

    /// The difference modulo 2^256.
    @inlinable
    public static func &- (a: Int256, b: Int256) -> Int256 { Int256(bits: a.bits &- b.bits) }

    /// The quotient towards zero and what is left, which has the sign of the dividend: Solidity's `/` and `%`.
    ///
    /// - Throws: `.divisionByZero`; `.overflow` for −2^255 / −1.
    @inlinable
    public func quotientAndRemainder(
        dividingBy divisor: Int256
    ) throws(MathError) -> (quotient: Int256, remainder: Int256) {
        let (quotient, remainder) = try magnitude.quotientAndRemainder(dividingBy: divisor.magnitude)
        guard let signed = Int256(isNegative: isNegative != divisor.isNegative, magnitude: quotient) else {
            throw .overflow
        }
        return (signed, Int256(bits: isNegative ? .zero &- remainder : remainder))
    }

    /// Sums an unsigned number and a signed change.
    ///
    /// - Throws: `.overflow` where the sum is below zero or above 2^256 − 1.
    @inlinable
    public static func + (a: UInt256, b: Int256) throws(MathError) -> UInt256 {
        b.isNegative ? try a - b.magnitude : try a + b.magnitude
    }

    /// Parses an optional "-" and decimal digits; `nil` where the text is anything else or does not fit.
    public init?(decimal text: some StringProtocol) {
        let isNegative = text.utf8.first == 0x2D
        guard let magnitude = UInt256(decimal: isNegative ? text.dropFirst() : text.dropFirst(0)) else { return nil }
        self.init(isNegative: isNegative, magnitude: magnitude)
    }

    /// The 32 bytes of the two's complement.
    public var bigEndianBytes: [UInt8] { bits.bigEndianBytes }
}

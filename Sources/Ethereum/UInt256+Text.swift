extension UInt256 {
    /// Parses decimal digits, at least one and nothing else, leading zeros allowed; `nil` otherwise or where too large.
    public init?(decimal text: some StringProtocol) {
        var value = UInt256.zero
        var chunk: UInt64 = 0
        var scale: UInt64 = 1
        var isEmpty = true
        // A copy, so that the loop is not generic.
        for byte in Array(text.utf8) {
            let digit = byte &- 0x30
            guard digit < 10 else { return nil }
            isEmpty = false
            chunk = chunk &* 10 &+ UInt64(digit)
            scale &*= 10
            if scale == UInt256.tenToThe19 {
                guard let next = value.appending(chunk, scale: scale) else { return nil }
                value = next
                chunk = 0
                scale = 1
            }
        }
        guard !isEmpty, let last = value.appending(chunk, scale: scale) else { return nil }
        self = last
    }

    /// Parses hex digits of either case, at least one, with or without "0x", leading zeros allowed; `nil` otherwise.
    public init?(hex text: some StringProtocol) {
        var value = UInt256.zero
        var digits = 0
        var prefix = 0
        for byte in Array(text.utf8) {
            if prefix == 0, byte == 0x30 {
                // The first zero may begin "0x".
                prefix = 1
                digits = 1
                continue
            }
            if prefix == 1, digits == 1, byte == 0x78 || byte == 0x58 {
                prefix = 2
                digits = 0
                continue
            }
            prefix = 2
            guard let nibble = Hex.nibble(byte), value.high &>> 124 == 0 else { return nil }
            value = (value << 4) | UInt256(UInt64(nibble))
            digits &+= 1
        }
        guard digits > 0 else { return nil }
        self = value
    }

    /// The number in hex with "0x" and no leading zeros, as JSON-RPC writes quantities.
    public var hex: String {
        Hex.quantity(self)
    }

    /// 10^n.
    ///
    /// - Throws: `.overflow` where n is negative or above 77.
    public static func powerOfTen(_ n: Int) throws(MathError) -> UInt256 {
        guard n >= 0, n <= 77 else { throw .overflow }
        var value = UInt256.one
        var left = n
        while left >= 19 {
            value = value &* UInt256(tenToThe19)
            left -= 19
        }
        while left > 0 {
            value = value &* 10
            left -= 1
        }
        return value
    }

    /// The largest power of ten that fits one word.
    @usableFromInline static let tenToThe19: UInt64 = 10_000_000_000_000_000_000

    /// `self · scale + chunk`, or `nil` where it does not fit.
    private func appending(_ chunk: UInt64, scale: UInt64) -> UInt256? {
        let (product, overflow) = multipliedReportingOverflow(by: UInt256(scale))
        let (sum, carry) = product.addingReportingOverflow(UInt256(chunk))
        return overflow || carry ? nil : sum
    }

    /// The decimal digits in ASCII, most significant first.
    func decimalDigits() -> [UInt8] {
        var digits: [UInt8] = []
        digits.reserveCapacity(78)
        var rest = self
        repeat {
            let (quotient, chunk) = rest.dividedUnchecked(by: UInt256(UInt256.tenToThe19))
            var word = chunk.word0
            let isLast = quotient.isZero
            var count = 0
            while isLast ? word > 0 : count < 19 {
                digits.append(0x30 + UInt8(truncatingIfNeeded: word % 10))
                word /= 10
                count += 1
            }
            rest = quotient
        } while !rest.isZero
        if digits.isEmpty { digits.append(0x30) }
        digits.reverse()
        return digits
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension UInt256: CustomStringConvertible, LosslessStringConvertible {
    /// The decimal digits.
    public var description: String { String(decoding: decimalDigits(), as: UTF8.self) }

    public init?(_ description: String) { self.init(decimal: description) }
}

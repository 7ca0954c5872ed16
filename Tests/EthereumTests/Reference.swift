import Ethereum

/// A natural number of any size, computed the slow way of the schoolbook: digits of 16 bits, lowest first, division
/// bit by bit.
///
/// It shares no code and no idea with `UInt256`, which is measured against it.
struct Reference: Equatable {
    var digits: [UInt32]

    init(digits: [UInt32]) {
        self.digits = digits
        while self.digits.last == 0 { self.digits.removeLast() }
    }

    init(_ value: UInt256) {
        let bytes = value.bigEndianBytes
        self.init(
            digits: stride(from: 30, through: 0, by: -2).map { UInt32(bytes[$0]) << 8 | UInt32(bytes[$0 + 1]) })
    }

    static let two256 = Reference(digits: Array(repeating: 0, count: 16) + [1])

    /// The number where it fits, otherwise an overflow.
    var outcome: Result<UInt256, MathError> {
        guard digits.count <= 16 else { return .failure(.overflow) }
        let bytes = digits.reversed().flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        return UInt256(bigEndian: bytes).map { .success($0) } ?? .failure(.overflow)
    }

    var fits: Bool { digits.count <= 16 }

    private func digit(_ index: Int) -> UInt32 { index < digits.count ? digits[index] : 0 }

    static func < (a: Reference, b: Reference) -> Bool {
        guard a.digits.count == b.digits.count else { return a.digits.count < b.digits.count }
        for index in a.digits.indices.reversed() where a.digits[index] != b.digits[index] {
            return a.digits[index] < b.digits[index]
        }
        return false
    }

    static func + (a: Reference, b: Reference) -> Reference {
        var sum: [UInt32] = []
        var carry: UInt32 = 0
        for index in 0...max(a.digits.count, b.digits.count) {
            carry += a.digit(index) + b.digit(index)
            sum.append(carry & 0xFFFF)
            carry >>= 16
        }
        return Reference(digits: sum)
    }

    /// The difference, or `nil` where it is below zero.
    static func - (a: Reference, b: Reference) -> Reference? {
        guard !(a < b) else { return nil }
        var difference: [UInt32] = []
        var borrow: UInt32 = 0
        for index in a.digits.indices {
            let subtrahend = b.digit(index) + borrow
            borrow = a.digits[index] < subtrahend ? 1 : 0
            difference.append(a.digits[index] + (borrow << 16) - subtrahend)
        }
        return Reference(digits: difference)
    }

    static func * (a: Reference, b: Reference) -> Reference {
        var product = [UInt32](repeating: 0, count: a.digits.count + b.digits.count + 1)
        for (i, x) in a.digits.enumerated() {
            var carry: UInt32 = 0
            for (j, y) in b.digits.enumerated() {
                carry += product[i + j]
                // 65535² + 2·65535 fits 32 bits.
                carry += x * y
                product[i + j] = carry & 0xFFFF
                carry >>= 16
            }
            product[i + b.digits.count] += carry
        }
        return Reference(digits: product)
    }

    /// Quotient and remainder, one bit at a time.
    static func / (a: Reference, b: Reference) -> (quotient: Reference, remainder: Reference) {
        var quotient = [UInt32](repeating: 0, count: a.digits.count)
        var remainder = Reference(digits: [])
        for index in a.digits.indices.reversed() {
            for bit in stride(from: 15, through: 0, by: -1) {
                remainder = remainder + remainder
                if a.digits[index] >> UInt32(bit) & 1 == 1 { remainder = remainder + Reference(digits: [1]) }
                if let less = remainder - b {
                    remainder = less
                    quotient[index] |= 1 << UInt32(bit)
                }
            }
        }
        return (Reference(digits: quotient), remainder)
    }

    func divided(by divisor: Reference, _ rounding: Rounding) -> Reference {
        let (quotient, remainder) = self / divisor
        let raise =
            switch rounding {
            case .down: false
            case .up: !remainder.digits.isEmpty
            case .halfUp: !(remainder + remainder < divisor)
            }
        return raise ? quotient + Reference(digits: [1]) : quotient
    }
}

/// A signed integer of 256 bits in two's complement, as Solidity's `int256`.
@frozen
public struct Int256: Hashable, Sendable {
    /// The two's complement as an unsigned word.
    public var bits: UInt256

    /// Reads a word as two's complement.
    @inlinable
    public init(bits: UInt256) {
        self.bits = bits
    }

    /// Makes a small number.
    @inlinable
    public init(_ value: Int64) {
        let half = UInt128(truncatingIfNeeded: value)
        self.init(bits: UInt256(high: value < 0 ? .max : 0, low: half))
    }

    /// Makes `−magnitude` or `magnitude`, or `nil` where it does not fit.
    @inlinable
    public init?(isNegative: Bool, magnitude: UInt256) {
        if isNegative {
            guard magnitude <= Int256.min.bits else { return nil }
            self.init(bits: .zero &- magnitude)
        } else {
            guard magnitude <= Int256.max.bits else { return nil }
            self.init(bits: magnitude)
        }
    }

    /// Makes the same number, or `nil` where it is 2^255 or more.
    @inlinable
    public init?(exactly value: UInt256) {
        self.init(isNegative: false, magnitude: value)
    }

    /// Zero.
    @inlinable public static var zero: Int256 { Int256(bits: .zero) }
    /// 2^255 − 1.
    @inlinable public static var max: Int256 { Int256(bits: UInt256(high: .max >> 1, low: .max)) }
    /// −2^255.
    @inlinable public static var min: Int256 { Int256(bits: UInt256(high: 1 << 127, low: 0)) }

    /// Whether the number is below zero.
    @inlinable public var isNegative: Bool { bits.high &>> 127 == 1 }

    /// Whether the number is zero.
    @inlinable public var isZero: Bool { bits.isZero }

    /// The distance from zero, which always fits a word.
    @inlinable public var magnitude: UInt256 { isNegative ? .zero &- bits : bits }

    /// The number where it is not negative, otherwise `nil`.
    @inlinable
    public func asUInt256() -> UInt256? {
        isNegative ? nil : bits
    }

    /// The number where it fits 64 bits, otherwise `nil`.
    @inlinable
    public func asInt64() -> Int64? {
        let value = Int64(truncatingIfNeeded: bits.low)
        return Int256(value) == self ? value : nil
    }

    /// The nearest `Double`, for ranking and drawing only.
    public var double: Double { isNegative ? -magnitude.double : magnitude.double }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Int256: Comparable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    @inlinable
    public static func < (a: Int256, b: Int256) -> Bool {
        (a.bits ^ min.bits) < (b.bits ^ min.bits)
    }

    @inlinable
    public init(integerLiteral value: Int64) { self.init(value) }

    public var description: String { (isNegative ? "-" : "") + magnitude.description }
}

/// An unsigned integer of 256 bits, the EVM's word: two stored halves, no heap.
///
/// `+`, `-` and `*` throw where the result does not fit, as Solidity 0.8 reverts; `&+`, `&-` and `&*` wrap, as the
/// EVM does.
@frozen
public struct UInt256: Sendable {
    /// Bits 0 to 127.
    public var low: UInt128
    /// Bits 128 to 255.
    public var high: UInt128

    /// Makes `high · 2^128 + low`.
    @inlinable
    public init(high: UInt128, low: UInt128) {
        self.low = low
        self.high = high
    }

    /// Makes a small number.
    @inlinable
    public init(_ value: UInt64) {
        self.init(high: 0, low: UInt128(value))
    }

    /// Makes a number of up to 128 bits.
    @inlinable
    public init(_ value: UInt128) {
        self.init(high: 0, low: value)
    }

    /// Zero.
    @inlinable public static var zero: UInt256 { UInt256(high: 0, low: 0) }
    /// One.
    @inlinable public static var one: UInt256 { UInt256(high: 0, low: 1) }
    /// 2^256 − 1.
    @inlinable public static var max: UInt256 { UInt256(high: .max, low: .max) }

    /// Whether the number is zero.
    @inlinable public var isZero: Bool { low == 0 && high == 0 }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension UInt256: ExpressibleByIntegerLiteral {
    /// A literal may have up to 128 bits; a larger one, like a negative one, does not compile.
    @inlinable
    public init(integerLiteral value: UInt128) {
        self.init(high: 0, low: value)
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension UInt256: Hashable, Comparable {
    @inlinable
    public static func == (a: UInt256, b: UInt256) -> Bool {
        a.low == b.low && a.high == b.high
    }

    @inlinable
    public static func < (a: UInt256, b: UInt256) -> Bool {
        a.high == b.high ? a.low < b.low : a.high < b.high
    }

    @inlinable
    public func hash(into hasher: inout Hasher) {
        hasher.combine(low)
        hasher.combine(high)
    }
}

extension UInt256 {
    /// How many bits the number needs: the position of its highest set bit plus one; zero needs none.
    @inlinable public var significantBits: Int {
        high == 0 ? 128 - low.leadingZeroBitCount : 256 - high.leadingZeroBitCount
    }

    /// How many bits below the lowest set one are clear; 256 for zero.
    @inlinable public var trailingZeroBitCount: Int {
        low == 0 ? 128 + high.trailingZeroBitCount : low.trailingZeroBitCount
    }

    /// How many bits are set.
    @inlinable public var nonzeroBitCount: Int { low.nonzeroBitCount + high.nonzeroBitCount }

    /// Whether the bit at a position is set; positions outside 0 to 255 hold no set bit.
    @inlinable public subscript(bit position: Int) -> Bool {
        guard position >= 0, position < 256 else { return false }
        return position < 128
            ? (low &>> UInt128(truncatingIfNeeded: position)) & 1 == 1
            : (high &>> UInt128(truncatingIfNeeded: position &- 128)) & 1 == 1
    }

    /// The `count` bits that begin at `position`, as a number: how packed storage words are read.
    @inlinable
    public func bits(_ position: Int, count: Int) -> UInt256 {
        guard count > 0 else { return .zero }
        let shifted = self >> position
        return count >= 256 ? shifted : shifted & UInt256.mask(bits: count)
    }

    /// 2^count − 1: the number whose lowest `count` bits are set.
    @inlinable
    public static func mask(bits count: Int) -> UInt256 {
        count >= 256 ? .max : (UInt256.one << count) &- .one
    }

    /// Shifts towards the high bits; what leaves the word is lost, and a negative count shifts the other way.
    @inlinable
    public static func << (value: UInt256, count: Int) -> UInt256 {
        if count <= 0 {
            return count == 0 ? value : value >> (0 &- Swift.max(count, -256))
        }
        if count >= 128 {
            return count >= 256 ? .zero : UInt256(high: value.low &<< UInt128(truncatingIfNeeded: count &- 128), low: 0)
        }
        let n = UInt128(truncatingIfNeeded: count)
        return UInt256(high: (value.high &<< n) | (value.low &>> (128 &- n)), low: value.low &<< n)
    }

    /// Shifts towards the low bits, rounding down; a negative count shifts the other way.
    @inlinable
    public static func >> (value: UInt256, count: Int) -> UInt256 {
        if count <= 0 {
            return count == 0 ? value : value << (0 &- Swift.max(count, -256))
        }
        if count >= 128 {
            return count >= 256
                ? .zero : UInt256(high: 0, low: value.high &>> UInt128(truncatingIfNeeded: count &- 128))
        }
        let n = UInt128(truncatingIfNeeded: count)
        return UInt256(high: value.high &>> n, low: (value.low &>> n) | (value.high &<< (128 &- n)))
    }

    /// Bits set in both.
    @inlinable
    public static func & (a: UInt256, b: UInt256) -> UInt256 {
        UInt256(high: a.high & b.high, low: a.low & b.low)
    }

    /// Bits set in either.
    @inlinable
    public static func | (a: UInt256, b: UInt256) -> UInt256 {
        UInt256(high: a.high | b.high, low: a.low | b.low)
    }

    /// Bits set in exactly one.
    @inlinable
    public static func ^ (a: UInt256, b: UInt256) -> UInt256 {
        UInt256(high: a.high ^ b.high, low: a.low ^ b.low)
    }

    /// The complement: 2^256 − 1 − value.
    @inlinable
    public static prefix func ~ (value: UInt256) -> UInt256 {
        UInt256(high: ~value.high, low: ~value.low)
    }
}

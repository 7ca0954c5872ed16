extension UInt128 {
    /// Bits 0 to 63.
    @inlinable var word0: UInt64 { UInt64(truncatingIfNeeded: self) }
    /// Bits 64 to 127.
    @inlinable var word1: UInt64 { UInt64(truncatingIfNeeded: self &>> 64) }

    /// Makes `high · 2^64 + low`.
    @inlinable
    init(word1 high: UInt64, word0 low: UInt64) {
        self = (UInt128(truncatingIfNeeded: high) &<< 64) | UInt128(truncatingIfNeeded: low)
    }

    /// The exact product of two words.
    @inlinable
    static func product(_ a: UInt64, _ b: UInt64) -> UInt128 {
        UInt128(truncatingIfNeeded: a) &* UInt128(truncatingIfNeeded: b)
    }

    /// `a · b + c + d`, which always fits: (2^64 − 1)² + 2·(2^64 − 1) = 2^128 − 1.
    @inlinable
    static func product(_ a: UInt64, _ b: UInt64, plus c: UInt64, plus d: UInt64) -> UInt128 {
        product(a, b) &+ UInt128(truncatingIfNeeded: c) &+ UInt128(truncatingIfNeeded: d)
    }
}

extension UInt256 {
    /// Makes a number from four 64-bit words, the least significant first.
    @inlinable
    public init(words w0: UInt64, _ w1: UInt64, _ w2: UInt64, _ w3: UInt64) {
        self.init(high: UInt128(word1: w3, word0: w2), low: UInt128(word1: w1, word0: w0))
    }

    /// Bits 0 to 63.
    @inlinable public var word0: UInt64 { low.word0 }
    /// Bits 64 to 127.
    @inlinable public var word1: UInt64 { low.word1 }
    /// Bits 128 to 191.
    @inlinable public var word2: UInt64 { high.word0 }
    /// Bits 192 to 255.
    @inlinable public var word3: UInt64 { high.word1 }
}

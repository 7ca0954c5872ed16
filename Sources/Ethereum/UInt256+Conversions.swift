extension UInt256 {
    /// Makes the same number, or `nil` where it is negative or above 2^256 − 1.
    public init?(exactly value: some BinaryInteger) {
        guard value >= 0 else { return nil }
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        for (index, word) in value.words.enumerated() {
            let word = UInt64(word)
            switch index {
            case 0: words.0 = word
            case 1: words.1 = word
            case 2: words.2 = word
            case 3: words.3 = word
            default: guard word == 0 else { return nil }
            }
        }
        self.init(words: words.0, words.1, words.2, words.3)
    }

    /// The number where it fits 64 bits, otherwise `nil`.
    @inlinable
    public func asUInt64() -> UInt64? {
        high == 0 && low.word1 == 0 ? low.word0 : nil
    }

    /// The number where it fits 128 bits, otherwise `nil`.
    @inlinable
    public func asUInt128() -> UInt128? {
        high == 0 ? low : nil
    }

    /// The number where it fits `Int`, otherwise `nil`.
    @inlinable
    public func asInt() -> Int? {
        high == 0 && low <= UInt128(Int.max) ? Int(truncatingIfNeeded: low) : nil
    }

    /// The nearest `Double`, for ranking and drawing only: it never goes back into a number.
    public var double: Double {
        Double(high) * 0x1p128 + Double(low)
    }

    /// Reads big-endian bytes, at most 32 of them (fewer leave the high bits clear), otherwise `nil`.
    public init?(bigEndian bytes: some Collection<UInt8>) {
        guard bytes.count <= 32 else { return nil }
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        for byte in bytes {
            words.3 = words.3 &<< 8 | words.2 &>> 56
            words.2 = words.2 &<< 8 | words.1 &>> 56
            words.1 = words.1 &<< 8 | words.0 &>> 56
            words.0 = words.0 &<< 8 | UInt64(byte)
        }
        self.init(words: words.0, words.1, words.2, words.3)
    }

    /// Reads the 32 big-endian bytes at an offset, or `nil` where the span ends before them.
    @inlinable
    public init?(bigEndian bytes: borrowing Span<UInt8>, at offset: Int) {
        guard offset >= 0, bytes.count >= 32, offset <= bytes.count &- 32 else { return nil }
        // SAFETY: the guard keeps all 32 bytes inside the span, and every bit pattern is a valid integer.
        let raw = unsafe bytes.bytes
        let (w3, w2, w1, w0) = unsafe (
            raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self),
            raw.unsafeLoadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self),
            raw.unsafeLoadUnaligned(fromByteOffset: offset &+ 16, as: UInt64.self),
            raw.unsafeLoadUnaligned(fromByteOffset: offset &+ 24, as: UInt64.self)
        )
        self.init(words: w0.byteSwapped, w1.byteSwapped, w2.byteSwapped, w3.byteSwapped)
    }

    /// The 32 bytes of the EVM's word.
    public var bigEndianBytes: [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }

    /// Appends the 32 big-endian bytes.
    @inlinable
    public func append(to bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count &+ 32)
        word3.append(to: &bytes)
        word2.append(to: &bytes)
        word1.append(to: &bytes)
        word0.append(to: &bytes)
    }

    /// Overwrites 32 bytes at an offset that the array holds.
    public func write(into bytes: inout [UInt8], at offset: Int) {
        word3.write(into: &bytes, at: offset)
        word2.write(into: &bytes, at: offset + 8)
        word1.write(into: &bytes, at: offset + 16)
        word0.write(into: &bytes, at: offset + 24)
    }

    /// The big-endian bytes without leading zeros: nothing for zero.
    public var minimalBigEndianBytes: [UInt8] {
        Array(bigEndianBytes.suffix((significantBits + 7) / 8))
    }
}

extension UInt64 {
    /// Appends the 8 big-endian bytes.
    @inlinable
    func append(to bytes: inout [UInt8]) {
        var shift = UInt64(64)
        while shift > 0 {
            shift &-= 8
            bytes.append(UInt8(truncatingIfNeeded: self &>> shift))
        }
    }

    /// Overwrites 8 bytes at an offset that the array holds.
    @inlinable
    func write(into bytes: inout [UInt8], at offset: Int) {
        for index in 0..<8 {
            bytes[offset + index] = UInt8(truncatingIfNeeded: self &>> UInt64(56 - 8 * index))
        }
    }
}

extension Span<UInt8> {
    /// The eight bytes from `offset`, the first of them lowest; all must be inside.
    @inline(__always)
    func word(_ offset: Int) -> UInt64 {
        // SAFETY: the load checks its bounds, bytes have no padding, and every bit pattern is a UInt64.
        unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// The text of `range` decoded as UTF-8; bytes that are not are replaced.
    func text(_ range: Range<Int>) -> String {
        String(decoding: array(range), as: UTF8.self)
    }

    /// A copy of the bytes of `range`.
    func array(_ range: Range<Int>) -> [UInt8] {
        var copy: [UInt8] = []
        copy.reserveCapacity(range.count)
        for offset in range { copy.append(self[offset]) }
        return copy
    }
}

/// Eight equal bytes.
@inline(__always)
func eightTimes(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

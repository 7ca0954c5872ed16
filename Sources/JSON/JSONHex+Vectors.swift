/// Sixteen digits at a time, in vectors that every processor of 64 bits has. Swift leaves only the operators on named
/// vector types to single instructions, so every constant and every intermediate value has its type written out.
extension JSONHex {
    typealias Vector = SIMD16<UInt8>

    /// Every byte 0xFF: what `valid` begins as.
    @inline(__always)
    static var allValid: Vector { Vector(repeating: 0xFF) }

    @inline(__always)
    private static func bits(_ mask: SIMDMask<SIMD16<Int8>>) -> Vector {
        // SAFETY: a mask of sixteen lanes is sixteen bytes, 0x00 or 0xFF each.
        unsafe unsafeBitCast(mask, to: Vector.self)
    }

    /// The eight bytes that sixteen digits spell, the first of them lowest; clears `valid` where a byte is no digit.
    @inline(__always)
    static func eightBytes(_ digits: Vector, _ valid: inout Vector) -> UInt64 {
        let zero: Vector = Vector(repeating: 0x30)
        let fold: Vector = Vector(repeating: 0x20)
        let a: Vector = Vector(repeating: 0x61)
        let six: Vector = Vector(repeating: 6)
        let ten: Vector = Vector(repeating: 10)
        let decimal: Vector = digits &- zero
        let letter: Vector = (digits | fold) &- a
        let isDecimal: Vector = bits(decimal .< ten)
        let isLetter: Vector = bits(letter .< six)
        valid = valid & (isDecimal | isLetter)
        let nibbles: Vector = (decimal & isDecimal) | ((letter &+ ten) & isLetter)
        // SAFETY: the same sixteen bytes, read as eight numbers of two: the first digit of each pair is the low byte.
        let pairs: SIMD8<UInt16> = unsafe unsafeBitCast(nibbles, to: SIMD8<UInt16>.self)
        let four: SIMD8<UInt16> = SIMD8<UInt16>(repeating: 4)
        let eight: SIMD8<UInt16> = SIMD8<UInt16>(repeating: 8)
        let joined: SIMD8<UInt16> = (pairs &<< four) | (pairs &>> eight)
        // SAFETY: eight bytes, read as one number.
        return unsafe UInt64(littleEndian: unsafeBitCast(lowBytes(joined), to: UInt64.self))
    }

    /// Lane by lane, which becomes one instruction; the initialiser that truncates stays a call.
    @inline(__always)
    private static func lowBytes(_ lanes: SIMD8<UInt16>) -> SIMD8<UInt8> {
        SIMD8<UInt8>(
            UInt8(truncatingIfNeeded: lanes[0]), UInt8(truncatingIfNeeded: lanes[1]),
            UInt8(truncatingIfNeeded: lanes[2]), UInt8(truncatingIfNeeded: lanes[3]),
            UInt8(truncatingIfNeeded: lanes[4]), UInt8(truncatingIfNeeded: lanes[5]),
            UInt8(truncatingIfNeeded: lanes[6]), UInt8(truncatingIfNeeded: lanes[7]))
    }

    /// Which bytes are ASCII from 0x20 on and neither a quote nor a backslash.
    @inline(__always)
    static func plain(_ bytes: Vector) -> Vector {
        let space: Vector = Vector(repeating: 0x20)
        let printable: Vector = Vector(repeating: 0x60)
        let quote: Vector = Vector(repeating: UInt8(ascii: "\""))
        let backslash: Vector = Vector(repeating: UInt8(ascii: "\\"))
        return bits((bytes &- space) .< printable) & bits(bytes .!= quote) & bits(bytes .!= backslash)
    }

    /// How many bytes from the first on are still valid, 0 to 16.
    @inline(__always)
    static func prefix(_ valid: Vector) -> Int {
        // SAFETY: sixteen bytes, read as two numbers of eight.
        let words: SIMD2<UInt64> = unsafe unsafeBitCast(valid, to: SIMD2<UInt64>.self)
        let low = (~UInt64(littleEndian: words[0])).trailingZeroBitCount >> 3
        guard low == 8 else { return low }
        return 8 + (~UInt64(littleEndian: words[1])).trailingZeroBitCount >> 3
    }

    /// Whether every byte is still valid.
    @inline(__always)
    static func isWhole(_ valid: Vector) -> Bool {
        // SAFETY: as in `prefix`.
        let words: SIMD2<UInt64> = unsafe unsafeBitCast(valid, to: SIMD2<UInt64>.self)
        return words[0] & words[1] == UInt64.max
    }

    /// The number that 64 digits from `offset` spell; `nil` where one is no digit. All must be inside the text.
    @inline(__always)
    static func number64(_ text: Span<UInt8>, _ offset: Int) -> (high: UInt128, low: UInt128)? {
        var valid = allValid
        let a = eightBytes(text.vector(offset), &valid).byteSwapped
        let b = eightBytes(text.vector(offset + 16), &valid).byteSwapped
        let c = eightBytes(text.vector(offset + 32), &valid).byteSwapped
        let d = eightBytes(text.vector(offset + 48), &valid).byteSwapped
        guard isWhole(valid) else { return nil }
        return (UInt128(a) &<< 64 | UInt128(b), UInt128(c) &<< 64 | UInt128(d))
    }
}

extension Span<UInt8> {
    /// The sixteen bytes from `offset`; all must be inside.
    @inline(__always)
    func vector(_ offset: Int) -> SIMD16<UInt8> {
        // SAFETY: the load checks its bounds, bytes have no padding, and every bit pattern is a vector of bytes.
        unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
    }
}

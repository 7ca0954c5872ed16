/// Hexadecimal text to bytes, sixteen or eight digits at a time.
enum JSONHex {
    @inline(__always)
    static func nibble(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// The four bytes that eight digits spell, the first of them highest; `nil` where one is no digit.
    @inline(__always)
    static func fourBytes(_ digits: UInt64) -> UInt32? {
        let folded = digits | eightTimes(0x20)
        // In each byte the high bit says whether the lower bound is reached and the upper one passed; no byte carries.
        let low = digits & eightTimes(0x7F)
        let lowFolded = folded & eightTimes(0x7F)
        let decimal = (low &+ eightTimes(0x80 - 0x30)) & ~(low &+ eightTimes(0x7F - 0x39))
        let letter = (lowFolded &+ eightTimes(0x80 - 0x61)) & ~(lowFolded &+ eightTimes(0x7F - 0x66))
        guard (decimal | letter) & ~digits & eightTimes(0x80) == eightTimes(0x80) else { return nil }
        let nibbles = (digits & eightTimes(0x0F)) &+ 9 &* (digits >> 6 & eightTimes(1))
        var pairs = (nibbles << 4 | nibbles >> 8) & 0x00FF_00FF_00FF_00FF
        pairs = (pairs | pairs >> 8) & 0x0000_FFFF_0000_FFFF
        return UInt32(truncatingIfNeeded: pairs | pairs >> 16).byteSwapped
    }

    /// The number that 1 to 64 digits of `range` spell; `nil` where one is no digit or there are more or none.
    static func number(_ text: Span<UInt8>, _ range: Range<Int>) -> (high: UInt128, low: UInt128)? {
        guard !range.isEmpty, range.count <= 64 else { return nil }
        if range.count == 64 { return number64(text, range.lowerBound) }
        var high: UInt128 = 0
        var low: UInt128 = 0
        var offset = range.lowerBound
        while offset < range.upperBound, (range.upperBound - offset) & 7 != 0 {
            guard let digit = nibble(text[offset]) else { return nil }
            low = low << 4 | UInt128(digit)
            offset += 1
        }
        while offset < range.upperBound {
            guard let bytes = fourBytes(text.word(offset)) else { return nil }
            high = high << 32 | low >> 96
            low = low << 32 | UInt128(bytes)
            offset += 8
        }
        return (high, low)
    }

    /// Appends the bytes that the digits of `range` spell; false where they are odd in number or one is no digit.
    static func append(_ text: Span<UInt8>, _ range: Range<Int>, to bytes: inout [UInt8]) -> Bool {
        guard range.count & 1 == 0 else { return false }
        let start = bytes.count
        // An array of zeros is made and copied whole; a repeated element would be appended one at a time.
        bytes.append(contentsOf: [UInt8](repeating: 0, count: range.count / 2))
        var span = bytes.mutableSpan
        var output = unsafe span.mutableBytes
        var write = start
        var offset = range.lowerBound
        var valid = allValid
        while offset + 16 <= range.upperBound {
            let eight = eightBytes(text.vector(offset), &valid)
            output.storeBytes(of: eight.littleEndian, toByteOffset: write, as: UInt64.self)
            write += 8
            offset += 16
        }
        guard isWhole(valid) else { return false }
        while offset + 8 <= range.upperBound {
            guard let four = fourBytes(text.word(offset)) else { return false }
            output.storeBytes(of: four.bigEndian, toByteOffset: write, as: UInt32.self)
            write += 4
            offset += 8
        }
        while offset < range.upperBound {
            guard let high = nibble(text[offset]), let low = nibble(text[offset + 1]) else { return false }
            output.storeBytes(of: high << 4 | low, toByteOffset: write, as: UInt8.self)
            write += 1
            offset += 2
        }
        return true
    }
}

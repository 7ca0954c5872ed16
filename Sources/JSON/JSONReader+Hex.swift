extension JSONReader {
    /// `"0x`, little-endian.
    private static let opening: UInt64 = 0x78_3022

    /// Whether `"0x` stands here, with so many bytes after it.
    @inline(__always)
    private func opens(_ text: Span<UInt8>, room: Int) -> Bool {
        guard place + 3 + room <= text.count else { return false }
        guard room < 5 else { return text.word(place) & 0xFF_FFFF == Self.opening }
        return text[place] == UInt8(ascii: "\"") && text[place + 1] == UInt8(ascii: "0")
            && text[place + 2] == UInt8(ascii: "x")
    }

    /// Reads DATA of exactly 32 bytes.
    public mutating func hex32(_ text: Span<UInt8>) -> (high: UInt128, low: UInt128)? {
        guard opens(text, room: 65), let number = JSONHex.number64(text, place + 3),
            text[place + 67] == UInt8(ascii: "\"")
        else { return nil }
        place += 68
        return number
    }

    /// Reads DATA of exactly 20 bytes, as three big-endian numbers.
    public mutating func hex20(_ text: Span<UInt8>) -> (a: UInt64, b: UInt64, c: UInt32)? {
        guard opens(text, room: 41) else { return nil }
        var valid = JSONHex.allValid
        let a = JSONHex.eightBytes(text.vector(place + 3), &valid).byteSwapped
        let b = JSONHex.eightBytes(text.vector(place + 19), &valid).byteSwapped
        guard JSONHex.isWhole(valid), let c = JSONHex.fourBytes(text.word(place + 35)),
            text[place + 43] == UInt8(ascii: "\"")
        else { return nil }
        place += 44
        return (a, b, c)
    }

    /// Reads a QUANTITY of up to 64 bits, without leading zeros.
    public mutating func quantity(_ text: Span<UInt8>) -> UInt64? {
        guard opens(text, room: 17) else { return lastQuantity(text) }
        var valid = JSONHex.allValid
        let value = JSONHex.eightBytes(text.vector(place + 3), &valid).byteSwapped
        let count = JSONHex.prefix(valid)
        guard count > 0, count == 1 || text[place + 3] != UInt8(ascii: "0"),
            text[place + 3 + count] == UInt8(ascii: "\"")
        else { return nil }
        place += count + 4
        return value >> UInt64(64 - 4 * count)
    }

    /// The same near the end of the text, digit by digit.
    private mutating func lastQuantity(_ text: Span<UInt8>) -> UInt64? {
        guard opens(text, room: 2) else { return nil }
        var next = place + 3
        var value: UInt64 = 0
        while next < text.count, next < place + 19, let digit = JSONHex.nibble(text[next]) {
            value = value << 4 | UInt64(digit)
            next += 1
        }
        let count = next - place - 3
        guard count > 0, count == 1 || text[place + 3] != UInt8(ascii: "0"), next < text.count,
            text[next] == UInt8(ascii: "\"")
        else { return nil }
        place = next + 1
        return value
    }

    /// Reads DATA of any length and appends its bytes.
    public mutating func hexData(_ text: Span<UInt8>, to output: inout JSONByteColumn) -> Bool {
        guard opens(text, room: 1) else { return false }
        var next = place + 3
        while true {
            let digits = output.append(text, from: next)
            next += digits
            // A whole run of vectors: there is more, or too little text left for another vector.
            if digits > 0, digits & 15 == 0, next + 16 <= text.count, text[next] != UInt8(ascii: "\"") { continue }
            while next + 1 < text.count, let high = JSONHex.nibble(text[next]),
                let low = JSONHex.nibble(text[next + 1])
            {
                output.append(high << 4 | low)
                next += 2
            }
            guard next < text.count, text[next] == UInt8(ascii: "\"") else { return false }
            place = next + 1
            return true
        }
    }
}

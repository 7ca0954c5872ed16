extension Hex {
    /// A number as JSON-RPC writes it: "0x" and no leading zeros, "0x0" for zero.
    public static func quantity(_ value: UInt64) -> String {
        "0x" + String(value, radix: 16)
    }

    /// A number as JSON-RPC writes it: "0x" and no leading zeros, "0x0" for zero.
    public static func quantity(_ value: UInt256) -> String {
        var text: [UInt8] = [0x30, 0x78]
        var digits = Swift.max(1, (value.significantBits + 3) / 4)
        while digits > 0 {
            digits -= 1
            text.append(digit(UInt8(truncatingIfNeeded: (value >> (4 * digits)).word0 & 15)))
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Parses a quantity of up to 64 bits: "0x", at least one digit, no leading zeros; `nil` otherwise.
    public static func parseQuantity(_ text: some StringProtocol) -> UInt64? {
        parseQuantity256(text)?.asUInt64()
    }

    /// Parses a quantity of up to 256 bits: "0x", at least one digit, no leading zeros; `nil` otherwise.
    public static func parseQuantity256(_ text: some StringProtocol) -> UInt256? {
        // At most 66 bytes are copied, so that the loop is not generic.
        guard text.utf8.count <= 66 else { return nil }
        let bytes = Array(text.utf8)
        guard bytes.count >= 3, bytes.starts(with: [0x30, 0x78]) else { return nil }
        let digits = bytes.dropFirst(2)
        guard digits.count == 1 || digits.first != 0x30 else { return nil }
        var value = UInt256.zero
        for character in digits {
            guard let nibble = nibble(character) else { return nil }
            value = (value << 4) | UInt256(UInt64(nibble))
        }
        return value
    }
}

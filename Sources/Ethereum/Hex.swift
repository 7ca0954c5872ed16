/// Why a text is not hex data.
public enum HexError: Error, Equatable, Sendable {
    /// The text does not begin with "0x".
    case missingPrefix
    /// The text has a single digit for its last byte; `digits` is how many there are.
    case oddLength(digits: Int)
    /// The byte at an offset of the text is no hex digit.
    case notHex(offset: Int, byte: UInt8)
    /// The data has another length than asked for, in bytes.
    case wrongLength(expected: Int, got: Int)
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension HexError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missingPrefix:
            "hex data begins with \"0x\", and this does not"
        case .oddLength(let digits):
            "hex data has two digits a byte, and this has \(digits) digits"
        case .notHex(let offset, let byte):
            "byte \(offset) of the hex data is \(Hex.encode([byte])), which is no digit"
        case .wrongLength(let expected, let got):
            "the hex data has \(got) bytes where \(expected) are expected"
        }
    }
}

/// Bytes as text, the way JSON-RPC writes them.
public enum Hex {
    /// Whether text must begin with "0x".
    public enum Prefix: Sendable {
        /// Absent or present.
        case optional
        /// Present.
        case required
    }

    /// "0x" and two lower-case digits a byte.
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(2 + 2 * bytes.count)
        text.append(0x30)
        text.append(0x78)
        append(bytes, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends two lower-case digits a byte, without "0x".
    @inlinable
    public static func append(_ bytes: some Collection<UInt8>, to text: inout [UInt8]) {
        for byte in bytes {
            text.append(digit(byte &>> 4))
            text.append(digit(byte & 15))
        }
    }

    /// The bytes of hex text, digits of either case.
    ///
    /// - Throws: the first thing that is wrong with the text.
    public static func decode(_ text: some StringProtocol, prefix: Prefix = .optional) throws(HexError) -> [UInt8] {
        try decode(ascii: Array(text.utf8), prefix: prefix)
    }

    /// The bytes of hex text given as ASCII, digits of either case.
    ///
    /// - Throws: the first thing that is wrong with the text.
    public static func decode(
        _ text: some RandomAccessCollection<UInt8>, prefix: Prefix = .optional
    ) throws(HexError) -> [UInt8] {
        try decode(ascii: Array(text), prefix: prefix)
    }

    /// Decodes pairs of digits; a bad one is only noticed while it goes, and looked for at the end.
    private static func decode(ascii text: [UInt8], prefix: Prefix) throws(HexError) -> [UInt8] {
        let hasPrefix = text.count >= 2 && text[0] == 0x30 && text[1] | 0x20 == 0x78
        guard hasPrefix || prefix == .optional else { throw .missingPrefix }
        let start = hasPrefix ? 2 : 0
        let digits = text.count - start
        var bytes = [UInt8](repeating: 0, count: digits / 2)
        var isValid = true
        for index in bytes.indices {
            let high = nibbleValue(text[start + 2 * index])
            let low = nibbleValue(text[start + 2 * index + 1])
            isValid = (high | low) < 16 && isValid
            bytes[index] = high &<< 4 | low
        }
        if !isValid || digits % 2 == 1 {
            for offset in start..<text.count where nibble(text[offset]) == nil {
                throw .notHex(offset: offset, byte: text[offset])
            }
            throw .oddLength(digits: digits)
        }
        return bytes
    }

    /// The value of a hex digit of either case, or 255, without a branch on the digit.
    @inline(__always)
    private static func nibbleValue(_ character: UInt8) -> UInt8 {
        let decimal = character &- 0x30
        let letter = (character | 0x20) &- 0x61
        let value: UInt8 = letter < 6 ? letter &+ 10 : 0xFF
        return decimal < 10 ? decimal : value
    }

    /// The value of a hex digit of either case, or `nil`.
    @inlinable
    public static func nibble(_ character: UInt8) -> UInt8? {
        let decimal = character &- 0x30
        if decimal < 10 { return decimal }
        let letter = (character | 0x20) &- 0x61
        return letter < 6 ? letter &+ 10 : nil
    }

    /// The lower-case digit for a value below 16.
    @inlinable
    public static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? nibble &+ 0x30 : nibble &+ 0x57
    }
}

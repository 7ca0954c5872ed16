/// Strings of a validated text: escapes to UTF-8 and back.
enum JSONString {
    /// The UTF-8 bytes of a string entry, escapes resolved.
    static func bytes(_ text: Span<UInt8>, _ entry: JSONTape.Entry) -> [UInt8] {
        let range = Int(entry.start) + 1..<Int(entry.end) - 1
        var output: [UInt8] = []
        output.reserveCapacity(range.count)
        var offset = range.lowerBound
        while offset < range.upperBound {
            let byte = text[offset]
            offset += 1
            guard byte == UInt8(ascii: "\\") else {
                output.append(byte)
                continue
            }
            let escape = text[offset]
            offset += 1
            switch escape {
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0C)
            case UInt8(ascii: "n"): output.append(0x0A)
            case UInt8(ascii: "r"): output.append(0x0D)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "u"): appendScalar(text, &offset, to: &output)
            default: output.append(escape)
            }
        }
        return output
    }

    /// Reads what follows `\u`, a pair of surrogates included; the lexer has checked both.
    private static func appendScalar(_ text: Span<UInt8>, _ offset: inout Int, to output: inout [UInt8]) {
        var value = codeUnit(text, offset)
        offset += 4
        if value & 0xFC00 == 0xD800 {
            value = 0x10000 + (value & 0x3FF) << 10 + codeUnit(text, offset + 2) & 0x3FF
            offset += 6
        }
        guard let scalar = Unicode.Scalar(value) else { return }
        output.append(contentsOf: Character(scalar).utf8)
    }

    private static func codeUnit(_ text: Span<UInt8>, _ offset: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 << 4 | UInt32(JSONHex.nibble(text[offset + $1]) ?? 0) }
    }

    /// Appends `string` in quotes, with no escape that JSON does not require (RFC 8785 §3.2.2.2).
    static func append(_ string: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""): output.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "\"")])
            case UInt8(ascii: "\\"): output.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "\\")])
            case 0x20...: output.append(byte)
            case 0x08: output.append(contentsOf: "\\b".utf8)
            case 0x09: output.append(contentsOf: "\\t".utf8)
            case 0x0A: output.append(contentsOf: "\\n".utf8)
            case 0x0C: output.append(contentsOf: "\\f".utf8)
            case 0x0D: output.append(contentsOf: "\\r".utf8)
            default:
                output.append(contentsOf: "\\u00".utf8)
                for digit in [byte >> 4, byte & 15] {
                    output.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
                }
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}

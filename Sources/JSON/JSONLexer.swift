/// Reads one token after another of a JSON text; holds nothing but its place.
struct JSONLexer {
    enum Step { case more, closed }

    /// The first byte not yet read.
    var offset = 0
    /// Where the last value or name began.
    private(set) var tokenStart = 0
    /// Where the last name ended.
    private(set) var tokenEnd = 0

    init(offset: Int = 0) {
        self.offset = offset
    }

    @inline(__always)
    mutating func skipSpace(_ text: Span<UInt8>) {
        while offset < text.count {
            switch text[offset] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): offset += 1
            default: return
            }
        }
    }

    /// Reads a scalar, or the opening bracket of a container.
    mutating func startValue(_ text: Span<UInt8>) throws(JSONError) -> JSONKind {
        guard offset < text.count else { throw unexpected(text, "a value") }
        tokenStart = offset
        switch text[offset] {
        case UInt8(ascii: "\""): return try string(text)
        case UInt8(ascii: "{"):
            offset += 1
            return .object
        case UInt8(ascii: "["):
            offset += 1
            return .array
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try number(text)
            return .number
        case UInt8(ascii: "t"): return try literal(text, "true", .true)
        case UInt8(ascii: "f"): return try literal(text, "false", .false)
        case UInt8(ascii: "n"): return try literal(text, "null", .null)
        default: throw unexpected(text, "a value")
        }
    }

    /// After a value or an opening bracket: a comma or, when `first`, the first member; or the closing bracket.
    mutating func step(_ text: Span<UInt8>, inObject: Bool, first: Bool) throws(JSONError) -> Step {
        skipSpace(text)
        let close = inObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
        guard offset < text.count else { throw unexpected(text, inObject ? "\",\" or \"}\"" : "\",\" or \"]\"") }
        if text[offset] == close {
            offset += 1
            return .closed
        }
        if first { return .more }
        guard text[offset] == UInt8(ascii: ",") else {
            throw unexpected(text, inObject ? "\",\" or \"}\"" : "\",\" or \"]\"")
        }
        offset += 1
        skipSpace(text)
        return .more
    }

    /// Reads a member's name and the colon after it.
    mutating func name(_ text: Span<UInt8>) throws(JSONError) -> JSONKind {
        guard offset < text.count, text[offset] == UInt8(ascii: "\"") else {
            throw unexpected(text, "a member name in quotes")
        }
        tokenStart = offset
        let kind = try string(text)
        tokenEnd = offset
        skipSpace(text)
        guard offset < text.count, text[offset] == UInt8(ascii: ":") else { throw unexpected(text, "\":\"") }
        offset += 1
        skipSpace(text)
        return kind
    }

    mutating func finish(_ text: Span<UInt8>) throws(JSONError) {
        skipSpace(text)
        if offset < text.count { throw unexpected(text, "the end of the text") }
    }
}

extension JSONLexer {
    private mutating func literal(_ text: Span<UInt8>, _ word: StaticString, _ kind: JSONKind) throws(JSONError)
        -> JSONKind
    {
        let matched = word.withUTF8Buffer { buffer in
            guard offset + buffer.count <= text.count else { return false }
            for index in 0..<buffer.count {
                // SAFETY: `index` is below the buffer's count.
                let expected = unsafe buffer[index]
                if text[offset + index] != expected { return false }
            }
            return true
        }
        guard matched else { throw unexpected(text, "\"\(word)\"") }
        offset += word.utf8CodeUnitCount
        return kind
    }

    private mutating func number(_ text: Span<UInt8>) throws(JSONError) {
        if text[offset] == UInt8(ascii: "-") { offset += 1 }
        if offset < text.count, text[offset] == UInt8(ascii: "0") {
            offset += 1
            if isDigit(text) { throw unexpected(text, "a number without leading zeros") }
        } else {
            try digits(text)
        }
        if offset < text.count, text[offset] == UInt8(ascii: ".") {
            offset += 1
            try digits(text)
        }
        if offset < text.count, text[offset] | 0x20 == UInt8(ascii: "e") {
            offset += 1
            if offset < text.count, text[offset] == UInt8(ascii: "+") || text[offset] == UInt8(ascii: "-") {
                offset += 1
            }
            try digits(text)
        }
    }

    private func isDigit(_ text: Span<UInt8>) -> Bool {
        offset < text.count && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[offset])
    }

    private mutating func digits(_ text: Span<UInt8>) throws(JSONError) {
        guard isDigit(text) else { throw unexpected(text, "a digit") }
        while isDigit(text) { offset += 1 }
    }
}

extension JSONLexer {
    func unexpected(_ text: Span<UInt8>, _ expected: String) -> JSONError {
        .syntax(JSONPosition(offset: offset, in: text), expected: expected, got: describe(text))
    }

    func limit(_ text: Span<UInt8>, _ what: String, _ maximum: Int) -> JSONError {
        .limit(JSONPosition(offset: offset, in: text), of: what, maximum: maximum)
    }

    private func describe(_ text: Span<UInt8>) -> String {
        guard offset < text.count else { return "the end of the text" }
        let byte = text[offset]
        if byte > 0x20 && byte < 0x7F { return "\"\(Character(Unicode.Scalar(byte)))\"" }
        let digits = String(byte, radix: 16)
        return "byte 0x\(digits.count == 1 ? "0" : "")\(digits)"
    }
}

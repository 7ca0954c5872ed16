/// Reads one token after another of a JSON text; holds nothing but its place.
struct JSONLexer {
    enum Step { case more, closed }

    /// The first byte not yet read.
    private(set) var offset = 0
    /// Where the last value or name began.
    private(set) var tokenStart = 0
    /// Where the last name ended.
    private(set) var tokenEnd = 0

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

    /// Reads a string: eight bytes at a time as long as they are plain ASCII.
    private mutating func string(_ text: Span<UInt8>) throws(JSONError) -> JSONKind {
        var kind = JSONKind.plainString
        offset += 1
        while true {
            while offset + 8 <= text.count {
                let plain = JSONLexer.plainPrefix(text.word(offset))
                offset += plain
                if plain < 8 { break }
            }
            guard offset < text.count else { throw unexpected(text, "the closing quote of a string") }
            let byte = text[offset]
            if byte == UInt8(ascii: "\"") {
                offset += 1
                return kind
            }
            if byte == UInt8(ascii: "\\") {
                kind = .escapedString
                try escape(text)
            } else if byte < 0x20 {
                throw unexpected(text, "an escape in place of a control character")
            } else if byte < 0x80 {
                offset += 1
            } else {
                try scalar(text)
            }
        }
    }

    /// How many of the eight bytes, from the first, are ASCII from 0x20 on and neither a quote nor a backslash.
    @inline(__always)
    static func plainPrefix(_ word: UInt64) -> Int {
        let quote = word ^ eightTimes(UInt8(ascii: "\""))
        let backslash = word ^ eightTimes(UInt8(ascii: "\\"))
        // A borrow sets the high bit of a byte that is too small; only bytes above the first such one can be marked
        // wrongly.
        let found =
            word | (word &- eightTimes(0x20)) | (quote &- eightTimes(1)) | (backslash &- eightTimes(1))
        return (found & eightTimes(0x80)).trailingZeroBitCount >> 3
    }

    private mutating func escape(_ text: Span<UInt8>) throws(JSONError) {
        offset += 1
        guard offset < text.count else { throw unexpected(text, "an escape") }
        switch text[offset] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            offset += 1
        case UInt8(ascii: "u"):
            let unit = try codeUnit(text)
            guard unit & 0xF800 == 0xD800 else { return }
            guard unit < 0xDC00, offset + 1 < text.count, text[offset] == UInt8(ascii: "\\"),
                text[offset + 1] == UInt8(ascii: "u")
            else { throw unexpected(text, "a pair of surrogates") }
            offset += 1
            guard try codeUnit(text) & 0xFC00 == 0xDC00 else { throw unexpected(text, "a pair of surrogates") }
        default: throw unexpected(text, "an escape")
        }
    }

    private mutating func codeUnit(_ text: Span<UInt8>) throws(JSONError) -> UInt16 {
        offset += 1
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard offset < text.count, let nibble = JSONHex.nibble(text[offset]) else {
                throw unexpected(text, "four hex digits after \"\\u\"")
            }
            unit = unit << 4 | UInt16(nibble)
            offset += 1
        }
        return unit
    }

    /// Reads one scalar of two to four bytes: shortest form, no surrogate, at most U+10FFFF.
    private mutating func scalar(_ text: Span<UInt8>) throws(JSONError) {
        let lead = text[offset]
        let (count, lowest, highest): (Int, UInt8, UInt8) =
            switch lead {
            case 0xC2...0xDF: (2, 0x80, 0xBF)
            case 0xE0: (3, 0xA0, 0xBF)
            case 0xED: (3, 0x80, 0x9F)
            case 0xE1...0xEF: (3, 0x80, 0xBF)
            case 0xF0: (4, 0x90, 0xBF)
            case 0xF1...0xF3: (4, 0x80, 0xBF)
            case 0xF4: (4, 0x80, 0x8F)
            default: (0, 0, 0)
            }
        guard count > 0, offset + count <= text.count, (lowest...highest).contains(text[offset + 1]) else {
            throw unexpected(text, "UTF-8")
        }
        for index in 2..<max(count, 2) where text[offset + index] & 0xC0 != 0x80 {
            throw unexpected(text, "UTF-8")
        }
        offset += count
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

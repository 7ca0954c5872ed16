extension JSONLexer {
    /// Reads a string: sixteen or eight bytes at a time as long as they are plain ASCII.
    mutating func string(_ text: Span<UInt8>) throws(JSONError) -> JSONKind {
        offset += 1
        skipPlain(text)
        if offset < text.count, text[offset] == UInt8(ascii: "\"") {
            offset += 1
            return .plainString
        }
        return try restOfString(text)
    }

    /// Goes on at a byte that is not plain; by itself, so that what most strings are takes few registers.
    @inline(never)
    private mutating func restOfString(_ text: Span<UInt8>) throws(JSONError) -> JSONKind {
        var kind = JSONKind.plainString
        while true {
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
            skipPlain(text)
        }
    }

    @inline(__always)
    private mutating func skipPlain(_ text: Span<UInt8>) {
        // The place in a vector is computed once, where a run ends: the next load does not wait for it.
        while offset + 16 <= text.count {
            let plain = JSONHex.plain(text.vector(offset))
            guard JSONHex.isWhole(plain) else {
                offset += JSONHex.prefix(plain)
                return
            }
            offset += 16
        }
        while offset + 8 <= text.count {
            let plain = JSONLexer.plainPrefix(text.word(offset))
            offset += plain
            if plain < 8 { return }
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

/// Text as a terminal shows it. Symbols come from contracts that anyone may write, so nothing in them may move the
/// cursor.
enum DisplayText {
    /// How many columns the text takes: 0 for a mark on the letter before, 2 for East Asian wide letters and emoji.
    static func width(_ text: some StringProtocol) -> Int {
        text.unicodeScalars.reduce(0) { $0 + width($1) }
    }

    /// The text without control, direction and other invisible characters; each becomes U+FFFD.
    static func sanitized(_ text: String) -> String {
        let isClean = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
        guard !isClean else { return text }
        var output = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { output.append(isInvisible(scalar) ? "\u{FFFD}" : scalar) }
        return String(output)
    }

    /// At most `limit` columns of the text, with `…` in place of what is left out at its end.
    static func shortened(_ text: String, to limit: Int) -> String {
        guard width(text) > limit else { return text }
        var kept = ""
        var used = 1
        for character in text {
            let next = width(String(character))
            if used + next > limit { break }
            kept.append(character)
            used += next
        }
        return kept + "…"
    }

    /// The text with spaces up to `columns`, before it where `right`.
    static func padded(_ text: String, to columns: Int, right: Bool) -> String {
        let space = String(repeating: " ", count: max(0, columns - width(text)))
        return right ? space + text : text + space
    }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }

    private static func width(_ scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return wide.contains { $0.contains(scalar.value) } ? 2 : 1
        }
    }

    /// Blocks of wide characters. Source: Unicode 15 `EastAsianWidth.txt`, W and F, joined to whole blocks.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x231A...0x231B, 0x23E9...0x23EC, 0x2614...0x2615, 0x26A1...0x26A1, 0x2705...0x2705,
        0x274C...0x274C, 0x2753...0x2755, 0x2795...0x2797, 0x2B1B...0x2B1C, 0x2B50...0x2B50, 0x2E80...0x303E,
        0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
        0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF,
        0x1F900...0x1F9FF, 0x1FA70...0x1FAFF, 0x20000...0x3FFFD,
    ]
}

/// Texts that contracts return and people read: names, symbols, reasons.
public enum ABIText {
    /// The `string` that returned bytes encode, or the text before the first zero of a single `bytes32`, as early
    /// tokens return it.
    ///
    /// - Throws: what is wrong with the bytes where they are neither.
    public static func decode(_ data: [UInt8]) throws(ABIError) -> String {
        if data.count == 32 {
            let bytes = data.prefix { $0 != 0 }
            guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8(at: 0) }
            return text
        }
        let span = data.span
        var budget = ABIBudget(size: data.count)
        let frame = try ABIReader.frame(span, at: 0, head: 32, &budget)
        return try ABIReader.string(span, at: ABIReader.follow(span, 0, frame), &budget)
    }

    /// The text without anything that could move a cursor, hide or reorder what stands around it, at most `limit`
    /// characters long.
    ///
    /// Control, format and separator characters become "�"; the end is marked "…" where something was cut.
    public static func sanitised(_ text: String, limit: Int) -> String {
        var result = String.UnicodeScalarView()
        for (index, scalar) in text.unicodeScalars.enumerated() {
            if index == limit {
                result.append("…")
                break
            }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                result.append("\u{fffd}")
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}

/// Rows of comma-separated values.
///
/// Source: RFC 4180: lines end in CRLF; a field with a comma, a quote, a line break or a space at either end stands in
/// quotes, a quote in it doubled.
enum CSVWriter {
    /// One row, its line end included.
    static func row(_ fields: [String]) -> String {
        fields.map(field).joined(separator: ",") + "\r\n"
    }

    private static func field(_ text: String) -> String {
        let isPlain = text.unicodeScalars.allSatisfy { $0 != "," && $0 != "\"" && $0 != "\r" && $0 != "\n" }
        if isPlain && text.first != " " && text.last != " " { return text }
        return "\"" + text.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
    }
}

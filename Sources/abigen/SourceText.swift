/// Lines of Swift with their indentation.
struct SourceText {
    private(set) var text = ""
    private var level: Int

    init(level: Int = 0) {
        self.level = level
    }

    /// Appends lines that have their indentation already, without the empty ones at the end.
    mutating func paste(_ other: SourceText) {
        var lines = other.text.split(separator: "\n", omittingEmptySubsequences: false)
        while lines.last?.isEmpty == true { lines.removeLast() }
        guard !lines.isEmpty else { return }
        text += lines.joined(separator: "\n") + "\n"
    }

    /// Appends one line, or an empty one.
    mutating func line(_ line: String = "") {
        text += line.isEmpty ? "\n" : String(repeating: "    ", count: level) + line + "\n"
    }

    /// Appends `opening {`, what `body` writes one level in, and `}`.
    mutating func block<Failure: Error>(_ opening: String, _ body: (inout SourceText) throws(Failure) -> Void)
        throws(Failure)
    {
        line(opening + " {")
        try indented(body)
        if text.hasSuffix("\n\n") { text.removeLast() }
        line("}")
    }

    /// Appends what `body` writes one level in.
    mutating func indented<Failure: Error>(_ body: (inout SourceText) throws(Failure) -> Void) throws(Failure) {
        level += 1
        defer { level -= 1 }
        try body(&self)
    }

    /// Appends a documentation comment, broken between words at 120 columns.
    mutating func comment(_ comment: String) {
        var pending = "///"
        for word in comment.split(separator: " ") {
            if 4 * level + pending.count + 1 + word.count > 120, pending != "///" {
                line(pending)
                pending = "///"
            }
            pending += " " + word
        }
        line(pending)
    }
}

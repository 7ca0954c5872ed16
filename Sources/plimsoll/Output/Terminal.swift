import Glibc

/// What the place where a table goes can show.
struct Terminal: Equatable, Sendable {
    /// Columns; `nil` where it is no terminal and lines may be as long as they are.
    var width: Int?
    /// Whether colours are understood and wanted.
    var color: Bool

    static let plain = Terminal(width: nil, color: false)

    /// Looks at the stream and the environment: `NO_COLOR` (no-color.org) and `TERM=dumb` switch colours off.
    static func of(_ stream: StandardStream, noColor: Bool, environment: [String: String]) -> Terminal {
        guard stream.isTerminal else { return .plain }
        let isRefused = noColor || !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
        return Terminal(width: columns(stream, environment), color: !isRefused)
    }

    private static func columns(_ stream: StandardStream, _ environment: [String: String]) -> Int {
        var size = winsize()
        // SAFETY: TIOCGWINSZ fills one winsize, which outlives the call.
        let isKnown = unsafe ioctl(stream.descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        if isKnown { return Int(size.ws_col) }
        return environment["COLUMNS"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? 80
    }
}

/// How a cell looks; colours are those of the terminal's own palette.
enum TextStyle: Sendable {
    case plain, bold, dim, red, yellow, green, magenta, cyan, boldRed

    private var code: String {
        switch self {
        case .plain: ""
        case .bold: "1"
        case .dim: "2"
        case .red: "31"
        case .yellow: "33"
        case .green: "32"
        case .magenta: "35"
        case .cyan: "36"
        case .boldRed: "1;31"
        }
    }

    /// The text between the control sequences of this style, where colours are wanted.
    func apply(_ text: String, color: Bool) -> String {
        guard color, self != .plain, !text.isEmpty else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }
}

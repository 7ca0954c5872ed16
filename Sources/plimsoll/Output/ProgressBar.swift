import Glibc
import Synchronization

/// How far a long step has come.
struct ProgressState: Equatable, Sendable {
    /// What is being done, such as `discovering borrowers`.
    var step: String
    var done: Int
    /// How much there is to do; `nil` where nobody knows.
    var total: Int?
    /// What is counted, such as `blocks`.
    var unit: String
}

/// Draws a progress line: a pure function of state, time and width.
enum ProgressLine {
    /// `reading  [██████····]  62 %  12,345 of 20,000 blocks  1,204/s  0:06 left`, shortened to `width` columns.
    static func text(_ state: ProgressState, seconds: Double, width: Int) -> String {
        let rate = seconds > 0 ? Double(state.done) / seconds : 0
        var parts = [state.step]
        if let total = state.total, total > 0 {
            let done = min(state.done, total)
            parts.append(bar(done, total))
            parts.append("\(done * 100 / total) %")
            parts.append("\(FixedPointText.grouped(state.done)) of \(FixedPointText.grouped(total)) \(state.unit)")
        } else {
            parts.append("\(FixedPointText.grouped(state.done)) \(state.unit)")
        }
        if rate >= 1 { parts.append("\(FixedPointText.grouped(Int(min(rate, 1e15))))/s") }
        if let total = state.total, total > state.done, rate > 0, seconds >= 1 {
            parts.append(clock(Double(total - state.done) / rate) + " left")
        }
        return DisplayText.shortened(parts.joined(separator: "  "), to: width)
    }

    private static func bar(_ done: Int, _ total: Int) -> String {
        let cells = 20
        let filled = done * cells / total
        return "[" + String(repeating: "█", count: filled) + String(repeating: "·", count: cells - filled) + "]"
    }

    private static func clock(_ seconds: Double) -> String {
        let seconds = Int(min(seconds.rounded(.up), 359_999))
        let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
    }
}

/// The progress line on stderr: drawn only where a person sees it, at most ten times a second. Safe from any task.
final class ProgressBar: Sendable {
    private struct Drawn {
        var step = ""
        var began = 0.0
        var last = -1.0
        var isVisible = false
    }

    private let width: Int?
    private let now: @Sendable () -> Double
    private let sink: @Sendable (String) -> Void
    private let drawn = Mutex(Drawn())

    /// Makes a bar; one without `width` never draws.
    init(width: Int?, now: @escaping @Sendable () -> Double, sink: @escaping @Sendable (String) -> Void) {
        self.width = width
        self.now = now
        self.sink = sink
    }

    /// The bar of this process: silent unless stderr is a terminal and nobody asked for quiet.
    static func standardError(isQuiet: Bool, environment: [String: String]) -> ProgressBar {
        let terminal = Terminal.of(.error, noColor: true, environment: environment)
        let isHidden = isQuiet || environment["TERM"] == "dumb"
        return ProgressBar(width: isHidden ? nil : terminal.width, now: { monotonicSeconds() }) {
            StandardStream.error.writeIgnoringFailure($0)
        }
    }

    /// Shows the state, unless the last drawing is less than a tenth of a second ago.
    func update(_ state: ProgressState) {
        guard let width else { return }
        let now = now()
        let line: String? = drawn.withLock { drawn in
            if drawn.step != state.step { drawn = Drawn(step: state.step, began: now, isVisible: drawn.isVisible) }
            guard drawn.last < 0 || now - drawn.last >= 0.1 else { return nil }
            drawn.last = now
            drawn.isVisible = true
            return ProgressLine.text(state, seconds: now - drawn.began, width: width - 1)
        }
        if let line { sink("\r\u{1B}[K" + line) }
    }

    /// Takes the line off the screen, so that a message or the table can follow.
    func clear() {
        let wasVisible = drawn.withLock { drawn in
            defer { drawn.isVisible = false }
            return drawn.isVisible
        }
        if wasVisible { sink("\r\u{1B}[K") }
    }
}

/// Seconds since 1970.
func unixSeconds() -> UInt64 { UInt64(max(0, time(nil))) }

/// Milliseconds since 1970.
func unixMilliseconds() -> UInt64 {
    var time = timespec()
    // SAFETY: the call fills one timespec, which outlives it.
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return UInt64(max(0, time.tv_sec)) * 1_000 + UInt64(max(0, time.tv_nsec) / 1_000_000)
}

/// Seconds on a clock that never goes back; its zero means nothing.
func monotonicSeconds() -> Double {
    var time = timespec()
    // SAFETY: the call fills one timespec, which outlives it.
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

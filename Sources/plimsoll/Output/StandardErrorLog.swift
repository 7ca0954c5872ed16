import Logging

/// Log lines on stderr: `warning: message key=value`, one line each whatever the values hold.
struct StandardErrorLog: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    /// Taken off the screen before each line.
    let progress: ProgressBar?

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        progress?.clear()
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }
        StandardStream.error.writeIgnoringFailure(StandardErrorLog.line(event.level, "\(event.message)", fields))
    }

    /// The line for a message; keys sorted, control characters replaced.
    static func line(_ level: Logger.Level, _ message: String, _ fields: Logger.Metadata) -> String {
        let pairs = fields.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        return DisplayText.sanitized("\(level): \(message)\(pairs)") + "\n"
    }
}

import ArgumentParser
import Glibc

/// The outermost frame: runs one command, and turns whatever it throws into a message and an exit status.
enum Program {
    /// How a run ends: what goes to which stream, and the status.
    struct Ending: Equatable {
        var status: ProgramStatus
        var standardOutput = ""
        var standardError = ""
    }

    /// Parses the command line, runs the command and ends the process.
    static func main(_ root: any ParsableCommand.Type) async -> Never {
        // A reader that went away is noticed where we write, not by a signal.
        _ = signal(SIGPIPE, SIG_IGN)
        var ending = Ending(status: .complete)
        do {
            var command = try root.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            ending = self.ending(for: error, root: root)
        }
        StandardStream.output.writeIgnoringFailure(ending.standardOutput)
        StandardStream.error.writeIgnoringFailure(ending.standardError)
        exit(ending.status.rawValue)
    }

    /// What a run that threw `error` ends with.
    static func ending(for error: any Error, root: any ParsableCommand.Type) -> Ending {
        switch error {
        case OutputError.closed: return Ending(status: .complete)
        case let error as any ExitStatusProviding:
            // Values from outside may stand in the text.
            let text = DisplayText.sanitized("\(error)")
            return Ending(status: error.exitStatus, standardError: text.isEmpty ? "" : "plimsoll: \(text)\n")
        default: break
        }
        let code = root.exitCode(for: error)
        let message = root.fullMessage(for: error)
        let text = message.isEmpty || message.hasSuffix("\n") ? message : message + "\n"
        if code.isSuccess { return Ending(status: .complete, standardOutput: text) }
        if code == .validationFailure { return Ending(status: .usage, standardError: text) }
        if let status = ProgramStatus(rawValue: code.rawValue) { return Ending(status: status, standardError: text) }
        return Ending(status: .defect, standardError: "plimsoll: unexpected: \(DisplayText.sanitized("\(error)"))\n")
    }
}

import Glibc

/// Why output ended early.
enum OutputError: Error, Equatable, Sendable {
    /// The reader went away: no fault of anyone, and nothing to say.
    case closed
    /// The system refused to write.
    case failed(stream: String, reason: String)
}

extension OutputError: ExitStatusProviding, CustomStringConvertible {
    var exitStatus: ProgramStatus {
        switch self {
        case .closed: .complete
        case .failed: .cannotWrite
        }
    }

    var description: String {
        switch self {
        case .closed: ""
        case .failed(let stream, let reason): "cannot write to \(stream): \(reason)"
        }
    }
}

/// One of the process's standard streams, written without a buffer.
struct StandardStream: Sendable {
    let descriptor: Int32
    let name: String

    static let output = StandardStream(descriptor: STDOUT_FILENO, name: "standard output")
    static let error = StandardStream(descriptor: STDERR_FILENO, name: "standard error")

    /// Whether a person reads the stream.
    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Writes all of `bytes`.
    ///
    /// - Throws: `.closed` where the reader went away, else `.failed`.
    func write(_ bytes: [UInt8]) throws(OutputError) {
        var written = 0
        while written < bytes.count {
            // SAFETY: the slice lies inside the array's own storage.
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress.map { unsafe $0 + written }, buffer.count - written)
            }
            if count > 0 {
                written += count
            } else if errno == EPIPE {
                throw .closed
            } else if errno != EINTR && errno != EAGAIN {
                // SAFETY: strerror returns a terminated string that is copied at once.
                throw .failed(stream: name, reason: unsafe String(cString: strerror(errno)).lowercased())
            }
        }
    }

    /// Writes text where nothing could be done about a failure any more: the last words of a run, a progress bar.
    func writeIgnoringFailure(_ text: String) {
        do {
            try write(Array(text.utf8))
        } catch {
            return
        }
    }
}

import Glibc
import Keeper

/// Writes to a named pipe: to whoever reads it, one session a reader.
///
/// A reader is told what stands first, since nobody can know what the one before it had read. Each session begins with an
/// empty line, which ends whatever an earlier writer left unfinished.
actor FIFOSink: FeedSink {
    nonisolated let name: String
    private let path: String
    private var writer: PipeWriter?
    private var session = 0
    private var delivered: [String: UInt64] = [:]

    /// Makes the pipe where it is missing.
    init(name: String, path: String) throws(SinkError) {
        self.name = name
        self.path = path
        var found = stat()
        // SAFETY: the path is a string of ours for the length of the calls, and the structure is written by the system.
        if unsafe stat(path, &found) != 0 {
            guard unsafe mkfifo(path, 0o600) == 0 else {
                throw .unusable(sink: name, what: "\(path) cannot be made as a named pipe")
            }
        } else if found.st_mode & S_IFMT != S_IFIFO {
            throw .unusable(sink: name, what: "\(path) is no named pipe; remove it, or name another path")
        }
    }

    func begin() async throws(SinkError) -> Int {
        while true {
            if let writer, writer.isOpen { return session }
            writer?.close()
            writer = nil
            // SAFETY: as in `init`. Without a reader the call fails at once.
            let descriptor = unsafe open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
            if descriptor >= 0 {
                let opened = PipeWriter(descriptor, sink: name)
                writer = opened
                session += 1
                delivered = [:]
                try await opened.write([UInt8(ascii: "\n")])
                return session
            }
            guard errno == ENXIO || errno == EINTR else {
                throw .unusable(sink: name, what: "\(path) cannot be opened for writing")
            }
            do { try await Task.sleep(for: .milliseconds(100)) } catch { throw .stopped }
        }
    }

    func point(of stream: String, in session: Int) -> FeedPoint {
        delivered[stream].map { .after($0) } ?? .snapshot
    }

    func deliver(
        _ lines: [FeedLine], of stream: String, place: UInt64?, in session: Int
    ) async throws(SinkError) {
        guard session == self.session, let writer else { throw .ended(sink: name) }
        if !lines.isEmpty { try await writer.write(FeedFiles.joined(lines)) }
        if session == self.session, let place { delivered[stream] = place }
    }

    func forget(_ stream: String) { delivered[stream] = nil }

    func end() {
        writer?.close()
        writer = nil
    }
}

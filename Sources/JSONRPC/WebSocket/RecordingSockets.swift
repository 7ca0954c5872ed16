import Synchronization

/// Passes on what happens on sockets and keeps it, in its order and without keys.
public final class RecordingSockets: SocketTransport {
    /// How much is kept; a session that is longer is recorded up to there, and its replay ends there.
    public struct Limits: Sendable {
        /// Messages, and whatever else happened.
        public var entries = 2_000_000
        /// Bytes of messages.
        public var bytes = 512 << 20

        /// The limits of the house.
        public init() {}
    }

    private struct Log {
        var entries: [Transcript.SocketEntry]
        var bytes = 0
        var isFull = false
        /// What must not be kept of each connection.
        var secrets: [Int: Secrets] = [:]
    }

    private let inner: any SocketTransport
    private let limits: Limits
    private let log: Mutex<Log>

    /// Records what goes through `inner`.
    public init(_ inner: any SocketTransport, limits: Limits = Limits()) {
        self.inner = inner
        self.limits = limits
        log = Mutex(Log(entries: [.began(inner.session)]))
    }

    /// Adds what was recorded so far to `transcript`.
    public func add(to transcript: inout Transcript) {
        transcript.sockets += log.withLock { $0.entries }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var session: SocketSession { inner.session }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func open(_ endpoint: Endpoint) -> Int {
        let connection = inner.open(endpoint)
        log.withLock { log in
            log.secrets[connection] = endpoint.secrets
            keep(.open(endpoint.name), 0, &log)
        }
        return connection
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func send(_ text: [UInt8], on connection: Int) {
        log.withLock { keep(.sent(connection, text), text.count, &$0) }
        inner.send(text, on: connection)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func close(_ connection: Int) {
        log.withLock { log in
            keep(.close(connection), 0, &log)
            log.secrets[connection] = nil
        }
        inner.close(connection)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func next(until deadline: Duration?) async throws(RPCError) -> SocketEvent? {
        guard let event = try await inner.next(until: deadline) else { return nil }
        log.withLock { log in
            switch event.kind {
            case .text(let connection, let text):
                let secrets = log.secrets[connection] ?? Secrets()
                let clean = HTTPResponse(status: 200, body: text, retryAfter: nil).redacted(secrets).body
                keep(.event(SocketEvent(at: event.at, .text(connection, clean))), clean.count, &log)
            case .ended(let connection, _):
                keep(.event(event), 0, &log)
                log.secrets[connection] = nil
            case .due, .opened: keep(.event(event), 0, &log)
            }
        }
        return event
    }

    private func keep(_ entry: Transcript.SocketEntry, _ bytes: Int, _ log: inout Log) {
        log.bytes += bytes
        log.isFull = log.isFull || log.entries.count >= limits.entries || log.bytes > limits.bytes
        if !log.isFull { log.entries.append(entry) }
    }
}

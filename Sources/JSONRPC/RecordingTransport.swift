import Synchronization

/// Passes exchanges on and keeps each in a transcript, in the order in which they began.
public final class RecordingTransport: Transport {
    private struct Log {
        /// Nil while the answer is awaited.
        var exchanges: [Transcript.Exchange?] = []
    }

    private let inner: any Transport
    private let now: @Sendable () -> Duration
    private let start: Duration
    private let log = Mutex(Log())

    /// Records what goes through `inner`.
    ///
    /// - Parameter now: time since some fixed moment.
    public init(_ inner: any Transport, now: @escaping @Sendable () -> Duration = RetryPolicy().now) {
        self.inner = inner
        self.now = now
        start = now()
    }

    /// What was recorded so far; exchanges without an answer yet, or whose task was cancelled, are left out.
    public var transcript: Transcript {
        var transcript = Transcript()
        transcript.exchanges = log.withLock { $0.exchanges.compactMap(\.self) }
        transcript.elapsed = now() - start
        return transcript
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func send(_ request: HTTPRequest) async throws(RPCError) -> HTTPResponse {
        let place = log.withLock { log in
            log.exchanges.append(nil)
            return log.exchanges.count - 1
        }
        let begun = now()
        let outcome: Result<HTTPResponse, RPCError>
        do throws(RPCError) {
            outcome = .success(try await inner.send(request))
        } catch {
            outcome = .failure(error)
        }
        if outcome != .failure(.cancelled) {
            let exchange = Transcript.Exchange(
                endpoint: request.endpoint.name, body: request.body, elapsed: now() - begun,
                outcome: outcome.map { $0.redacted(request.endpoint.secrets) })
            log.withLock { $0.exchanges[place] = exchange }
        }
        return try outcome.get()
    }
}

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
                outcome: outcome.map { Self.redacted($0, request.endpoint.secrets) })
            log.withLock { $0.exchanges[place] = exchange }
        }
        return try outcome.get()
    }

    /// Without keys that a node echoes. A short secret may stand in the hex of a result by chance, so results are searched only
    /// for those that are long enough to stand nowhere by chance.
    private static func redacted(_ response: HTTPResponse, _ secrets: Secrets) -> HTTPResponse {
        let isResult = contains(Array("\"result\"".utf8), in: response.body)
        guard let body = secrets.redacted(response.body, atLeast: isResult ? 16 : 0) else { return response }
        return HTTPResponse(status: response.status, body: body, retryAfter: response.retryAfter)
    }

    private static func contains(_ word: [UInt8], in bytes: [UInt8]) -> Bool {
        guard bytes.count >= word.count else { return false }
        return (0...bytes.count - word.count).contains { start in
            bytes[start] == word[0] && bytes[start..<start + word.count].elementsEqual(word)
        }
    }
}

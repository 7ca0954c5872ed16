import Synchronization

/// Passes exchanges on and keeps each in a transcript.
public final class RecordingTransport: Transport {
    private let inner: any Transport
    private let exchanges = Mutex<[Transcript.Exchange]>([])

    /// Records what goes through `inner`.
    public init(_ inner: any Transport) {
        self.inner = inner
    }

    /// What was recorded so far.
    public var transcript: Transcript {
        var transcript = Transcript()
        transcript.exchanges = exchanges.withLock { $0 }
        return transcript
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func send(_ request: HTTPRequest) async throws(RPCError) -> HTTPResponse {
        let outcome: Result<HTTPResponse, RPCError>
        do throws(RPCError) {
            outcome = .success(try await inner.send(request))
        } catch {
            outcome = .failure(error)
        }
        exchanges.withLock { $0.append(Transcript.Exchange(body: request.body, outcome: outcome)) }
        return try outcome.get()
    }
}

/// Answers from a transcript; opens no socket.
public final class ReplayTransport: Transport {
    private let outcomes: Mutex<[[UInt8]: ArraySlice<Result<HTTPResponse, RPCError>>]>

    /// Replays `transcript`: an exchange is found by the bytes of its request, equal ones in their recorded order.
    public init(_ transcript: Transcript) {
        var table: [[UInt8]: ArraySlice<Result<HTTPResponse, RPCError>>] = [:]
        for exchange in transcript.exchanges { table[exchange.body, default: []].append(exchange.outcome) }
        outcomes = Mutex(table)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func send(_ request: HTTPRequest) async throws(RPCError) -> HTTPResponse {
        let outcome = outcomes.withLock { table in table[request.body]?.popFirst() }
        guard let outcome else { throw .notRecorded(method: Self.method(request.body)) }
        return try outcome.get()
    }

    private static func method(_ body: [UInt8]) -> String {
        let text = String(decoding: body.prefix(256), as: UTF8.self)
        guard let start = text.range(of: #""method":""#) else { return "request" }
        return String(text[start.upperBound...].prefix { $0 != "\"" })
    }
}

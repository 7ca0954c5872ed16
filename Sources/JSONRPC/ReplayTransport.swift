import Synchronization

/// Answers from a transcript; opens no socket.
public final class ReplayTransport: Transport {
    private struct Key: Hashable {
        /// Empty where the recording knows one endpoint only: then it answers for any.
        var endpoint: String
        var body: [UInt8]
    }

    private let isSingle: Bool
    private let outcomes: Mutex<[Key: ArraySlice<Result<HTTPResponse, RPCError>>]>

    /// Replays `transcript`: an exchange is found by its endpoint and the bytes of its request, equal ones in their
    /// recorded order.
    public init(_ transcript: Transcript) {
        isSingle = transcript.endpoints.count <= 1
        var table: [Key: ArraySlice<Result<HTTPResponse, RPCError>>] = [:]
        for exchange in transcript.exchanges {
            table[Key(endpoint: isSingle ? "" : exchange.endpoint, body: exchange.body), default: []].append(
                exchange.outcome)
        }
        outcomes = Mutex(table)
    }

    /// How many exchanges were not asked for yet.
    public var remaining: Int { outcomes.withLock { $0.values.reduce(0) { $0 + $1.count } } }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func send(_ request: HTTPRequest) async throws(RPCError) -> HTTPResponse {
        guard !Task.isCancelled else { throw .cancelled }
        let key = Key(endpoint: isSingle ? "" : request.endpoint.name, body: request.body)
        let outcome = outcomes.withLock { table in table[key]?.popFirst() }
        guard let outcome else { throw .notRecorded(method: Self.method(request.body)) }
        return try outcome.get()
    }

    private static func method(_ body: [UInt8]) -> String {
        let text = String(decoding: body.prefix(256), as: UTF8.self)
        guard let start = text.range(of: #""method":""#) else { return "request" }
        return Cleaned.text(text[start.upperBound...].prefix { $0 != "\"" }, secrets: Secrets())
    }
}

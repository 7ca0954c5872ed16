import Synchronization

/// Answers from a transcript; opens no socket.
public final class ReplayTransport: Transport {
    private struct Key: Hashable {
        var endpoint: String
        var body: [UInt8]
    }

    private struct State {
        var outcomes: [Key: ArraySlice<Result<HTTPResponse, RPCError>>] = [:]
        /// Recorded names by the names that ask.
        var names: [String: String] = [:]
    }

    private let recorded: [String]
    private let state: Mutex<State>

    /// Replays `transcript`: an exchange is found by its endpoint and the bytes of its request, equal ones in their recorded order.
    ///
    /// An endpoint is known by its recorded name; others stand for the recorded ones in the order in which they are first asked.
    public init(_ transcript: Transcript) {
        recorded = transcript.endpoints
        var start = State()
        for exchange in transcript.exchanges {
            start.outcomes[Key(endpoint: exchange.endpoint, body: exchange.body), default: []].append(exchange.outcome)
        }
        for name in recorded { start.names[name] = name }
        state = Mutex(start)
    }

    /// How many exchanges were not asked for yet.
    public var remaining: Int { state.withLock { $0.outcomes.values.reduce(0) { $0 + $1.count } } }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func send(_ request: HTTPRequest) async throws(RPCError) -> HTTPResponse {
        guard !Task.isCancelled else { throw .cancelled }
        let outcome = state.withLock { state in
            let name = recordedName(request.endpoint.name, &state.names)
            return state.outcomes[Key(endpoint: name, body: request.body)]?.popFirst()
        }
        guard let outcome else { throw .notRecorded(method: Self.method(request.body)) }
        return try outcome.get()
    }

    private func recordedName(_ name: String, _ names: inout [String: String]) -> String {
        if let known = names[name] { return known }
        let taken = names.count - recorded.count
        let stand = taken < recorded.count ? recorded[taken] : name
        names[name] = stand
        return stand
    }

    private static func method(_ body: [UInt8]) -> String {
        let text = String(decoding: body.prefix(256), as: UTF8.self)
        guard let start = text.range(of: #""method":""#) else { return "request" }
        return Cleaned.text(text[start.upperBound...].prefix { $0 != "\"" }, secrets: Secrets())
    }
}

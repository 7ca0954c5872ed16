import Synchronization

/// Repeats what happened on the sockets of a recording; opens none.
///
/// An event is given only after what was done before it was done again, byte for byte; a program that does something
/// else is told that the recording does not hold it.
public final class ReplaySockets: SocketTransport {
    private struct State {
        var entries: ArraySlice<Transcript.SocketEntry>
        var connections = 0
        /// What was done and is not in the recording.
        var stranger: String?
        /// The recording ended inside what was done after its last event.
        var isOver = false
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public let session: SocketSession
    private let state: Mutex<State>

    /// Replays the sockets of `transcript`.
    public init(_ transcript: Transcript) {
        var entries = transcript.sockets[...]
        if case .began(let session)? = entries.first {
            self.session = session
            entries.removeFirst()
        } else {
            session = SocketSession(startedAt: 0, seed: 0)
        }
        state = Mutex(State(entries: entries))
    }

    /// How much of the recording was not repeated yet.
    public var remaining: Int { state.withLock { $0.entries.count } }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func open(_ endpoint: Endpoint) -> Int {
        state.withLock { state in
            Self.repeated("a connection", &state) { if case .open = $0 { true } else { false } }
            defer { state.connections += 1 }
            return state.connections
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func send(_ text: [UInt8], on connection: Int) {
        state.withLock { Self.repeated("message", &$0) { $0 == .sent(connection, text) } }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func close(_ connection: Int) {
        state.withLock { Self.repeated("close", &$0) { $0 == .close(connection) } }
    }

    private static func repeated(
        _ what: String, _ state: inout State, _ fits: (Transcript.SocketEntry) -> Bool
    ) {
        guard let entry = state.entries.first else {
            state.isOver = true
            return
        }
        if fits(entry) { state.entries.removeFirst() } else { state.stranger = state.stranger ?? what }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func next(until deadline: Duration?) async throws(RPCError) -> SocketEvent? {
        guard !Task.isCancelled else { throw .cancelled }
        let step: Result<SocketEvent?, RPCError> = state.withLock { state in
            if let stranger = state.stranger { return .failure(.notRecorded(method: stranger)) }
            guard !state.isOver, let entry = state.entries.first else { return .success(nil) }
            guard case .event(let event) = entry else {
                return .failure(.transcript("something was done on a socket that this program does not do"))
            }
            state.entries.removeFirst()
            return .success(event)
        }
        return try step.get()
    }
}

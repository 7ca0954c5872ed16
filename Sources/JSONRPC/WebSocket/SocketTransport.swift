/// Carries text messages over connections that stay open: over sockets, or from a recording.
///
/// One task drives it: what happened is taken in one order, and that order is what a recording keeps. Whoever decides
/// by these events alone, by their times and by ``session``, decides the same in a replay.
public protocol SocketTransport: Sendable {
    /// What decisions may rest on beside the events.
    var session: SocketSession { get }
    /// Begins to connect; how that went is an event. Connections are numbered from 0 in the order of these calls.
    func open(_ endpoint: Endpoint) -> Int
    /// Sends a text. On a connection that is not open, nothing: its end is an event.
    func send(_ text: [UInt8], on connection: Int)
    /// Closes a connection; no event of it follows.
    func close(_ connection: Int)
    /// What happened next, ``SocketEvent/Kind/due`` where nothing did before `deadline`; nil at the end of a recording.
    ///
    /// - Throws: `.cancelled`, or what a recording does not hold.
    func next(until deadline: Duration?) async throws(RPCError) -> SocketEvent?
}

/// Facts of a session that its replay repeats.
public struct SocketSession: Sendable, Hashable {
    /// When it began, in milliseconds since 1970.
    public let startedAt: UInt64
    /// Where its random numbers begin.
    public let seed: UInt64

    /// Makes the facts of a session.
    public init(startedAt: UInt64, seed: UInt64) {
        self.startedAt = startedAt
        self.seed = seed
    }
}

/// What happened on the sockets of a session.
public struct SocketEvent: Sendable, Hashable {
    /// What happened.
    public enum Kind: Sendable, Hashable {
        /// Nothing until the time that was asked for.
        case due
        /// The connection is open for messages.
        case opened(Int)
        /// A whole message, valid UTF-8.
        case text(Int, [UInt8])
        /// The connection is gone; its last event.
        case ended(Int, SocketEnd)
    }

    /// When: whole milliseconds since the session began; never earlier than the event before.
    public let at: Duration
    /// What happened.
    public let kind: Kind

    /// Makes an event.
    public init(at: Duration, _ kind: Kind) {
        self.at = at
        self.kind = kind
    }

    /// The connection that it happened on.
    public var connection: Int? {
        switch kind {
        case .due: nil
        case .opened(let connection), .text(let connection, _), .ended(let connection, _): connection
        }
    }
}

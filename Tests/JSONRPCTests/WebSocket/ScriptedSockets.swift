@testable import JSONRPC
import Synchronization

/// Sockets that exist only in a test: it says what happens, and sees what was done.
final class ScriptedSockets: SocketTransport {
    enum Done: Hashable, Sendable {
        case open(String)
        case send(Int, String)
        case close(Int)
    }

    private struct State {
        var done: [Done] = []
        var connections = 0
        var events: [SocketEvent] = []
    }

    let session = SocketSession(startedAt: 1_700_000_000_000, seed: 5)
    private let state = Mutex(State())

    init(_ events: [SocketEvent] = []) { state.withLock { $0.events = events } }

    /// What was done since it was asked last.
    func takeDone() -> [Done] {
        state.withLock { state in
            defer { state.done = [] }
            return state.done
        }
    }

    func open(_ endpoint: Endpoint) -> Int {
        state.withLock { state in
            state.done.append(.open(endpoint.name))
            defer { state.connections += 1 }
            return state.connections
        }
    }

    func send(_ text: [UInt8], on connection: Int) {
        state.withLock { $0.done.append(.send(connection, String(decoding: text, as: UTF8.self))) }
    }

    func close(_ connection: Int) { state.withLock { $0.done.append(.close(connection)) } }

    func next(until deadline: Duration?) async throws(RPCError) -> SocketEvent? {
        state.withLock { $0.events.isEmpty ? nil : $0.events.removeFirst() }
    }
}

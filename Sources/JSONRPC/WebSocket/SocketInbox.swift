import Synchronization

/// What happened on sockets and was not taken yet. Bounded by those who fill it: they stop reading where it says so.
final class SocketInbox: Sendable {
    /// How much of one connection waits before it is no longer read.
    struct Limits: Sendable {
        var bytes = 1 << 20
        var messages = 512
    }

    private struct Waiter {
        let number: Int
        let resume: CheckedContinuation<SocketEvent?, Never>
    }

    private struct Line {
        var bytes = 0
        var messages = 0
        /// Reads on, where reading stopped.
        var resume: (@Sendable () -> Void)?
    }

    private struct State {
        var events: ArraySlice<SocketEvent> = []
        var lines: [Int: Line] = [:]
        var waiter: Waiter?
        /// The wait that is under way, 0 where there is none.
        var active = 0
        /// How it ended, where it ended before it could begin.
        var ended: SocketEvent??
        var next = 0
    }

    private let limits: Limits
    private let clock: @Sendable () -> Duration
    private let state = Mutex(State())

    /// - Parameter clock: whole milliseconds since the session began.
    init(limits: Limits = Limits(), clock: @escaping @Sendable () -> Duration) {
        self.limits = limits
        self.clock = clock
    }

    /// Begins to take events of a connection.
    func add(_ connection: Int) { state.withLock { $0.lines[connection] = Line() } }

    /// Whether events of the connection are still taken.
    func has(_ connection: Int) -> Bool { state.withLock { $0.lines[connection] != nil } }

    /// Takes no more of a connection and drops what waits.
    func drop(_ connection: Int) {
        state.withLock { state in
            state.lines[connection] = nil
            state.events.removeAll { $0.connection == connection }
        }
    }

    /// Keeps an event for whoever asks next.
    func put(_ kind: SocketEvent.Kind) {
        let waiter: (Waiter, SocketEvent)? = state.withLock { state in
            let event = SocketEvent(at: clock(), kind)
            guard let connection = event.connection, state.lines[connection] != nil else { return nil }
            if case .ended = kind { state.lines[connection] = nil }
            if let waiter = state.waiter {
                state.waiter = nil
                return (waiter, event)
            }
            if case .text(_, let text) = kind {
                state.lines[connection]?.bytes += text.count
                state.lines[connection]?.messages += 1
            }
            state.events.append(event)
            return nil
        }
        if let (waiter, event) = waiter { waiter.resume.resume(returning: event) }
    }

    /// Whether the connection should be read; where not, `resume` is called when there is room.
    func mayRead(_ connection: Int, resume: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            guard let line = state.lines[connection], isFull(line) else { return true }
            state.lines[connection]?.resume = resume
            return false
        }
    }

    private func isFull(_ line: Line) -> Bool { line.bytes >= limits.bytes || line.messages >= limits.messages }

    /// A number for ``take(_:)`` and ``end(_:_:)``.
    func begin() -> Int {
        state.withLock { state in
            state.next += 1
            state.active = state.next
            state.ended = nil
            return state.next
        }
    }

    /// The next event, or what ``end(_:_:)`` says.
    func take(_ number: Int) async -> SocketEvent? {
        await withCheckedContinuation { continuation in
            var resume: (@Sendable () -> Void)?
            let ready: SocketEvent?? = state.withLock { state in
                if let event = state.events.popFirst() {
                    resume = taken(event, &state)
                    return .some(event)
                }
                if let ended = state.ended { return .some(ended) }
                state.waiter = Waiter(number: number, resume: continuation)
                return nil
            }
            resume?()
            if let ready { continuation.resume(returning: ready) }
        }
    }

    private func taken(_ event: SocketEvent, _ state: inout State) -> (@Sendable () -> Void)? {
        guard case .text(let connection, let text) = event.kind, var line = state.lines[connection] else { return nil }
        line.bytes -= text.count
        line.messages -= 1
        let resume = isFull(line) ? nil : line.resume
        if resume != nil { line.resume = nil }
        state.lines[connection] = line
        return resume
    }

    /// Ends the wait of this number with `event`, nil for a cancelled one.
    func end(_ number: Int, _ event: SocketEvent?) {
        let waiter: Waiter? = state.withLock { state in
            guard state.active == number else { return nil }
            guard let waiter = state.waiter else {
                state.ended = .some(event)
                return nil
            }
            state.waiter = nil
            return waiter
        }
        waiter?.resume.resume(returning: event)
    }

    /// Forgets a wait that is over.
    func finish(_ number: Int) {
        state.withLock { state in
            guard state.active == number else { return }
            state.active = 0
            state.ended = nil
        }
    }
}

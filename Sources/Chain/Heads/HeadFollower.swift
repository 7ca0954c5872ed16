import Ethereum
import JSONRPC

/// What stands between the sources and the tracker: asks, waits, and decides which source to ask.
struct HeadFollower: Sendable {
    /// A header that was asked for over a socket.
    struct Fetch: Sendable {
        var hash: Hash32
        var socket: Int
        var id: Int
        var until: Duration
    }

    let client: any RPCCalling
    let transport: any SocketTransport
    let options: HeadStream.Options
    var tracker: HeadTracker
    var sockets: [SocketSubscriber]
    /// Why each source is not there, where the consumer was told; the client first.
    var losses: [RPCError?]
    var drift: DriftWatch
    var polls: PollSchedule
    var ready: ArraySlice<ChainEvent> = []
    /// The time of the last event.
    var now = Duration.zero
    var lastBlock = Duration.zero
    var isStalled = false
    var isOver = false
    /// Whether the client answered, since it last failed, for the right chain.
    var isClientChecked = false
    var fetch: Fetch?
    /// Headers that the socket, or a query by numbers, did not bring.
    var triedSocket: Hash32?
    var triedNumbers: Hash32?
    /// When to ask again for a header that is not there yet.
    var retryAt: Duration?
    var retries = 0

    init(
        client: any RPCCalling, sockets endpoints: [Endpoint], transport: any SocketTransport, start: [Block],
        options: HeadStream.Options
    ) {
        self.client = client
        self.transport = transport
        self.options = options
        tracker = HeadTracker(depth: options.depth, start: start)
        let seed = transport.session.seed
        sockets = endpoints.enumerated().map { index, endpoint in
            SocketSubscriber(
                endpoint: endpoint, chainId: options.chainId, subscription: Array(#"["newHeads"]"#.utf8),
                silence: options.silence, seed: seed &+ UInt64(index) &+ 1)
        }
        losses = Array(repeating: nil, count: endpoints.count + 1)
        drift = DriftWatch(tolerance: options.clockTolerance)
        polls = PollSchedule(blockTime: options.blockTime, silence: options.silence, seed: seed)
    }

    /// The source that a poll is; sockets are 1 and up.
    static let poll = 0

    func name(_ source: Int) -> String {
        source == Self.poll ? client.name : sockets[source - 1].endpoint.name
    }

    private var deadline: Duration {
        var first = polls.next
        for socket in sockets { first = min(first, socket.deadline) }
        if let fetch { first = min(first, fetch.until) }
        if let retryAt { first = min(first, retryAt) }
        if !isStalled { first = min(first, lastBlock + options.silence) }
        return first
    }

    mutating func next() async throws(ChainError) -> ChainEvent? {
        while true {
            if let event = ready.popFirst() { return event }
            guard !isOver else { return nil }
            let event: SocketEvent?
            do throws(RPCError) {
                event = try await transport.next(until: deadline)
            } catch {
                close()
                throw error == .cancelled ? .cancelled : .endpoint(error)
            }
            guard let event else {
                isOver = true
                return nil
            }
            try await take(event)
        }
    }

    private mutating func take(_ event: SocketEvent) async throws(ChainError) {
        now = event.at
        for index in sockets.indices {
            for output in sockets[index].take(event, on: transport) { take(output, of: index) }
        }
        if let fetch, fetch.until <= now {
            sockets[fetch.socket].forget(fetch.id)
            self.fetch = nil
        }
        if let retryAt, retryAt <= now { self.retryAt = nil }
        try await follow()
        if polls.next <= now, !isOver {
            try await poll()
            try await follow()
        }
        if !isStalled, !isOver, now - lastBlock >= options.silence {
            isStalled = true
            ready.append(.status(.stalled(for: now - lastBlock)))
            polls.hurry(at: now)
        }
    }

    mutating func take(_ output: SocketSubscriber.Output, of index: Int) {
        switch output {
        case .connected: found(index + 1)
        case .lost(let error): lost(index + 1, error)
        case .notification(let result): heard(result, index)
        case .answer(let id, let outcome): answered(id, outcome, index)
        }
    }

    mutating func found(_ source: Int) {
        losses[source] = nil
        ready.append(.status(.connected(endpoint: name(source))))
    }

    mutating func lost(_ source: Int, _ error: RPCError) {
        tracker.forget(source: source)
        if source != Self.poll, !sockets.contains(where: \.isLive) { polls.hurry(at: now) }
        // The same again at every attempt is no news.
        guard losses[source] != error else { return }
        losses[source] = error
        ready.append(.status(.disconnected(endpoint: name(source), error)))
    }

    mutating func close() {
        isOver = true
        for index in sockets.indices { sockets[index].close(on: transport) }
    }
}

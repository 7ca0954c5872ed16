public import Ethereum
public import JSON
internal import Synchronization

/// One stream of messages: kept on disk before anybody hears of them, and then handed to every consumer.
///
/// Delivery is at least once: a crash between the disk and the consumers repeats nothing and loses nothing for who
/// resumes by number.
public final class Feed: Sendable {
    /// How a stream is kept.
    public struct Options: Sendable {
        /// Bytes of a file before the next is begun.
        public var segmentBytes: UInt64 = 64 << 20
        /// Files that are kept; at least two.
        public var segments = 8
        /// Who publishes: name, version, instance and the hash of the configuration.
        public var scanner: JSONValue = .null
        /// Milliseconds since 1970.
        public var clock: @Sendable () -> UInt64

        /// The usual.
        public init(clock: @escaping @Sendable () -> UInt64) { self.clock = clock }
    }

    private struct State: ~Copyable {
        var log: FeedLog
        var composer = FeedComposer()
        var queues: [Int: FeedQueue] = [:]
        var lastQueue = 0
        var isClosed = false
    }

    /// Its name, `chainId/family/deployment`.
    public let stream: String
    private let options: Options
    private let state: Mutex<State>

    /// Opens a stream in a folder of its own; goes on where it stood.
    public init(stream: String, in folder: String, options: Options) throws(FeedError) {
        self.stream = stream
        self.options = options
        var limits = FeedLog.Limits()
        limits.segment = options.segmentBytes
        limits.segments = options.segments
        state = Mutex(State(log: try FeedLog(stream: stream, in: folder, limits: limits)))
    }

    /// What a consumer who has heard everything knows.
    public var current: FeedState { state.withLock { $0.log.state } }

    /// Publishes what a block brought.
    ///
    /// - Throws: where it cannot be kept; nobody was told then.
    public func publish(_ block: FeedBlock) throws(FeedError) {
        try commit { state in
            // On disk first: the composer remembers what it said only where that worked.
            var composer = state.composer
            let messages = composer.compose(block, on: state.log.state)
            return (messages, composer)
        }
    }

    /// Takes back what blocks brought that are no longer part of the chain.
    ///
    /// - Parameter orphaned: the newest first.
    public func retract(_ orphaned: [Hash32]) throws(FeedError) {
        try commit { state in (state.log.state.retractions(of: orphaned), state.composer) }
    }

    /// Publishes a `status`, `gap` or `heartbeat`.
    public func announce(_ kind: FeedMessage.Kind, _ body: JSONObject = JSONObject()) throws(FeedError) {
        try commit { state in ([FeedMessage(kind, body: body)], state.composer) }
    }

    private func commit(_ make: (borrowing State) -> ([FeedMessage], FeedComposer)) throws(FeedError) {
        let time = options.clock()
        let result = state.withLock { state -> Result<Void, FeedError> in
            let (messages, composer) = make(state)
            guard !messages.isEmpty else { return .success(()) }
            var next = state.log.state
            var lines: [FeedLine] = []
            do throws(FeedError) {
                for message in messages {
                    let seq = next.seq + 1
                    let bytes = message.line(
                        seq: seq, stream: stream, emittedAtMs: time, scanner: options.scanner)
                    try next.apply(message, seq: seq, line: bytes)
                    lines.append(FeedLine(seq: seq, kind: message.kind, id: message.id, bytes: bytes))
                }
                try state.log.append(lines.map(\.bytes), leadingTo: next)
            } catch {
                return .failure(error)
            }
            state.composer = composer
            for (number, queue) in state.queues {
                for line in lines where !queue.offer(line) {
                    state.queues[number] = nil
                    break
                }
            }
            return .success(())
        }
        try result.get()
    }

    /// Lets a consumer hear the stream.
    ///
    /// - Throws: `.token` where the number was not given out yet.
    public func subscribe(
        from point: FeedPoint, limits: FeedQueue.Limits = FeedQueue.Limits()
    ) throws(FeedError) -> FeedSubscription {
        let queue = FeedQueue(limits)
        let result = state.withLock { state -> Result<(Int, UInt64, FeedHistory), FeedError> in
            let now = state.log.state
            do throws(FeedError) {
                let history = try Self.history(of: state.log, from: point)
                state.lastQueue += 1
                if state.isClosed { queue.finish() } else { state.queues[state.lastQueue] = queue }
                return .success((state.lastQueue, now.seq, history))
            } catch {
                return .failure(error)
            }
        }
        let (number, seq, history) = try result.get()
        return FeedSubscription(stream: stream, queue: queue, history: history, upTo: seq) { [weak self] in
            self?.leave(number)
        }
    }

    /// What a consumer has to hear before what is queued for it.
    private static func history(of log: borrowing FeedLog, from point: FeedPoint) throws(FeedError) -> FeedHistory {
        let now = log.state
        switch point {
        case .tail: return .none
        case .snapshot: return .snapshot(now, missed: nil)
        case .after(let seq):
            guard seq <= now.seq else { throw .token("\(seq) was not given out yet; the last is \(now.seq)") }
            guard seq < now.seq else { return .none }
            let segments = try log.segments()
            guard let place = segments.lastIndex(where: { $0 <= seq + 1 }) else {
                return .snapshot(now, missed: seq)
            }
            return .segments(segments[place...].map { log.path($0) }, after: seq, state: now)
        }
    }

    private func leave(_ number: Int) { state.withLock { _ = $0.queues.removeValue(forKey: number) } }

    /// How many consumers listen.
    public var consumers: Int { state.withLock { $0.queues.count } }

    /// The most that waits for one consumer, in messages and in bytes.
    public var backlog: (messages: Int, bytes: Int) {
        state.withLock { state in
            state.queues.values.reduce((0, 0)) { (max($0.0, $1.count), max($0.1, $1.bytes)) }
        }
    }

    /// Ends the stream for every consumer; what waits for them is still given. Who comes later hears what was kept, and
    /// then its end.
    public func close() {
        state.withLock { state in
            state.isClosed = true
            for queue in state.queues.values { queue.finish() }
            state.queues = [:]
        }
    }
}

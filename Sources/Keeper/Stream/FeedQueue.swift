internal import Ethereum
internal import Synchronization

/// What waits for one consumer: bounded, with a policy for one who is too slow.
public final class FeedQueue: Sendable {
    /// What happens where the queue is full.
    public enum Overflow: String, CaseIterable, Sendable {
        /// Of each position only the newest message is kept; what must not be lost never is.
        case coalesce
        /// The consumer is cut off, and resumes by its token.
        case disconnect
    }

    /// How much waits.
    public struct Limits: Hashable, Sendable {
        /// Messages.
        public var messages: Int
        /// Bytes.
        public var bytes: Int
        /// What happens beyond.
        public var overflow: Overflow

        /// Makes limits.
        public init(messages: Int = 10_000, bytes: Int = 64 << 20, overflow: Overflow = .coalesce) {
            self.messages = messages
            self.bytes = bytes
            self.overflow = overflow
        }
    }

    /// Why a queue gives nothing more.
    public enum End: Hashable, Sendable {
        /// The stream is over.
        case closed
        /// The consumer was too slow.
        case overflow
    }

    fileprivate struct State {
        var lines: [FeedLine?] = []
        /// Lines before this place were taken.
        var first = 0
        var count = 0
        var bytes = 0
        var end: End?
        var waiter: CheckedContinuation<FeedLine?, Never>?
        /// Messages that a newer one of the same position took the place of.
        var coalesced = 0
    }

    private let limits: Limits
    private let state = Mutex(State())

    /// An empty queue.
    public init(_ limits: Limits = Limits()) { self.limits = limits }

    /// Puts a message in; nothing where the queue has ended.
    ///
    /// - Returns: whether the consumer is still there.
    @discardableResult
    public func offer(_ line: FeedLine) -> Bool {
        let (waiter, isOpen) = state.withLock { state -> (CheckedContinuation<FeedLine?, Never>?, Bool) in
            guard state.end == nil else { return (nil, false) }
            if let waiter = state.waiter {
                // Who waits has nothing queued.
                state.waiter = nil
                return (waiter, true)
            }
            state.append(line)
            if state.count > limits.messages || state.bytes > limits.bytes {
                if limits.overflow == .coalesce { state.coalesce() }
                if state.count > limits.messages || state.bytes > limits.bytes { state.finish(.overflow) }
            }
            return (nil, state.end == nil)
        }
        waiter?.resume(returning: line)
        return isOpen
    }

    /// The next message; nil once the queue has ended and is empty, or the task is cancelled.
    public func next() async -> FeedLine? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state -> FeedLine?? in
                    if let line = state.takeFirst() { return .some(line) }
                    if state.end != nil || Task.isCancelled || state.waiter != nil { return .some(nil) }
                    state.waiter = continuation
                    return nil
                }
                if let ready { continuation.resume(returning: ready) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                let waiter = state.waiter
                state.waiter = nil
                return waiter
            }
            waiter?.resume(returning: nil)
        }
    }

    /// The next message, where one waits.
    func nextNow() -> FeedLine? { state.withLock { $0.takeFirst() } }

    /// Ends the queue: what waits is still given.
    public func finish() {
        let waiter = state.withLock { state in
            if state.end == nil { state.end = .closed }
            let waiter = state.waiter
            state.waiter = nil
            return waiter
        }
        waiter?.resume(returning: nil)
    }

    /// Why it ended; nil where it has not.
    public var end: End? { state.withLock(\.end) }
    /// How many messages wait.
    public var count: Int { state.withLock(\.count) }
    /// Bytes of the messages that wait; consumers share them.
    public var bytes: Int { state.withLock(\.bytes) }
    /// How many messages a newer one took the place of.
    public var coalesced: Int { state.withLock(\.coalesced) }
}

extension FeedQueue.State {
    fileprivate mutating func append(_ line: FeedLine) {
        lines.append(line)
        count += 1
        bytes += line.bytes.count
    }

    fileprivate mutating func takeFirst() -> FeedLine? {
        while first < lines.count {
            let line = lines[first]
            lines[first] = nil
            first += 1
            if first > 1_024, first * 2 > lines.count {
                lines.removeFirst(first)
                first = 0
            }
            guard let line else { continue }
            count -= 1
            bytes -= line.bytes.count
            return line
        }
        lines.removeAll(keepingCapacity: true)
        first = 0
        return nil
    }

    /// Leaves of each position the newest of its records, and of heads and heartbeats the newest.
    ///
    /// A record before a `close` of the same position goes; `close`, `retract`, `gap` and `status` stay.
    fileprivate mutating func coalesce() {
        var seen: Set<Hash32> = []
        var newest: Set<FeedMessage.Kind> = []
        var kept: [FeedLine?] = []
        for line in lines[first...].reversed() {
            guard let line else { continue }
            var stays = true
            switch line.kind {
            case .opportunity?, .watch?: stays = line.id.map { seen.insert($0).inserted } ?? true
            case .close?: if let id = line.id { seen.insert(id) }
            case .head?, .heartbeat?: stays = line.kind.map { newest.insert($0).inserted } ?? true
            case .retract?, .gap?, .status?, nil: break
            }
            if stays { kept.append(line) } else { coalesced += 1 }
        }
        lines = kept.reversed()
        first = 0
        count = lines.count
        bytes = lines.reduce(0) { $0 + ($1?.bytes.count ?? 0) }
    }

    fileprivate mutating func finish(_ end: FeedQueue.End) {
        self.end = end
        lines.removeAll()
        first = 0
        count = 0
        bytes = 0
    }
}

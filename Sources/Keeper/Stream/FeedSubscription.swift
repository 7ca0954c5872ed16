internal import Ethereum
internal import JSON
internal import Synchronization

/// What a consumer has to hear before what comes.
enum FeedHistory: Sendable {
    case none
    /// What stands; `missed` is the number after which the consumer missed something, where it asked by number.
    case snapshot(FeedState, missed: UInt64?)
    /// Messages on disk; `state` stands in for them where they were removed before they were read.
    case segments([String], after: UInt64, state: FeedState)
}

/// Messages that were taken together.
public struct FeedPassage: Hashable, Sendable {
    /// The messages, at least one.
    public var lines: [FeedLine]
    /// The number after which to go on once these were handled; nil in the middle of a snapshot, which counts as a whole.
    public var place: UInt64?
}

/// A consumer's way through a stream: what it missed, then what comes, in order and without a hole.
///
/// One task takes from it at a time.
public final class FeedSubscription: Sendable {
    /// The stream.
    public let stream: String
    private let queue: FeedQueue
    private let leave: @Sendable () -> Void
    private let history: Mutex<Past>

    /// What was not given of the past yet.
    struct Past: ~Copyable {
        var lines: [FeedLine] = []
        var next = 0
        var files: ArraySlice<String> = []
        var reader: FeedLines?
        /// The last number that was given or is not wanted.
        var seq: UInt64 = 0
        var upTo: UInt64 = 0
        var fallback: FeedState?
    }

    init(
        stream: String, queue: FeedQueue, history: FeedHistory, upTo: UInt64, leave: @escaping @Sendable () -> Void
    ) {
        self.stream = stream
        self.queue = queue
        self.leave = leave
        var past = Past()
        switch history {
        case .none: break
        case .snapshot(let state, let missed):
            past.lines = Self.snapshot(of: state, missed: missed, stream: stream)
        case .segments(let files, let after, let state):
            past.files = files[...]
            past.seq = after
            past.upTo = upTo
            past.fallback = state
        }
        self.history = Mutex(past)
    }

    deinit { leave() }

    /// The next message; nil at the end, see ``end``.
    public func next() async -> FeedLine? {
        if let line = history.withLock({ $0.advance(of: stream) }) { return line }
        return await queue.next()
    }

    /// The next messages: one at least, and what waits behind it; nil at the end, see ``end``.
    ///
    /// - Parameters:
    ///   - most: at most so many.
    ///   - bytes: no more are taken once they hold so many bytes.
    public func batch(upTo most: Int, bytes: Int = 1 << 20) async -> FeedPassage? {
        guard let first = await next() else { return nil }
        var lines = [first]
        var size = first.bytes.count
        while lines.count < most, size < bytes,
            let line = history.withLock({ $0.advance(of: stream) }) ?? queue.nextNow()
        {
            lines.append(line)
            size += line.bytes.count
        }
        let isWithin = history.withLock { $0.next < $0.lines.count }
        return FeedPassage(lines: lines, place: isWithin ? nil : lines.last?.seq)
    }

    /// Why nothing more comes; nil where it does.
    public var end: FeedQueue.End? { queue.end }
    /// How many messages wait.
    public var waiting: Int { queue.count }

    /// What stands, as lines: a frame that says how many follow and up to which number they hold, and they.
    static func snapshot(of state: FeedState, missed: UInt64?, stream: String) -> [FeedLine] {
        var lines: [FeedLine] = []
        if let missed {
            let gap: JSONValue = [
                "v": .integer(FeedMessage.version), "type": "gap", "stream": .string(stream),
                "seq": .integer(state.seq),
                "fromSeq": .integer(missed + 1), "reason": "retention", "resyncing": true,
            ]
            lines.append(FeedLine(seq: state.seq, kind: .gap, bytes: gap.serialized()))
        }
        let open = state.entries.filter { $0.value.line != nil }.sorted { $0.key < $1.key }
        let frame: JSONValue = [
            "v": .integer(FeedMessage.version), "type": "snapshot", "stream": .string(stream),
            "snapshotSeq": .integer(state.seq), "records": .integer(open.count),
            "block": state.head.map { .object($0) } ?? .null,
        ]
        lines.append(FeedLine(seq: state.seq, kind: nil, bytes: frame.serialized()))
        for (id, entry) in open {
            if let bytes = entry.line { lines.append(FeedLine(seq: state.seq, kind: entry.kind, id: id, bytes: bytes)) }
        }
        return lines
    }
}

extension FeedSubscription.Past {
    mutating func advance(of stream: String) -> FeedLine? {
        while true {
            if next < lines.count {
                defer { next += 1 }
                return lines[next]
            }
            guard seq < upTo else { return nil }
            do throws(FeedError) {
                if let line = try read(stream) { return line }
                // Every file was read and something is missing.
                fallBack(stream)
            } catch {
                fallBack(stream)
            }
        }
    }

    private mutating func read(_ stream: String) throws(FeedError) -> FeedLine? {
        while true {
            if reader == nil {
                guard let file = files.popFirst() else { return nil }
                var opened = try FeedLines(path: file)
                guard try FeedSegment.checkpoint(of: &opened, stream: stream) != nil else { return nil }
                reader = consume opened
            }
            guard let line = try reader?.next() else {
                reader = nil
                continue
            }
            let (number, message) = try FeedMessage.parse(line)
            guard number > seq, number <= upTo else { continue }
            guard number == seq + 1 else { throw .malformed("seq \(seq + 1)") }
            seq = number
            return FeedLine(seq: number, kind: message.kind, id: message.id, bytes: line)
        }
    }

    /// What is on disk does not reach: what stood when the consumer came takes its place.
    private mutating func fallBack(_ stream: String) {
        if let fallback {
            lines = FeedSubscription.snapshot(of: fallback, missed: seq, stream: stream)
            next = 0
        }
        seq = upTo
        files = []
        reader = nil
        fallback = nil
    }
}

internal import Ethereum
internal import JSON
internal import Keeper
internal import Synchronization

/// Hears every stream to say how the watch is: its health and its metrics.
final class FeedObserver: Sendable {
    /// What was heard of a stream in this run.
    struct Seen: Sendable {
        var status = "starting"
        /// When the last block was done, milliseconds since 1970; the start before there is one.
        var beatAt: UInt64
        var block: UInt64?
        var blockTime: UInt64?
        var counts: [(state: String, count: Int)] = []
        var mismatches: UInt64 = 0
        var retractedBlocks: UInt64 = 0
        var gaps: UInt64 = 0
        /// From block to verdict.
        var latency = MillisecondHistogram()
        /// The block in which each open position was first said.
        var opened: [Hash32: UInt64] = [:]
    }

    private let shared: Shared
    private let tasks: [Task<Void, Never>]
    private let clock: @Sendable () -> UInt64

    /// - Parameter clock: milliseconds since 1970.
    init(_ feeds: [Feed], clock: @escaping @Sendable () -> UInt64) throws(FeedError) {
        let start = clock()
        let seen = Dictionary(feeds.map { ($0.stream, Seen(beatAt: start)) }, uniquingKeysWith: { first, _ in first })
        let shared = Shared(seen)
        self.clock = clock
        var tasks: [Task<Void, Never>] = []
        for feed in feeds {
            let subscription = try feed.subscribe(from: .tail)
            tasks.append(
                Task {
                    while let line = await subscription.next() { shared.take(line, of: feed.stream, now: clock()) }
                })
        }
        self.tasks = tasks
        self.shared = shared
    }

    deinit { for task in tasks { task.cancel() } }

    /// What was heard of each stream.
    var seen: [String: Seen] { shared.state.withLock { $0 } }

    /// Streams that are not followed as they should be, with the reason.
    ///
    /// - Parameter within: milliseconds within which a block has to be done.
    func complaints(within limit: UInt64) -> [(stream: String, why: String)] {
        let now = clock()
        return seen.sorted { $0.key < $1.key }.compactMap { stream, seen in
            if seen.status != "live" { return (stream, "the stream is \(seen.status)") }
            let age = now > seen.beatAt ? now - seen.beatAt : 0
            return age > limit ? (stream, "no block was done for \(age / 1_000) seconds") : nil
        }
    }

    private final class Shared: Sendable {
        let state: Mutex<[String: Seen]>
        init(_ seen: [String: Seen]) { state = Mutex(seen) }

        func take(_ line: FeedLine, of stream: String, now: UInt64) {
            guard let kind = line.kind else { return }
            let value: JSONValue
            do throws(JSONError) { value = try JSONValue(parsing: line.bytes) } catch { return }
            state.withLock { state in
                var seen = state[stream] ?? Seen(beatAt: now)
                seen.take(kind, line.id, value, now: now)
                state[stream] = seen
            }
        }
    }
}

extension FeedObserver.Seen {
    /// Takes one message in.
    mutating func take(_ kind: FeedMessage.Kind, _ id: Hash32?, _ value: JSONValue, now: UInt64) {
        switch kind {
        case .status: status = value["status"]?.string ?? "unknown"
        case .gap:
            gaps += 1
            status = "syncing"
        case .retract: retractedBlocks += 1
        case .opportunity:
            if let id, opened[id] == nil { opened[id] = value["block"]?["number"]?.uint64 }
        case .watch, .close: if let id { opened[id] = nil }
        case .heartbeat: break
        case .head:
            beatAt = now
            // A block that is done after one that could not be read: all is well again.
            if status == "degraded" { status = "live" }
            block = value["block"]?["number"]?.uint64
            blockTime = value["block"]?["timestamp"]?.uint64
            let open = value["counts"]?["open"]?.int ?? 0
            let near = value["counts"]?["watch"]?.int ?? 0
            let unknown = value["counts"]?["unknown"]?.int ?? 0
            counts = [("open", open), ("watch", near), ("unknown", unknown)]
            if let all = value["accounts"]?.int { counts.append(("safe", max(all - open - near, 0))) }
            // A block that is said again for its prices was counted.
            if value["update"] == nil { mismatches += value["counts"]?["mismatched"]?.uint64 ?? 0 }
            if let elapsed = value["elapsedMs"]?.uint64 { latency.take(elapsed) }
        }
    }
}

/// How many waits were at most so long.
struct MillisecondHistogram: Sendable {
    static let bounds: [UInt64] = [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000]
    private(set) var counts = [UInt64](repeating: 0, count: bounds.count)
    private(set) var count: UInt64 = 0
    private(set) var sum: UInt64 = 0

    mutating func take(_ value: UInt64) {
        for (index, bound) in Self.bounds.enumerated() where value <= bound { counts[index] += 1 }
        count += 1
        sum &+= value
    }
}

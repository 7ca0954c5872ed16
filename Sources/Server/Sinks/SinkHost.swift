internal import JSONRPC
public import Keeper
public import Logging
import Synchronization

/// Runs sinks beside a watch: every stream is handed to every sink by a task of its own, so that none waits for another.
public final class SinkHost: Sendable {
    private struct Running {
        var tasks: [Task<Void, Never>] = []
        var sockets: [UnixSocketSink] = []
    }

    private let sinks: [(sink: any FeedSink, filter: SinkFilter)]
    private let sockets: [UnixSocketSink]
    private let log: Logger
    private let running = Mutex(Running())
    /// Messages taken together at most.
    private static let batch = 100

    /// Opens sinks.
    ///
    /// - Parameters:
    ///   - folder: where places are kept.
    ///   - secrets: by the names that the configuration gives them; nil where there is none.
    ///   - clock: seconds since 1970.
    /// - Throws: `.unusable` for the first that cannot be opened.
    public init(
        _ configurations: [SinkConfiguration], folder: String, clock: @escaping @Sendable () -> UInt64, log: Logger
    ) throws(SinkError) {
        var sinks: [(any FeedSink, SinkFilter)] = []
        var sockets: [UnixSocketSink] = []
        let make = SinkFactory(folder: folder, clock: clock, log: log)
        for configuration in configurations {
            switch try make.sink(configuration) {
            case .stream(let sink): sinks.append((sink, configuration.filter))
            case .socket(let socket): sockets.append(socket)
            }
        }
        self.sinks = sinks
        self.sockets = sockets
        self.log = log
    }

    /// Begins to hand over.
    ///
    /// - Throws: `.unusable` where a socket cannot be listened at.
    public func begin(_ feeds: [Feed]) async throws(SinkError) {
        for socket in sockets { try await socket.listen(to: feeds) }
        let tasks = sinks.flatMap { sink, filter in
            feeds.filter { filter.has($0.stream) }.map { feed in
                Task { [log] in await Self.run(sink, feed, filter, log) }
            }
        }
        running.withLock {
            $0.tasks = tasks
            $0.sockets = sockets
        }
    }

    /// Waits until the feeds, which have been closed, are handed over, and no longer than this.
    public func finish(within seconds: Int) async {
        let running = running.withLock { running in
            defer { running = Running() }
            return running
        }
        let timer = Task {
            do { try await Task.sleep(for: .seconds(seconds)) } catch { return }
            for task in running.tasks { task.cancel() }
        }
        for task in running.tasks { await task.value }
        timer.cancel()
        for socket in running.sockets { await socket.close() }
        for (sink, _) in sinks { await sink.end() }
    }

    /// One stream's way into one sink, for as long as the stream lasts.
    private static func run(_ sink: any FeedSink, _ feed: Feed, _ filter: SinkFilter, _ log: Logger) async {
        // Who falls behind is cut off, and goes on from the disk: memory is bounded and nothing is lost.
        let limits = FeedQueue.Limits(overflow: .disconnect)
        while !Task.isCancelled {
            do throws(SinkError) {
                let session = try await sink.begin()
                let subscription = try await subscribe(sink, feed, session, limits, log)
                while let passage = await subscription.batch(upTo: batch) {
                    try await sink.deliver(
                        passage.lines.filter { filter.has($0) }, of: feed.stream, place: passage.place, in: session)
                }
                guard subscription.end == .overflow else { return }
                log.notice("sink \(sink.name) is slow: \(feed.stream) goes on from the disk")
            } catch .ended {
                continue
            } catch .stopped {
                return
            } catch {
                log.error("\(error); nothing more goes there")
                return
            }
        }
    }

    private static func subscribe(
        _ sink: any FeedSink, _ feed: Feed, _ session: Int, _ limits: FeedQueue.Limits, _ log: Logger
    ) async throws(SinkError) -> FeedSubscription {
        do throws(FeedError) {
            return try feed.subscribe(from: await sink.point(of: feed.stream, in: session), limits: limits)
        } catch {
            // Its numbers are higher than any that were given out: the stream was begun anew.
            log.warning("sink \(sink.name): \(error); it begins with what stands")
        }
        try await sink.forget(feed.stream)
        do throws(FeedError) {
            return try feed.subscribe(from: .snapshot, limits: limits)
        } catch {
            throw .unusable(sink: sink.name, what: "\(error)")
        }
    }
}

import JSON
import Keeper
import Logging
import NIOCore
import NIOPosix
import Synchronization

/// Listens at a Unix socket: everybody who connects says one line, and hears messages from there on.
///
/// The line is `{"streams": ["1/aave-v3/*"], "types": ["opportunity"], "resume": ["1/aave-v3/core:17"], "overflow":
/// "coalesce"}`, every member of which may be missing.
final class UnixSocketSink: Sendable {
    private let name: String
    private let path: String
    private let filter: SinkFilter
    private let log: Logger
    private let server = Mutex<Task<Void, Never>?>(nil)
    /// The most who may be connected at once.
    private static let most = 64
    /// Longest line that is read.
    private static let longest = 64 << 10
    private let connected = Mutex(0)

    typealias Client = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    init(name: String, path: String, filter: SinkFilter, log: Logger) throws(SinkError) {
        guard path.utf8.count < 104 else {
            throw .unusable(sink: name, what: "the path of a socket has at most 103 bytes")
        }
        self.name = name
        self.path = path
        self.filter = filter
        self.log = log
    }

    /// Begins to listen; a socket that a crash left behind is replaced.
    func listen(to feeds: [Feed]) async throws(SinkError) {
        let bound: NIOAsyncChannel<Client, Never>
        do {
            bound = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.backlog, value: 64)
                .childChannelOption(.writeBufferWaterMark, value: .init(low: 64 << 10, high: 1 << 20))
                .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true) { channel in
                    channel.eventLoop.makeCompletedFuture { try Client(wrappingChannelSynchronously: channel) }
                }
        } catch {
            throw .unusable(sink: name, what: "\(path) cannot be listened at")
        }
        let feeds = feeds.filter { filter.has($0.stream) }
        let task = Task {
            do {
                try await bound.executeThenClose { clients in
                    try await withThrowingDiscardingTaskGroup { group in
                        for try await client in clients {
                            group.addTask { await self.serve(client, feeds) }
                        }
                    }
                }
            } catch {
                log.debug("sink \(name): \(error)")
            }
        }
        server.withLock { $0 = task }
    }

    /// Stops listening; whoever is connected is cut off.
    func close() async {
        let task = server.withLock { server in
            defer { server = nil }
            return server
        }
        task?.cancel()
        await task?.value
    }

    // MARK: One client

    private func serve(_ client: Client, _ feeds: [Feed]) async {
        let isWelcome = connected.withLock { count in
            count += 1
            return count <= Self.most
        }
        defer { connected.withLock { $0 -= 1 } }
        do {
            try await client.executeThenClose { inbound, outbound in
                guard isWelcome else {
                    return try await outbound.write(Self.refusal("\(Self.most) are connected already"))
                }
                var bytes = inbound.makeAsyncIterator()
                let wish: UnixSocketWish
                do throws(UnixSocketRefusal) {
                    wish = try UnixSocketWish(line: try await Self.line(&bytes, of: client.channel))
                } catch {
                    return try await outbound.write(Self.refusal(error.reason))
                }
                try await hand(feeds.filter { wish.filter.has($0.stream) }, wish, to: outbound, of: client.channel)
            }
        } catch {
            log.debug("sink \(name): a client went: \(error)")
        }
    }

    private func hand(
        _ feeds: [Feed], _ wish: UnixSocketWish, to outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        of channel: any Channel
    ) async throws {
        var subscriptions: [FeedSubscription] = []
        for feed in feeds {
            do throws(FeedError) {
                let point = try wish.point(of: feed.stream)
                subscriptions.append(try feed.subscribe(from: point, limits: .init(overflow: wish.overflow)))
            } catch {
                return try await outbound.write(Self.refusal("\(error)"))
            }
        }
        let all = subscriptions
        let gone = AsyncStream<Void>.makeStream()
        channel.closeFuture.whenComplete { _ in gone.continuation.finish() }
        // Whether it was one that hands messages over.
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for subscription in all {
                group.addTask {
                    while let passage = await subscription.batch(upTo: 100) {
                        let lines = passage.lines.filter { self.filter.has($0) && wish.filter.has($0) }
                        guard !lines.isEmpty else { continue }
                        try await outbound.write(ByteBuffer(bytes: FeedFiles.joined(lines)))
                    }
                    return true
                }
            }
            // Who is cut off may sit in a write that never ends: somebody else has to notice.
            group.addTask {
                while !all.allSatisfy({ $0.end != nil }) {
                    if all.contains(where: { $0.end == .overflow }) { throw UnixSocketRefusal("too slow") }
                    try await Task.sleep(for: .seconds(1))
                }
                return false
            }
            // Nor is a write the way to learn that nobody listens: where little is asked for, none may come for hours.
            group.addTask {
                for await _ in gone.stream {}
                if !Task.isCancelled { throw UnixSocketRefusal("gone") }
                return false
            }
            // The first that fails is the end of the others: a client who went holds no place.
            defer { group.cancelAll() }
            var left = all.count
            while left > 0, let isOver = try await group.next() { left -= isOver ? 1 : 0 }
        }
    }

    /// The first line that a client says, within ten seconds.
    private static func line(
        _ bytes: inout NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator, of channel: any Channel
    ) async throws(UnixSocketRefusal) -> [UInt8] {
        let timer = channel.eventLoop.scheduleTask(in: .seconds(10)) { channel.close(promise: nil) }
        defer { timer.cancel() }
        var line: [UInt8] = []
        do {
            while let buffer = try await bytes.next() {
                line += Array(buffer.readableBytesView)
                if let end = line.firstIndex(of: UInt8(ascii: "\n")) { return Array(line[..<end]) }
                guard line.count <= longest else { break }
            }
        } catch {
            throw UnixSocketRefusal("the connection broke")
        }
        throw UnixSocketRefusal("a line of at most \(longest) bytes was expected within ten seconds")
    }

    private static func refusal(_ reason: String) -> ByteBuffer {
        let value: JSONValue = ["type": "error", "reason": .string(reason)]
        return ByteBuffer(bytes: value.serialized() + [UInt8(ascii: "\n")])
    }
}

/// Why a client is not served.
struct UnixSocketRefusal: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

/// What a client wants to hear.
struct UnixSocketWish {
    var filter = SinkFilter()
    var overflow = FeedQueue.Overflow.coalesce
    private var resume: [String] = []

    init(line: [UInt8]) throws(UnixSocketRefusal) {
        do throws(JSONError) {
            let cursor = JSONCursor(try JSONValue(parsing: line))
            for (name, value) in try cursor.members() {
                switch name {
                case "streams": filter.streams = try Self.texts(value)
                case "types": filter.types = try SinkConfiguration.types(value)
                case "resume": resume = try Self.texts(value)
                case "overflow": overflow = try SinkConfiguration.overflow(value)
                default: throw value.mismatch("only streams, types, resume, overflow", got: "a member \"\(name)\"")
                }
            }
        } catch {
            throw UnixSocketRefusal("\(error)")
        }
    }

    /// From where a stream is told.
    func point(of stream: String) throws(FeedError) -> FeedPoint {
        guard let token = resume.first(where: { $0.hasPrefix(stream + ":") }) else { return .snapshot }
        return try FeedPoint(token: token, of: stream)
    }

    private static func texts(_ cursor: JSONCursor) throws(JSONError) -> [String] {
        var texts: [String] = []
        for element in try cursor.elements().prefix(64) { texts.append(try element.string()) }
        return texts
    }
}

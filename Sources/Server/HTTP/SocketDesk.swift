internal import JSON
internal import Keeper
internal import NIOWebSocket

/// What one socket has subscribed to.
struct SocketDesk {
    let books: [Book]
    let known: [String]
    let most: Int
    let limits: HTTPLimits
    private var last = 0
    private var tasks: [String: [Task<Void, Never>]] = [:]

    /// A subscription that begins once its id was told.
    struct Started {
        var id: String
        var filter: SinkFilter
        var subscriptions: [FeedSubscription]
        /// Whether the client would rather be closed than told of a gap.
        var isStrict: Bool
    }

    /// An answer, and what begins after it.
    struct Reply {
        var bytes: [UInt8]
        var started: Started?
    }

    init(books: [Book], known: [String], most: Int, limits: HTTPLimits) {
        self.books = books
        self.known = known
        self.most = most
        self.limits = limits
    }

    /// Ends every subscription.
    mutating func leaveAll() {
        for task in tasks.values.joined() { task.cancel() }
        tasks = [:]
    }

    /// Answers a request.
    ///
    /// - Throws: `.unauthorized` where a stream is not the caller's to hear, `.retention` where a number was not given
    ///   out.
    mutating func answer(_ bytes: [UInt8]) throws(SocketSession.End) -> Reply {
        let request: SocketRequest
        do throws(JSONError) {
            request = try SocketRequest(bytes)
        } catch {
            return Self.failure(.null, -32_600, "\(error)")
        }
        switch request.method {
        case .subscribe(let wish): return try subscribe(request.id, wish)
        case .unsubscribe(let name):
            let found = tasks.removeValue(forKey: name)
            for task in found ?? [] { task.cancel() }
            return Reply(bytes: Self.result(request.id, .bool(found != nil)))
        case .ping: return Reply(bytes: Self.result(request.id, "pong"))
        }
    }

    private mutating func subscribe(_ id: JSONValue, _ wish: SocketRequest.Wish) throws(SocketSession.End) -> Reply {
        guard tasks.count < most else { return Self.failure(id, -32_000, "at most \(most) subscriptions") }
        let wanted = books.filter { wish.filter.has($0.feed.stream) }
        // A stream that is there by its whole name, and not for this caller.
        let refused = known.contains { name in
            wish.filter.streams.contains(name) && !books.contains { $0.feed.stream == name }
        }
        guard !refused else { throw .unauthorized }
        guard !wanted.isEmpty else { return Self.failure(id, -32_602, "no such stream") }
        let limits = limits.queue(wish.overflow)
        var subscriptions: [FeedSubscription] = []
        for book in wanted {
            let token = wish.resume.first { $0.hasPrefix(book.feed.stream + ":") }
            do throws(HTTPRefusal) {
                subscriptions.append(try StreamWish.subscribe(book.feed, token, wish.start, limits))
            } catch {
                guard error.status == 409 else { return Self.failure(id, -32_000, error.what) }
                throw .retention
            }
        }
        last += 1
        let started = Started(
            id: "\(last)", filter: wish.filter, subscriptions: subscriptions, isStrict: wish.isStrict)
        tasks[started.id] = []
        let streams = JSONValue.array(wanted.map { .string($0.feed.stream) })
        return Reply(
            bytes: Self.result(id, ["subscription": .string(started.id), "streams": streams]), started: started)
    }

    /// Lets a subscription run.
    mutating func start(
        _ started: Started, _ writer: SocketWriter, _ ended: AsyncStream<SocketSession.End>.Continuation
    ) {
        tasks[started.id] = started.subscriptions.map { subscription in
            Task {
                if let end = await Self.pump(subscription, started, writer) { ended.yield(end) }
            }
        }
    }

    private static func pump(
        _ subscription: FeedSubscription, _ started: Started, _ writer: SocketWriter
    ) async -> SocketSession.End? {
        while let passage = await subscription.batch(upTo: 64, bytes: 64 << 10) {
            for (index, line) in passage.lines.enumerated() where started.filter.has(line) {
                // Only what the server tells one consumer has no `emittedAtMs`.
                if started.isStrict, line.kind == .gap, line.isRetention { return .retention }
                let next = index + 1 < passage.lines.count ? passage.lines[index + 1].seq : passage.place.map { $0 + 1 }
                let isPlace = next.map { $0 > line.seq } ?? false
                let place = isPlace ? JSONValue.string("\(subscription.stream):\(line.seq)") : .null
                do {
                    try await writer.send(.text, notification(started.id, place, line.bytes))
                } catch {
                    return nil
                }
            }
        }
        switch subscription.end {
        case .overflow?: return .slow
        case .closed?: return .stopping
        case nil: return nil
        }
    }

    // MARK: Text

    /// The message stands as it was published, byte for byte.
    private static func notification(_ id: String, _ place: JSONValue, _ line: [UInt8]) -> [UInt8] {
        var bytes = Array(
            "{\"jsonrpc\":\"2.0\",\"method\":\"message\",\"params\":{\"subscription\":\"\(id)\",\"place\":".utf8)
        bytes += place.serialized()
        bytes += Array(",\"message\":".utf8)
        bytes += line
        bytes += Array("}}".utf8)
        return bytes
    }

    private static func result(_ id: JSONValue, _ result: JSONValue) -> [UInt8] {
        JSONValue.object(["jsonrpc": "2.0", "id": id, "result": result]).serialized()
    }

    private static func failure(_ id: JSONValue, _ code: Int, _ text: String) -> Reply {
        let error: JSONValue = ["code": .integer(code), "message": .string(text)]
        return Reply(bytes: JSONValue.object(["jsonrpc": "2.0", "id": id, "error": error]).serialized())
    }
}

extension FeedLine {
    /// Whether this stands for messages that are not kept any more; only one consumer is told so.
    fileprivate var isRetention: Bool {
        do throws(JSONError) {
            let value = try JSONValue(parsing: bytes)
            return value["reason"]?.string == "retention" && value["emittedAtMs"] == nil
        } catch {
            return false
        }
    }
}

internal import HTTPTypes
internal import HummingbirdCore
internal import JSON
internal import Keeper
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
internal import Synchronization

/// Answers requests: who asks, for what, and whether they may.
final class HTTPDesk: Sendable {
    let books: [Book]
    let options: HTTPService.Options
    let observer: FeedObserver
    private let rate: RateLimit
    let service = Mutex(Metrics.Service())
    /// Streams and sockets that are open, by client.
    private let streams = Mutex<[String: Int]>([:])
    /// What tells this server's numbers from those of the one before, whose folder may have been another.
    let epoch: UInt64
    /// What was last found of prices.
    let prices: PriceBoard

    init(_ feeds: [Feed], _ options: HTTPService.Options, _ prices: PriceBoard) throws(FeedError) {
        self.prices = prices
        books = feeds.map { Book($0) }
        epoch = options.clock()
        self.options = options
        observer = try FeedObserver(feeds, clock: options.clock)
        rate = RateLimit(perSecond: options.limits.perSecond, burst: options.limits.burst)
    }

    /// What every connection is.
    var channel: ClientChannel {
        ClientChannel(
            responder: { request, writer, channel in try await self.respond(request, writer, channel) },
            socketCaller: { target, headers, channel, isFirst in
                // A browser says from where it comes; no page may use somebody's machine as its way in.
                guard target == "/v1/ws", headers["origin"].isEmpty || self.options.access != nil,
                    // The same request is looked at twice, and counts once.
                    !isFirst || self.mayAsk(channel)
                else { return nil }
                do throws(HTTPRefusal) {
                    return try self.caller(
                        authorization: headers["authorization"].first, host: headers["host"].first, for: .stream)
                } catch {
                    return nil
                }
            },
            socket: { channel, caller in
                let client = self.client(caller, channel.channel)
                guard self.enter(client) == nil else {
                    channel.channel.close(promise: nil)
                    return
                }
                defer { self.leave(client) }
                await SocketSession(
                    books: self.books.filter { caller.streams.has($0.feed.stream) }, limits: self.options.limits,
                    known: self.books.map(\.feed.stream)
                ).run(channel)
            }, limits: options.limits)
    }

    /// Whether this address has not asked too often.
    private func mayAsk(_ channel: any Channel) -> Bool {
        rate.take(
            channel.remoteAddress?.ipAddress ?? "", now: UInt64(NIODeadline.now().uptimeNanoseconds / 1_000_000))
    }

    /// Whose streams count together: a token's, or an address's where no tokens are asked for.
    private func client(_ caller: Caller, _ channel: any Channel) -> String {
        options.access == nil ? channel.remoteAddress?.ipAddress ?? "" : caller.name
    }

    /// Takes a place for one more stream.
    ///
    /// - Returns: what is exceeded; nil where there was one.
    private func enter(_ client: String) -> Int? {
        streams.withLock { streams in
            let own = streams[client] ?? 0
            guard own < options.limits.streamsPerClient else { return options.limits.streamsPerClient }
            guard streams.values.reduce(0, +) < options.limits.streams else { return options.limits.streams }
            streams[client] = own + 1
            return nil
        }
    }

    private func leave(_ client: String) {
        streams.withLock { streams in
            guard let own = streams[client] else { return }
            streams[client] = own > 1 ? own - 1 : nil
        }
    }

    // MARK: Requests

    private func respond(_ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel) async throws {
        let outcome: Outcome
        do throws(HTTPRefusal) {
            outcome = try decide(request, channel)
        } catch {
            outcome = .answer(HTTPAnswer(error), closes: error.status == 413 || error.status == 429)
        }
        switch outcome {
        case .answer(let answer, let closes):
            count(answer.status)
            var head = Self.head(answer.status, type: answer.type, answer.headers)
            if answer.status != 304 { head.headerFields[.contentLength] = "\(answer.length)" }
            if closes { head.headerFields[.connection] = "close" }
            let timer = channel.eventLoop.scheduleTask(in: .seconds(120)) { channel.close(promise: nil) }
            defer { timer.cancel() }
            if request.method == .head || answer.parts.isEmpty {
                try await writer.writeResponse(head)
            } else {
                var body: any ResponseBodyWriter = try await writer.writeHead(head)
                try await Self.write(answer.parts, to: &body)
                try await body.finish(nil)
            }
            if closes { channel.close(promise: nil) }
        case .stream(let wish, let client):
            defer { leave(client) }
            count(200)
            var head = Self.head(200, type: "text/event-stream", ["X-Accel-Buffering": "no"])
            head.headerFields[.connection] = "close"
            var body: any ResponseBodyWriter = try await writer.writeHead(head)
            let stream = EventStream(
                wish: wish, channel: channel, pulse: options.limits.pulse, patience: options.limits.patience)
            try await stream.write(to: &body)
            try await body.finish(nil)
            channel.close(promise: nil)
        }
    }

    private enum Outcome {
        case answer(HTTPAnswer, closes: Bool)
        case stream(StreamWish, client: String)
    }

    private func decide(_ request: Request, _ channel: any Channel) throws(HTTPRefusal) -> Outcome {
        guard mayAsk(channel) else {
            throw HTTPRefusal(
                status: 429, what: "too many requests", expected: "at most \(options.limits.perSecond) a second",
                headers: ["Retry-After": "1"])
        }
        let headers = Headers(request.headers)
        guard request.method == .get || request.method == .head else {
            throw HTTPRefusal(
                status: 405, what: "this method is not served", expected: "GET or HEAD",
                headers: ["Allow": "GET, HEAD"])
        }
        guard headers["transfer-encoding"] == nil, (headers["content-length"] ?? "0") == "0" else {
            throw HTTPRefusal(status: 413, what: "bodies are not taken", expected: "a request without one")
        }
        let target = try RequestTarget(request.head.path ?? "")
        let (route, id) = try Route.find(target.path)
        let caller = try route.scope.map { scope throws(HTTPRefusal) in
            try self.caller(authorization: headers["authorization"], host: request.head.authority, for: scope)
        }
        try route.check(target)
        let reader = FeedReader(books: books, caller: caller ?? .anybody, epoch: epoch)
        let tag = headers["if-none-match"]
        switch route.kind {
        case .health:
            let streams = heard(authorization: headers["authorization"], host: request.head.authority)
            return .answer(health(naming: streams), closes: false)
        case .openapi: return .answer(HTTPAnswer(parts: [OpenAPI.document]), closes: false)
        case .metrics: return .answer(metrics(caller), closes: false)
        case .positions: return .answer(try reader.positions(target, unless: tag), closes: false)
        case .position: return .answer(try reader.position(id ?? "", unless: tag), closes: false)
        case .opportunities: return .answer(try reader.opportunities(target, unless: tag), closes: false)
        case .snapshot: return .answer(try reader.snapshot(target, unless: tag), closes: false)
        case .oracles: return .answer(try oracles(target, caller ?? .anybody, unless: tag), closes: false)
        case .socket:
            throw HTTPRefusal(
                status: 426, what: "this is a WebSocket, and its first request has to ask for it",
                expected: "Upgrade: websocket", headers: ["Upgrade": "websocket"])
        case .stream:
            guard request.method == .get else {
                throw HTTPRefusal(
                    status: 405, what: "a stream has no head alone", expected: "GET", headers: ["Allow": "GET"])
            }
            let wish = try StreamWish(target, last: headers["last-event-id"], books: try reader.books(target))
            let client = client(reader.caller, channel)
            if let most = enter(client) {
                throw HTTPRefusal(
                    status: 503, what: "too many streams", expected: "at most \(most)",
                    headers: ["Retry-After": "10"])
            }
            return .stream(wish, client: client)
        }
    }

    /// The streams of which somebody may know that they exist; nil for none.
    private func heard(authorization: String?, host: String?) -> SinkFilter? {
        do throws(HTTPRefusal) {
            return try caller(authorization: authorization, host: host, for: .read).streams
        } catch {
            return nil
        }
    }

    /// Who asks.
    private func caller(
        authorization: String?, host: String?, for scope: AccessScope
    ) throws(HTTPRefusal) -> Caller {
        guard let access = options.access else {
            // A page that has its own name point here would be heard as if it were this machine (DNS rebinding).
            let name = host.map { $0.replacing(#/:[0-9]{1,5}$/#, with: "") } ?? ""
            guard ["127.0.0.1", "localhost", "[::1]"].contains(name.lowercased()) else {
                throw HTTPRefusal(
                    status: 403, what: "the name that was asked for is not this machine's", expected: "Host: 127.0.0.1")
            }
            return .anybody
        }
        guard let authorization, authorization.lowercased().hasPrefix("bearer "),
            let caller = access.caller(secret: authorization.utf8.dropFirst(7))
        else { throw .unauthorized }
        guard caller.scopes.contains(scope) else {
            throw HTTPRefusal(
                status: 403, what: "the token \(caller.name) does not allow this",
                expected: "a token with the scope \(scope.rawValue)")
        }
        return caller
    }

    /// Headers by lower-case name; one that stands twice counts as it first stands.
    private struct Headers {
        private let fields: HTTPFields
        init(_ fields: HTTPFields) { self.fields = fields }
        subscript(name: String) -> String? { fields.first { $0.name.canonicalName == name }?.value }
    }
}

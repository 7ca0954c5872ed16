internal import HTTPTypes
internal import HummingbirdCore
internal import JSON
internal import Keeper
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
internal import Synchronization

/// Answers requests: who asks, for what, and whether they may.
final class HTTPDesk: Sendable {
    let books: [Book]
    let options: HTTPService.Options
    let observer: FeedObserver
    let rate: RateLimit
    let refusals: RefusalLog
    let service = Mutex(Metrics.Service())
    /// Streams and sockets that are open, by client.
    let streams: Places
    /// Connections that are open, by address.
    let connections: Places
    /// What tells this server's numbers from those of the one before, whose folder may have been another.
    let epoch: UInt64
    /// What was last found of prices.
    let prices: PriceBoard

    init(
        _ feeds: [Feed], _ options: HTTPService.Options, _ prices: PriceBoard, _ log: Logger
    ) throws(FeedError) {
        refusals = RefusalLog(log)
        self.prices = prices
        books = feeds.map { Book($0) }
        epoch = options.clock()
        self.options = options
        observer = try FeedObserver(feeds, clock: options.clock)
        streams = Places(most: options.limits.streams, each: options.limits.streamsPerClient)
        connections = Places(most: options.limits.connections, each: options.limits.connectionsPerClient)
        rate = RateLimit(perSecond: options.limits.perSecond, burst: options.limits.burst)
    }

    // MARK: Requests

    func respond(_ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel) async throws {
        let outcome: Outcome
        let hasBody = Self.hasBody(Headers(request.headers))
        do throws(HTTPRefusal) {
            outcome = try decide(request, channel)
        } catch {
            refusals.note(error, from: channel)
            outcome = .answer(HTTPAnswer(error), closes: hasBody || error.status == 429)
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
            guard closes else { return }
            // A body that nobody wants is read for a moment more: closing upon it would take the answer back, and reading
            // it to its end would be as long as the client likes (RFC 9112 §9.6).
            guard hasBody else { return channel.close(promise: nil) }
            channel.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
        case .stream(let wish, let client):
            defer { streams.leave(client) }
            count(200)
            var head = Self.head(200, type: "text/event-stream", ["X-Accel-Buffering": "no"])
            head.headerFields[.connection] = "close"
            var body: any ResponseBodyWriter = try await writer.writeHead(head)
            let stream = EventStream(
                wish: wish, channel: channel, pulse: options.limits.pulse, patience: options.limits.patience,
                refusals: refusals, client: client)
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
        guard !Self.hasBody(headers) else {
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
            throw noSocket(reader.caller, headers["origin"], headers[ProtocolGuard.refusedUpgrade], channel)
        case .stream:
            guard request.method == .get else {
                throw HTTPRefusal(
                    status: 405, what: "a stream has no head alone", expected: "GET", headers: ["Allow": "GET"])
            }
            let wish = try StreamWish(
                target, last: headers["last-event-id"], books: try reader.books(target), within: options.limits)
            let client = client(reader.caller, channel)
            if let most = streams.enter(client) { throw .full("streams", most) }
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
    func caller(
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

    private static func hasBody(_ headers: Headers) -> Bool {
        headers["transfer-encoding"] != nil || (headers["content-length"] ?? "0") != "0"
    }

    /// Headers by lower-case name; one that stands twice counts as it first stands.
    private struct Headers {
        private let fields: HTTPFields
        init(_ fields: HTTPFields) { self.fields = fields }
        subscript(name: String) -> String? { fields.first { $0.name.canonicalName == name }?.value }
    }
}

internal import NIOCore
internal import NIOHTTP1

/// Says to who sends no HTTP, or too much of it, what is wrong, and closes the connection.
///
/// In the place of NIO's own handler, which says 400 whatever it was, so that a header that is too large is told from
/// one that is broken (RFC 6585 §5). It also keeps requests for another protocol that is not spoken from NIO's upgrade:
/// that loses the head of what it does not take, and nobody could answer.
final class ProtocolGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let clock: HeaderClock
    private let limits: HTTPLimits
    private let refused: (HTTPRefusal) -> Void
    private let mayBeSocket: (HTTPRequestHead) -> Bool
    /// Whether no request was read yet.
    private var isFirst = true
    /// Whether an answer was begun and is not complete.
    private var isAnswering = false
    private var isBroken = false
    /// Whether the client was told that the connection ends.
    private var isLast = false

    /// - Parameters:
    ///   - clock: is told when a head is complete, and when it is answered.
    ///   - mayBeSocket: whether a well-formed request for a WebSocket is taken.
    ///   - refused: hears of each refusal.
    init(
        _ clock: HeaderClock, _ limits: HTTPLimits, mayBeSocket: @escaping (HTTPRequestHead) -> Bool,
        refused: @escaping (HTTPRefusal) -> Void
    ) {
        self.clock = clock
        self.limits = limits
        self.mayBeSocket = mayBeSocket
        self.refused = refused
    }

    /// The header that says in the place of `Upgrade` what is not taken.
    static let refusedUpgrade = "x-refused-upgrade"

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isBroken else { return }
        guard case .head(var head) = Self.unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        clock.headIsRead()
        defer { isFirst = false }
        let wanted = head.headers[canonicalForm: "upgrade"]
        guard isFirst, !wanted.isEmpty, !Self.isHandshake(head, wanted) || !mayBeSocket(head) else {
            return context.fireChannelRead(data)
        }
        head.headers.remove(name: "upgrade")
        head.headers.replaceOrAdd(name: Self.refusedUpgrade, value: wanted.joined(separator: ", "))
        context.fireChannelRead(Self.wrapInboundOut(.head(head)))
    }

    /// Whether it is the opening handshake of a WebSocket (RFC 6455 §4.2.1).
    private static func isHandshake(_ head: HTTPRequestHead, _ wanted: [Substring]) -> Bool {
        wanted.contains { $0.lowercased() == "websocket" } && head.method == .GET
            && head.headers["sec-websocket-key"].count == 1 && head.headers["sec-websocket-version"] == ["13"]
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? HTTPParserError, !isBroken {
            isBroken = true
            clock.headIsRead()
            // An answer that is under way cannot be taken back: there the end of the connection says it. Nor is there
            // anything to say to who was told already, or went in the middle of a request.
            if !isAnswering, !isLast, error != .invalidEOFState {
                let refusal = Self.refusal(of: error, limits)
                refused(refusal)
                let headers = HTTPHeaders([
                    ("Connection", "close"), ("Content-Type", "application/json"),
                    ("Content-Length", "\(refusal.body.count)"),
                ])
                let status = HTTPResponseStatus(statusCode: refusal.status)
                let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
                context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
                let body = IOData.byteBuffer(ByteBuffer(bytes: refusal.body))
                context.write(Self.wrapOutboundOut(.body(body)), promise: nil)
                context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
                // Closing upon bytes that nobody read takes the answer back (RFC 9112 §9.6).
                context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) { context.close(promise: nil) }
            } else if !isLast {
                context.close(promise: nil)
            }
        }
        context.fireErrorCaught(error)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // What others would still say to it stands behind an answer that is complete.
        guard !isBroken else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch Self.unwrapOutboundIn(data) {
        case .head(let head):
            isAnswering = !(100...199).contains(head.status.code)
            isLast = isLast || head.headers[canonicalForm: "connection"].contains("close")
        case .body: break
        case .end:
            isAnswering = false
            clock.isAnswered()
        }
        context.write(data, promise: promise)
    }

    private static func refusal(of error: HTTPParserError, _ limits: HTTPLimits) -> HTTPRefusal {
        error == .headerOverflow
            ? HTTPRefusal(
                status: 431, what: "the head of the request is too large",
                expected: "at most \(limits.headerFields) fields of \(limits.headerBytes) bytes together")
            : .malformed
    }
}

@available(*, unavailable)
extension ProtocolGuard: Sendable {}

extension HTTPRefusal {
    /// The whole answer, where there is no parser that could write it.
    var plainAnswer: [UInt8] {
        let reason = HTTPResponseStatus(statusCode: status).reasonPhrase
        let head = [
            "HTTP/1.1 \(status) \(reason)", "Connection: close", "Content-Type: application/json",
            "Content-Length: \(body.count)",
        ]
        return Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
    }

    static func slow(_ limits: HTTPLimits) -> HTTPRefusal {
        HTTPRefusal(
            status: 408, what: "the head of the request did not come in time",
            expected: "within \(limits.headerTime.nanoseconds / 1_000_000_000) seconds")
    }
}

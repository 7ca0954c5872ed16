internal import NIOCore
internal import NIOHTTP1
internal import NIOWebSocket

/// The handshake of RFC 6455 §4.1 on a connected channel.
struct WebSocketHandshake: Sendable {
    let connector: WebSocketConnector
    let target: Endpoint.SocketTarget

    func begin(on channel: any Channel) throws -> EventLoopFuture<Void> {
        // Sends a random key, and checks what the server made of it.
        let upgrader = NIOTypedWebSocketClientUpgrader<Void>(
            maxFrameSize: connector.options.maximumMessage, enableAutomaticErrorHandling: false
        ) { channel, head in
            channel.eventLoop.makeCompletedFuture {
                try check(head)
                try channel.pipeline.syncOperations.addHandler(
                    WebSocketHandler(
                        connection: connector.connection, endpoint: connector.endpoint, options: connector.options,
                        inbox: connector.inbox))
            }
        }
        var configuration = NIOUpgradableHTTPClientPipelineConfiguration(
            upgradeConfiguration: NIOTypedHTTPClientUpgradeConfiguration(
                upgradeRequestHead: request, upgraders: [upgrader]
            ) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        RefusedHandshake(connection: connector.connection, inbox: connector.inbox))
                }
            })
        // The first frames may come in one piece with the answer to the handshake.
        configuration.leftOverBytesStrategy = .forwardBytes
        configuration.decoderConfiguration.maxHeaderFieldSize = 8 << 10
        configuration.decoderConfiguration.maxHeaderListSize = 32 << 10
        configuration.decoderConfiguration.maxHeaderFieldCount = 64
        return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(configuration: configuration)
            .flatMapErrorThrowing { error in throw meaning(of: error) }
    }

    private var request: HTTPRequestHead {
        var headers: HTTPHeaders = ["Host": connector.endpoint.name, "User-Agent": "plimsoll"]
        if let authorization = connector.endpoint.basicAuthorization {
            headers.add(name: "Authorization", value: authorization)
        }
        return HTTPRequestHead(version: .http1_1, method: .GET, uri: target.path, headers: headers)
    }

    /// What the upgrader does not look at: nothing was offered, so nothing may be agreed.
    private func check(_ head: HTTPResponseHead) throws(SocketEnd) {
        guard head.headers[canonicalForm: "connection"].contains(where: { $0.lowercased() == "upgrade" }) else {
            throw .malformed("its handshake lacks Connection: Upgrade")
        }
        guard !head.headers.contains(name: "sec-websocket-extensions") else {
            throw .malformed("its handshake agrees to an extension that was not offered")
        }
        guard !head.headers.contains(name: "sec-websocket-protocol") else {
            throw .malformed("its handshake agrees to a subprotocol that was not offered")
        }
    }

    private func meaning(of error: any Error) -> any Error {
        switch error {
        case let error as NIOHTTPClientUpgradeError where error == .responseProtocolNotFound:
            SocketEnd.malformed("its handshake lacks Upgrade: websocket")
        case let error as NIOHTTPClientUpgradeError where error == .upgraderDeniedUpgrade:
            SocketEnd.malformed("its Sec-WebSocket-Accept does not answer our key")
        case is HTTPParserError: SocketEnd.malformed("its handshake is not HTTP, or is too long")
        case is NIOHTTPClientUpgradeError: SocketEnd.malformed("its handshake is out of order")
        default: error
        }
    }
}

/// Says why there is no WebSocket: the status that came in its place.
private final class RefusedHandshake: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let connection: Int
    private let inbox: SocketInbox

    init(connection: Int, inbox: SocketInbox) {
        self.connection = connection
        self.inbox = inbox
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = Self.unwrapInboundIn(data) else { return }
        let wait = head.headers.first(name: "retry-after").flatMap { Int($0) }
        inbox.put(
            .ended(
                connection,
                .refused(status: Int(head.status.code), retryAfter: wait.map { max(0, min($0, 86_400)) })))
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        inbox.put(.ended(connection, .closed(code: 1006, reason: "")))
        context.fireChannelInactive()
    }
}

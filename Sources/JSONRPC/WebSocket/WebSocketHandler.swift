internal import NIOCore
internal import NIOSSL
internal import NIOWebSocket

/// One open connection on its event loop: frames in, events out; answers pings and sends its own.
final class WebSocketHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let connection: Int
    private let endpoint: Endpoint
    private let options: WebSocketTransport.Options
    private let inbox: SocketInbox
    private var assembler: WebSocketAssembler
    private var timer: Scheduled<Void>?
    /// The ping that waits for its pong.
    private var ping: UInt64?
    private var pings: UInt64 = 0
    private var isPaused = false
    private var isOver = false

    init(connection: Int, endpoint: Endpoint, options: WebSocketTransport.Options, inbox: SocketInbox) {
        self.connection = connection
        self.endpoint = endpoint
        self.options = options
        self.inbox = inbox
        assembler = WebSocketAssembler(limit: options.maximumMessage)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        inbox.put(.opened(connection))
        schedulePing(context)
        guard !context.channel.isActive else { return }
        // It broke during the handshake, and nobody says so again. What came before is still to be read.
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.execute {
            let (handler, context) = bound.value
            handler.end(.closed(code: 1006, reason: ""), closing: nil, context)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        let frame = Self.unwrapInboundIn(data)
        do throws(WebSocketAssembler.Violation) {
            let piece = try assembler.take(
                WebSocketAssembler.Frame(
                    opcode: UInt8(webSocketOpcode: frame.opcode), isFinal: frame.fin, isMasked: frame.maskKey != nil,
                    hasReservedBits: !frame.reservedBits.isEmpty, payload: Array(buffer: frame.data)))
            if let piece { take(piece, context) }
        } catch {
            fail(error, context)
        }
    }

    private func take(_ piece: WebSocketAssembler.Piece, _ context: ChannelHandlerContext) {
        switch piece {
        case .text(let text): inbox.put(.text(connection, text))
        case .ping(let payload):
            // Whoever sends pings and reads no answers fills our memory.
            guard context.channel.isWritable else { return end(.transport("it does not read"), closing: nil, context) }
            write(.pong, payload, context)
        case .pong(let payload):
            if let ping, payload == Self.payload(ping) { self.ping = nil }
        case .close(let code, let reason):
            let words = Cleaned.text(reason, secrets: endpoint.secrets)
            end(.closed(code: code, reason: words), closing: code == 1005 ? 1000 : code, context)
        }
    }

    private func fail(_ violation: WebSocketAssembler.Violation, _ context: ChannelHandlerContext) {
        let end = violation.limit.map(SocketEnd.tooLarge) ?? .malformed(violation.what)
        self.end(end, closing: violation.code, context)
    }

    /// The last event, and the last frame where one is to be sent.
    private func end(_ end: SocketEnd, closing code: Int?, _ context: ChannelHandlerContext) {
        guard !isOver else { return }
        isOver = true
        timer?.cancel()
        inbox.put(.ended(connection, end))
        if let code { write(.connectionClose, [UInt8(code >> 8 & 0xff), UInt8(code & 0xff)], context) }
        context.close(promise: nil)
    }

    private func write(_ opcode: WebSocketOpcode, _ payload: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(Self.wrapOutboundOut(.client(opcode, payload)), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOWebSocketError.invalidFrameLength:
            fail(WebSocketAssembler.tooLarge(options.maximumMessage), context)
        case NIOWebSocketError.fragmentedControlFrame:
            fail(WebSocketAssembler.broken("a control frame is fragmented"), context)
        case NIOWebSocketError.multiByteControlFrameLength:
            fail(WebSocketAssembler.broken("a control frame is longer than 125 bytes"), context)
        // The other side ended TCP without ending TLS first: the connection broke, and no more.
        case NIOSSLError.uncleanShutdown: end(.closed(code: 1006, reason: ""), closing: nil, context)
        default: end(SocketEnd(error, endpoint), closing: nil, context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.closed(code: 1006, reason: ""), closing: nil, context)
        context.fireChannelInactive()
    }
}

extension WebSocketHandler {
    /// Reads on only while somebody takes what was read.
    func read(context: ChannelHandlerContext) {
        let loop = context.eventLoop
        let bound = NIOLoopBound((self, context), eventLoop: loop)
        isPaused = !inbox.mayRead(connection) {
            loop.execute {
                let (handler, context) = bound.value
                handler.isPaused = false
                if !handler.isOver { context.read() }
            }
        }
        if !isPaused { context.read() }
    }

    private static func payload(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
    }

    private func schedulePing(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: TimeAmount(options.pingInterval)) {
            let (handler, context) = bound.value
            handler.sendPing(context)
        }
    }

    private func sendPing(_ context: ChannelHandlerContext) {
        guard !isOver else { return }
        guard context.channel.isWritable else { return end(.transport("it does not read"), closing: nil, context) }
        pings += 1
        ping = pings
        write(.ping, Self.payload(pings), context)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: TimeAmount(options.pongTimeout)) {
            let (handler, context) = bound.value
            handler.checkPong(context)
        }
    }

    private func checkPong(_ context: ChannelHandlerContext) {
        // What is not read cannot be missed.
        guard ping == nil || isPaused else { return end(.timeout, closing: 1001, context) }
        ping = nil
        schedulePing(context)
    }
}

extension WebSocketFrame {
    /// A frame of ours, masked with a key of its own.
    static func client(_ opcode: WebSocketOpcode, _ payload: [UInt8]) -> WebSocketFrame {
        WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: ByteBuffer(bytes: payload))
    }
}

extension SocketEnd {
    /// What an error of the sockets means, without what the endpoint's URL holds.
    init(_ error: any Error, _ endpoint: Endpoint) {
        switch error {
        case let end as SocketEnd: self = end
        case ChannelError.connectTimeout, is TimeoutError: self = .timeout
        case NIOSSLError.unableToValidateCertificate, NIOSSLError.noCertificateToValidate,
            is NIOSSLExtraError:
            self = .untrusted("its certificate is not valid for this host")
        case NIOSSLError.handshakeFailed(let failure):
            let words = Cleaned.text("\(failure)", secrets: endpoint.secrets)
            self =
                words.contains("CERTIFICATE_VERIFY_FAILED")
                ? .untrusted("its certificate is not signed by an authority of this machine, or has expired")
                : .transport("TLS cannot be agreed: \(words)")
        case NIOSSLError.uncleanShutdown, ChannelError.eof, ChannelError.ioOnClosedChannel,
            ChannelError.inappropriateOperationForState:
            self = .closed(code: 1006, reason: "")
        case let error as IOError: self = .transport(Cleaned.text("\(error)", secrets: endpoint.secrets))
        default: self = .transport(Cleaned.text("\(error)", secrets: endpoint.secrets))
        }
    }

    /// The handshake took too long.
    struct TimeoutError: Error {}
}

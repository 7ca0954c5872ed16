import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import Synchronization

/// A loopback WebSocket server that misbehaves as it is told, frame by frame.
final class SocketServer: Sendable {
    /// What reached it.
    enum Heard: Sendable, Hashable {
        case opened
        case text(String)
        case ping
        case pong([UInt8])
        case close(Int)
    }

    /// What it does about it.
    enum Act: Sendable {
        case text(String)
        case frame(opcode: UInt8, isFinal: Bool, bits: UInt8, isMasked: Bool, [UInt8])
        /// Bytes that no frame is made of.
        case raw([UInt8])
        case close(Int)
        case drop

        static func frame(_ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true) -> Act {
            .frame(opcode: opcode, isFinal: isFinal, bits: 0, isMasked: false, payload)
        }
    }

    /// How it answers the handshake.
    enum Manner: Sendable {
        case good
        /// These headers as well.
        case with([String: String])
        /// These bytes, and nothing else.
        case raw(String)
        /// Nothing.
        case mute
    }

    typealias Script = @Sendable (_ connection: Int, Heard) -> [Act]

    private struct State {
        var heard: [(connection: Int, what: Heard)] = []
        var heads: [HTTPRequestHead] = []
        var masks: [[UInt8]] = []
        var areAllMasked = true
        var connections = 0
    }

    let port: Int
    private let channel: any Channel
    private let state = Mutex(State())

    var url: String { "ws://127.0.0.1:\(port)" }
    var heard: [Heard] { state.withLock { $0.heard.map(\.what) } }
    var connections: Int { state.withLock { $0.connections } }
    var heads: [HTTPRequestHead] { state.withLock { $0.heads } }
    /// The masking keys of all frames, and whether every frame had one.
    var masks: (keys: [[UInt8]], areComplete: Bool) { state.withLock { ($0.masks, $0.areAllMasked) } }

    private final class Shared: Sendable {
        let server = Mutex<SocketServer?>(nil)
    }

    init(_ manner: Manner = .good, tls: NIOSSLContext? = nil, _ script: @escaping Script) async throws {
        let shared = Shared()
        let bound = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let server = shared.server.withLock({ $0 }) else { return }
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try server.set(up: channel, manner, script)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        channel = bound
        port = bound.localAddress?.port ?? 0
        shared.server.withLock { $0 = self }
        bound.closeFuture.whenComplete { _ in shared.server.withLock { $0 = nil } }
    }

    func stop() { channel.close(promise: nil) }

    private func set(up channel: any Channel, _ manner: Manner, _ script: @escaping Script) throws {
        let number = state.withLock { state in
            defer { state.connections += 1 }
            return state.connections
        }
        var extra: HTTPHeaders = [:]
        switch manner {
        case .good: break
        case .with(let headers): for (name, value) in headers { extra.add(name: name, value: value) }
        case .raw(let text):
            try channel.pipeline.syncOperations.addHandler(RawAnswer(text))
            return
        case .mute:
            try channel.pipeline.syncOperations.addHandler(RawAnswer(""))
            return
        }
        let headers = extra
        let upgrader = NIOWebSocketServerUpgrader(
            maxFrameSize: 1 << 24,
            shouldUpgrade: { channel, head in
                self.state.withLock { $0.heads.append(head) }
                return channel.eventLoop.makeSucceededFuture(headers)
            },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Conversation(number: number, script: script) { what, mask in self.keep(number, what, mask) })
                }
            })
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
    }

    private func keep(_ connection: Int, _ what: Heard, _ mask: [UInt8]?) {
        state.withLock { state in
            state.heard.append((connection, what))
            guard what != .opened else { return }
            if let mask { state.masks.append(mask) } else { state.areAllMasked = false }
        }
    }
}

private final class RawAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let text: String
    private var isDone = false

    init(_ text: String) { self.text = text }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone, !text.isEmpty else { return }
        isDone = true
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
}

private final class Conversation: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame
    private let number: Int
    private let script: SocketServer.Script
    private let keep: (SocketServer.Heard, [UInt8]?) -> Void

    init(
        number: Int, script: @escaping SocketServer.Script, keep: @escaping (SocketServer.Heard, [UInt8]?) -> Void
    ) {
        self.number = number
        self.script = script
        self.keep = keep
    }

    func handlerAdded(context: ChannelHandlerContext) { hear(.opened, nil, context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = Self.unwrapInboundIn(data)
        let bytes = Array(frame.unmaskedData.readableBytesView)
        let mask = frame.maskKey.map(Array.init)
        switch frame.opcode {
        case .text: hear(.text(String(decoding: bytes, as: UTF8.self)), mask, context)
        case .ping: hear(.ping, mask, context)
        case .pong: hear(.pong(bytes), mask, context)
        case .connectionClose:
            hear(.close(bytes.count > 1 ? Int(bytes[0]) << 8 | Int(bytes[1]) : 1005), mask, context)
        default: break
        }
    }

    private func hear(_ what: SocketServer.Heard, _ mask: [UInt8]?, _ context: ChannelHandlerContext) {
        keep(what, mask)
        for act in script(number, what) { perform(act, context) }
    }

    private func perform(_ act: SocketServer.Act, _ context: ChannelHandlerContext) {
        func send(_ frame: WebSocketFrame) { context.writeAndFlush(Self.wrapOutboundOut(frame), promise: nil) }
        switch act {
        case .text(let text): send(WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: text)))
        case .frame(let opcode, let isFinal, let bits, let isMasked, let payload):
            var frame = WebSocketFrame(
                fin: isFinal, opcode: WebSocketOpcode(encodedWebSocketOpcode: opcode) ?? .text,
                maskKey: isMasked ? [1, 2, 3, 4] : nil, data: ByteBuffer(bytes: payload))
            frame.reservedBits = .init(rawValue: bits)
            send(frame)
        case .raw(let bytes):
            do {
                // Past the encoder.
                let encoder = try context.pipeline.syncOperations.context(handlerType: WebSocketFrameEncoder.self)
                encoder.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil)
            } catch {
                context.close(promise: nil)
            }
        case .close(let code):
            send(
                WebSocketFrame(
                    fin: true, opcode: .connectionClose,
                    data: ByteBuffer(bytes: [UInt8(code >> 8), UInt8(code & 255)] + Array("bye KEY123456".utf8))))
        case .drop: context.close(promise: nil)
        }
    }
}

internal import JSON
internal import Keeper
internal import NIOCore
internal import NIOWebSocket
internal import Synchronization

/// A WebSocket: requests in, notifications out.
///
/// `{"jsonrpc":"2.0","id":1,"method":"subscribe","params":{…}}` is answered with the subscription's id, and then
/// `{"jsonrpc":"2.0","method":"message","params":{"subscription":…,"place":…,"message":…}}` comes for every message.
struct SocketSession: Sendable {
    let books: [Book]
    let limits: HTTPLimits
    /// All streams: one that is here and not among the books is not the caller's to hear.
    let known: [String]
    let refusals: RefusalLog
    /// Whose it is, for the log.
    let caller: String

    typealias Outbound = NIOAsyncChannelOutboundWriter<WebSocketFrame>
    /// Subscriptions at one time.
    private static let most = 32

    /// Why a socket is closed.
    enum End: Int, Error {
        case stopping = 1_001
        case unsupported = 1_003
        case policy = 1_008
        case slow = 4_000
        case unauthorized = 4_001
        case retention = 4_002
        /// The client said good-bye.
        case asked = 1_000
    }

    /// Serves until the client leaves, a stream ends or something is wrong.
    func run(_ channel: NIOAsyncChannel<WebSocketFrame, WebSocketFrame>) async {
        do {
            try await channel.executeThenClose { inbound, outbound in
                let writer = SocketWriter(outbound: outbound, channel: channel.channel, patience: limits.patience) {
                    refusals.note("a socket that took nothing is cut off: \(caller)", from: channel.channel)
                }
                let end = await withTaskGroup(of: End?.self) { group -> End? in
                    group.addTask { await self.talk(inbound, writer) }
                    group.addTask { await self.pulse(writer) }
                    let first = await group.next() ?? nil
                    group.cancelAll()
                    return first
                }
                if let end {
                    if end != .asked, end != .stopping {
                        refusals.note("closed a socket with \(end.rawValue): \(caller)", from: channel.channel)
                    }
                    try await writer.close(end.rawValue)
                }
            }
        } catch {
            // The connection broke: nobody to tell.
            return
        }
    }

    /// Asks whether the client is there; it has two of these to answer.
    private func pulse(_ writer: SocketWriter) async -> End? {
        while true {
            do { try await Task.sleep(for: .seconds(limits.pulse)) } catch { return nil }
            guard writer.isAlive() else { return .slow }
            do { try await writer.send(.ping, []) } catch { return nil }
        }
    }

    private func talk(_ inbound: NIOAsyncChannelInboundStream<WebSocketFrame>, _ writer: SocketWriter) async -> End? {
        let ended = AsyncStream<End>.makeStream(bufferingPolicy: .bufferingOldest(1))
        return await withTaskGroup(of: End?.self) { group in
            group.addTask { await self.listen(inbound, writer, ended.continuation) }
            group.addTask {
                for await end in ended.stream { return end }
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    private func listen(
        _ inbound: NIOAsyncChannelInboundStream<WebSocketFrame>, _ writer: SocketWriter,
        _ ended: AsyncStream<End>.Continuation
    ) async -> End? {
        var desk = SocketDesk(books: books, known: known, most: Self.most, limits: limits)
        defer { desk.leaveAll() }
        let rate = RateLimit(perSecond: 10, burst: 64)
        do {
            for try await frame in inbound {
                writer.heard()
                switch frame.opcode {
                case .text:
                    let now = UInt64(NIODeadline.now().uptimeNanoseconds / 1_000_000)
                    guard rate.take("", now: now) else { return .policy }
                    let reply = try desk.answer(Array(frame.unmaskedData.readableBytesView))
                    try await writer.send(.text, reply.bytes)
                    if let started = reply.started { desk.start(started, writer, ended) }
                case .ping: try await writer.send(.pong, Array(frame.unmaskedData.readableBytesView.prefix(125)))
                case .pong: continue
                case .connectionClose: return .asked
                default: return .unsupported
                }
            }
            return nil
        } catch let end as End {
            return end
        } catch {
            return .policy
        }
    }
}

/// The way out of a socket: tasks write one message at a time, as fast as the client takes them.
final class SocketWriter: Sendable {
    private let outbound: SocketSession.Outbound
    private let channel: any Channel
    private let patience: Int
    private let cutOff: @Sendable () -> Void
    private let silent = Mutex(0)

    /// - Parameters:
    ///   - patience: seconds that a write may take.
    ///   - cutOff: called where it took longer.
    init(
        outbound: SocketSession.Outbound, channel: any Channel, patience: Int, cutOff: @escaping @Sendable () -> Void
    ) {
        self.outbound = outbound
        self.channel = channel
        self.patience = patience
        self.cutOff = cutOff
    }

    /// Something came from the client.
    func heard() { silent.withLock { $0 = 0 } }

    /// Whether something came since the last but one time that this was asked.
    func isAlive() -> Bool {
        silent.withLock { silent in
            silent += 1
            return silent <= 3
        }
    }

    func send(_ opcode: WebSocketOpcode, _ bytes: [UInt8]) async throws {
        let timer = channel.eventLoop.scheduleTask(in: .seconds(Int64(patience))) { [channel, cutOff] in
            cutOff()
            channel.close(promise: nil)
        }
        defer { timer.cancel() }
        try await outbound.write(WebSocketFrame(fin: true, opcode: opcode, data: ByteBuffer(bytes: bytes)))
    }

    /// Says good-bye (RFC 6455 §7.4).
    func close(_ code: Int) async throws {
        try await send(.connectionClose, [UInt8(truncatingIfNeeded: code >> 8), UInt8(truncatingIfNeeded: code)])
    }
}

import Glibc
internal import NIOCore
internal import NIOPosix
internal import NIOWebSocket
import Synchronization

/// WebSockets over TCP and TLS, by RFC 6455.
public final class WebSocketTransport: SocketTransport {
    /// What tests shorten.
    public struct Options: Sendable {
        /// Longest wait for one address to answer.
        public var connectTimeout = Duration.milliseconds(2_500)
        /// Longest wait from name to open connection.
        public var handshakeTimeout = Duration.seconds(10)
        /// How often a ping is sent.
        public var pingInterval = Duration.seconds(15)
        /// Longest wait for its pong.
        public var pongTimeout = Duration.seconds(10)
        /// Largest message, in bytes.
        public var maximumMessage = 8 << 20
        /// PEM of certificate authorities to believe beside those of the machine.
        public var trustRoots: [UInt8] = []

        /// The options of the house.
        public init() {}
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public let session: SocketSession
    private let options: Options
    private let loop: any EventLoop
    private let began: NIODeadline
    private let inbox: SocketInbox
    private let channels = SocketChannels()
    private let trust: SocketTrust
    private let opened = Mutex(0)

    /// Begins a session; connects nowhere yet.
    ///
    /// - Parameter session: its beginning and seed; now and a random one where nil.
    public init(_ options: Options = Options(), session: SocketSession? = nil) {
        self.options = options
        self.session = session ?? SocketSession(startedAt: Self.now(), seed: .random(in: .min ... .max))
        let began = NIODeadline.now()
        self.began = began
        loop = MultiThreadedEventLoopGroup.singleton.next()
        inbox = SocketInbox { .milliseconds((NIODeadline.now() - began).nanoseconds / 1_000_000) }
        trust = SocketTrust(roots: options.trustRoots)
    }

    deinit {
        channels.closeAll()
    }

    private static func now() -> UInt64 {
        var time = timespec()
        // SAFETY: the structure outlives the call.
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func open(_ endpoint: Endpoint) -> Int {
        let connection = opened.withLock { opened in
            defer { opened += 1 }
            return opened
        }
        inbox.add(connection)
        WebSocketConnector(
            endpoint: endpoint, connection: connection, options: options, loop: loop, inbox: inbox,
            channels: channels, trust: trust
        ).start()
        return connection
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func send(_ text: [UInt8], on connection: Int) {
        guard inbox.has(connection), let channel = channels.channel(connection) else { return }
        guard channel.isWritable else {
            inbox.put(.ended(connection, .transport("it does not read")))
            return channels.close(connection)
        }
        channel.writeAndFlush(WebSocketFrame.client(.text, text), promise: nil)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func close(_ connection: Int) {
        inbox.drop(connection)
        guard let channel = channels.channel(connection) else { return }
        channel.writeAndFlush(WebSocketFrame.client(.connectionClose, [0x03, 0xe8]), promise: nil)
        channel.close(promise: nil)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func next(until deadline: Duration?) async throws(RPCError) -> SocketEvent? {
        guard !Task.isCancelled else { throw .cancelled }
        let number = inbox.begin()
        // Whole milliseconds, rounded up: what was asked for is over when the wait is.
        let end = deadline.map { Duration.milliseconds(max(0, $0.wholeMillisecondsUp)) }
        let timer = end.map { end in
            loop.scheduleTask(deadline: began + TimeAmount(end)) { [inbox, began] in
                let now = Duration.milliseconds((NIODeadline.now() - began).nanoseconds / 1_000_000)
                inbox.end(number, SocketEvent(at: max(now, end), .due))
            }
        }
        let event = await withTaskCancellationHandler {
            await inbox.take(number)
        } onCancel: {
            inbox.end(number, nil)
        }
        timer?.cancel()
        inbox.finish(number)
        guard let event else { throw .cancelled }
        return event
    }
}

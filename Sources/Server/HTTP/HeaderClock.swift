internal import NIOCore

/// Cuts off who takes too long over the head of a request, however steadily the bytes drip.
///
/// It stands before the parser, since half a head is seen by nobody behind it; ``ProtocolGuard`` tells it what the
/// parser made of the bytes. The first head is timed from the connection on, a later one from its first byte: between two
/// requests a client may be silent for as long as the idle time allows.
final class HeaderClock: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let time: TimeAmount
    /// What is written to who was too slow.
    private let answer: () -> [UInt8]
    private var context: ChannelHandlerContext?
    private var timer: Scheduled<Void>?
    /// Whether a request was read and is not answered yet.
    private var isBusy = false
    /// Whether bytes came that belong to no head that was read.
    private var hasBytes = false

    /// Whether it was too slow, and is being told.
    private var isOver = false

    /// - Parameters:
    ///   - time: for one head.
    ///   - answer: what is written to who was too slow, asked for when it is.
    init(_ time: TimeAmount, answer: @escaping () -> [UInt8]) {
        self.time = time
        self.answer = answer
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        start()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stop()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        hasBytes = true
        if !isBusy { start() }
        context.fireChannelRead(data)
    }

    /// The head is complete.
    func headIsRead() {
        isBusy = true
        hasBytes = false
        stop()
    }

    /// The request is answered; what came meanwhile is the beginning of the next.
    func isAnswered() {
        isBusy = false
        if hasBytes { start() }
    }

    private func start() {
        guard timer == nil, let context else { return }
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: time) {
            // Who said nothing at all asked for nothing, and is answered nothing.
            guard self.hasBytes else { return context.close(promise: nil) }
            self.isOver = true
            context.writeAndFlush(NIOAny(ByteBuffer(bytes: self.answer())), promise: nil)
            // Closing upon bytes that nobody read takes the answer back (RFC 9112 §9.6).
            self.timer = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) {
                context.close(promise: nil)
            }
        }
    }

    private func stop() {
        timer?.cancel()
        timer = nil
    }
}

@available(*, unavailable)
extension HeaderClock: Sendable {}

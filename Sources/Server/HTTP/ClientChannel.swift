internal import HTTPTypes
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
internal import NIOHTTPTypesHTTP1
internal import NIOWebSocket

/// A connection: HTTP/1.1, or a WebSocket where its first request asks for one and may have it.
struct ClientChannel: HTTPChannelHandler {
    /// What a connection became.
    enum Negotiated: Sendable {
        case http(NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>)
        case socket(NIOAsyncChannel<WebSocketFrame, WebSocketFrame>, Caller)
        /// There is no place for it.
        case refused(HTTPRefusal)
    }

    /// A connection before its first request.
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let negotiated: EventLoopFuture<Negotiated>
    }

    let responder: HTTPChannelHandler.Responder
    /// Why this address may have no further connection; nil where it may.
    let welcome: @Sendable (_ channel: any Channel) -> HTTPRefusal?
    /// Hears of what is refused before there is a request.
    let refused: @Sendable (_ refusal: HTTPRefusal, _ channel: any Channel) -> Void
    /// Who may open a socket with this request; nil where the request is answered as any other.
    let socketCaller:
        @Sendable (
            _ target: String, _ headers: HTTPHeaders, _ channel: any Channel, _ isFirst: Bool
        ) -> Caller?
    let socket: @Sendable (NIOAsyncChannel<WebSocketFrame, WebSocketFrame>, Caller) async -> Void
    let limits: HTTPLimits

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            if let refusal = welcome(channel) {
                return Value(channel: channel, negotiated: channel.eventLoop.makeSucceededFuture(.refused(refusal)))
            }
            let clock = HeaderClock(limits.headerTime) { [refused, limits] in
                let refusal = HTTPRefusal.slow(limits)
                refused(refusal, channel)
                return refusal.plainAnswer
            }
            try channel.pipeline.syncOperations.addHandler(clock)
            let upgrader = NIOTypedWebSocketServerUpgrader<Negotiated>(
                maxFrameSize: limits.frameBytes,
                // The guard lets nothing through to here that may not.
                shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture(HTTPHeaders()) },
                upgradePipelineHandler: { [socketCaller, limits] channel, head in
                    channel.eventLoop.makeCompletedFuture {
                        guard let caller = socketCaller(head.uri, head.headers, channel, false) else {
                            throw ChannelError.ioOnClosedChannel
                        }
                        let frames = NIOWebSocketFrameAggregator(
                            minNonFinalFragmentSize: 1, maxAccumulatedFrameCount: 16,
                            maxAccumulatedFrameSize: limits.messageBytes)
                        try channel.pipeline.syncOperations.addHandler(frames)
                        // What comes now are frames, and no heads.
                        let pipeline = channel.pipeline.syncOperations
                        for handler: any RemovableChannelHandler in [
                            try pipeline.handler(type: HeaderClock.self),
                            try pipeline.handler(type: ProtocolGuard.self),
                        ] { pipeline.removeHandler(handler, promise: nil) }
                        return .socket(try NIOAsyncChannel(wrappingChannelSynchronously: channel), caller)
                    }
                })
            var configuration = NIOUpgradableHTTPServerPipelineConfiguration<Negotiated>(
                upgradeConfiguration: NIOTypedHTTPServerUpgradeConfiguration(
                    upgraders: [upgrader],
                    notUpgradingCompletionHandler: { [limits] channel in
                        channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.addHandler(HTTP1ToHTTPServerCodec(secure: false))
                            try channel.pipeline.syncOperations.addHandler(
                                HTTPConnectionStateHandler(idleTimeout: limits.idleTime, logger: logger))
                            return .http(
                                try NIOAsyncChannel(
                                    wrappingChannelSynchronously: channel,
                                    configuration: .init(isOutboundHalfClosureEnabled: true)))
                        }
                    }))
            configuration.enablePipelining = false
            configuration.enableErrorHandling = false
            configuration.decoderConfiguration.maxHeaderFieldSize = limits.headerFieldBytes
            configuration.decoderConfiguration.maxHeaderListSize = limits.headerBytes
            configuration.decoderConfiguration.maxHeaderFieldCount = limits.headerFields
            let negotiated = try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
                configuration: configuration)
            let parser = try channel.pipeline.syncOperations.handler(
                type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try channel.pipeline.syncOperations.addHandler(
                ProtocolGuard(clock, limits) { [socketCaller] head in
                    socketCaller(head.uri, head.headers, channel, true) != nil
                } refused: { [refused] refusal in
                    refused(refusal, channel)
                }, position: .after(parser))
            return Value(channel: channel, negotiated: negotiated)
        }
    }

    func handle(value: Value, logger: Logger) async {
        let negotiated: Negotiated
        do {
            negotiated = try await value.negotiated.get()
        } catch {
            // Not even one request: nobody to answer.
            value.channel.close(promise: nil)
            return
        }
        switch negotiated {
        case .http(let channel): await handleHTTP(asyncChannel: channel, logger: logger)
        case .socket(let channel, let caller): await socket(channel, caller)
        case .refused(let refusal): await turnAway(value.channel, refusal)
        }
    }

    /// Says why, and leaves the client a moment to read it: what it sent meanwhile is read by nobody, and closing at once
    /// would take the answer back (RFC 9112 §9.6).
    private func turnAway(_ channel: any Channel, _ refusal: HTTPRefusal) async {
        refused(refusal, channel)
        channel.writeAndFlush(ByteBuffer(bytes: refusal.plainAnswer), promise: nil)
        let timer = channel.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
        defer { timer.cancel() }
        do { try await channel.closeFuture.get() } catch { return }
    }
}

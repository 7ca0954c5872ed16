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
    }

    /// A connection before its first request.
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let negotiated: EventLoopFuture<Negotiated>
    }

    let responder: HTTPChannelHandler.Responder
    /// Who may open a socket with this request; nil where the request is answered as any other.
    let socketCaller:
        @Sendable (
            _ target: String, _ headers: HTTPHeaders, _ channel: any Channel, _ isFirst: Bool
        ) -> Caller?
    let socket: @Sendable (NIOAsyncChannel<WebSocketFrame, WebSocketFrame>, Caller) async -> Void
    let limits: HTTPLimits

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            // Who has not said what they want by then is gone, however slowly they talk.
            let deadline = channel.eventLoop.scheduleTask(in: limits.headerTime) { channel.close(promise: nil) }
            let upgrader = NIOTypedWebSocketServerUpgrader<Negotiated>(
                maxFrameSize: limits.frameBytes,
                shouldUpgrade: { [socketCaller] channel, head in
                    let isAllowed = socketCaller(head.uri, head.headers, channel, true) != nil
                    return channel.eventLoop.makeSucceededFuture(isAllowed ? HTTPHeaders() : nil)
                },
                upgradePipelineHandler: { [socketCaller, limits] channel, head in
                    channel.eventLoop.makeCompletedFuture {
                        guard let caller = socketCaller(head.uri, head.headers, channel, false) else {
                            throw ChannelError.ioOnClosedChannel
                        }
                        let frames = NIOWebSocketFrameAggregator(
                            minNonFinalFragmentSize: 1, maxAccumulatedFrameCount: 16,
                            maxAccumulatedFrameSize: limits.messageBytes)
                        try channel.pipeline.syncOperations.addHandler(frames)
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
            configuration.decoderConfiguration.maxHeaderFieldSize = limits.headerFieldBytes
            configuration.decoderConfiguration.maxHeaderListSize = limits.headerBytes
            configuration.decoderConfiguration.maxHeaderFieldCount = limits.headerFields
            let negotiated = try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
                configuration: configuration)
            negotiated.whenComplete { _ in deadline.cancel() }
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
        }
    }
}

internal import CCurl
import Synchronization

/// HTTP over libcurl: one thread owns one multi handle, so that connections are kept, shared and multiplexed.
public final class CurlTransport: Transport {
    /// What tests shorten.
    public struct Options: Sendable {
        /// Longest wait for a connection.
        public var connectTimeout = Duration.milliseconds(2_500)
        /// A body that comes more slowly than 1024 bytes a second for so long is given up; whole seconds.
        public var stallTimeout = Duration.seconds(10)
        /// Longest wait for an answer, whatever the request allows.
        public var timeout = Duration.seconds(120)
        /// Transfers under way at once; more wait their turn.
        public var concurrency = 64

        /// The options of the house.
        public init() {}
    }

    private let loop: CurlLoop
    private let buffers = BodyBuffers()

    /// Starts the event loop.
    public init(_ options: Options = Options()) throws(RPCError) {
        loop = try CurlLoop(options)
    }

    deinit {
        loop.stop()
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func send(_ request: HTTPRequest) async throws(RPCError) -> HTTPResponse {
        guard !request.endpoint.url.isEmpty else {
            throw .transport(endpoint: request.endpoint.name, what: "it was recorded, and can only be replayed")
        }
        guard !Task.isCancelled else { throw .cancelled }
        let transfer = CurlTransfer(request, buffers)
        let result: Result<HTTPResponse, RPCError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                transfer.onEnd { (result: consuming Result<HTTPResponse, RPCError>) in
                    continuation.resume(returning: result)
                }
                loop.add(transfer)
            }
        } onCancel: {
            loop.cancel(transfer)
        }
        return try result.get()
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func reuse(_ body: consuming [UInt8]) {
        buffers.give(body)
    }
}

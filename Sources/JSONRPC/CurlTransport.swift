internal import CCurl
import Synchronization

/// HTTP over libcurl: one thread owns one multi handle, so that connections are kept, shared and multiplexed.
public final class CurlTransport: Transport {
    private let loop: CurlLoop

    /// Starts the event loop.
    public init() throws(RPCError) {
        loop = try CurlLoop()
    }

    deinit {
        loop.stop()
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func send(_ request: HTTPRequest) async throws(RPCError) -> HTTPResponse {
        guard !Task.isCancelled else { throw .cancelled }
        let transfer = CurlTransfer(request)
        let result: Result<HTTPResponse, RPCError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                transfer.onEnd { continuation.resume(returning: $0) }
                loop.add(transfer)
            }
        } onCancel: {
            loop.cancel(transfer)
        }
        return try result.get()
    }
}

internal import CCurl
import Synchronization

/// One request on its way through libcurl.
///
/// SAFETY: all but the state behind the mutex is touched by the loop's thread alone.
@safe
final class CurlTransfer: @unchecked Sendable {
    private struct Shared {
        var end: (@Sendable (consuming Result<HTTPResponse, RPCError>) -> Void)?
        var isCancelled = false
    }

    /// Why the transfer was ended from inside a callback.
    private enum Abort {
        case tooLarge, tooManyHeaders, bomb
        case refused(String)
    }

    let request: HTTPRequest
    private let buffers: BodyBuffers
    private let shared = Mutex(Shared())
    private var easy: UnsafeMutableRawPointer?
    /// The head of a request with lines of its own; freed when the handle is taken back.
    private var ownHeaders: UnsafeMutablePointer<curl_slist>?
    private var body: [UInt8] = []
    private var headerLines = 0
    private var headerBytes = 0
    private var abort: Abort?
    private var stallSeconds = 10
    private var name: String { request.endpoint.name }

    init(_ request: HTTPRequest, _ buffers: BodyBuffers) {
        self.request = request
        self.buffers = buffers
    }

    var isCancelled: Bool { shared.withLock { $0.isCancelled } }

    func markCancelled() {
        shared.withLock { $0.isCancelled = true }
    }

    func onEnd(_ end: @escaping @Sendable (consuming Result<HTTPResponse, RPCError>) -> Void) {
        shared.withLock { $0.end = end }
    }

    /// Hands the result to whoever waits; once. Nothing of it stays with this thread: the body's array is to be used
    /// again by whoever is the last to hold it.
    func end(_ result: consuming Result<HTTPResponse, RPCError>) {
        let end = shared.withLock { shared in
            let end = shared.end
            shared.end = nil
            return end
        }
        end?(result)
    }

    /// Sets `easy` up for this request; false where libcurl does not know an option that safety rests on.
    func prepare(
        _ easy: UnsafeMutableRawPointer, headers: UnsafeMutablePointer<curl_slist>, _ options: CurlTransport.Options
    ) -> Bool {
        unsafe self.easy = easy
        stallSeconds = max(1, Int(options.stallTimeout / .seconds(1)))
        var setup = unsafe CurlSetup(easy: easy)
        var head = unsafe headers
        if !request.headers.isEmpty {
            guard let own = unsafe CurlLoop.headers(besides: request.headers) else { return false }
            unsafe ownHeaders = own
            unsafe head = own
        }
        unsafe setup.setRequest(request, headers: head, options)
        setup.setSafety(request)
        // SAFETY: the transfer stays in the loop's table, and so alive, until the handle is taken back.
        unsafe setup.setCallbacks(Unmanaged.passUnretained(self).toOpaque())
        return setup.isComplete
    }

    /// The handle, which is no longer this transfer's.
    func takeHandle() -> UnsafeMutableRawPointer? {
        let taken = unsafe easy
        unsafe easy = nil
        return unsafe taken
    }

    /// Frees what only this transfer's handle pointed at, once it is out of the loop and about to be reset.
    func freeHeaders() {
        guard let own = unsafe ownHeaders else { return }
        unsafe curl_slist_free_all(own)
        unsafe ownHeaders = nil
    }

    /// Keeps what arrived; false where the transfer has to end.
    func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= request.maximumBytes else {
            abort = .tooLarge
            return false
        }
        // From the first byte on an answer has to flow; before it the node may think for as long as the request allows.
        if body.isEmpty, let easy = unsafe easy {
            unsafe plimsoll_set_long(easy, CURLOPT_LOW_SPEED_LIMIT, 1_024)
            unsafe plimsoll_set_long(easy, CURLOPT_LOW_SPEED_TIME, stallSeconds)
            body = buffers.take()
        }
        let needed = body.count + bytes.count
        if needed > body.capacity {
            body.reserveCapacity(BodyBuffers.room(needed, in: body.capacity, limit: request.maximumBytes))
        }
        unsafe body.append(contentsOf: bytes)
        return !isBomb()
    }

    /// Real answers compress to a tenth, answers full of zeros to a hundredth.
    private func isBomb() -> Bool {
        // Below this size the cap on bytes is protection enough.
        guard body.count > 8 << 20, let easy = unsafe easy else { return false }
        var arrived: curl_off_t = 0
        unsafe plimsoll_get_offset(easy, CURLINFO_SIZE_DOWNLOAD_T, &arrived)
        guard arrived > 0, body.count / Int(arrived) > 200 else { return false }
        abort = .bomb
        return true
    }

    /// Counts a header line; false where there are too many.
    func takeHeader(_ count: Int) -> Bool {
        headerLines += 1
        headerBytes += count
        guard headerLines <= 66, headerBytes <= 32 << 10 else {
            abort = .tooManyHeaders
            return false
        }
        return true
    }

    /// A socket to the resolved address, unless the endpoint may not lead there.
    func openSocket(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
        let scope = unsafe plimsoll_address_scope(address)
        if let refusal = request.endpoint.refusal(
            isPublic: scope == PLIMSOLL_PUBLIC, isNowhere: scope == PLIMSOLL_NOWHERE)
        {
            abort = .refused(refusal)
            return -1
        }
        let socket = unsafe plimsoll_socket(address)
        // Another address of the same name was refused, and this one is not.
        if socket >= 0, case .refused? = abort { abort = nil }
        return socket
    }

    func outcome(_ code: CURLcode) -> Result<HTTPResponse, RPCError> {
        guard let easy = unsafe easy else { return .failure(.cancelled) }
        guard code == CURLE_OK else { return .failure(error(code)) }
        var status = 0
        unsafe plimsoll_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
        var retryAfter: curl_off_t = 0
        unsafe plimsoll_get_offset(easy, CURLINFO_RETRY_AFTER, &retryAfter)
        let wait = retryAfter > 0 ? Int(min(retryAfter, 86_400)) : nil
        // The response alone holds the array from here on, so that it can be used again.
        let whole = body
        body = []
        return .success(HTTPResponse(status: status, body: whole, retryAfter: wait))
    }

    private func error(_ code: CURLcode) -> RPCError {
        switch abort {
        case .tooLarge: return .tooLarge(endpoint: name, limit: request.maximumBytes)
        case .tooManyHeaders: return .malformed(endpoint: name, what: "more than 64 lines or 32 KiB of headers")
        case .bomb: return .malformed(endpoint: name, what: "it unpacks to more than 200 times its size")
        case .refused(let why): return .untrusted(endpoint: name, what: why)
        case nil: break
        }
        // SAFETY: libcurl's own text for a code is a static string. Its longer texts may hold the URL and are not
        // asked for.
        let what = unsafe curl_easy_strerror(code).map { unsafe String(cString: $0) } ?? "code \(code.rawValue)"
        switch code {
        case CURLE_OPERATION_TIMEDOUT: return .timeout(endpoint: name)
        case CURLE_FILESIZE_EXCEEDED: return .tooLarge(endpoint: name, limit: request.maximumBytes)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH:
            return .untrusted(endpoint: name, what: what)
        case CURLE_BAD_CONTENT_ENCODING: return .malformed(endpoint: name, what: "it cannot be unpacked")
        default: return .transport(endpoint: name, what: what)
        }
    }
}

internal import CCurl
import Synchronization

/// One request on its way through libcurl.
///
/// SAFETY: everything but the continuation is touched by the loop's thread alone; the continuation is behind the mutex.
@safe
final class CurlTransfer: @unchecked Sendable {
    let request: HTTPRequest
    private(set) var easy: UnsafeMutableRawPointer?
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var body: [UInt8] = []
    private var isOverLimit = false
    private let continuation = Mutex<(@Sendable (Result<HTTPResponse, RPCError>) -> Void)?>(nil)
    private var name: String { request.endpoint.name }

    init(_ request: HTTPRequest) {
        self.request = request
    }

    func onEnd(_ end: @escaping @Sendable (Result<HTTPResponse, RPCError>) -> Void) {
        continuation.withLock { $0 = end }
    }

    /// Hands the result to whoever waits; once.
    func end(_ result: Result<HTTPResponse, RPCError>) {
        let end = continuation.withLock { stored in
            let end = stored
            stored = nil
            return end
        }
        end?(result)
    }

    /// An easy handle with the house's options.
    func prepare() -> UnsafeMutableRawPointer? {
        guard let easy = unsafe curl_easy_init() else { return nil }
        unsafe self.easy = easy
        unsafe setTransport(easy)
        unsafe setSafety(easy)
        // SAFETY: the transfer stays in the loop's table, and so alive, until the handle is removed.
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe plimsoll_set_pointer(easy, CURLOPT_WRITEDATA, context)
        unsafe plimsoll_set_write(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let context = unsafe context, let bytes = unsafe bytes else { return 0 }
            let transfer = unsafe Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
            // SAFETY: libcurl says that `size · count` bytes stand at `bytes` for the length of this call.
            return unsafe transfer.take(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
        }
        unsafe plimsoll_set_pointer(easy, CURLOPT_OPENSOCKETDATA, context)
        unsafe plimsoll_set_open(easy) { context, _, address in
            guard let context = unsafe context, let address = unsafe address else { return -1 }
            let transfer = unsafe Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
            return unsafe plimsoll_open_socket(transfer.request.endpoint.isPrivate ? 1 : 0, address)
        }
        return unsafe easy
    }

    private func setTransport(_ easy: UnsafeMutableRawPointer) {
        for line in ["Content-Type: application/json", "Accept: application/json", "Expect:"] {
            unsafe headers = curl_slist_append(headers, line)
        }
        unsafe plimsoll_set_headers(easy, headers)
        unsafe plimsoll_set_text(easy, CURLOPT_URL, request.endpoint.url)
        unsafe plimsoll_set_text(easy, CURLOPT_USERAGENT, "plimsoll")
        unsafe plimsoll_set_long(easy, CURLOPT_POST, 1)
        unsafe plimsoll_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
        // Copied by libcurl: the array's storage is only ours for the length of the call.
        _ = unsafe request.body.withUnsafeBytes { bytes in
            unsafe plimsoll_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
        }
        unsafe plimsoll_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        unsafe plimsoll_set_long(easy, CURLOPT_PIPEWAIT, 1)
        unsafe plimsoll_set_long(easy, CURLOPT_TCP_NODELAY, 1)
        unsafe plimsoll_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
        unsafe plimsoll_set_long(easy, CURLOPT_TCP_KEEPIDLE, 30)
        unsafe plimsoll_set_long(easy, CURLOPT_TCP_KEEPINTVL, 15)
        unsafe plimsoll_set_long(easy, CURLOPT_MAXAGE_CONN, 55)
        unsafe plimsoll_set_long(easy, CURLOPT_MAXLIFETIME_CONN, 600)
        unsafe plimsoll_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, 2_500)
        unsafe plimsoll_set_long(easy, CURLOPT_TIMEOUT_MS, Int(request.kind.timeout / .milliseconds(1)))
        unsafe plimsoll_set_long(easy, CURLOPT_LOW_SPEED_LIMIT, 1_024)
        unsafe plimsoll_set_long(easy, CURLOPT_LOW_SPEED_TIME, 10)
        unsafe plimsoll_set_text(easy, CURLOPT_ACCEPT_ENCODING, "")
        unsafe plimsoll_set_long(easy, CURLOPT_BUFFERSIZE, 256 << 10)
    }

    private func setSafety(_ easy: UnsafeMutableRawPointer) {
        unsafe plimsoll_set_long(easy, CURLOPT_NOSIGNAL, 1)
        unsafe plimsoll_set_offset(easy, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(request.kind.maximumBytes))
        unsafe plimsoll_set_long(easy, CURLOPT_SSL_VERIFYPEER, 1)
        unsafe plimsoll_set_long(easy, CURLOPT_SSL_VERIFYHOST, 2)
        unsafe plimsoll_set_long(easy, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        unsafe plimsoll_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https")
        unsafe plimsoll_set_text(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https")
        unsafe plimsoll_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
        unsafe plimsoll_set_text(easy, CURLOPT_PROXY, "")
        unsafe plimsoll_set_long(easy, CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        unsafe plimsoll_set_long(easy, CURLOPT_DNS_CACHE_TIMEOUT, 60)
    }

    /// Keeps what arrived; false where it is more than the kind of answer allows.
    private func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= request.kind.maximumBytes else {
            isOverLimit = true
            return false
        }
        unsafe body.append(contentsOf: bytes)
        return true
    }

    func outcome(_ code: CURLcode) -> Result<HTTPResponse, RPCError> {
        guard let easy = unsafe easy else { return .failure(.cancelled) }
        if isOverLimit || code == CURLE_FILESIZE_EXCEEDED {
            return .failure(.tooLarge(endpoint: name, limit: request.kind.maximumBytes))
        }
        guard code == CURLE_OK else {
            if code == CURLE_OPERATION_TIMEDOUT { return .failure(.timeout(endpoint: name)) }
            // SAFETY: libcurl's own text for a code is a static string.
            let what = unsafe curl_easy_strerror(code).map { unsafe String(cString: $0) } ?? "code \(code.rawValue)"
            return .failure(.transport(endpoint: name, what: what))
        }
        var status = 0
        unsafe plimsoll_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
        var retryAfter: curl_off_t = 0
        unsafe plimsoll_get_offset(easy, CURLINFO_RETRY_AFTER, &retryAfter)
        return .success(
            HTTPResponse(status: status, body: body, retryAfter: retryAfter > 0 ? min(Int(retryAfter), 300) : nil))
    }

    func release() {
        guard let easy = unsafe easy else { return }
        unsafe curl_easy_cleanup(easy)
        unsafe curl_slist_free_all(headers)
        unsafe self.easy = nil
        unsafe headers = nil
    }
}

internal import CCurl

/// Sets an easy handle up with the options of the house.
///
/// SAFETY: lives only while `easy` is the loop's to set up; every value is of the kind that its option takes.
@safe
struct CurlSetup {
    private let easy: UnsafeMutableRawPointer
    /// Whether libcurl took every option.
    private(set) var isComplete = true

    init(easy: UnsafeMutableRawPointer) {
        unsafe self.easy = easy
    }

    private mutating func set(_ option: CURLoption, _ value: Int) {
        let status = unsafe plimsoll_set_long(easy, option, value)
        isComplete = isComplete && status == CURLE_OK
    }

    private mutating func set(_ option: CURLoption, offset value: Int) {
        let status = unsafe plimsoll_set_offset(easy, option, curl_off_t(value))
        isComplete = isComplete && status == CURLE_OK
    }

    private mutating func set(_ option: CURLoption, _ value: String) {
        let status = unsafe plimsoll_set_text(easy, option, value)
        isComplete = isComplete && status == CURLE_OK
    }

    mutating func setRequest(
        _ request: HTTPRequest, headers: UnsafeMutablePointer<curl_slist>, _ options: CurlTransport.Options
    ) {
        unsafe plimsoll_set_headers(easy, headers)
        if let user = request.endpoint.user {
            set(CURLOPT_USERNAME, user)
            set(CURLOPT_PASSWORD, request.endpoint.password ?? "")
        }
        set(CURLOPT_USERAGENT, "plimsoll")
        setBody(request)
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        // A burst on a cold start waits for the first connection to say whether it multiplexes.
        set(CURLOPT_PIPEWAIT, 1)
        set(CURLOPT_TCP_NODELAY, 1)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_TCP_KEEPIDLE, 30)
        set(CURLOPT_TCP_KEEPINTVL, 15)
        set(CURLOPT_UPKEEP_INTERVAL_MS, 15_000)
        set(CURLOPT_MAXAGE_CONN, 55)
        set(CURLOPT_MAXLIFETIME_CONN, 600)
        set(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(options.connectTimeout))
        set(CURLOPT_TIMEOUT_MS, Self.milliseconds(min(request.timeout, options.timeout)))
        set(CURLOPT_ACCEPT_ENCODING, "")
        set(CURLOPT_BUFFERSIZE, 256 << 10)
    }

    private mutating func setBody(_ request: HTTPRequest) {
        guard !request.isGet else {
            let base = request.endpoint.url.reversed().drop { $0 == "/" }.reversed()
            set(CURLOPT_URL, String(base) + String(decoding: request.body, as: UTF8.self))
            return set(CURLOPT_HTTPGET, 1)
        }
        set(CURLOPT_URL, request.endpoint.url)
        set(CURLOPT_POST, 1)
        set(CURLOPT_POSTFIELDSIZE_LARGE, offset: request.body.count)
        // Copied by libcurl: the array's storage is only ours for the length of the call.
        let status = unsafe request.body.withUnsafeBytes { bytes in
            unsafe plimsoll_set_pointer(
                easy, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
        }
        isComplete = isComplete && status == CURLE_OK
    }

    /// Zero would mean no limit at all.
    private static func milliseconds(_ duration: Duration) -> Int {
        max(1, Int(duration / .milliseconds(1)))
    }

    mutating func setSafety(_ request: HTTPRequest) {
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_MAXFILESIZE_LARGE, offset: request.maximumBytes)
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        set(CURLOPT_PROTOCOLS_STR, request.endpoint.isPlain ? "http" : "https")
        set(CURLOPT_REDIR_PROTOCOLS_STR, "https")
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_UNRESTRICTED_AUTH, 0)
        set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        set(CURLOPT_HTTPAUTH, 1)  // CURLAUTH_BASIC, a macro with a cast that Swift does not import
        // Without this the environment's proxy applies in silence.
        set(CURLOPT_PROXY, "")
        set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        set(CURLOPT_DNS_CACHE_TIMEOUT, 60)
    }

    mutating func setCallbacks(_ context: UnsafeMutableRawPointer) {
        let statuses = [
            unsafe plimsoll_set_pointer(easy, CURLOPT_WRITEDATA, context),
            unsafe plimsoll_set_pointer(easy, CURLOPT_HEADERDATA, context),
            unsafe plimsoll_set_pointer(easy, CURLOPT_OPENSOCKETDATA, context),
            unsafe plimsoll_set_write(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
                guard let context = unsafe context, let bytes = unsafe bytes else { return 0 }
                let transfer = unsafe Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
                // SAFETY: libcurl says that `size · count` bytes stand at `bytes` for the length of this call.
                return unsafe transfer.takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count))
                    ? size * count : 0
            },
            unsafe plimsoll_set_write(easy, CURLOPT_HEADERFUNCTION) { _, size, count, context in
                guard let context = unsafe context else { return 0 }
                let transfer = unsafe Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
                return transfer.takeHeader(size * count) ? size * count : 0
            },
            unsafe plimsoll_set_open(easy) { context, _, address in
                guard let context = unsafe context, let address = unsafe address else { return -1 }
                let transfer = unsafe Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
                return unsafe transfer.openSocket(address)
            },
        ]
        isComplete = isComplete && statuses.allSatisfy { $0 == CURLE_OK }
    }
}

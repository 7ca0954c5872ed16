/// One HTTP request: a POST of JSON, or a GET of a path.
public struct HTTPRequest: Sendable {
    /// Where to.
    public let endpoint: Endpoint
    /// The JSON text; of a GET, path and query, by which a recording knows it.
    public let body: [UInt8]
    /// Whether `body` is what to get below the endpoint's URL.
    public let isGet: Bool
    /// Largest answer that is taken, in bytes, decompressed.
    public let maximumBytes: Int
    /// Longest wait for the whole answer.
    public let timeout: Duration
    /// What stands in the head besides what every request says.
    public let headers: [HTTPHeader]

    /// Makes a request.
    public init(
        endpoint: Endpoint, body: [UInt8], headers: [HTTPHeader] = [], maximumBytes: Int, timeout: Duration
    ) {
        self.endpoint = endpoint
        self.body = body
        self.headers = headers
        isGet = false
        self.maximumBytes = maximumBytes
        self.timeout = timeout
    }

    /// Makes a request for `path` with its query, which begins with a slash, below the endpoint's URL.
    public init(get path: String, of endpoint: Endpoint, maximumBytes: Int, timeout: Duration) {
        self.endpoint = endpoint
        body = Array(path.utf8)
        headers = []
        isGet = true
        self.maximumBytes = maximumBytes
        self.timeout = timeout
    }
}

/// A line in the head of a request.
public struct HTTPHeader: Sendable, Hashable {
    /// The line, `name: value`.
    let line: String

    /// Makes a line; nil where name or value hold what could end it, or end the head.
    public init?(_ name: String, _ value: String) {
        let isName = name.utf8.allSatisfy {
            $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: ";")
        }
        guard !name.isEmpty, isName, !value.isEmpty, value.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }),
            name.utf8.count + value.utf8.count <= 4_096
        else { return nil }
        line = "\(name): \(value)"
    }
}

/// What came back.
public struct HTTPResponse: Sendable, Hashable {
    /// The HTTP status.
    public let status: Int
    /// The body, decompressed.
    public let body: [UInt8]
    /// Seconds of a `Retry-After` header.
    public let retryAfter: Int?
    /// Bytes of the body as it came: more or fewer than ``body`` has where a recording took a key out of it.
    public let size: Int

    /// Makes a response.
    public init(status: Int, body: [UInt8], retryAfter: Int?, size: Int? = nil) {
        self.status = status
        self.body = body
        self.retryAfter = retryAfter
        self.size = size ?? body.count
    }

    /// The body, with nothing left that keeps it.
    consuming func takeBody() -> [UInt8] { body }
}

/// Carries one request to an endpoint and brings its answer: over sockets, or from a recording.
public protocol Transport: Sendable {
    /// Sends and waits.
    ///
    /// - Throws: ``RPCError`` of the transport's own kinds: no connection, no answer in time, too large, not recorded.
    func send(_ request: HTTPRequest) async throws(RPCError) -> HTTPResponse
    /// Takes a body back that was read and is kept by nobody, so that the next can arrive in its place.
    func reuse(_ body: consuming [UInt8])
}

extension Transport {
    /// Lets the body go.
    public func reuse(_ body: consuming [UInt8]) {}
}

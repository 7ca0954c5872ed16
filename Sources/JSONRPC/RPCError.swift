/// Why a call has no result. No case holds a URL.
public enum RPCError: Error, Hashable, Sendable {
    /// The URL cannot be used; what is wrong with it, without the URL.
    case invalidURL(String)
    /// The node answered with an error.
    case node(endpoint: String, method: String, NodeError)
    /// HTTP answered without a JSON-RPC body; seconds of `Retry-After`.
    case http(endpoint: String, status: Int, retryAfter: Int?)
    /// No connection, or it broke.
    case transport(endpoint: String, what: String)
    /// The endpoint may not be spoken to: its certificate or its address is refused.
    case untrusted(endpoint: String, what: String)
    /// No answer in time.
    case timeout(endpoint: String)
    /// The answer breaks the rules of JSON-RPC.
    case malformed(endpoint: String, what: String)
    /// The answer is larger than its kind allows, in bytes.
    case tooLarge(endpoint: String, limit: Int)
    /// The answer fails a cryptographic check, or a check against its own question.
    case dishonest(endpoint: String, what: String)
    /// More requests wait for this endpoint than are kept.
    case saturated(endpoint: String)
    /// The recording does not hold this exchange.
    case notRecorded(method: String)
    /// The recording cannot be read or written.
    case transcript(String)
    /// The task was cancelled.
    case cancelled
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension RPCError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidURL(let what): "the endpoint's URL cannot be used: \(what)"
        case .node(let endpoint, let method, let error):
            "\(endpoint) refuses \(method): \(error.message.isEmpty ? "no reason given" : error.message) (code \(error.code))"
        case .http(let endpoint, let status, _): "\(endpoint) answers HTTP status \(status)\(Self.meaning(status))"
        case .transport(let endpoint, let what): "\(endpoint) cannot be reached: \(what)"
        case .untrusted(let endpoint, let what): "\(endpoint) is not spoken to: \(what)"
        case .timeout(let endpoint): "\(endpoint) did not answer in time"
        case .malformed(let endpoint, let what): "\(endpoint) sent an answer that is not valid: \(what)"
        case .tooLarge(let endpoint, let limit): "\(endpoint) sent more than the \(limit) bytes that are accepted"
        case .dishonest(let endpoint, let what): "\(endpoint) contradicts what can be checked: \(what)"
        case .saturated(let endpoint): "too many requests wait for \(endpoint)"
        case .notRecorded(let method):
            "the recording does not hold this \(method); it was made by another version or command"
        case .transcript(let what): "the recording cannot be used: \(what)"
        case .cancelled: "cancelled"
        }
    }

    private static func meaning(_ status: Int) -> String {
        switch status {
        case 200..<300: " and nothing that is JSON: a gateway's page, or no JSON-RPC endpoint"
        case 300..<400: ": it redirects, and a redirected request could lose its key to another host; use the final URL"
        case 401, 403: ": the key is missing or not accepted"
        case 402: ": the plan is used up"
        case 404: ": there is no JSON-RPC at this path"
        case 413: ": the request is too large for it"
        case 429: ": too many requests"
        default: ""
        }
    }
}

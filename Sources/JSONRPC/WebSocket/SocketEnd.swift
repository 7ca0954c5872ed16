/// Why a connection ended, or never began.
public enum SocketEnd: Error, Sendable, Hashable {
    /// The other side closed it: RFC 6455 §7.4, with its reason, cleaned; 1006 where it said nothing.
    case closed(code: Int, reason: String)
    /// The handshake was answered with this status.
    case refused(status: Int, retryAfter: Int?)
    /// No connection, or it broke.
    case transport(String)
    /// Its certificate or its address is refused.
    case untrusted(String)
    /// No answer to the handshake or to a ping in time.
    case timeout
    /// It breaks the rules of RFC 6455.
    case malformed(String)
    /// A message is larger than this many bytes.
    case tooLarge(Int)

    /// The same as a failure of `endpoint`. A close with 1008 (policy) is how nodes turn away who asks too much.
    public func error(_ endpoint: Endpoint) -> RPCError {
        let name = endpoint.name
        switch self {
        case .closed(1008, let reason), .closed(1013, let reason):
            return .node(
                endpoint: name, method: "the connection",
                NodeError(
                    code: 1008, message: reason.isEmpty ? "too many requests or subscriptions" : reason, data: nil,
                    kind: .rateLimited(wait: nil), suggestion: nil))
        case .closed(let code, let reason):
            let meaning = Self.meaning(code)
            return .transport(endpoint: name, what: reason.isEmpty ? meaning : "\(meaning): \(reason)")
        case .refused(let status, let retryAfter):
            return .http(endpoint: name, status: status, retryAfter: retryAfter)
        case .transport(let what): return .transport(endpoint: name, what: what)
        case .untrusted(let what): return .untrusted(endpoint: name, what: what)
        case .timeout: return .timeout(endpoint: name)
        case .malformed(let what): return .malformed(endpoint: name, what: what)
        case .tooLarge(let limit): return .tooLarge(endpoint: name, limit: limit)
        }
    }

    private static func meaning(_ code: Int) -> String {
        switch code {
        case 1000: "it closed the connection"
        case 1001: "it is going away"
        case 1006: "the connection broke"
        case 1009: "a message was too large for it"
        case 1011: "it failed"
        case 1012: "it restarts"
        default: "it closed the connection with code \(code)"
        }
    }
}

/// Why a call has no result.
public enum RPCError: Error, Hashable, Sendable {
    /// The URL cannot be used; what is wrong with it, without the URL.
    case invalidURL(String)
    /// The node answered with an error.
    case node(endpoint: String, method: String, NodeError)
    /// HTTP answered without a JSON-RPC body.
    case http(endpoint: String, status: Int, retryAfter: Int?)
    /// No connection, or it broke.
    case transport(endpoint: String, what: String)
    /// No answer in time.
    case timeout(endpoint: String)
    /// The answer breaks the rules of JSON-RPC.
    case malformed(endpoint: String, what: String)
    /// The answer is larger than its kind allows.
    case tooLarge(endpoint: String, limit: Int)
    /// The recording does not hold this exchange.
    case notRecorded(method: String)
    /// The recording cannot be read or written.
    case transcript(String)
    /// The task was cancelled.
    case cancelled
}

/// The error object of a JSON-RPC answer, classified.
public struct NodeError: Hashable, Sendable {
    /// The node's code.
    public let code: Int
    /// The node's words, cleaned of control characters and secrets, at most 512 characters.
    public let message: String
    /// Revert data, where the node gave any.
    public let data: [UInt8]?
    /// What it means.
    public let kind: NodeErrorKind
}

/// What a node's error means for what to do next.
public enum NodeErrorKind: Hashable, Sendable {
    /// The range of a log query is too wide; the limit in blocks where it is known.
    case rangeTooLarge(limit: UInt64?)
    /// The answer would be too large; the limit in logs where it is known.
    case resultTooLarge(limit: UInt64?)
    /// Too many addresses or topics.
    case filterTooWide
    /// Too many requests in one batch.
    case batchTooLarge
    /// Too many requests; seconds to wait where the node said so.
    case rateLimited(seconds: UInt64?)
    /// The plan is used up.
    case quotaExhausted
    /// The key is missing or wrong.
    case auth
    /// The method is not offered.
    case methodUnsupported
    /// The block is not there, or not canonical.
    case blockUnavailable
    /// The state of the block is gone.
    case stateUnavailable(earliest: UInt64?)
    /// The contract reverted.
    case reverted
    /// The EVM halted: out of gas, invalid opcode.
    case evmHalt
    /// The parameters were refused.
    case callerBug
    /// The node gave up in time.
    case timeout
    /// Anything else.
    case serverError
}

extension RPCError {
    /// Whether the same request may succeed at the same endpoint a little later.
    var isTransient: Bool {
        switch self {
        case .node(_, _, let error):
            switch error.kind {
            case .rateLimited, .serverError, .blockUnavailable, .timeout: true
            default: false
            }
        case .http(_, let status, _): status == 429 || status >= 500
        case .transport, .timeout, .malformed: true
        case .invalidURL, .tooLarge, .notRecorded, .transcript, .cancelled: false
        }
    }

    /// Seconds that the endpoint asked to wait.
    var retryAfter: UInt64? {
        switch self {
        case .node(_, _, let error): if case .rateLimited(let seconds) = error.kind { seconds } else { nil }
        case .http(_, _, let seconds): seconds.flatMap { $0 > 0 ? UInt64($0) : nil }
        default: nil
        }
    }

    private var kind: NodeErrorKind? { if case .node(_, _, let error) = self { error.kind } else { nil } }

    /// Whether fewer requests in one batch may pass.
    public var asksForSmallerBatch: Bool {
        switch self {
        case .node: kind == .batchTooLarge || asksForLessWork
        case .http(_, let status, _): status == 413 || status == 400
        case .tooLarge, .timeout, .malformed: true
        default: false
        }
    }

    /// Whether a smaller question of the same sort may pass: fewer positions, a narrower range.
    public var asksForLessWork: Bool {
        switch self {
        case .node:
            switch kind {
            case .rangeTooLarge, .resultTooLarge, .filterTooWide, .evmHalt, .timeout, .batchTooLarge: true
            default: false
            }
        case .http(_, let status, _): status == 413 || status == 504
        case .tooLarge, .timeout, .malformed: true
        default: false
        }
    }

    /// The data of a revert, empty where the node gave none; nil where the call did not revert.
    public var revertData: [UInt8]? {
        guard case .node(_, _, let error) = self, error.kind == .reverted else { return nil }
        return error.data ?? []
    }

    /// The endpoint's limit on the blocks of a log query.
    public var blockRangeLimit: UInt64? { if case .rangeTooLarge(let limit) = kind { limit } else { nil } }
    /// Whether a log query spans too many blocks.
    public var isRangeTooLarge: Bool { if case .rangeTooLarge = kind { true } else { false } }
    /// Whether an answer would be too large.
    public var isResultTooLarge: Bool {
        if case .tooLarge = self { return true }
        return if case .resultTooLarge = kind { true } else { false }
    }
    /// The endpoint's limit on the logs of an answer.
    public var resultLimit: UInt64? { if case .resultTooLarge(let limit) = kind { limit } else { nil } }
    /// Whether the endpoint did not answer at all, as opposed to answering with a refusal.
    public var isUnreachable: Bool {
        switch self {
        case .transport, .timeout, .http: true
        default: false
        }
    }
}

extension RPCError: CustomStringConvertible {
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var description: String {
        switch self {
        case .invalidURL(let what): "the endpoint's URL cannot be used: \(what)"
        case .node(let endpoint, let method, let error):
            "\(endpoint) refuses \(method): \(error.message.isEmpty ? "no reason given" : error.message) (code \(error.code))"
        case .http(let endpoint, let status, _): "\(endpoint) answers HTTP status \(status)"
        case .transport(let endpoint, let what): "\(endpoint) cannot be reached: \(what)"
        case .timeout(let endpoint): "\(endpoint) did not answer in time"
        case .malformed(let endpoint, let what): "\(endpoint) sent an answer that is not valid: \(what)"
        case .tooLarge(let endpoint, let limit): "\(endpoint) sent more than the \(limit) bytes that are accepted"
        case .notRecorded(let method): "the recording does not hold this \(method); it was made by another version or command"
        case .transcript(let what): "the recording cannot be used: \(what)"
        case .cancelled: "cancelled"
        }
    }
}

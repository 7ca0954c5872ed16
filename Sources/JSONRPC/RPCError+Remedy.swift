extension RPCError {
    /// The class of the failure.
    public var failure: RPCFailure {
        switch self {
        case .node(_, _, let error): error.kind.failure
        case .http(_, let status, _): Self.failure(status: status)
        case .transport: .transport
        case .untrusted: .auth
        case .timeout: .timeout
        case .malformed: .malformed
        case .tooLarge: .resultTooLarge
        case .dishonest: .dishonest
        case .invalidURL, .saturated, .notRecorded, .transcript, .cancelled: .local
        }
    }

    /// What to do about it.
    public var remedy: Remedy {
        let remedy = failure.remedy
        // A 403 is as often a firewall's answer to a burst as a verdict on the key: asked once more before it is
        // believed.
        if case .http(_, 403, _) = self {
            return Remedy(retry: .once, triesElsewhere: true, blame: remedy.blame, reshape: .none)
        }
        return remedy
    }

    private static func failure(status: Int) -> RPCFailure {
        switch status {
        case 401, 403: .auth
        case 402: .quotaExhausted
        case 404, 405, 415: .methodUnsupported
        case 408, 504, 524: .timeout
        case 413: .resultTooLarge
        case 429, 503: .rateLimited
        case 400, 422: .callerBug
        default: .serverError
        }
    }

    /// How long the endpoint asked to wait before the next attempt.
    public var requestedWait: Duration? {
        switch self {
        case .node(_, _, let error): if case .rateLimited(let wait) = error.kind { wait } else { nil }
        case .http(_, let status, let seconds):
            if let seconds, seconds > 0 {
                .seconds(seconds)
            } else if status == 403 {
                .seconds(1)
            } else if status == 503 {
                .milliseconds(500)
            } else {
                nil
            }
        default: nil
        }
    }
}

extension RPCError {
    private var kind: NodeErrorKind? { if case .node(_, _, let error) = self { error.kind } else { nil } }

    /// Whether fewer requests in one batch may pass.
    public var asksForSmallerBatch: Bool {
        switch self {
        case .node: kind == .batchTooLarge || asksForLessWork
        case .http(_, let status, _): [400, 413, 422].contains(status)
        case .tooLarge, .timeout, .malformed: true
        default: false
        }
    }

    /// Whether a batch was refused for the number of its requests.
    var isBatchTooLarge: Bool {
        if case .http(_, 413, _) = self { true } else { kind == .batchTooLarge }
    }

    /// Whether a smaller question of the same sort may pass: fewer positions, a narrower range.
    public var asksForLessWork: Bool {
        switch self {
        case .node:
            switch kind {
            case .rangeTooLarge, .resultTooLarge, .filterTooWide, .evmHalt, .timeout, .batchTooLarge: true
            default: false
            }
        case .http(_, let status, _): [408, 413, 504, 524].contains(status)
        case .tooLarge, .timeout, .malformed: true
        default: false
        }
    }

    /// The data of a revert, empty where the node gave none; nil where the call did not revert.
    public var revertData: [UInt8]? {
        guard case .node(_, _, let error) = self, error.kind == .reverted else { return nil }
        return error.data ?? []
    }

    /// The endpoint's limit on the blocks of a log query, both ends counted.
    public var blockRangeLimit: UInt64? { if case .rangeTooLarge(let limit) = kind { limit } else { nil } }
    /// Whether a log query spans too many blocks.
    public var isRangeTooLarge: Bool { if case .rangeTooLarge = kind { true } else { false } }
    /// Whether an answer would be too large.
    public var isResultTooLarge: Bool { failure == .resultTooLarge }
    /// The endpoint's limit on the logs of an answer.
    public var resultLimit: UInt64? { if case .resultTooLarge(let limit) = kind { limit } else { nil } }
    /// The blocks that the node says would work in one log query.
    public var suggestedRange: ClosedRange<UInt64>? {
        if case .node(_, _, let error) = self { error.suggestion } else { nil }
    }
    /// The first block whose state the endpoint still has, where it said so.
    public var earliestState: UInt64? { if case .stateUnavailable(let earliest) = kind { earliest } else { nil } }
    /// Whether the endpoint did not answer at all, as opposed to answering with a refusal.
    public var isUnreachable: Bool {
        switch self {
        case .transport, .untrusted, .timeout, .http: true
        default: false
        }
    }
}

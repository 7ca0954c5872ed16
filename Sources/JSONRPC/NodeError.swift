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
    /// The blocks that the node says would work in one log query.
    public var suggestion: ClosedRange<UInt64>?
}

/// What a node's error means for what to do next.
public enum NodeErrorKind: Hashable, Sendable {
    /// The range of a log query is too wide; the limit in blocks, both ends counted, where it is known.
    case rangeTooLarge(limit: UInt64?)
    /// The answer would be too large, or takes too long to find; the limit in logs where it is known.
    case resultTooLarge(limit: UInt64?)
    /// Too many addresses or topics.
    case filterTooWide
    /// Too many requests in one batch.
    case batchTooLarge
    /// Too many requests; how long to wait where the node said so.
    case rateLimited(wait: Duration?)
    /// The plan is used up.
    case quotaExhausted
    /// The key is missing or wrong.
    case auth
    /// The method is not offered.
    case methodUnsupported
    /// The block is not there, not yet there, or not canonical.
    case blockUnavailable
    /// The state of the block is gone; the earliest block that is left where the node said so.
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

    /// The row of the table of remedies.
    var failure: RPCFailure {
        switch self {
        case .rangeTooLarge: .rangeTooLarge
        case .resultTooLarge: .resultTooLarge
        case .filterTooWide: .filterTooWide
        case .batchTooLarge: .batchTooLarge
        case .rateLimited: .rateLimited
        case .quotaExhausted: .quotaExhausted
        case .auth: .auth
        case .methodUnsupported: .methodUnsupported
        case .blockUnavailable: .blockUnavailable
        case .stateUnavailable: .stateUnavailable
        case .reverted: .reverted
        case .evmHalt: .evmHalt
        case .callerBug: .callerBug
        case .timeout: .timeout
        case .serverError: .serverError
        }
    }
}

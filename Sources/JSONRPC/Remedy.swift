/// What to do about a failed call: four decisions that do not depend on one another.
public struct Remedy: Sendable, Hashable {
    /// Whether the same question may be asked again at the same endpoint.
    public enum Retry: Sendable, Hashable {
        /// The answer would be the same.
        case never
        /// Once more.
        case once
        /// Three tries in all, as a block near the tip arrives.
        case nearTip
        /// As often as the policy allows, with growing waits.
        case repeatedly

        /// How many attempts may follow the first.
        var most: Int {
            switch self {
            case .never: 0
            case .once: 1
            case .nearTip: 2
            case .repeatedly: .max
            }
        }
    }

    /// What the failure says about the endpoint.
    public enum Blame: Sendable, Hashable {
        /// Nothing.
        case none
        /// It counts so many times against its health.
        case counts(Int)
        /// It lowers the rate at which the endpoint is asked, and nothing else.
        case rate
        /// The endpoint is left alone for so long; nil until its configuration changes.
        case park(Duration?)
        /// The endpoint is kept away and the evidence kept.
        case quarantine(Duration)
    }

    /// How the question has to change before it is asked again.
    public enum Reshape: Sendable, Hashable {
        /// Not at all.
        case none
        /// Fewer blocks.
        case splitRange
        /// Fewer blocks, then fewer addresses or topics; of calls fewer at once.
        case splitRangeOrFilter
        /// Fewer addresses or topics.
        case splitFilter
        /// Half the batch.
        case halveBatch
        /// Fewer requests in a second.
        case lowerRate
        /// Another block.
        case repin
        /// The endpoint's earliest block is remembered.
        case learnLowerBound
        /// The endpoint is remembered not to have the method.
        case forgetMethod
        /// More gas or fewer positions in one call.
        case resizeCall
        /// Fewer blocks of logs, fewer positions in a call.
        case shrink
    }

    /// Whether the same endpoint may be asked again.
    public let retry: Retry
    /// Whether another endpoint may answer.
    public let triesElsewhere: Bool
    /// What it says about the endpoint.
    public let blame: Blame
    /// How the question has to change.
    public let reshape: Reshape
}

/// The classes of failure, each a row of the table of remedies.
public enum RPCFailure: Sendable, Hashable, CaseIterable {
    /// A log query of too many blocks.
    case rangeTooLarge
    /// Too many logs, too many bytes.
    case resultTooLarge
    /// Too many addresses or topics.
    case filterTooWide
    /// Too many requests in a batch.
    case batchTooLarge
    /// Too many requests in a second.
    case rateLimited
    /// The plan is used up.
    case quotaExhausted
    /// The key is not accepted, or the endpoint cannot be trusted.
    case auth
    /// The method is not offered.
    case methodUnsupported
    /// The block is not there.
    case blockUnavailable
    /// The block's state is not there.
    case stateUnavailable
    /// The contract reverted: deterministic at a pinned block.
    case reverted
    /// The EVM halted.
    case evmHalt
    /// The request was wrong.
    case callerBug
    /// No answer in time.
    case timeout
    /// The endpoint failed.
    case serverError
    /// No connection, or it broke.
    case transport
    /// The answer breaks the rules of JSON-RPC.
    case malformed
    /// The answer fails a check.
    case dishonest
    /// Nothing that an endpoint did: a URL, a recording, a cancelled task.
    case local

    /// One row per case and no `default`: a new case does not compile until its row is written.
    public var remedy: Remedy {
        switch self {
        case .rangeTooLarge: Remedy(retry: .never, triesElsewhere: true, blame: .none, reshape: .splitRange)
        case .resultTooLarge: Remedy(retry: .never, triesElsewhere: true, blame: .none, reshape: .splitRangeOrFilter)
        case .filterTooWide: Remedy(retry: .never, triesElsewhere: true, blame: .none, reshape: .splitFilter)
        case .batchTooLarge: Remedy(retry: .never, triesElsewhere: true, blame: .none, reshape: .halveBatch)
        case .rateLimited: Remedy(retry: .repeatedly, triesElsewhere: true, blame: .rate, reshape: .lowerRate)
        case .quotaExhausted: Remedy(retry: .never, triesElsewhere: true, blame: .park(.seconds(3_600)), reshape: .none)
        case .auth: Remedy(retry: .never, triesElsewhere: true, blame: .park(nil), reshape: .none)
        case .methodUnsupported: Remedy(retry: .never, triesElsewhere: true, blame: .none, reshape: .forgetMethod)
        case .blockUnavailable: Remedy(retry: .nearTip, triesElsewhere: true, blame: .none, reshape: .repin)
        case .stateUnavailable: Remedy(retry: .never, triesElsewhere: true, blame: .none, reshape: .learnLowerBound)
        case .reverted: Remedy(retry: .never, triesElsewhere: false, blame: .none, reshape: .none)
        case .evmHalt: Remedy(retry: .never, triesElsewhere: false, blame: .none, reshape: .resizeCall)
        case .callerBug: Remedy(retry: .never, triesElsewhere: true, blame: .none, reshape: .none)
        case .timeout: Remedy(retry: .once, triesElsewhere: true, blame: .counts(1), reshape: .shrink)
        case .serverError: Remedy(retry: .repeatedly, triesElsewhere: true, blame: .counts(1), reshape: .none)
        case .transport: Remedy(retry: .repeatedly, triesElsewhere: true, blame: .counts(1), reshape: .none)
        case .malformed: Remedy(retry: .once, triesElsewhere: true, blame: .counts(3), reshape: .none)
        case .dishonest:
            Remedy(retry: .never, triesElsewhere: true, blame: .quarantine(.seconds(86_400)), reshape: .none)
        case .local: Remedy(retry: .never, triesElsewhere: false, blame: .none, reshape: .none)
        }
    }
}

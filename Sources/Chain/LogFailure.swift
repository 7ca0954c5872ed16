import JSONRPC

/// Why one range of logs could not be read, and what may help.
enum LogFailure: Error {
    /// The endpoint refused, or did not answer.
    case refused(RPCError)
    /// The answer breaks the rules of a log answer.
    case malformed(String)
    /// The answer stops at a round number of logs, and its halves hold more.
    case truncated(Int)
    /// The endpoint that answered does not have the last block of the range: it is behind.
    case behind(UInt64)

    /// The answer is proven to be wrong.
    case contradicted(Contradiction)
    /// The answer can be neither proven nor disproven.
    case unproven(VerificationError)

    /// What to try next.
    enum Advice: Equatable {
        /// Ask for at most so many blocks; half as many where the number is not known.
        case fewerBlocks(UInt64?)
        /// Ask for fewer logs; the endpoint's cap where it is known.
        case fewerLogs(UInt64?)
        /// Ask for what takes less time.
        case less
        /// Nothing about the size of the question will help.
        case none
    }

    var advice: Advice {
        switch self {
        case .refused(let error):
            if let limit = error.blockRangeLimit { return .fewerBlocks(limit) }
            if error.isRangeTooLarge { return .fewerBlocks(nil) }
            if error.isResultTooLarge { return .fewerLogs(error.resultLimit) }
            return error.asksForLessWork ? .less : .none
        case .malformed: return .less
        case .truncated(let count): return .fewerLogs(UInt64(count))
        case .behind, .contradicted, .unproven: return .none
        }
    }
}

extension LogFailure: CustomStringConvertible {
    var description: String {
        switch self {
        case .refused(let error): "\(error)"
        case .malformed(let why): why
        case .truncated(let count): "the answer was cut at \(count) logs"
        case .contradicted(let contradiction): "\(contradiction.error)"
        case .unproven(let error): "the logs cannot be proven: \(error)"
        case .behind(let number): "the endpoint does not have block \(number)"
        }
    }
}

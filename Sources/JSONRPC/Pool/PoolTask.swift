/// What is still open of one question to a pool, and the best reason for what failed. Does no I/O.
struct PoolTask: ~Copyable {
    typealias Outcome = Result<RPCResult, RPCError>

    private let requests: [RPCRequest]
    private var settled: [Outcome?]
    /// Where an endpoint said that a block is not there, and another may know better.
    private var absent: [Outcome?]
    private var errors: [RPCError?]
    /// Whether the error was one of the exchange as a whole.
    private var isWhole: [Bool]
    /// How often each was refused as our own mistake.
    private var refusals: [Int]
    /// Positions to be asked now.
    private(set) var open: [Int]

    init(_ requests: [RPCRequest]) {
        self.requests = requests
        settled = Array(repeating: nil, count: requests.count)
        absent = settled
        errors = Array(repeating: nil, count: requests.count)
        isWhole = Array(repeating: false, count: requests.count)
        refusals = Array(repeating: 0, count: requests.count)
        open = Array(requests.indices)
    }

    /// What to ask now.
    var asked: [RPCRequest] { open.map { requests[$0] } }

    /// Takes the answers of one endpoint to ``asked``; what failed stays open where another may do better.
    mutating func take(_ outcomes: [Outcome]) {
        var left: [Int] = []
        for (position, outcome) in zip(open, outcomes) {
            switch outcome {
            case .success(let result):
                if Self.isAbsent(result, requests[position]) {
                    absent[position] = outcome
                    left.append(position)
                } else {
                    settled[position] = outcome
                }
            case .failure(let error):
                note(error, at: position, isWhole: false)
                if isOpen(error, position) { left.append(position) }
            }
        }
        open = left
    }

    /// Takes an exchange that failed as a whole.
    ///
    /// - Throws: a cancellation.
    mutating func take(_ error: RPCError) throws(RPCError) {
        if error == .cancelled { throw error }
        var left: [Int] = []
        for position in open {
            note(error, at: position, isWhole: true)
            if isOpen(error, position) { left.append(position) }
        }
        open = left
    }

    private mutating func note(_ error: RPCError, at position: Int, isWhole whole: Bool) {
        if error.failure == .callerBug { refusals[position] += 1 }
        guard let known = errors[position] else {
            errors[position] = error
            isWhole[position] = whole
            return
        }
        if Permissiveness(error) > Permissiveness(known) {
            errors[position] = error
            isWhole[position] = whole
        }
    }

    private func isOpen(_ error: RPCError, _ position: Int) -> Bool {
        if case .notRecorded = error { return true }
        // What two endpoints call our mistake is one.
        return error.remedy.triesElsewhere && refusals[position] < 2
    }

    /// A block that is not there may be there elsewhere: the endpoint is behind, or one of several machines.
    private static func isAbsent(_ result: RPCResult, _ request: RPCRequest) -> Bool {
        guard result.isNull else { return false }
        return ["eth_getBlockByNumber", "eth_getBlockByHash", "eth_getBlockReceipts"].contains(request.method)
    }

    /// All endpoints were asked: opens what may succeed later for another round.
    ///
    /// - Returns: how long to wait before it; nil where nothing is left to try.
    mutating func nextRound(_ round: Int, _ retry: RetryPolicy, since start: Duration) -> Duration? {
        var longest: Duration?
        open = open.filter { position in
            guard absent[position] == nil, let error = errors[position],
                let wait = retry.wait(after: round, since: start, error)
            else { return false }
            longest = max(longest ?? .zero, wait)
            return true
        }
        return longest
    }

    /// Every outcome in the order of the requests.
    ///
    /// - Throws: the error of the exchange as a whole, where that is why no request has an answer.
    consuming func outcomes() throws(RPCError) -> [Outcome] {
        let hasAnswer = settled.contains { $0 != nil } || absent.contains { $0 != nil }
        if !hasAnswer, isWhole.allSatisfy({ $0 }), let first = errors[0], errors.allSatisfy({ $0 == first }) {
            throw first
        }
        return requests.indices.map { index in
            settled[index] ?? absent[index] ?? .failure(errors[index] ?? .cancelled)
        }
    }
}

/// How much a refusal leaves open: of several endpoints the one that grants the most is the one to listen to.
struct Permissiveness: Comparable {
    private let rank: Int
    private let limit: UInt64

    init(_ error: RPCError) {
        (rank, limit) =
            switch error.failure {
            // A verdict on the question itself.
            case .reverted, .evmHalt: (100, 0)
            case .resultTooLarge:
                (90, error.suggestedRange.map { $0.upperBound - $0.lowerBound } ?? error.resultLimit ?? 0)
            case .rangeTooLarge: (80, error.blockRangeLimit ?? 0)
            case .filterTooWide, .batchTooLarge: (70, 0)
            case .timeout: (60, 0)
            case .blockUnavailable: (55, 0)
            // The lower, the more.
            case .stateUnavailable: (50, .max - (error.earliestState ?? .max))
            case .rateLimited: (45, 0)
            case .malformed: (40, 0)
            case .serverError: (35, 0)
            case .transport: (30, 0)
            case .callerBug: (25, 0)
            case .methodUnsupported: (20, 0)
            case .dishonest: (15, 0)
            case .quotaExhausted: (10, 0)
            case .auth: (5, 0)
            case .local: (0, 0)
            }
    }

    static func < (left: Permissiveness, right: Permissiveness) -> Bool {
        left.rank != right.rank ? left.rank < right.rank : left.limit < right.limit
    }
}

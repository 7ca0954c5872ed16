/// Which members of a batch are still to be asked. Does no I/O and knows no clock but the one it is given.
struct BatchPlan: ~Copyable {
    typealias Outcome = Result<RPCResult, RPCError>

    /// Why a member has no result yet.
    private enum Lack {
        /// It was answered with an error, or the exchange failed.
        case failed(RPCError)
        /// The node left it out.
        case missing
        /// The node stopped answering when its answer was full: it goes on with what is left.
        case cutOff(RPCError)
    }

    private let requests: [RPCRequest]
    private let endpoint: String
    private var settled: [Outcome?]
    private var lacks: [Lack?]
    /// Positions to be asked now.
    private var open: [Int]
    private var attempts = 0
    /// Exchanges since the last that answered any member.
    private var fruitless = 0
    /// Why the last exchange failed as a whole, if it did.
    private var whole: RPCError?

    init(_ requests: [RPCRequest], endpoint: String) {
        self.requests = requests
        self.endpoint = endpoint
        settled = Array(repeating: nil, count: requests.count)
        lacks = Array(repeating: nil, count: requests.count)
        open = Array(requests.indices)
    }

    /// What to send now.
    var asked: [RPCRequest] { open.map { requests[$0] } }

    /// Takes the answers to ``asked``, by position, nil for each that is missing.
    mutating func take(_ answers: [Outcome?]) {
        attempts += 1
        whole = nil
        let isProgress = answers.contains { if case .success? = $0 { true } else { false } }
        fruitless = isProgress ? 0 : fruitless + 1
        for (position, answer) in zip(open, answers) {
            switch answer {
            case .success?: settled[position] = answer
            case .failure(let error)?:
                lacks[position] = isProgress && Self.isCutOff(error) ? .cutOff(error) : .failed(error)
            case nil: lacks[position] = .missing
            }
        }
    }

    /// Geth answers so for what no longer fits the answer to a batch.
    private static func isCutOff(_ error: RPCError) -> Bool {
        if case .node(_, _, let error) = error {
            error.code == -32003 && error.kind.failure == .resultTooLarge
        } else {
            false
        }
    }

    /// Takes what concerns the exchange as a whole.
    ///
    /// - Throws: a cancellation, which ends everything.
    mutating func take(_ error: RPCError) throws(RPCError) {
        if error == .cancelled { throw error }
        attempts += 1
        fruitless += 1
        // A recorded session that gave up here is replayed to the same end: what failed before stays what failed.
        if case .notRecorded = error, attempts > 1 {
            attempts = .max
            fruitless = .max
            return
        }
        whole = error
        for position in open { lacks[position] = .failed(error) }
    }

    /// The wait before another attempt, or nil where all is said.
    mutating func next(_ retry: RetryPolicy, since start: Duration) -> Duration? {
        var longest: Duration?
        var drawn: [RPCError: Duration?] = [:]
        open = open.filter { position in
            guard settled[position] == nil, let lack = lacks[position], let wait = wait(lack, retry, start, &drawn)
            else {
                return false
            }
            longest = max(longest ?? .zero, wait)
            return true
        }
        return longest
    }

    private func wait(
        _ lack: Lack, _ retry: RetryPolicy, _ start: Duration, _ drawn: inout [RPCError: Duration?]
    ) -> Duration? {
        switch lack {
        case .failed(let error):
            if let known = drawn[error] { return known }
            let wait = retry.wait(after: attempts, since: start, error)
            drawn[error] = .some(wait)
            return wait
        // As long as each exchange answers some, all will be answered.
        case .missing, .cutOff: return fruitless < retry.attempts && retry.hasTime(since: start) ? .zero : nil
        }
    }

    private static func `is`(_ lack: Lack?, _ error: RPCError) -> Bool {
        if case .failed(error)? = lack { true } else { false }
    }

    /// Every outcome in the order of the requests.
    ///
    /// - Throws: the error of the exchange as a whole, where that is why no request has an answer.
    consuming func outcomes() throws(RPCError) -> [Outcome] {
        if let whole, settled.allSatisfy({ $0 == nil }), lacks.allSatisfy({ Self.is($0, whole) }) { throw whole }
        var missing = 0
        for (outcome, lack) in zip(settled, lacks) {
            if outcome == nil, case .missing? = lack { missing += 1 }
        }
        let absent = RPCError.malformed(endpoint: endpoint, what: "\(missing) of \(requests.count) answers are missing")
        return zip(settled, lacks).map { outcome, lack in
            if let outcome { return outcome }
            switch lack {
            case .failed(let error)?, .cutOff(let error)?: return .failure(error)
            case .missing?, nil: return .failure(absent)
            }
        }
    }
}

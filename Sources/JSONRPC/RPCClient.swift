import JSON

/// Answers calls: one endpoint now, several behind the same two verbs later.
public protocol RPCCalling: Sendable {
    /// What may be printed to say who answered.
    var name: String { get }
    /// One call, answered or explained.
    func call(_ request: RPCRequest) async throws(RPCError) -> RPCResult
    /// Several calls in one exchange, each answered or explained, in the order of the requests.
    ///
    /// - Throws: what concerns the exchange as a whole; then no request has an answer.
    func batch(_ requests: [RPCRequest]) async throws(RPCError) -> [Result<RPCResult, RPCError>]
}

/// How often and how patiently a failed exchange is tried again.
public struct RetryPolicy: Sendable {
    /// Attempts in all.
    public var attempts = 5
    /// The longest random wait before the second attempt; it doubles from there.
    public var base = Duration.milliseconds(150)
    /// The longest random wait.
    public var most = Duration.seconds(3)
    /// The longest wait that an endpoint may ask for.
    public var mostAsked = Duration.seconds(30)
    /// Waits; replaced in tests and replays.
    public var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    /// A number from 0 to 1; replaced in tests.
    public var random: @Sendable () -> Double = { Double.random(in: 0...1) }

    /// The policy of the house.
    public init() {}

    /// A policy that never waits: for replays, where the answers are there already.
    public static var immediate: RetryPolicy {
        var policy = RetryPolicy()
        policy.sleep = { _ in }
        return policy
    }

    func delay(before attempt: Int, asked: UInt64?) -> Duration {
        if let asked { return min(.seconds(Int64(clamping: asked)), mostAsked) }
        return min(most, base * Double(1 << min(attempt - 1, 10))) * random()
    }
}

/// A JSON-RPC client of one endpoint: requests with ids, batches, retries with jitter, nothing believed unchecked.
///
/// Ids are 1…n within one exchange, so that the same questions make the same bytes and a recording can be found again.
public struct RPCClient: RPCCalling {
    /// Where it asks.
    public let endpoint: Endpoint
    private let transport: any Transport
    private let retry: RetryPolicy
    private let statistics: RPCStatistics

    /// Makes a client.
    public init(
        endpoint: Endpoint, transport: any Transport, retry: RetryPolicy = RetryPolicy(),
        statistics: RPCStatistics = RPCStatistics()
    ) {
        self.endpoint = endpoint
        self.transport = transport
        self.retry = retry
        self.statistics = statistics
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var name: String { endpoint.name }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func call(_ request: RPCRequest) async throws(RPCError) -> RPCResult {
        var attempt = 1
        while true {
            do throws(RPCError) {
                let response = try await exchange([request], isBatch: false)
                return try Envelope(endpoint: endpoint, requests: [request]).single(response)
            } catch {
                try await wait(error, &attempt)
            }
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func batch(_ requests: [RPCRequest]) async throws(RPCError) -> [Result<RPCResult, RPCError>] {
        guard !requests.isEmpty else { return [] }
        var outcomes = [Result<RPCResult, RPCError>?](repeating: nil, count: requests.count)
        var open = Array(requests.indices)
        var attempt = 1
        while true {
            let asked = open.map { requests[$0] }
            do throws(RPCError) {
                let response = try await exchange(asked, isBatch: true)
                let answers = try Envelope(endpoint: endpoint, requests: asked).batch(response)
                var failure: RPCError?
                for (index, answer) in zip(open, answers) {
                    outcomes[index] = answer
                    if case .failure(let error)? = answer, error.isTransient { failure = error }
                }
                // Members that succeeded, or failed for good, are not asked again.
                open = open.filter { index in
                    switch outcomes[index] {
                    case .none: true
                    case .failure(let error)?: error.isTransient
                    case .success?: false
                    }
                }
                guard !open.isEmpty else { break }
                let missing = RPCError.malformed(endpoint: name, what: "\(open.count) of \(asked.count) answers are missing")
                guard attempt < retry.attempts else {
                    for index in open where outcomes[index] == nil { outcomes[index] = .failure(missing) }
                    break
                }
                try await wait(failure ?? missing, &attempt)
            } catch {
                // A batch refused as such is the caller's to divide; what was answered before stays answered.
                guard open.count == requests.count else {
                    guard attempt < retry.attempts, error.isTransient else {
                        for index in open { outcomes[index] = .failure(error) }
                        break
                    }
                    try await wait(error, &attempt)
                    continue
                }
                try await wait(error, &attempt)
            }
        }
        return outcomes.map { $0 ?? .failure(.malformed(endpoint: name, what: "an answer is missing")) }
    }

    /// Waits before the next attempt, or throws `error` where another would not help.
    private func wait(_ error: RPCError, _ attempt: inout Int) async throws(RPCError) {
        guard error.isTransient, attempt < retry.attempts else { throw error }
        statistics.countRetry()
        do {
            try await retry.sleep(retry.delay(before: attempt, asked: error.retryAfter))
        } catch {
            throw .cancelled
        }
        attempt += 1
    }

    private func exchange(_ requests: [RPCRequest], isBatch: Bool) async throws(RPCError) -> HTTPResponse {
        var body: [UInt8] = []
        body.reserveCapacity(requests.reduce(2) { $0 + $1.params.count + 80 })
        if isBatch { body += "[".utf8 }
        for (index, request) in requests.enumerated() {
            if index > 0 { body += ",".utf8 }
            request.append(id: index + 1, to: &body)
        }
        if isBatch { body += "]".utf8 }
        statistics.countSent(calls: requests.count, bytes: body.count)
        let kind = requests.map(\.kind).max { $0.maximumBytes < $1.maximumBytes } ?? .call
        let response = try await transport.send(HTTPRequest(endpoint: endpoint, body: body, kind: kind))
        statistics.countReceived(bytes: response.body.count)
        return response
    }
}

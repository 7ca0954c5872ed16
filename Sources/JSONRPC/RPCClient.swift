/// A JSON-RPC client of one endpoint: requests with ids, batches, retries with jitter, nothing believed unchecked.
///
/// Ids are 1…n within one exchange, so that the same questions make the same bytes and a recording can be found again.
public struct RPCClient: RPCCalling {
    /// Where it asks.
    public let endpoint: Endpoint
    private let transport: any Transport
    private let retry: RetryPolicy
    private let statistics: RPCStatistics
    private let gate: Gate
    private let pace: Pace?
    private let limits: LearnedLimits?

    /// Makes a client.
    ///
    /// - Parameters:
    ///   - concurrency: exchanges under way at once; fewer while the endpoint says that it is asked too fast.
    ///   - limits: what is known of the endpoint, consulted for the size of batches; learned from refusals.
    public init(
        endpoint: Endpoint, transport: any Transport, retry: RetryPolicy = RetryPolicy(),
        statistics: RPCStatistics = RPCStatistics(), concurrency: Int = 8, limits: LearnedLimits? = nil
    ) {
        self.init(
            endpoint: endpoint, transport: transport, retry: retry, statistics: statistics, concurrency: concurrency,
            limits: limits, pace: nil)
    }

    init(
        endpoint: Endpoint, transport: any Transport, retry: RetryPolicy, statistics: RPCStatistics, concurrency: Int,
        limits: LearnedLimits?, pace: Pace?
    ) {
        self.endpoint = endpoint
        self.transport = transport
        self.retry = retry
        self.statistics = statistics
        self.limits = limits
        self.pace = pace
        gate = Gate(limit: concurrency)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var name: String { endpoint.name }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func call(_ request: RPCRequest) async throws(RPCError) -> RPCResult {
        try await batch([request])[0].get()
    }

    /// Several calls in one exchange, each answered or explained, in the order of the requests.
    ///
    /// Members that the node left out, or that may succeed later, are asked again without the others. A batch of one
    /// is sent as a
    /// plain request, so that halving a batch ends at what every endpoint takes. More requests than the endpoint is
    /// known to take are sent in several exchanges.
    ///
    /// - Throws: what concerns the exchange as a whole; then no request has an answer.
    public func batch(_ requests: [RPCRequest]) async throws(RPCError) -> [Result<RPCResult, RPCError>] {
        guard !requests.isEmpty else { return [] }
        if let most = limits?.value(.batchSize), requests.count > most {
            return try await split(requests, Int(clamping: most))
        }
        do throws(RPCError) {
            return try await together(requests)
        } catch {
            guard requests.count > 1, error.isBatchTooLarge, let limits, limits.refused(batch: requests.count) else {
                throw error
            }
            return try await batch(requests)
        }
    }

    /// The requests in several exchanges, one after the other.
    ///
    /// - Throws: the first failure of an exchange as a whole, where no other brought an answer.
    private func split(
        _ requests: [RPCRequest], _ size: Int
    ) async throws(RPCError) -> [Result<RPCResult, RPCError>] {
        var outcomes: [Result<RPCResult, RPCError>] = []
        var failure: RPCError?
        var isAnswered = false
        for start in stride(from: 0, to: requests.count, by: max(1, size)) {
            let part = Array(requests[start..<min(start + max(1, size), requests.count)])
            do throws(RPCError) {
                outcomes += try await batch(part)
                isAnswered = true
            } catch {
                if error == .cancelled { throw error }
                failure = failure ?? error
                outcomes += part.map { _ in .failure(error) }
            }
        }
        if let failure, !isAnswered { throw failure }
        return outcomes
    }

    private func together(_ requests: [RPCRequest]) async throws(RPCError) -> [Result<RPCResult, RPCError>] {
        var plan = BatchPlan(requests, endpoint: name)
        let start = retry.now()
        while true {
            do throws(RPCError) {
                plan.take(try await exchange(plan.asked, since: start))
            } catch {
                try plan.take(error)
            }
            guard let wait = plan.next(retry, since: start) else { return try plan.outcomes() }
            statistics.countRetry()
            do {
                try await retry.sleep(wait)
            } catch {
                throw .cancelled
            }
        }
    }

    /// One HTTP exchange: the outcomes by position, nil for each that the node left out.
    private func exchange(
        _ requests: [RPCRequest], since start: Duration
    ) async throws(RPCError) -> [Result<RPCResult, RPCError>?] {
        try await pace?.wait()
        try await gate.enter(name)
        let body = RPCRequest.body(of: requests)
        do throws(RPCError) {
            let response = try await send(body, requests, since: start)
            let outcomes = try Envelope(endpoint: endpoint, requests: requests).outcomes(of: response)
            leave(
                wasRateLimited: outcomes.contains {
                    if case .failure(let error)? = $0 { error.failure == .rateLimited } else { false }
                })
            if outcomes.contains(where: { if case .success(let result)? = $0 { result.isDetached } else { false } }) {
                transport.reuse((consume response).takeBody())
            }
            return outcomes
        } catch {
            leave(wasRateLimited: error.failure == .rateLimited)
            throw error
        }
    }

    private func leave(wasRateLimited: Bool) {
        gate.leave(wasRateLimited: wasRateLimited)
        pace?.leave(wasRateLimited: wasRateLimited)
    }

    /// Sends and counts; what a recording does not hold was never sent.
    private func send(
        _ body: [UInt8], _ requests: [RPCRequest], since start: Duration
    ) async throws(RPCError) -> HTTPResponse {
        do throws(RPCError) {
            let response = try await transport.send(request(body, requests, since: start))
            statistics.countSent(calls: requests.count, bytes: body.count)
            statistics.countReceived(bytes: response.size)
            return response
        } catch {
            if case .notRecorded = error { throw error }
            statistics.countSent(calls: requests.count, bytes: body.count)
            throw error
        }
    }

    private func request(_ body: [UInt8], _ requests: [RPCRequest], since start: Duration) -> HTTPRequest {
        let largest = requests.map(\.kind.maximumBytes).max() ?? 0
        let sum = requests.reduce(0) { $0 + $1.kind.maximumBytes }
        let longest = requests.map(\.kind.timeout).max() ?? .zero
        let left = retry.deadline - (retry.now() - start)
        return HTTPRequest(
            endpoint: endpoint, body: body, maximumBytes: min(sum, max(largest, RPCKind.logs.maximumBytes)),
            timeout: max(.milliseconds(1), min(longest, left)))
    }
}

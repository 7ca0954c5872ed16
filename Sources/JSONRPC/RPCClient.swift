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

    /// Makes a client.
    ///
    /// - Parameter concurrency: exchanges under way at once; fewer while the endpoint says that it is asked too fast.
    public init(
        endpoint: Endpoint, transport: any Transport, retry: RetryPolicy = RetryPolicy(),
        statistics: RPCStatistics = RPCStatistics(), concurrency: Int = 8
    ) {
        self.endpoint = endpoint
        self.transport = transport
        self.retry = retry
        self.statistics = statistics
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
    /// plain request, so that halving a batch ends at what every endpoint takes.
    ///
    /// - Throws: what concerns the exchange as a whole; then no request has an answer.
    public func batch(_ requests: [RPCRequest]) async throws(RPCError) -> [Result<RPCResult, RPCError>] {
        guard !requests.isEmpty else { return [] }
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
        try await gate.enter(name)
        do throws(RPCError) {
            let body = RPCRequest.body(of: requests)
            statistics.countSent(calls: requests.count, bytes: body.count)
            let response = try await transport.send(request(body, requests, since: start))
            statistics.countReceived(bytes: response.size)
            let outcomes = try Envelope(endpoint: endpoint, requests: requests).outcomes(of: response)
            gate.leave(
                wasRateLimited: outcomes.contains {
                    if case .failure(let error)? = $0 { error.failure == .rateLimited } else { false }
                })
            return outcomes
        } catch {
            gate.leave(wasRateLimited: error.failure == .rateLimited)
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

import Synchronization

/// Several endpoints of one chain behind the verbs of one.
///
/// Each question goes to the endpoint that seems best for it; one that fails passes it on to the next at once, and waits
/// are taken only when all have failed. Reads stay consistent across a change because they are pinned to a block's hash:
/// an endpoint of another chain, or one that is behind, does not have the block and says so.
public final class EndpointPool: RPCCalling {
    /// How the pool behaves.
    public struct Options: Sendable {
        /// Attempts, waits, clock and randomness.
        public var retry = RetryPolicy()
        /// Exchanges under way at one endpoint.
        public var concurrency = 8
        /// Ask in the given order and let nothing but answers decide: no latency, no clock, no chance, no duplicates.
        public var isDeterministic = false
        /// Whether a slow single read is asked a second time elsewhere; never where the pool is deterministic.
        public var hedges = true
        /// Whether the pool holds itself back to a rate that it learns.
        public var paces = true
        /// Seconds for which a contradiction keeps an endpoint away.
        public var quarantine = Duration.seconds(86_400)
        /// Unix seconds, for what is learned and for evidence.
        public var unixTime: @Sendable () -> UInt64
        /// Where evidence goes.
        public var evidence: (any EvidenceSink)?

        /// The options of the house for a session over sockets.
        ///
        /// - Parameter unixTime: Unix seconds.
        public init(unixTime: @escaping @Sendable () -> UInt64) { self.unixTime = unixTime }

        /// For a session that is recorded: what is asked depends on answers alone.
        public static func recording(unixTime: @escaping @Sendable () -> UInt64) -> Options {
            var options = Options(unixTime: unixTime)
            options.isDeterministic = true
            return options
        }

        /// For a replay: the same, without waits.
        ///
        /// - Parameter unixTime: the recording's.
        public static func replay(unixTime: @escaping @Sendable () -> UInt64) -> Options {
            var options = recording(unixTime: unixTime)
            options.retry = .immediate
            options.paces = false
            return options
        }
    }

    /// One endpoint.
    struct Member: Sendable {
        let endpoint: Endpoint
        let operatorName: String
        let client: any RPCCalling
        let pace: Pace?
        let limits: LearnedLimits
    }

    struct State: Sendable {
        var health: [EndpointHealth]
        /// The endpoint that a deterministic pool goes on asking.
        var current = 0
        /// Questions so far.
        var turn = 0
        /// At most a twentieth of the questions is asked twice.
        var hedges = Allowance(perQuestion: 0.05, most: 5)
    }

    let members: [Member]
    let options: Options
    let state: Mutex<State>

    /// Makes a pool.
    ///
    /// - Parameters:
    ///   - endpoints: at least one, the preferred first; two URLs of one host get names that differ.
    ///   - limits: what earlier sessions learned, by endpoint name.
    public convenience init(
        _ endpoints: [Endpoint], transport: any Transport, options: Options,
        statistics: RPCStatistics = RPCStatistics(), limits: [String: EndpointLimits] = [:]
    ) {
        let members = Endpoint.distinct(endpoints).map { endpoint in
            let known = LearnedLimits(
                limits[endpoint.name] ?? EndpointLimits(), isFrozen: options.isDeterministic, now: options.unixTime)
            // Nodes of one's own have no fair use to respect, unless they say so.
            let pace =
                options.paces
                ? Pace(TokenBucket(startsUnlimited: endpoint.isPrivate), clock: options.retry) : nil
            var retry = options.retry
            // Where there are others, they are asked before the same endpoint is asked again.
            if endpoints.count > 1 { retry.attempts = 1 }
            return Member(
                endpoint: endpoint, operatorName: endpoint.operatorName,
                client: RPCClient(
                    endpoint: endpoint, transport: transport, retry: retry, statistics: statistics,
                    concurrency: options.concurrency, limits: known, pace: pace),
                pace: pace, limits: known)
        }
        self.init(members: members, options: options)
    }

    init(members: [Member], options: Options) {
        precondition(!members.isEmpty, "at least one endpoint is needed")
        self.members = members
        self.options = options
        state = Mutex(State(health: members.map { _ in EndpointHealth() }))
    }

    /// All endpoints together.
    public var name: String {
        members.count == 1 ? members[0].endpoint.name : "one of " + endpointNames.joined(separator: ", ")
    }

    /// The names of the endpoints, in their order.
    public var endpointNames: [String] { members.map(\.endpoint.name) }

    /// How many independent operators there are.
    public var operatorCount: Int { Set(members.map(\.operatorName)).count }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func call(_ request: RPCRequest) async throws(RPCError) -> RPCResult {
        try await batch([request])[0].get()
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func batch(_ requests: [RPCRequest]) async throws(RPCError) -> [Result<RPCResult, RPCError>] {
        try await perform(requests, among: Array(members.indices))
    }

    func index(of endpoint: String) -> Int? { members.firstIndex { $0.endpoint.name == endpoint } }
}

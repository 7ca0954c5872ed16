public import JSONRPC

/// What an endpoint may be able to do beyond single calls of the head.
public enum EndpointCapability: String, Sendable, Hashable, CaseIterable {
    /// JSON-RPC batches.
    case batch
    /// Calls at a block named by its hash (EIP-1898).
    case blockByHash
    /// `eth_call` with code placed by state override.
    case stateOverride
    /// `eth_simulateV1`.
    case simulate
    /// `eth_getProof` at the head.
    case proof
    /// `eth_getProof` 64 blocks behind the head.
    case recentProof
    /// `eth_getBlockReceipts` by hash.
    case blockReceipts
    /// `eth_getLogs` of a block named by its hash (EIP-234).
    case logsByBlockHash
    /// State at the first block that the markets need.
    case archive
}

/// What became of trying something.
public enum Trial: Sendable, Hashable {
    /// It works.
    case works
    /// It does not; what the endpoint said, or did instead.
    case fails(String)
    /// It was not tried, and why.
    case untried(String)

    /// Whether it works.
    public var isWorking: Bool { self == .works }
}

/// How much of something an endpoint was seen to take.
public struct EndpointSpan: Sendable, Hashable {
    /// The most that passed; nil where nothing did.
    public var passed: UInt64?
    /// The least that was refused; nil where nothing was.
    public var refused: UInt64?
    /// What the endpoint said to it.
    public var why: String?

    /// Nothing tried yet.
    public init() {}
}

/// What one endpoint was seen to do: the outcome of a survey.
public struct EndpointReport: Sendable {
    /// Its name, which holds no key.
    public let name: String
    /// Who runs it.
    public let operatorName: String
    /// Why nothing more is known: it did not answer, or what it answered cannot be used.
    public var failure: ChainError?
    /// Its own name for its client; empty where it does not say.
    public var client = ""
    /// The chain that it serves.
    public var chainId: UInt64?
    /// Its head.
    public var head: Block?
    /// Heights of what it calls safe and finalized; nil where it knows no such tag.
    public var safe: UInt64?, finalized: UInt64?
    /// How long the first exchange took.
    public var latency: Duration?
    /// What was tried.
    public var trials: [EndpointCapability: Trial] = [:]
    /// Requests in one batch.
    public var batchSize = EndpointSpan()
    /// Blocks in one log query, of an address that emits nothing.
    public var logRange = EndpointSpan()
    /// Bytes that one `eth_call` returns.
    public var returnBytes = EndpointSpan()
    /// Gas that one `eth_call` may ask for; nil where the endpoint decides, or overrides were not tried.
    public var callGas: Int?

    init(name: String, operatorName: String) {
        self.name = name
        self.operatorName = operatorName
    }

    /// Whether the endpoint can be read from at all.
    public var isUsable: Bool { failure == nil && head != nil }

    /// Tells a pool what this endpoint lacks, so that it is not asked for it.
    public func teach(_ pool: EndpointPool) {
        guard isUsable else { return }
        pool.learn(name) { limits, now in
            let features: [(EndpointCapability, RPCFeature)] = [
                (.blockByHash, .blockByHash), (.stateOverride, .stateOverride), (.logsByBlockHash, .logsByBlockHash),
            ]
            for (capability, feature) in features {
                switch trials[capability] {
                case .works?: limits.has(feature)
                case .fails?: limits.lacks(feature, at: now)
                case .untried?, nil: break
                }
            }
            let methods: [(EndpointCapability, String)] = [
                (.simulate, "eth_simulateV1"), (.proof, "eth_getProof"), (.blockReceipts, "eth_getBlockReceipts"),
            ]
            for (capability, method) in methods {
                if case .fails? = trials[capability] { limits.lacks(method: method, at: now) }
            }
            if batchSize.refused != nil { limits.learn(.batchSize, batchSize.passed ?? 1, at: now) }
            if logRange.refused != nil, let passed = logRange.passed { limits.learn(.blockRange, passed, at: now) }
            if returnBytes.refused != nil, let passed = returnBytes.passed {
                limits.learn(.returnBytes, passed, at: now)
            }
            if let callGas { limits.learn(.callGas, UInt64(callGas), at: now) }
        }
    }
}

extension EndpointPool {
    /// Surveys every endpoint at once and tells the pool what each lacks: the start of a session.
    ///
    /// - Parameters:
    ///   - archiveBlock: the block whose state shows whether history is there; nil to leave that out.
    ///   - now: time since some fixed moment.
    public func survey(
        depth: EndpointSurvey.Depth = .brief, archiveBlock: UInt64? = nil, now: @escaping @Sendable () -> Duration
    ) async -> [EndpointReport] {
        let reports = await mapConcurrently(states, limit: 16) { state -> EndpointReport? in
            guard let client = self.only(state.name) else { return nil }
            return await EndpointSurvey(
                client, operatorName: state.operatorName, depth: depth, archiveBlock: archiveBlock, now: now
            ).run()
        }.compactMap(\.self)
        for report in reports { report.teach(self) }
        return reports
    }
}

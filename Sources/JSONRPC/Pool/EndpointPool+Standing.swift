import Synchronization

extension EndpointPool {
    /// Keeps an endpoint away that contradicted what can be checked, and keeps what it said.
    ///
    /// - Parameters:
    ///   - request: what it was asked.
    ///   - response: the body with which it answered.
    /// - Throws: where the evidence could not be kept; the endpoint is away all the same.
    public func quarantine(
        _ endpoint: String, reason: String, request: RPCRequest, response: [UInt8]
    ) async throws(EvidenceError) {
        guard let index = index(of: endpoint) else { return }
        let until = options.retry.now() + options.quarantine
        state.withLock { state in
            state.health[index].quarantine(until: until, reason)
            if state.current == index { state.current = (index + 1) % members.count }
        }
        guard let sink = options.evidence else { return }
        try await sink.keep(
            Evidence(
                endpoint: members[index].endpoint, reason: reason, time: options.unixTime(),
                request: RPCRequest.body(of: [request]), response: response))
    }

    /// Puts in what a probe found out about an endpoint.
    ///
    /// - Parameter change: gets the limits and the Unix time.
    public func learn(_ endpoint: String, _ change: (inout EndpointLimits, UInt64) -> Void) {
        guard let index = index(of: endpoint) else { return }
        members[index].limits.set(change)
    }

    /// What was learned, by endpoint name: to be persisted and given to the next pool.
    public var limits: [String: EndpointLimits] {
        Dictionary(members.map { ($0.endpoint.name, $0.limits.all) }, uniquingKeysWith: { first, _ in first })
    }

    /// The largest limit that some endpoint grants; nil where one has none that is known.
    ///
    /// For ``EndpointLimit/earliestState`` it is the earliest block.
    public func widest(_ limit: EndpointLimit) -> UInt64? {
        var values: [UInt64] = []
        for member in members {
            guard let value = member.limits.value(limit) else { return nil }
            values.append(value)
        }
        return limit == .earliestState ? values.min() : values.max()
    }

    /// The highest head that any endpoint named.
    public var highestHead: UInt64? { state.withLock { $0.health.compactMap(\.head).max() } }

    /// Every endpoint as it stands now.
    public var states: [EndpointState] {
        let now = options.retry.now()
        return members.indices.map { index in
            let member = members[index]
            let (rest, health) = state.withLock { state in
                (state.health[index].isResting(at: now), state.health[index])
            }
            let failing = RPCKind.allCases.filter { health.obstacle($0, at: now) > 0 }
            let standing: EndpointState.Standing =
                switch rest {
                case .parked(_, let error): .parked("\(error)")
                case .quarantined(_, let reason): .quarantined(reason)
                case nil: failing.isEmpty ? .ready : .failing(failing)
                }
            return EndpointState(
                name: member.endpoint.name, operatorName: member.operatorName, standing: standing, head: health.head,
                latency: health.latency.mean, rate: member.pace?.rate, inFlight: health.inFlight,
                exchanges: health.exchanges, failures: health.failures, limits: member.limits.all)
        }
    }
}

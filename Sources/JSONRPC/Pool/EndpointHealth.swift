/// What the pool holds about one endpoint, and how an outcome changes it. Does no I/O and knows no clock but the one it
/// is given.
struct EndpointHealth: Sendable {
    /// Why an endpoint is left alone.
    enum Rest: Sendable {
        /// Its key or its plan is not accepted; for ever where `until` is nil.
        case parked(until: Duration?, RPCError)
        /// It contradicted what can be checked.
        case quarantined(until: Duration, String)
    }

    private var breakers: [RPCKind: CircuitBreaker] = [:]
    private(set) var latency = LatencyLog()
    private(set) var rest: Rest?
    /// The height of its head when it last said so.
    private(set) var head: UInt64?
    private(set) var inFlight = 0
    private(set) var exchanges = 0
    private(set) var failures = 0
    private var retries = Allowance(perQuestion: 0.1, most: 10)
    /// A first 403 may be a firewall's answer to a burst.
    private var wasForbidden = false
    /// It asked to be left alone until then.
    private var pausedUntil = Duration.zero

    /// Whether it is left alone now.
    mutating func isResting(at now: Duration) -> Rest? {
        switch rest {
        case .parked(let until?, _) where now >= until: rest = nil
        case .quarantined(let until, _) where now >= until: rest = nil
        default: break
        }
        return rest
    }

    /// 0 where questions of this kind pass, 1 where one may be tried, 2 where it would be a last resort.
    func obstacle(_ kind: RPCKind, at now: Duration) -> Int {
        if now < pausedUntil { return 2 }
        guard let breaker = breakers[kind] else { return 0 }
        if breaker.state == .closed { return 0 }
        return breaker.admits(at: now) ? 1 : 2
    }

    /// The state of each breaker that ever had something to count.
    var breakerStates: [RPCKind: CircuitBreaker.State] { breakers.mapValues(\.state) }

    /// Pays for another attempt at the same endpoint.
    mutating func mayRetry() -> Bool { retries.spend() }

    mutating func began(_ kind: RPCKind, at now: Duration) {
        inFlight += 1
        exchanges += 1
        breakers[kind, default: CircuitBreaker()].began(at: now)
    }

    /// Takes how an exchange ended.
    ///
    /// - Parameters:
    ///   - error: what went wrong with it; nil where it was answered.
    ///   - method: of a single call.
    mutating func ended(
        _ kind: RPCKind, _ error: RPCError?, method: String?, since start: Duration, at now: Duration, jitter: Double
    ) {
        inFlight -= 1
        guard let error, error.remedy.blame != .none else {
            guard error?.failure != .local else { return breakers[kind, default: CircuitBreaker()].ended() }
            breakers[kind, default: CircuitBreaker()].succeeded()
            retries.earn()
            wasForbidden = false
            latency.add(now - start, method: method)
            return
        }
        failures += 1
        switch error.remedy.blame {
        case .none: break
        case .rate:
            breakers[kind, default: CircuitBreaker()].ended()
            if let wait = error.requestedWait { pausedUntil = now + min(wait, .seconds(300)) }
        case .counts(let weight):
            breakers[kind, default: CircuitBreaker()].failed(
                weight, isMalformed: error.failure == .malformed, at: now, jitter: jitter)
        case .park(let wait):
            breakers[kind, default: CircuitBreaker()].ended()
            if case .http(_, 403, _) = error, !wasForbidden {
                wasForbidden = true
                rest = .parked(until: now + .seconds(1), error)
            } else {
                rest = .parked(until: wait.map { now + $0 }, error)
            }
        case .quarantine(let wait):
            breakers[kind, default: CircuitBreaker()].ended()
            quarantine(until: now + wait, "\(error)")
        }
    }

    mutating func quarantine(until: Duration, _ reason: String) { rest = .quarantined(until: until, reason) }

    mutating func saw(head number: UInt64) { head = number }

    /// It has this block, so that its head is at least there.
    mutating func has(block number: UInt64) { head = max(head ?? 0, number) }
}

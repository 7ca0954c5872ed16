import JSON
import Synchronization

extension EndpointPool {
    typealias Outcomes = [Result<RPCResult, RPCError>]

    /// Asks one endpoint after the other until every request has its answer.
    ///
    /// - Parameter rounds: how often all of them are asked at most; as often as the policy allows where nil.
    func perform(
        _ requests: [RPCRequest], among allowed: [Int], rounds: Int? = nil
    ) async throws(RPCError) -> Outcomes {
        guard let kind = requests.first?.kind else { return [] }
        var task = PoolTask(requests)
        let start = options.retry.now()
        let turn = state.withLock { state in
            state.turn += 1
            if !options.isDeterministic { state.hedges.earn() }
            return state.turn - 1
        }
        var round = 1
        var left = try order(task.asked, kind, among: allowed, turn: turn)
        while true {
            while !left.isEmpty, !task.open.isEmpty {
                let index = left.removeFirst()
                let asked = task.asked
                for (index, answer) in await ask(index, asked, orIfSlow: left.first) {
                    left.removeAll { $0 == index }
                    switch answer {
                    case .success(let outcomes): task.take(outcomes)
                    case .failure(let error): try task.take(error)
                    }
                }
                guard options.retry.hasTime(since: start) else { return try task.outcomes() }
            }
            // A single client was patient itself.
            guard members.count > 1, !task.open.isEmpty, rounds.map({ round < $0 }) ?? true,
                let wait = task.nextRound(round, options.retry, since: start)
            else { return try task.outcomes() }
            round += 1
            do {
                try await options.retry.sleep(wait)
            } catch {
                throw .cancelled
            }
            left = again(task.asked, kind, among: allowed, turn: turn)
            if left.isEmpty { return try task.outcomes() }
        }
    }

    /// The endpoints that can pay for another attempt.
    private func again(_ requests: [RPCRequest], _ kind: RPCKind, among allowed: [Int], turn: Int) -> [Int] {
        do throws(RPCError) {
            let order = try order(requests, kind, among: allowed, turn: turn)
            guard !options.isDeterministic else { return order }
            return state.withLock { state in order.filter { state.health[$0].mayRetry() } }
        } catch {
            // All are parked by now: what is known stands.
            return []
        }
    }

    /// The endpoints to ask in this round, the best first.
    ///
    /// - Throws: why none may be asked.
    private func order(
        _ requests: [RPCRequest], _ kind: RPCKind, among allowed: [Int], turn: Int
    ) throws(RPCError) -> [Int] {
        let now = options.retry.now()
        let capable = allowed.map { index in requests.allSatisfy { members[index].limits.allows($0) } }
        let height = requests.compactMap(\.needs.height).max()
        let result: Result<[Int], RPCError> = state.withLock { state in
            var refusal: RPCError?
            var candidates: [EndpointOrder.Candidate] = []
            for (index, isCapable) in zip(allowed, capable) {
                if let rest = state.health[index].isResting(at: now) {
                    refusal = refusal ?? Self.refusal(rest, members[index].endpoint)
                    continue
                }
                let health = state.health[index]
                let lag = height.map { height in health.head.map { $0 >= height ? 0 : 2 } ?? 1 } ?? 0
                candidates.append(
                    EndpointOrder.Candidate(
                        index: index, isCapable: isCapable, lag: lag, obstacle: health.obstacle(kind, at: now),
                        latency: health.latency.mean))
            }
            if candidates.isEmpty, let refusal { return .failure(refusal) }
            guard !options.isDeterministic else {
                return .success(Self.inTurn(candidates, from: state.current, of: members.count))
            }
            return .success(EndpointOrder.best(candidates, turn: turn))
        }
        return try result.get()
    }

    /// The given order, beginning with the endpoint that answered last.
    private static func inTurn(_ candidates: [EndpointOrder.Candidate], from current: Int, of count: Int) -> [Int] {
        let able = candidates.filter(\.isCapable)
        return (able.isEmpty ? candidates : able).map(\.index).sorted {
            ($0 - current + count) % count < ($1 - current + count) % count
        }
    }

    private static func refusal(_ rest: EndpointHealth.Rest, _ endpoint: Endpoint) -> RPCError {
        switch rest {
        case .parked(_, let error): error
        case .quarantined(_, let reason): .dishonest(endpoint: endpoint.name, what: reason)
        }
    }

    /// One exchange with one endpoint, measured and remembered.
    func exchange(_ index: Int, _ requests: [RPCRequest]) async -> Result<Outcomes, RPCError> {
        let member = members[index]
        let kind = requests[0].kind
        let start = options.retry.now()
        state.withLock { $0.health[index].began(kind, at: start) }
        let answer: Result<Outcomes, RPCError>
        do throws(RPCError) {
            answer = .success(try await member.client.batch(requests))
        } catch {
            answer = .failure(error)
        }
        learn(answer, requests, member.limits)
        let end = options.retry.now()
        let jitter = options.retry.random()
        let heights = Self.heights(answer, requests)
        let failure = Self.failure(of: answer)
        state.withLock { state in
            state.health[index].ended(
                kind, failure, method: requests.count == 1 ? requests[0].method : nil, since: start, at: end,
                jitter: jitter)
            if let head = heights.head { state.health[index].saw(head: head) }
            if let block = heights.block { state.health[index].has(block: block) }
            // Only a fault moves a pool that goes on with whom it asked last: others lack a method, and no more.
            if options.isDeterministic, let failure, failure.remedy.blame != .none, state.current == index {
                state.current = (index + 1) % members.count
            }
        }
        return answer
    }

    /// What an exchange says against the endpoint as a whole; nil where it answered anything properly.
    private static func failure(of answer: Result<Outcomes, RPCError>) -> RPCError? {
        switch answer {
        case .failure(let error): return error
        case .success(let outcomes):
            var failure: RPCError?
            for outcome in outcomes {
                guard case .failure(let error) = outcome else { return nil }
                if error.remedy.blame == .none { return nil }
                failure = failure ?? error
            }
            return failure
        }
    }

    private func learn(_ answer: Result<Outcomes, RPCError>, _ requests: [RPCRequest], _ limits: LearnedLimits) {
        switch answer {
        case .failure(let error): if requests.count == 1 { limits.learn(from: error, to: requests[0]) }
        case .success(let outcomes):
            for (outcome, request) in zip(outcomes, requests) {
                if case .failure(let error) = outcome { limits.learn(from: error, to: request) }
            }
        }
    }

    /// The head that the answers name, and the highest block that they show to be there.
    private static func heights(
        _ answer: Result<Outcomes, RPCError>, _ requests: [RPCRequest]
    ) -> (head: UInt64?, block: UInt64?) {
        guard case .success(let outcomes) = answer else { return (nil, nil) }
        var head: UInt64?
        var block: UInt64?
        for (outcome, request) in zip(outcomes, requests) where request.kind == .head {
            guard case .success(let result) = outcome, !result.isNull else { continue }
            switch request.method {
            case "eth_blockNumber": head = number(result.scanner, result.node) ?? head
            case "eth_getBlockByNumber", "eth_getBlockByHash":
                guard let node = result.scanner.member(result.node, "number"),
                    let number = number(result.scanner, node)
                else { continue }
                if request.params.starts(with: #"["latest""#.utf8) { head = number }
                block = max(block ?? 0, number)
            default: continue
            }
        }
        return (head, block)
    }
}

extension EndpointPool {
    private static func number(_ scanner: JSONScanner, _ node: JSONScanner.Node) -> UInt64? {
        do {
            return try scanner.quantity(node)
        } catch {
            return nil
        }
    }
}

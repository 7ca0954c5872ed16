import Synchronization

extension EndpointPool {
    private enum Event: Sendable {
        case answer(Int, Result<Outcomes, RPCError>)
        case late, calledOff
    }

    /// Asks one endpoint; a single read that takes longer than 95 of 100 did is asked of `second` as well, and the first
    /// that answers ends the other.
    ///
    /// - Returns: what each said that was asked and not called off.
    func ask(
        _ first: Int, _ requests: [RPCRequest], orIfSlow second: Int?
    ) async -> [(index: Int, answer: Result<Outcomes, RPCError>)] {
        guard let second, let patience = patience(first, requests) else {
            return [(first, await exchange(first, requests))]
        }
        return await withTaskGroup(of: Event.self) { group in
            group.addTask { .answer(first, await self.exchange(first, requests)) }
            group.addTask { [sleep = options.retry.sleep] in
                do {
                    try await sleep(patience)
                } catch {
                    return .calledOff
                }
                return .late
            }
            var answers: [(index: Int, answer: Result<Outcomes, RPCError>)] = []
            var running = 1
            while running > 0, let event = await group.next() {
                switch event {
                case .calledOff: break
                case .late:
                    guard state.withLock({ $0.hedges.spend() }) else { break }
                    running += 1
                    group.addTask { .answer(second, await self.exchange(second, requests)) }
                case .answer(let index, let answer):
                    running -= 1
                    answers.append((index, answer))
                    if Self.settles(answer) { running = 0 }
                }
            }
            group.cancelAll()
            return answers
        }
    }

    /// How long to wait before a duplicate; nil where there is to be none.
    private func patience(_ index: Int, _ requests: [RPCRequest]) -> Duration? {
        guard options.hedges, !options.isDeterministic, requests.count == 1, let request = requests.first,
            // Logs and receipts are too large to be sent twice, and what changes the chain is not sent twice at all.
            [.head, .call, .proof].contains(request.kind), !request.method.contains("send")
        else { return nil }
        return state.withLock { $0.health[index].latency.p95(request.method) }.map { max(.milliseconds(50), $0) }
    }

    private static func settles(_ answer: Result<Outcomes, RPCError>) -> Bool {
        switch answer {
        case .failure: false
        case .success(let outcomes):
            outcomes.allSatisfy { outcome in
                if case .failure(let error) = outcome { !error.remedy.triesElsewhere } else { true }
            }
        }
    }
}

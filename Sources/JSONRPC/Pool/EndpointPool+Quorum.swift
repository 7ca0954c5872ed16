import Synchronization

extension EndpointPool {
    /// Asks `count` independent operators the same and returns what enough of them say alike.
    ///
    /// Fewer operators than that are asked where there are no more. Where one does not answer, another that was not
    /// asked stands in. Reverts are compared by their data.
    ///
    /// - Parameters:
    ///   - needed: how many have to agree; a majority of `count` where nil.
    ///   - form: what answers are compared by.
    /// - Throws: a disagreement with every answer, or that too few answered.
    public func agreeing(
        on request: RPCRequest, count: Int, needed: Int? = nil, by form: CanonicalForm
    ) async throws(QuorumFailure) -> Agreement {
        let needed = max(1, needed ?? count / 2 + 1)
        var groups = operators(for: request)
        var votes: [Vote] = []
        while !groups.isEmpty {
            let answered = votes.count { $0.ballot != nil }
            let asked = groups.prefix(max(count, needed) - answered)
            guard !asked.isEmpty else { break }
            groups.removeFirst(asked.count)
            votes += await withTaskGroup(of: (Int, Vote).self) { group in
                for (place, members) in asked.enumerated() {
                    group.addTask { (place, await self.vote(request, members, form)) }
                }
                var found: [(Int, Vote)] = []
                for await vote in group { found.append(vote) }
                return found.sorted { $0.0 < $1.0 }.map(\.1)
            }
            if Task.isCancelled { throw .cancelled }
        }
        return try Self.count(votes, needed: needed)
    }

    /// Counts votes. Pure.
    static func count(_ votes: [Vote], needed: Int) throws(QuorumFailure) -> Agreement {
        var ballots: [(ballot: [UInt8], votes: [Vote])] = []
        for vote in votes {
            guard let ballot = vote.ballot else { continue }
            if let place = ballots.firstIndex(where: { $0.ballot == ballot }) {
                ballots[place].votes.append(vote)
            } else {
                ballots.append((ballot, [vote]))
            }
        }
        let answered = ballots.reduce(0) { $0 + $1.votes.count }
        guard answered >= needed else { throw .tooFew(needed: needed, answered: answered, votes) }
        let most = ballots.map(\.votes.count).max() ?? 0
        let winners = ballots.filter { $0.votes.count == most }
        guard most >= needed, winners.count == 1, let winner = winners.first, let first = winner.votes.first else {
            throw .disagreement(votes)
        }
        return Agreement(
            outcome: first.outcome, endpoints: winner.votes.map(\.endpoint),
            dissent: votes.filter { $0.ballot != winner.ballot })
    }

    /// The endpoints that may be asked, one list for each operator, in the order of preference.
    private func operators(for request: RPCRequest) -> [[Int]] {
        var groups: [(name: String, members: [Int])] = []
        let now = options.retry.now()
        for (index, member) in members.enumerated() {
            if state.withLock({ $0.health[index].isResting(at: now) }) != nil { continue }
            if let place = groups.firstIndex(where: { $0.name == member.operatorName }) {
                groups[place].members.append(index)
            } else {
                groups.append((member.operatorName, [index]))
            }
        }
        // Those who are not known to be unable come first.
        let able = groups.map { group in group.members.contains { members[$0].limits.allows(request) } }
        return zip(groups, able).filter(\.1).map(\.0.members) + zip(groups, able).filter { !$1 }.map(\.0.members)
    }

    /// One operator's answer, from any of its endpoints.
    private func vote(_ request: RPCRequest, _ indices: [Int], _ form: CanonicalForm) async -> Vote {
        let outcome: Result<RPCResult, RPCError>
        do throws(RPCError) {
            outcome = try await perform([request], among: indices)[0]
        } catch {
            outcome = .failure(error)
        }
        let endpoint: String
        let ballot: [UInt8]?
        switch outcome {
        case .success(let result):
            endpoint = result.endpointName
            ballot = form.ballot(result).map { [0] + $0 }
        case .failure(let error):
            endpoint = members[indices[0]].endpoint.name
            ballot = error.revertData.map { [1] + $0 }
        }
        return Vote(
            endpoint: endpoint, operatorName: members[indices[0]].operatorName, outcome: outcome, ballot: ballot)
    }

    /// The other operators: everybody but those who run `endpoint`. Nil where there is nobody else.
    public func other(than endpoint: String) -> (any RPCCalling)? {
        guard let index = index(of: endpoint) else { return nil }
        let others = members.indices.filter { members[$0].operatorName != members[index].operatorName }
        return others.isEmpty ? nil : PoolPart(pool: self, indices: others)
    }

    /// One endpoint alone, for what concerns it alone. Nil where there is none of this name.
    public func only(_ endpoint: String) -> (any RPCCalling)? {
        index(of: endpoint).map { PoolPart(pool: self, indices: [$0]) }
    }
}

/// Some endpoints of a pool.
private struct PoolPart: RPCCalling {
    let pool: EndpointPool
    let indices: [Int]

    var name: String {
        let names = indices.map { pool.members[$0].endpoint.name }
        return names.count == 1 ? names[0] : "one of " + names.joined(separator: ", ")
    }

    func call(_ request: RPCRequest) async throws(RPCError) -> RPCResult {
        try await pool.perform([request], among: indices)[0].get()
    }

    func batch(_ requests: [RPCRequest]) async throws(RPCError) -> [Result<RPCResult, RPCError>] {
        try await pool.perform(requests, among: indices)
    }
}

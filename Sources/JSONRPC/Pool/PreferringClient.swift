import Synchronization

/// One endpoint of a pool, and the others where it fails: a scan that began with an endpoint goes on when it goes away.
///
/// Whoever answered is remembered, because an answer of somebody else confirms only what it was not part of.
public final class PreferringClient: RPCCalling {
    private struct State {
        var answered: Set<String> = []
        /// Exchanges in a row that failed as a whole.
        var failures = 0
    }

    private let pool: EndpointPool
    private let preferred: Int
    private let others: [Int]
    private let state = Mutex(State())
    /// After so many the others are asked first.
    private static let patience = 2

    init(pool: EndpointPool, preferred: Int, others: [Int]) {
        self.pool = pool
        self.preferred = preferred
        self.others = others
    }

    /// The endpoint that is preferred.
    public var name: String { pool.members[preferred].endpoint.name }

    /// The endpoints that answered so far.
    public var answered: Set<String> { state.withLock { $0.answered } }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func call(_ request: RPCRequest) async throws(RPCError) -> RPCResult {
        try await batch([request])[0].get()
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func batch(_ requests: [RPCRequest]) async throws(RPCError) -> [Result<RPCResult, RPCError>] {
        guard !others.isEmpty else { return note(try await pool.perform(requests, among: [preferred])) }
        let isTired = state.withLock { $0.failures >= Self.patience }
        guard !isTired else { return note(try await pool.perform(requests, among: others + [preferred])) }
        var outcomes: [Result<RPCResult, RPCError>]
        do throws(RPCError) {
            outcomes = try await pool.perform(requests, among: [preferred], rounds: 2)
            state.withLock { $0.failures = 0 }
        } catch {
            guard error.remedy.triesElsewhere || Self.isUnrecorded(error) else { throw error }
            state.withLock { $0.failures += 1 }
            do throws(RPCError) {
                return note(try await pool.perform(requests, among: others))
            } catch let later {
                // A question that nobody answers is explained by whom it was put to first.
                throw later.remedy.triesElsewhere ? error : later
            }
        }
        let failed = outcomes.indices.filter { index in
            guard case .failure(let error) = outcomes[index] else { return false }
            return error.remedy.triesElsewhere && error.remedy.blame != .none || Self.isUnrecorded(error)
        }
        if !failed.isEmpty {
            do throws(RPCError) {
                let second = try await pool.perform(failed.map { requests[$0] }, among: others)
                for (index, outcome) in zip(failed, second) {
                    if case .success = outcome { outcomes[index] = outcome }
                }
            } catch {
                if error == .cancelled { throw error }
            }
        }
        return note(outcomes)
    }

    private static func isUnrecorded(_ error: RPCError) -> Bool {
        if case .notRecorded = error { true } else { false }
    }

    private func note(_ outcomes: [Result<RPCResult, RPCError>]) -> [Result<RPCResult, RPCError>] {
        let names = outcomes.compactMap { outcome in
            if case .success(let result) = outcome { result.endpointName } else { nil }
        }
        state.withLock { $0.answered.formUnion(names) }
        return outcomes
    }
}

extension EndpointPool {
    /// An endpoint first, and `others` where it fails; everybody where there are none of these names.
    public func preferring(_ endpoint: String, others: [String]) -> PreferringClient {
        let first = index(of: endpoint) ?? 0
        return PreferringClient(
            pool: self, preferred: first, others: others.compactMap { index(of: $0) }.filter { $0 != first })
    }
}

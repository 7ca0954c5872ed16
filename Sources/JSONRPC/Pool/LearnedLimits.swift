import Synchronization

/// What is being learned about one endpoint, shared by all who ask it.
///
/// Which of two concurrent answers comes first is chance. A session that is recorded must not depend on it, so there
/// what is learned on the way is kept for the next session alone, and only what was known at the start, or was put in
/// between questions, is consulted.
public final class LearnedLimits: Sendable {
    private struct State {
        var consulted: EndpointLimits
        var learned: EndpointLimits
    }

    private let isFrozen: Bool
    private let now: @Sendable () -> UInt64
    private let state: Mutex<State>

    /// Starts with what is known.
    ///
    /// - Parameters:
    ///   - isFrozen: what refusals teach is kept, and not consulted.
    ///   - now: Unix seconds.
    public init(
        _ known: EndpointLimits = EndpointLimits(), isFrozen: Bool = false, now: @escaping @Sendable () -> UInt64
    ) {
        self.isFrozen = isFrozen
        self.now = now
        state = Mutex(State(consulted: known, learned: known))
    }

    /// Everything that is known, to be persisted.
    public var all: EndpointLimits { state.withLock { $0.learned } }

    /// The limit to keep.
    func value(_ limit: EndpointLimit) -> UInt64? {
        let now = now()
        return state.withLock { $0.consulted.value(limit, at: now) }
    }

    /// Whether nothing that is known speaks against asking `request`.
    func allows(_ request: RPCRequest) -> Bool {
        let now = now()
        return state.withLock { $0.consulted.allows(request, at: now) }
    }

    /// Takes what a refusal says.
    func learn(from error: RPCError, to request: RPCRequest) {
        let now = now()
        change { $0.learn(from: error, to: request, at: now) }
    }

    /// The endpoint refused a batch of `count`. True where a smaller one should be tried at once.
    func refused(batch count: Int) -> Bool {
        let now = now()
        change { $0.learn(.batchSize, UInt64(max(1, count / 2)), at: now) }
        return !isFrozen
    }

    private func change(_ body: (inout EndpointLimits) -> Void) {
        state.withLock { state in
            body(&state.learned)
            if !isFrozen { state.consulted = state.learned }
        }
    }

    /// Puts in what was found out between questions; it is consulted from here on.
    func set(_ body: (inout EndpointLimits, UInt64) -> Void) {
        let now = now()
        state.withLock { state in
            body(&state.learned, now)
            body(&state.consulted, now)
        }
    }
}

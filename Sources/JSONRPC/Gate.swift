import Synchronization

/// Lets a bounded number of exchanges through at once, in the order in which they came, and narrows when the endpoint
/// complains.
final class Gate: Sendable {
    private struct Waiter {
        let number: Int
        let resume: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var limit: Int
        var inside = 0
        var successes = 0
        var next = 0
        var waiters: [Waiter] = []
        /// Cancelled before they could begin to wait.
        var cancelled: Set<Int> = []
    }

    private let widest: Int
    private let mostWaiting: Int
    private let state: Mutex<State>

    init(limit: Int, mostWaiting: Int = 4_096) {
        widest = max(limit, 1)
        self.mostWaiting = mostWaiting
        state = Mutex(State(limit: widest))
    }

    /// How many may be inside now.
    var limit: Int { state.withLock { $0.limit } }

    /// Waits for a place.
    ///
    /// - Throws: `.cancelled`, or `.saturated` where more wait than are kept.
    func enter(_ endpoint: String) async throws(RPCError) {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        var isFull = false
        let entered = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if state.cancelled.remove(number) != nil { return false }
                    if state.inside < state.limit {
                        state.inside += 1
                        return true
                    }
                    guard state.waiters.count < mostWaiting else {
                        isFull = true
                        return false
                    }
                    state.waiters.append(Waiter(number: number, resume: continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter: Waiter? = state.withLock { state in
                if let index = state.waiters.firstIndex(where: { $0.number == number }) {
                    return state.waiters.remove(at: index)
                }
                state.cancelled.insert(number)
                return nil
            }
            waiter?.resume.resume(returning: false)
        }
        state.withLock { _ = $0.cancelled.remove(number) }
        if isFull { throw .saturated(endpoint: endpoint) }
        guard entered else { throw .cancelled }
    }

    /// Gives the place back; says what the exchange taught about the endpoint's patience.
    func leave(wasRateLimited: Bool) {
        let waiters = state.withLock { state in
            state.inside -= 1
            if wasRateLimited {
                state.limit = max(1, state.limit / 2)
                state.successes = 0
            } else {
                state.successes += 1
                if state.successes >= 16, state.limit < widest {
                    state.limit += 1
                    state.successes = 0
                }
            }
            var released: [Waiter] = []
            while state.inside < state.limit, !state.waiters.isEmpty {
                released.append(state.waiters.removeFirst())
                state.inside += 1
            }
            return released
        }
        for waiter in waiters { waiter.resume.resume(returning: true) }
    }
}

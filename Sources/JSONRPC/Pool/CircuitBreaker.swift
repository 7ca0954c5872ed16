/// Keeps questions of one kind away from an endpoint that fails them. Knows no clock but the one it is given.
///
/// Ten failures that are a quarter of the last forty outcomes open it, or three answers in a row that break the rules.
/// After 5 s · 2^k, at most five minutes, one question at a time is let through; three successes close it.
struct CircuitBreaker: Sendable {
    enum State: Sendable, Hashable {
        case closed
        /// Nothing passes before this moment.
        case open(until: Duration)
        /// One question at a time passes.
        case halfOpen
    }

    private static let window = 40
    private static let fewest = 10
    private static let mostMalformed = 3
    private static let successesToClose = 3

    private(set) var state = State.closed
    /// The last outcomes, true for failures, oldest first.
    private var outcomes: [Bool] = []
    private var malformed = 0
    private var opened = 0
    private var isProbing = false
    private var successes = 0

    /// Whether a question may be asked now. Where it may not, it still can be as a last resort.
    func admits(at now: Duration) -> Bool {
        switch state {
        case .closed: true
        case .open(let until): now >= until
        case .halfOpen: !isProbing
        }
    }

    /// A question is being asked.
    mutating func began(at now: Duration) {
        if case .open(let until) = state, now >= until {
            state = .halfOpen
            successes = 0
        }
        if state == .halfOpen { isProbing = true }
    }

    /// It was answered.
    mutating func succeeded() {
        malformed = 0
        isProbing = false
        guard state == .halfOpen else { return count(false, 1) }
        successes += 1
        guard successes >= Self.successesToClose else { return }
        self = CircuitBreaker()
    }

    /// It failed in a way that counts `weight` times.
    ///
    /// - Parameter jitter: from 0 to 1; a quarter of the wait is left to it.
    mutating func failed(_ weight: Int, isMalformed: Bool, at now: Duration, jitter: Double) {
        isProbing = false
        malformed = isMalformed ? malformed + 1 : 0
        count(true, weight)
        switch state {
        case .halfOpen: open(at: now, jitter)
        case .closed:
            let failures = outcomes.count { $0 }
            if malformed >= Self.mostMalformed || failures >= Self.fewest && failures * 4 >= outcomes.count {
                open(at: now, jitter)
            }
        // Asked as a last resort: it stays as it is.
        case .open: break
        }
    }

    /// It ended without a word about the endpoint: cancelled, or a matter of the question.
    mutating func ended() { isProbing = false }

    private mutating func count(_ failed: Bool, _ weight: Int) {
        outcomes += [Bool](repeating: failed, count: min(max(weight, 1), Self.window))
        if outcomes.count > Self.window { outcomes.removeFirst(outcomes.count - Self.window) }
    }

    private mutating func open(at now: Duration, _ jitter: Double) {
        let wait = min(.seconds(300), Duration.seconds(5) * Double(1 << min(opened, 10)))
        state = .open(until: now + wait * (1 - 0.25 * min(max(jitter, 0), 1)))
        opened += 1
        successes = 0
        outcomes = []
        malformed = 0
    }
}

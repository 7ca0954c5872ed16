/// How often and how patiently a failed exchange is tried again. Clock, sleep and randomness are replaced in tests
/// and replays.
public struct RetryPolicy: Sendable {
    /// Attempts in all.
    public var attempts = 5
    /// The longest random wait before the second attempt; it doubles from there.
    public var base = Duration.milliseconds(150)
    /// The same for an endpoint that said that it is asked too fast.
    public var rateBase = Duration.milliseconds(500)
    /// The longest random wait.
    public var most = Duration.seconds(3)
    /// The longest wait that an endpoint may ask for.
    public var mostAsked = Duration.seconds(300)
    /// The time for all attempts of one call together; what would wait beyond it fails at once.
    public var deadline = Duration.seconds(90)
    /// Time since some fixed moment.
    public var now: @Sendable () -> Duration = {
        let start = ContinuousClock.Instant.now
        return { ContinuousClock.now - start }
    }()
    /// Waits.
    public var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    /// A number from 0 to 1.
    public var random: @Sendable () -> Double = { Double.random(in: 0...1) }

    /// The policy of the house.
    public init() {}

    /// A policy whose clock stands still and that never waits: for replays, where the answers are there already.
    public static var immediate: RetryPolicy {
        var policy = RetryPolicy()
        policy.now = { .zero }
        policy.sleep = { _ in }
        policy.random = { 0 }
        return policy
    }

    /// The wait after `failed` attempts: what the endpoint asked, else full jitter, U(0, min(most, base · 2^(failed −
    /// 1))).
    func delay(after failed: Int, _ error: RPCError) -> Duration {
        if let asked = error.requestedWait { return min(asked, mostAsked) }
        let base = error.remedy.blame == .rate ? rateBase : base
        return min(most, base * Double(1 << min(failed - 1, 10))) * random()
    }

    /// The wait before another attempt, or nil where none would help or fit the deadline.
    func wait(after failed: Int, since start: Duration, _ error: RPCError) -> Duration? {
        guard failed < attempts, failed <= error.remedy.retry.most else { return nil }
        let delay = delay(after: failed, error)
        return now() - start + delay <= deadline ? delay : nil
    }

    /// Whether the deadline is still ahead.
    func hasTime(since start: Duration) -> Bool { now() - start < deadline }
}

import Synchronization

/// Holds exchanges back to the rate that an endpoint bears.
final class Pace: Sendable {
    private let bucket: Mutex<TokenBucket>
    private let now: @Sendable () -> Duration
    private let sleep: @Sendable (Duration) async throws -> Void

    init(_ bucket: TokenBucket, clock: RetryPolicy) {
        self.bucket = Mutex(bucket)
        now = clock.now
        sleep = clock.sleep
    }

    /// Exchanges a second; nil where there is no limit.
    var rate: Double? { bucket.withLock { $0.rate } }

    /// Waits for a turn.
    func wait() async throws(RPCError) {
        let time = now()
        let wait = bucket.withLock { $0.take(at: time) }
        guard wait > .zero else { return }
        do {
            try await sleep(wait)
        } catch {
            throw .cancelled
        }
    }

    func leave(wasRateLimited: Bool) {
        let time = now()
        bucket.withLock { wasRateLimited ? $0.refused(at: time) : $0.succeeded(at: time) }
    }
}

internal import Synchronization

/// How often a client may ask: a bucket of tokens each, that fills with time.
final class RateLimit: Sendable {
    private struct Bucket {
        /// Thousandths of a request.
        var left: UInt64
        /// Milliseconds.
        var at: UInt64
    }

    private let buckets = Mutex<[String: Bucket]>([:])
    private let perSecond: UInt64
    private let burst: UInt64
    /// Clients that are remembered.
    private static let most = 4_096

    init(perSecond: Int, burst: Int) {
        self.perSecond = UInt64(max(perSecond, 1))
        self.burst = UInt64(max(burst, 1)) * 1_000
    }

    /// Takes one request; false where there is none left.
    ///
    /// - Parameter now: milliseconds of a clock that never goes back.
    func take(_ client: String, now: UInt64) -> Bool {
        buckets.withLock { buckets in
            if buckets[client] == nil, buckets.count >= Self.most {
                // Who could ask as often as somebody new is forgotten.
                buckets = buckets.filter { refilled($0.value, now).left < burst }
            }
            // Where everybody is busy, newcomers share one bucket.
            let key = buckets[client] == nil && buckets.count >= Self.most ? "" : client
            var bucket = buckets[key].map { refilled($0, now) } ?? Bucket(left: burst, at: now)
            defer { buckets[key] = bucket }
            guard bucket.left >= 1_000 else { return false }
            bucket.left -= 1_000
            return true
        }
    }

    private func refilled(_ bucket: Bucket, _ now: UInt64) -> Bucket {
        let passed = min(now > bucket.at ? now - bucket.at : 0, 3_600_000)
        return Bucket(left: min(burst, bucket.left + passed * perSecond), at: max(now, bucket.at))
    }
}

/// How many exchanges a second an endpoint is asked, learned from how it bears them. Knows no clock but the one it is
/// given.
///
/// It starts at 20 a second, grows by a twentieth once it was used to nine tenths over five seconds' worth of successes,
/// and is halved at most once a second when the endpoint complains.
struct TokenBucket: Sendable {
    /// The bounds of the rate, in exchanges a second.
    struct Bounds: Sendable, Hashable {
        var start = 20.0
        var least = 3.0
        var most = 500.0
    }

    private let bounds: Bounds
    /// Exchanges a second; nil where there is no limit until the endpoint complains.
    private(set) var rate: Double?
    private var tokens: Double
    private var filled: Duration = .zero
    private var successes = 0
    private var countedSince: Duration?
    private var lastCut: Duration?

    init(_ bounds: Bounds = Bounds(), startsUnlimited: Bool = false) {
        self.bounds = bounds
        rate = startsUnlimited ? nil : bounds.start
        tokens = bounds.start
    }

    /// Takes a token, on credit where there is none.
    ///
    /// - Returns: how long to wait before the exchange.
    mutating func take(at now: Duration) -> Duration {
        guard let rate else { return .zero }
        if now > filled {
            tokens = min(max(rate, 1), tokens + (now - filled) / .seconds(1) * rate)
            filled = now
        }
        tokens -= 1
        return tokens >= 0 ? .zero : .seconds(1) * (-tokens / rate)
    }

    /// An exchange passed.
    mutating func succeeded(at now: Duration) {
        guard let rate else { return }
        let since = countedSince ?? now
        countedSince = since
        successes += 1
        guard Double(successes) >= 5 * rate else { return }
        let seconds = (now - since) / .seconds(1)
        if Double(successes) >= 0.9 * rate * seconds { self.rate = min(bounds.most, rate * 1.05) }
        restart(at: now)
    }

    /// The endpoint said that it is asked too fast.
    mutating func refused(at now: Duration) {
        restart(at: now)
        if let lastCut, now - lastCut < .seconds(1) { return }
        lastCut = now
        guard let rate else {
            self.rate = bounds.start
            tokens = 0
            filled = now
            return
        }
        self.rate = max(bounds.least, rate / 2)
        tokens = min(tokens, 0)
    }

    private mutating func restart(at now: Duration) {
        successes = 0
        countedSince = now
    }
}

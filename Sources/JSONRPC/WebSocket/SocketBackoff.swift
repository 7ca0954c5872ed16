/// How long to wait before a connection is tried again: full jitter, U(0, min(30 s, 0.25 s · 2^(n − 1))).
package struct SocketBackoff: Sendable {
    private static let base = Duration.milliseconds(250)
    private static let most = Duration.seconds(30)
    /// For what a retry does not mend: a key, a certificate, another chain, a method that is not there.
    private static let parked = Duration.seconds(300)

    private var failures = 0
    private var state: UInt64

    /// - Parameter seed: where the random numbers begin.
    package init(seed: UInt64) {
        state = seed
    }

    /// The connection works.
    package mutating func succeeded() { failures = 0 }

    /// The wait after one more failure, whole milliseconds.
    package mutating func wait(after error: RPCError) -> Duration {
        failures += 1
        let longest = min(Self.most, Self.base * (1 << min(failures - 1, 10)))
        switch error.failure {
        case .auth, .dishonest, .methodUnsupported, .quotaExhausted: return Self.parked / 2 + jitter(Self.parked / 2)
        default: break
        }
        guard let asked = error.requestedWait else {
            return jitter(error.failure == .rateLimited ? min(Self.most, longest * 4) : longest)
        }
        return min(asked, Self.parked) + jitter(longest)
    }

    private mutating func jitter(_ longest: Duration) -> Duration {
        // SplitMix64, as the next of a session's seeded numbers: a replay draws the same.
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        z ^= z >> 31
        let milliseconds = UInt64(max(0, longest.wholeMilliseconds))
        return .milliseconds(Int(z % (milliseconds + 1)))
    }
}

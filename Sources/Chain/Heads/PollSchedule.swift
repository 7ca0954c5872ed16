import JSONRPC

/// When to ask for the newest block.
///
/// Alone: not before three quarters of a block time have passed since the last block, then eight times in one. Beside a
/// live socket: as seldom as its silence is borne.
struct PollSchedule: Sendable {
    private let blockTime: Duration
    private let silence: Duration
    private var backoff: SocketBackoff
    private var isFailing = false
    /// The time of the next poll.
    private(set) var next = Duration.zero

    init(blockTime: Duration, silence: Duration, seed: UInt64) {
        self.blockTime = blockTime
        self.silence = silence
        backoff = SocketBackoff(seed: seed)
    }

    mutating func answered(at now: Duration, lastBlock: Duration, hasLiveSocket: Bool) {
        backoff.succeeded()
        isFailing = false
        let step = max(.milliseconds(100), min(.seconds(2), blockTime / 8))
        next = hasLiveSocket ? now + silence : max(now + step, lastBlock + blockTime * 3 / 4)
    }

    mutating func failed(_ error: RPCError, at now: Duration) {
        isFailing = true
        next = now + max(.milliseconds(50), backoff.wait(after: error))
    }

    /// Polls at once, unless the endpoint is being spared.
    mutating func hurry(at now: Duration) {
        if !isFailing { next = min(next, now) }
    }
}

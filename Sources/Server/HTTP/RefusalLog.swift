internal import Logging
internal import NIOCore
internal import Synchronization

/// Says in the log who was refused and why, in words of ours alone: what a client sends may hold a secret, or be made for
/// whoever reads the log.
final class RefusalLog: Sendable {
    private let log: Logger
    private let rate: RateLimit
    private let unsaid = Mutex(0)

    /// - Parameters:
    ///   - perSecond: lines; nobody fills a disk by being refused.
    ///   - burst: lines at once.
    init(_ log: Logger, perSecond: Int = 1, burst: Int = 32) {
        self.log = log
        rate = RateLimit(perSecond: perSecond, burst: burst)
    }

    /// A request that was refused, where it is not what happens every day.
    func note(_ refusal: HTTPRefusal, from channel: any Channel) {
        guard refusal.isNoteworthy else { return }
        note("refused \(refusal.status): \(refusal.what)", from: channel)
    }

    /// - Parameter what: happened; no word of the client's.
    func note(_ what: String, from channel: any Channel) {
        guard rate.take("", now: UInt64(NIODeadline.now().uptimeNanoseconds / 1_000_000)) else {
            return unsaid.withLock { $0 += 1 }
        }
        let more = unsaid.withLock { unsaid in
            defer { unsaid = 0 }
            return unsaid
        }
        let rest = more > 0 ? "; before it \(more) that are not listed" : ""
        log.notice("\(what), \(channel.remoteAddress?.ipAddress ?? "whose address is not known")\(rest)")
    }
}

extension HTTPRefusal {
    /// Whether somebody may be trying what is not theirs, or a client is out of order; a filter that is misspelt or a
    /// position that is closed is neither.
    var isNoteworthy: Bool {
        self == .notFound || self == .malformed || [401, 403, 408, 413, 414, 429, 431, 503].contains(status)
    }
}

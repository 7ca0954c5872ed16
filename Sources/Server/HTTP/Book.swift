internal import Ethereum
internal import JSON
internal import Keeper
internal import Synchronization

/// A position as it stands in a stream, with what it is filtered and ordered by.
struct OpenRecord: Sendable {
    let id: Hash32
    let rev: UInt64
    let seq: UInt64
    let isOpportunity: Bool
    /// The message as it was sent.
    let line: [UInt8]
    let market: String?
    let account: String
    let isUnknown: Bool
    /// Health and its scale.
    let health: (value: UInt256, scale: UInt256)?
    /// The net profit of the best plan, wei.
    let net: Int256?
    let verdict: String

    init?(_ id: Hash32, _ entry: FeedState.Entry) {
        guard let line = entry.line else { return nil }
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue(parsing: line) } catch { return nil }
        self.id = id
        self.line = line
        rev = entry.rev
        seq = value["seq"]?.uint64 ?? 0
        isOpportunity = entry.kind == .opportunity
        market = value["market"]?.string
        account = value["account"]?.string?.lowercased() ?? ""
        isUnknown = value["liquidatable"]?.bool == nil
        if let health = value["hfProtocol"]?.string.flatMap({ UInt256(decimal: $0) }),
            let scale = value["hfScale"]?.string.flatMap({ UInt256(decimal: $0) }), !scale.isZero
        {
            self.health = (health, scale)
        } else {
            health = nil
        }
        net = value["plans"]?.array?.first?["net"]?["wei"]?.string.flatMap(Self.signed)
        verdict = value["oracle"]?["verdict"]?.string ?? "unknown"
    }

    /// A whole decimal number with an optional sign.
    static func signed(_ text: String) -> Int256? {
        let isNegative = text.first == "-"
        return UInt256(decimal: isNegative ? text.dropFirst() : Substring(text)).flatMap {
            Int256(isNegative: isNegative, magnitude: $0)
        }
    }

    /// Whether the health of the first is lower; nothing is lower than what is not known.
    static func isLess(_ a: OpenRecord, _ b: OpenRecord) -> Bool {
        switch (a.health, b.health) {
        case (nil, nil): return a.id < b.id
        case (nil, _): return true
        case (_, nil): return false
        case (let x?, let y?):
            let left = x.value.multipliedFullWidth(by: y.scale)
            let right = y.value.multipliedFullWidth(by: x.scale)
            return left == right ? a.id < b.id : left < right
        }
    }

    /// Whether the health is at most this; true where it is not known.
    func isAtMost(_ limit: (value: UInt256, scale: UInt256)) -> Bool {
        guard let health else { return true }
        return health.value.multipliedFullWidth(by: limit.scale) <= limit.value.multipliedFullWidth(by: health.scale)
    }

    /// Whether the net profit of the first is higher; what is not known comes last.
    static func earnsMore(_ a: OpenRecord, _ b: OpenRecord) -> Bool {
        switch (a.net, b.net) {
        case (nil, nil): return a.id < b.id
        case (nil, _): return false
        case (_, nil): return true
        case (let x?, let y?): return x == y ? a.id < b.id : x > y
        }
    }
}

/// What stands in a stream, read once a revision.
final class Book: Sendable {
    /// What stands at a number.
    struct Page: Sendable {
        var stream: String
        var seq: UInt64
        var block: JSONValue
        /// Positions of which the last message was taken back: the next block says what holds.
        var pending: Int
        var records: [OpenRecord]
    }

    let feed: Feed
    private let known = Mutex<[Hash32: OpenRecord]>([:])

    init(_ feed: Feed) { self.feed = feed }

    func page() -> Page {
        let state = feed.current
        return known.withLock { known in
            var next: [Hash32: OpenRecord] = [:]
            for (id, entry) in state.entries {
                if let old = known[id], old.rev == entry.rev, entry.line != nil {
                    next[id] = old
                } else if let record = OpenRecord(id, entry) {
                    next[id] = record
                }
            }
            known = next
            return Page(
                stream: feed.stream, seq: state.seq, block: state.head.map { .object($0) } ?? .null,
                pending: state.entries.count - next.count, records: next.values.sorted { $0.id < $1.id })
        }
    }
}

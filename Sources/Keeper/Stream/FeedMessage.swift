public import Ethereum
public import JSON

/// One message of a feed, before it has its number.
///
/// Source: the event types and causes of the keeper's feed, `docs/feed.md`.
public struct FeedMessage: Hashable, Sendable {
    /// What a message is.
    public enum Kind: String, Sendable {
        /// A position that anyone may liquidate: replaces what was said of it before.
        case opportunity
        /// A position near its line: replaces what was said of it before.
        case watch
        /// A position is neither any more.
        case close
        /// Revisions that stood on a block that is no longer part of the chain: they count as never sent.
        case retract
        /// A block is done: everything about it stands before this.
        case head
        /// Continuity was lost: nothing may be acted on until the next status says `live`.
        case gap
        /// How the scanner is.
        case status
        /// The scanner lives.
        case heartbeat

        /// Whether it speaks of one position.
        public var isAboutPosition: Bool { self == .opportunity || self == .watch || self == .close }
    }

    /// Why a position is published.
    public enum Cause: String, Sendable {
        /// A price that was posted.
        case price
        /// The account acted, or somebody acted on it.
        case position
        /// Time passed.
        case interest
        /// The protocol's parameters changed.
        case param
        /// What was said before stood on a block that went.
        case reorg
        /// The scanner began anew.
        case resync
        /// A price that is signed or queued, and not posted yet.
        case pendingPrice = "pending_price"
    }

    /// Why a position is not published any more.
    public enum CloseReason: String, Sendable {
        /// Its health rose.
        case healed
        /// Somebody liquidated it.
        case liquidated
        /// Its debt was paid.
        case repaid
        /// It was too long ago that something was known of it.
        case expired
        /// The protocol's parameters changed.
        case parameters = "param_change"
    }

    /// What it is.
    public var kind: Kind
    /// The position that it speaks of.
    public var id: Hash32?
    /// The revision of that position.
    public var rev: UInt64?
    /// Why it is sent.
    public var cause: Cause?
    /// The block that it stands on.
    public var block: Hash32?
    /// Everything else, as it stands in the message.
    public var body: JSONObject

    /// Makes a message.
    public init(
        _ kind: Kind, id: Hash32? = nil, rev: UInt64? = nil, cause: Cause? = nil, block: Hash32? = nil,
        body: JSONObject = JSONObject()
    ) {
        self.kind = kind
        self.id = id
        self.rev = rev
        self.cause = cause
        self.block = block
        self.body = body
    }
}

extension FeedMessage {
    /// The version of the form.
    public static let version = 1
    /// What the envelope states itself, whatever the body says.
    private static let envelope: Set<String> = [
        "v", "type", "stream", "seq", "id", "rev", "cause", "emittedAtMs", "scanner",
    ]

    /// The message as it is kept and sent, without the line's end.
    ///
    /// - Parameters:
    ///   - seq: its number in the stream.
    ///   - emittedAtMs: milliseconds since 1970, for measuring latency only.
    public func line(seq: UInt64, stream: String, emittedAtMs: UInt64, scanner: JSONValue) -> [UInt8] {
        var members: [(String, JSONValue)] = [
            ("v", .integer(Self.version)), ("type", .string(kind.rawValue)), ("stream", .string(stream)),
            ("seq", .integer(seq)),
        ]
        if let id { members.append(("id", .string(id.hex))) }
        if let rev { members.append(("rev", .integer(rev))) }
        if let cause { members.append(("cause", .string(cause.rawValue))) }
        members.append(("emittedAtMs", .integer(emittedAtMs)))
        members.append(("scanner", scanner))
        members += body.members.filter { !Self.envelope.contains($0.0) }
        return JSONValue.object(JSONObject(members)).serialized()
    }

    /// A line of a feed, read back.
    ///
    /// - Throws: `.malformed` with what was expected.
    public static func parse(_ line: [UInt8]) throws(FeedError) -> (seq: UInt64, message: FeedMessage) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: line)
        } catch {
            throw .malformed("JSON: \(error)")
        }
        guard let object = value.object else { throw .malformed("an object") }
        guard object["v"]?.int == version else { throw .malformed("version \(version)") }
        guard let kind = object["type"]?.string.flatMap({ Kind(rawValue: $0) }) else { throw .malformed("a type") }
        guard let seq = object["seq"]?.uint64, seq > 0 else { throw .malformed("a seq") }
        let id = object["id"]?.string.flatMap { Hash32(hex: $0) }
        let rev = object["rev"]?.uint64
        guard !kind.isAboutPosition || (id != nil && rev != nil) else { throw .malformed("an id and a rev") }
        let message = FeedMessage(
            kind, id: id, rev: rev, cause: object["cause"]?.string.flatMap { Cause(rawValue: $0) },
            block: object["block"]?["hash"]?.string.flatMap { Hash32(hex: $0) },
            body: JSONObject(object.members.filter { !envelope.contains($0.0) }))
        return (seq, message)
    }
}

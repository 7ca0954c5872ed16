internal import JSON
internal import Keeper
internal import Networks

/// What a client of a socket says.
struct SocketRequest {
    /// What it wants to hear.
    struct Wish {
        var filter = SinkFilter()
        var resume: [String] = []
        var overflow = FeedQueue.Overflow.disconnect
        var start = FeedPoint.snapshot
        var isStrict = false
    }

    /// What it asks for.
    enum Method {
        case subscribe(Wish)
        case unsubscribe(String)
        case ping
    }

    /// A string or a number; null for anything else.
    var id: JSONValue
    var method: Method

    /// What a message may hold.
    private static let limits = JSONLimits(bytes: 64 << 10, depth: 8, elements: 4_096)

    init(_ bytes: [UInt8]) throws(JSONError) {
        let value = try JSONValue(parsing: bytes, limits: Self.limits)
        let root = JSONCursor(value)
        try root.refuseUnknown(["jsonrpc", "id", "method", "params"])
        id = value["id"] ?? .null
        if id.string == nil, id.number == nil { id = .null }
        let name = try root.member("method")
        switch try name.string() {
        case "subscribe": method = .subscribe(try root.optional("params").map(Wish.init) ?? Wish())
        case "unsubscribe": method = .unsubscribe(try root.member("params").member("subscription").string())
        case "ping": method = .ping
        default: throw name.mismatch("subscribe, unsubscribe or ping")
        }
    }
}

extension SocketRequest.Wish {
    init(_ cursor: JSONCursor) throws(JSONError) {
        self.init()
        for (name, value) in try cursor.members() {
            switch name {
            case "streams": filter.streams = try Self.texts(value)
            case "types": filter.types = try SinkConfiguration.types(value)
            case "resume": resume = try Self.texts(value)
            case "overflow": overflow = try SinkConfiguration.overflow(value)
            case "from":
                switch try value.string() {
                case "snapshot": start = .snapshot
                case "tail": start = .tail
                default: throw value.mismatch("snapshot or tail")
                }
            case "onRetention":
                switch try value.string() {
                case "snapshot": isStrict = false
                case "close": isStrict = true
                default: throw value.mismatch("snapshot or close")
                }
            default:
                throw value.mismatch(
                    "only streams, types, resume, overflow, from, onRetention", got: "a member \"\(name)\"")
            }
        }
    }

    private static func texts(_ cursor: JSONCursor) throws(JSONError) -> [String] {
        var texts: [String] = []
        for element in try cursor.elements() {
            guard texts.count < 64 else { throw cursor.mismatch("at most 64") }
            texts.append(try element.string())
        }
        return texts
    }
}

public import JSON

/// A recorded session: every exchange with its answer, without URLs or keys.
///
/// A file is a zlib stream of JSON lines: `{"v":2,"tool":"plimsoll",…}`, the exchanges in the order in which they
/// began, what happened on sockets in its order, and `{"end":exchanges,"sockets":entries,"ms":elapsed}`, without which
/// it is cut short. Version 1 knew no sockets.
public struct Transcript: Sendable {
    /// Facts about the session that a replay needs to print the same: `startedAt`, `command` and what the caller adds.
    public var meta: JSONObject
    /// How long the session took.
    public var elapsed: Duration
    var exchanges: [Exchange]
    var sockets: [SocketEntry] = []

    /// An empty recording.
    public init(meta: JSONObject = JSONObject()) {
        self.meta = meta
        elapsed = .zero
        exchanges = []
    }

    /// How many exchanges it holds.
    public var count: Int { exchanges.count }

    /// Whether it holds what happened on sockets.
    public var hasSockets: Bool { !sockets.isEmpty }

    /// The names of the endpoints that sockets were opened to, in the order of their first connection.
    public var socketEndpoints: [String] {
        var names: [String] = []
        for case .open(let name) in sockets where !names.contains(name) { names.append(name) }
        return names
    }

    /// The names of the endpoints that were asked, in the order of their first exchange.
    public var endpoints: [String] {
        var names: [String] = []
        for exchange in exchanges where !names.contains(exchange.endpoint) { names.append(exchange.endpoint) }
        return names
    }

    /// How much of a recording is read before it is refused.
    public struct Limits: Sendable {
        /// Bytes when unpacked.
        public var bytes = 1 << 30
        /// Bytes of one line.
        public var line = 256 << 20
        /// Exchanges.
        public var exchanges = 1_000_000
        /// Messages on sockets, and whatever else happened there.
        public var sockets = 4_000_000

        /// The limits of the house.
        public init() {}
    }

    private static let version = 2
    private static let tool = "plimsoll"

    /// Reads a recording.
    ///
    /// - Throws: ``RPCError/transcript(_:)`` where it is damaged, cut short, too large, or of another program or
    ///   version.
    public init(compressed bytes: [UInt8], limits: Limits = Limits()) throws(RPCError) {
        // CMF and FLG of a zlib stream: RFC 1950 §2.2.
        guard bytes.count > 2, bytes[0] & 0x0f == 8, (Int(bytes[0]) << 8 | Int(bytes[1])) % 31 == 0 else {
            throw .transcript("it is not a recording")
        }
        self.init()
        let stream = try Inflater(bytes, limit: limits.bytes)
        var line: [UInt8] = []
        var number = 0
        var isComplete = false
        while let chunk = try stream.next() {
            var rest = chunk[...]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                line += rest[..<end]
                number += 1
                guard !isComplete else { throw .transcript("line \(number) stands after its end") }
                isComplete = try take(line, number)
                line.removeAll(keepingCapacity: true)
                rest = rest[(end + 1)...]
            }
            line += rest
            guard line.count <= limits.line else {
                throw .transcript("line \(number + 1) is longer than \(limits.line) bytes")
            }
            guard exchanges.count <= limits.exchanges else {
                throw .transcript("it holds more than \(limits.exchanges) exchanges")
            }
            guard sockets.count <= limits.sockets else {
                throw .transcript("it holds more than \(limits.sockets) messages")
            }
        }
        guard isComplete, line.isEmpty else { throw .transcript("it is cut short after line \(number)") }
    }

    /// Takes one line; true for the last.
    private mutating func take(_ line: [UInt8], _ number: Int) throws(RPCError) -> Bool {
        let scanner: JSONScanner
        do {
            scanner = try JSONScanner(
                line, limits: JSONLimits(bytes: line.count, depth: 40, elements: line.count / 4 + 64))
        } catch {
            throw .transcript("line \(number): \(Cleaned.text("\(error)", secrets: Secrets()))")
        }
        if number == 1 {
            try takeFirst(JSONValue(scanner.root, of: scanner))
            return false
        }
        guard let end = scanner.member(scanner.root, "end") else {
            if scanner.member(scanner.root, "k") != nil {
                sockets.append(try SocketEntry(scanner, line: number))
            } else {
                exchanges.append(try Exchange(scanner, line: number))
            }
            return false
        }
        do {
            let count = try scanner.integer(end)
            guard count == exchanges.count else {
                throw RPCError.transcript("it holds \(exchanges.count) of \(count) exchanges")
            }
            let messages = try scanner.member(scanner.root, "sockets").map { try scanner.integer($0) } ?? 0
            guard messages == sockets.count else {
                throw RPCError.transcript("it holds \(sockets.count) of \(messages) messages")
            }
            elapsed = .milliseconds(try scanner.integer(scanner.require(scanner.root, "ms")))
        } catch let error as RPCError {
            throw error
        } catch {
            throw .transcript("line \(number): \(error)")
        }
        return true
    }

    private mutating func takeFirst(_ value: JSONValue) throws(RPCError) {
        guard var members = value.object, value["tool"]?.string == Self.tool, let version = value["v"]?.int else {
            throw .transcript("it is not a recording of this program")
        }
        guard (1...Self.version).contains(version) else {
            throw .transcript("its version is \(version), and this program reads versions 1 to \(Self.version)")
        }
        members["v"] = nil
        members["tool"] = nil
        meta = members
    }

    /// The recording as a file.
    ///
    /// - Throws: ``RPCError/transcript(_:)`` where zlib fails.
    public func compressed() throws(RPCError) -> [UInt8] {
        let stream = try Deflater()
        var first = JSONObject([("v", .integer(Self.version)), ("tool", .string(Self.tool))])
        for (name, value) in meta.members { first[name] = value }
        try stream.append(JSONValue.object(first).serialized() + [UInt8(ascii: "\n")])
        for exchange in exchanges { try stream.append(exchange.line + [UInt8(ascii: "\n")]) }
        for entry in sockets { try stream.append(entry.line + [UInt8(ascii: "\n")]) }
        let milliseconds = elapsed.wholeMilliseconds
        let last = JSONObject([
            ("end", .integer(exchanges.count)), ("sockets", .integer(sockets.count)), ("ms", .integer(milliseconds)),
        ])
        try stream.append(JSONValue.object(last).serialized() + [UInt8(ascii: "\n")])
        return try stream.finish()
    }
}

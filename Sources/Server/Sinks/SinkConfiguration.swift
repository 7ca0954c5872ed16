public import JSON
internal import Keeper
internal import Networks

/// One sink, as a service file or the command line declares it.
public struct SinkConfiguration: Hashable, Sendable {
    /// When a file is full, and what becomes of it.
    public struct Rotation: Hashable, Sendable {
        /// Bytes of a file before the next is begun.
        public var bytes: UInt64 = 64 << 20
        /// Full files that are kept.
        public var files = 8

        /// The usual.
        public init() {}
    }

    /// Where a secret is: it never stands in the configuration itself.
    public enum Secret: Hashable, Sendable {
        /// In a file, all but white space at its ends.
        case file(String)
        /// In a variable of the environment.
        case environment(String)
    }

    /// Where a webhook is: an address may hold a token.
    public enum Address: Hashable, Sendable {
        /// The address itself.
        case plain(String)
        /// Where it is kept.
        case secret(Secret)
    }

    /// What it is.
    public enum Kind: Hashable, Sendable {
        /// A file of lines.
        case file(path: String, Rotation, signedBy: Secret?)
        /// A named pipe.
        case fifo(path: String)
        /// A program that reads lines.
        case child(command: [String], decisions: String?)
        /// A Unix socket.
        case unix(path: String)
        /// An address that is posted to.
        case webhook(Address, secrets: [Secret], deadLetters: String?, mostAge: Int)
    }

    /// Its name in logs, unique.
    public var name: String
    /// What it is.
    public var kind: Kind
    /// What it is told.
    public var filter: SinkFilter

    /// Declares a sink.
    public init(name: String, kind: Kind, filter: SinkFilter = SinkFilter()) {
        self.name = name
        self.kind = kind
        self.filter = filter
    }

    private static let kinds = ["file", "fifo", "child", "unix", "webhook"]

    /// Reads the member `sinks` of a service file.
    ///
    /// - Throws: `.mismatch` with the place of the first thing that is not as it must be.
    public static func list(_ cursor: JSONCursor) throws(JSONError) -> [SinkConfiguration] {
        var sinks: [SinkConfiguration] = []
        for element in try cursor.elements() {
            guard sinks.count < 64 else { throw cursor.mismatch("at most 64 sinks") }
            let sink = try SinkConfiguration(element)
            if sinks.contains(where: { $0.name == sink.name }) {
                throw try element.member("name").mismatch("a name that no other sink has")
            }
            sinks.append(sink)
        }
        return sinks
    }

    /// Reads one sink.
    init(_ cursor: JSONCursor) throws(JSONError) {
        name = try cursor.member("name").identifier()
        let kindCursor = try cursor.member("kind")
        let common = ["name", "kind", "streams", "types"]
        switch try kindCursor.string() {
        case "file":
            try cursor.refuseUnknown(common + ["path", "rotateBytes", "keep", "sign"])
            var rotation = Rotation()
            if let bytes = try cursor.optional("rotateBytes") {
                rotation.bytes = UInt64(try bytes.integer(in: 4_096...1 << 40))
            }
            if let files = try cursor.optional("keep") { rotation.files = try files.integer(in: 1...1_000) }
            let key = try cursor.optional("sign").map { cursor throws(JSONError) in try Self.secret(cursor) }
            kind = .file(path: try Self.path(cursor.member("path")), rotation, signedBy: key)
            if key != nil, let types = try cursor.optional("types") {
                throw types.mismatch("no types beside \"sign\": a signed stream is whole")
            }
        case "fifo":
            try cursor.refuseUnknown(common + ["path"])
            kind = .fifo(path: try Self.path(cursor.member("path")))
        case "child":
            try cursor.refuseUnknown(common + ["command", "decisions"])
            let command = try cursor.member("command")
            var words: [String] = []
            for word in try command.elements() { words.append(try word.string()) }
            guard (1...256).contains(words.count), words[0].first == "/" else {
                throw command.mismatch("the whole path of a program and its arguments")
            }
            kind = .child(
                command: words,
                decisions: try cursor.optional("decisions").map { cursor throws(JSONError) in try Self.path(cursor) })
        case "unix":
            try cursor.refuseUnknown(common + ["path"])
            kind = .unix(path: try Self.path(cursor.member("path")))
        case "webhook":
            try cursor.refuseUnknown(common + ["url", "secrets", "deadLetters", "maxAgeSeconds"])
            let url = try cursor.member("url")
            let list = try cursor.member("secrets")
            var secrets: [Secret] = []
            for element in try list.elements() { secrets.append(try Self.secret(element)) }
            guard (1...8).contains(secrets.count) else { throw list.mismatch("one to eight secrets") }
            let address: Address
            if let text = url.value.string {
                address = .plain(text)
            } else {
                address = .secret(try Self.secret(url))
            }
            kind = .webhook(
                address, secrets: secrets,
                deadLetters: try cursor.optional("deadLetters").map { cursor throws(JSONError) in try Self.path(cursor)
                },
                mostAge: try cursor.optional("maxAgeSeconds")?.integer(in: 0...604_800) ?? 3_600)
        default: throw kindCursor.mismatch("one of \(Self.kinds.joined(separator: ", "))")
        }
        filter = SinkFilter()
        if let streams = try cursor.optional("streams") {
            filter.streams = []
            for stream in try streams.elements() { filter.streams.append(try stream.string()) }
        }
        if let types = try cursor.optional("types") { filter.types = try Self.types(types) }
    }

    /// Types of messages.
    static func types(_ cursor: JSONCursor) throws(JSONError) -> Set<FeedMessage.Kind> {
        var types: Set<FeedMessage.Kind> = []
        for element in try cursor.elements() {
            guard let kind = FeedMessage.Kind(rawValue: try element.string()) else {
                throw element.mismatch(
                    "one of opportunity, watch, close, retract, head, gap, status, heartbeat")
            }
            types.insert(kind)
        }
        return types
    }

    /// What becomes of a slow consumer.
    static func overflow(_ cursor: JSONCursor) throws(JSONError) -> FeedQueue.Overflow {
        guard let overflow = FeedQueue.Overflow(rawValue: try cursor.string()) else {
            throw cursor.mismatch("coalesce or disconnect")
        }
        return overflow
    }

    private static func path(_ cursor: JSONCursor) throws(JSONError) -> String {
        let path = try cursor.string()
        guard (1...4_096).contains(path.utf8.count), !path.utf8.contains(0) else { throw cursor.mismatch("a path") }
        return path
    }

    private static func secret(_ cursor: JSONCursor) throws(JSONError) -> Secret {
        try cursor.refuseUnknown(["file", "env"])
        if let file = try cursor.optional("file") { return .file(try path(file)) }
        guard let name = try cursor.optional("env") else {
            throw cursor.mismatch("{\"file\": …} or {\"env\": …}: secrets do not stand here")
        }
        return .environment(try name.string())
    }
}

extension SinkConfiguration {
    /// Reads what stands behind `--sink`: `file:PATH`, `fifo:PATH`, `child:PROGRAM`, `unix:PATH`.
    ///
    /// - Returns: nil for anything else.
    public init?(argument: String, number: Int) {
        guard let colon = argument.firstIndex(of: ":") else { return nil }
        let path = String(argument[argument.index(after: colon)...])
        guard !path.isEmpty else { return nil }
        let kind = String(argument[..<colon])
        switch kind {
        case "file": self.init(name: "file-\(number)", kind: .file(path: path, Rotation(), signedBy: nil))
        case "fifo": self.init(name: "fifo-\(number)", kind: .fifo(path: path))
        case "child": self.init(name: "child-\(number)", kind: .child(command: [path], decisions: nil))
        case "unix": self.init(name: "unix-\(number)", kind: .unix(path: path))
        default: return nil
        }
    }
}

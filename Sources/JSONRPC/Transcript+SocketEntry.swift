import Ethereum
import JSON

extension Transcript {
    /// What was done on sockets, or happened there.
    enum SocketEntry: Sendable, Hashable {
        /// The session began; the first entry.
        case began(SocketSession)
        /// A connection to the endpoint of this name was asked for.
        case open(String)
        case sent(Int, [UInt8])
        /// A connection was closed from this side.
        case close(Int)
        case event(SocketEvent)
    }
}

extension Transcript.SocketEntry {
    /// One line: the kind under `k`, the connection under `c`, the time under `ms`, a text sent under `q` and one
    /// received under `a` as in an exchange.
    var line: [UInt8] {
        var line = Transcript.Line()
        func begin(_ kind: String, _ connection: Int? = nil, at time: Duration? = nil) {
            line.member("k", .string(kind))
            if let connection { line.member("c", .integer(connection)) }
            if let time { line.member("ms", .integer(time.wholeMilliseconds)) }
        }
        switch self {
        case .began(let session):
            begin("began")
            line.member("t", .integer(session.startedAt))
            line.member("seed", .string(Hex.quantity(session.seed)))
        case .open(let name):
            begin("open")
            line.member("e", .string(name))
        case .sent(let connection, let text):
            begin("sent", connection)
            line.bytes("q", text)
        case .close(let connection): begin("close", connection)
        case .event(let event):
            switch event.kind {
            case .due: begin("due", at: event.at)
            case .opened(let connection): begin("opened", connection, at: event.at)
            case .text(let connection, let text):
                begin("text", connection, at: event.at)
                line.bytes("a", text)
            case .ended(let connection, let end):
                begin("ended", connection, at: event.at)
                end.write(to: &line)
            }
        }
        return line.finish()
    }

    /// Reads a line.
    init(_ scanner: JSONScanner, line: Int) throws(RPCError) {
        do {
            self = try Self.read(scanner)
        } catch {
            throw .transcript("line \(line): \(Cleaned.text("\(error)", secrets: Secrets()))")
        }
    }

    private static func read(_ scanner: JSONScanner) throws(JSONError) -> Self {
        let kind = try scanner.require(scanner.root, "k")
        func count(_ name: StaticString) throws(JSONError) -> Int {
            try scanner.recordedCount(scanner.require(scanner.root, name))
        }
        func text(_ plain: StaticString, _ text: StaticString, _ hex: StaticString) throws(JSONError) -> [UInt8] {
            guard let bytes = try scanner.recordedBytes(plain, text, hex) else {
                throw .mismatch(pointer: "", expected: "a text under \(plain)", got: "none")
            }
            return bytes
        }
        switch try scanner.string(kind) {
        case "began":
            let seed = try scanner.quantity(scanner.require(scanner.root, "seed"))
            return .began(SocketSession(startedAt: UInt64(try count("t")), seed: seed))
        case "open": return .open(try scanner.recordedWords("e"))
        case "sent": return .sent(try count("c"), try text("q", "Q", "qx"))
        case "close": return .close(try count("c"))
        case "due": return .event(SocketEvent(at: .milliseconds(try count("ms")), .due))
        case "opened": return .event(SocketEvent(at: .milliseconds(try count("ms")), .opened(try count("c"))))
        case "text":
            let text = try text("a", "A", "ax")
            return .event(SocketEvent(at: .milliseconds(try count("ms")), .text(try count("c"), text)))
        case "ended":
            let end = try SocketEnd(scanner)
            return .event(SocketEvent(at: .milliseconds(try count("ms")), .ended(try count("c"), end)))
        default: throw scanner.mismatch(kind, expected: "a known kind")
        }
    }
}

extension SocketEnd {
    fileprivate func write(to line: inout Transcript.Line) {
        switch self {
        case .closed(let code, let reason):
            line.member("f", "closed")
            line.member("l", .integer(code))
            line.member("w", .string(reason))
        case .refused(let status, let retryAfter):
            line.member("f", "refused")
            line.member("l", .integer(status))
            if let retryAfter { line.member("r", .integer(retryAfter)) }
        case .transport(let what):
            line.member("f", "transport")
            line.member("w", .string(what))
        case .untrusted(let what):
            line.member("f", "untrusted")
            line.member("w", .string(what))
        case .timeout: line.member("f", "timeout")
        case .malformed(let what):
            line.member("f", "malformed")
            line.member("w", .string(what))
        case .tooLarge(let limit):
            line.member("f", "tooLarge")
            line.member("l", .integer(limit))
        }
    }

    fileprivate init(_ scanner: JSONScanner) throws(JSONError) {
        let name = try scanner.require(scanner.root, "f")
        func number() throws(JSONError) -> Int { try scanner.recordedCount(scanner.require(scanner.root, "l")) }
        switch try scanner.string(name) {
        case "closed": self = .closed(code: try number(), reason: try scanner.recordedWords("w"))
        case "refused":
            var wait: Int?
            if let node = scanner.member(scanner.root, "r") { wait = try scanner.recordedCount(node) }
            self = .refused(status: try number(), retryAfter: wait)
        case "transport": self = .transport(try scanner.recordedWords("w"))
        case "untrusted": self = .untrusted(try scanner.recordedWords("w"))
        case "timeout": self = .timeout
        case "malformed": self = .malformed(try scanner.recordedWords("w"))
        case "tooLarge": self = .tooLarge(try number())
        default: throw scanner.mismatch(name, expected: "a known end")
        }
    }
}

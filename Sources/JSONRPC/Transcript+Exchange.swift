import Ethereum
import JSON

extension Transcript {
    /// What was asked and what came back.
    struct Exchange: Sendable, Hashable {
        /// The name of the endpoint.
        var endpoint: String
        var body: [UInt8]
        var elapsed: Duration
        var outcome: Result<HTTPResponse, RPCError>
    }
}

extension Transcript.Exchange {
    /// One line: the request under `q`, the answer under `a`; each as JSON where it is JSON on one line, else under
    /// `Q`, `A` as a
    /// string, else under `qx`, `ax` as hex. A failure of the transport stands under `f`.
    var line: [UInt8] {
        var output = Array("{".utf8)
        func member(_ name: String, _ value: JSONValue) {
            output += (output.count > 1 ? ",\"" : "\"").utf8
            output += name.utf8
            output += "\":".utf8
            value.append(to: &output)
        }
        func bytes(_ name: String, _ bytes: [UInt8]) {
            if Self.isPlain(bytes) {
                output += ",\"\(name)\":".utf8
                output += bytes
            } else if let text = String(validating: bytes, as: UTF8.self) {
                member(name.uppercased(), .string(text))
            } else {
                member(name + "x", .string(Hex.encode(bytes)))
            }
        }
        member("e", .string(endpoint))
        member("ms", .integer(Int(elapsed / .milliseconds(1))))
        bytes("q", body)
        switch outcome {
        case .success(let response):
            member("s", .integer(response.status))
            if let wait = response.retryAfter { member("r", .integer(wait)) }
            if response.size != response.body.count { member("n", .integer(response.size)) }
            bytes("a", response.body)
        case .failure(let error):
            let (name, words, limit) = Self.failure(error)
            member("f", .string(name))
            if let words { member("w", .string(words)) }
            if let limit { member("l", .integer(limit)) }
        }
        output += "}".utf8
        return output
    }

    /// Whether the bytes can stand in a line as they are, and be found again.
    private static func isPlain(_ bytes: [UInt8]) -> Bool {
        guard let first = bytes.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "["),
            bytes.last == UInt8(ascii: "}") || bytes.last == UInt8(ascii: "]"), !bytes.contains(UInt8(ascii: "\n"))
        else { return false }
        do {
            _ = try JSONScanner(bytes, limits: RPCKind.limits(bytes: bytes.count))
            return true
        } catch {
            return false
        }
    }

    private static func failure(_ error: RPCError) -> (name: String, words: String?, limit: Int?) {
        switch error {
        case .timeout: ("timeout", nil, nil)
        case .tooLarge(_, let limit): ("tooLarge", nil, limit)
        case .transport(_, let what): ("transport", what, nil)
        case .untrusted(_, let what): ("untrusted", what, nil)
        case .malformed(_, let what): ("malformed", what, nil)
        case .saturated: ("saturated", nil, nil)
        case .invalidURL, .node, .http, .dishonest, .notRecorded, .transcript, .cancelled:
            ("transport", "\(error)", nil)
        }
    }

    /// Reads a line.
    init(_ scanner: JSONScanner, line: Int) throws(RPCError) {
        let root = scanner.root
        do {
            endpoint = Cleaned.text(try scanner.string(scanner.require(root, "e")), secrets: Secrets())
            elapsed = .milliseconds(try scanner.integer(scanner.require(root, "ms")))
            guard let body = try Self.bytes(scanner, "q", "Q", "qx") else {
                throw JSONError.mismatch(pointer: "", expected: "a request under q", got: "none")
            }
            self.body = body
            if let failure = scanner.member(root, "f") {
                outcome = .failure(try Self.failure(scanner, failure, endpoint))
                return
            }
            guard let answer = try Self.bytes(scanner, "a", "A", "ax") else {
                throw JSONError.mismatch(
                    pointer: "", expected: "an answer under a or a failure under f", got: "neither")
            }
            let wait = scanner.member(root, "r")
            let size = scanner.member(root, "n")
            outcome = .success(
                HTTPResponse(
                    status: try scanner.integer(scanner.require(root, "s")), body: answer,
                    retryAfter: try wait.map { try Self.count($0, scanner) },
                    size: try size.map { try Self.count($0, scanner) }))
        } catch {
            throw .transcript("line \(line): \(Cleaned.text("\(error)", secrets: Secrets()))")
        }
    }

    /// A count that no sum of recorded counts overflows.
    private static func count(_ node: JSONScanner.Node, _ scanner: JSONScanner) throws -> Int {
        let value = try scanner.integer(node)
        guard (0...1 << 40).contains(value) else { throw scanner.mismatch(node, expected: "a count") }
        return value
    }

    private static func bytes(
        _ scanner: JSONScanner, _ plain: StaticString, _ text: StaticString, _ hex: StaticString
    ) throws -> [UInt8]? {
        if let node = scanner.member(scanner.root, plain) { return Array(scanner.bytes[scanner.range(node)]) }
        if let node = scanner.member(scanner.root, text) { return Array(try scanner.string(node).utf8) }
        return try scanner.member(scanner.root, hex).map { try scanner.hexData($0) }
    }

    private static func failure(
        _ scanner: JSONScanner, _ node: JSONScanner.Node, _ endpoint: String
    ) throws -> RPCError {
        let words = try scanner.member(scanner.root, "w").map { try scanner.string($0) } ?? ""
        let what = Cleaned.text(words, secrets: Secrets())
        let name = try scanner.string(node)
        switch name {
        case "timeout": return .timeout(endpoint: endpoint)
        case "tooLarge":
            return .tooLarge(endpoint: endpoint, limit: try scanner.integer(scanner.require(scanner.root, "l")))
        case "transport": return .transport(endpoint: endpoint, what: what)
        case "untrusted": return .untrusted(endpoint: endpoint, what: what)
        case "malformed": return .malformed(endpoint: endpoint, what: what)
        case "saturated": return .saturated(endpoint: endpoint)
        default: throw scanner.mismatch(node, expected: "a known failure")
        }
    }
}

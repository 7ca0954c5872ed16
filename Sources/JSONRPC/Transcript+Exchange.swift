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
        var line = Transcript.Line()
        line.member("e", .string(endpoint))
        line.member("ms", .integer(elapsed.wholeMilliseconds))
        line.bytes("q", body)
        switch outcome {
        case .success(let response):
            line.member("s", .integer(response.status))
            if let wait = response.retryAfter { line.member("r", .integer(wait)) }
            if response.size != response.body.count { line.member("n", .integer(response.size)) }
            line.bytes("a", response.body)
        case .failure(let error):
            let (name, words, limit) = Self.failure(error)
            line.member("f", .string(name))
            if let words { line.member("w", .string(words)) }
            if let limit { line.member("l", .integer(limit)) }
        }
        return line.finish()
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
            guard let body = try scanner.recordedBytes("q", "Q", "qx") else {
                throw JSONError.mismatch(pointer: "", expected: "a request under q", got: "none")
            }
            self.body = body
            if let failure = scanner.member(root, "f") {
                outcome = .failure(try Self.failure(scanner, failure, endpoint))
                return
            }
            guard let answer = try scanner.recordedBytes("a", "A", "ax") else {
                throw JSONError.mismatch(
                    pointer: "", expected: "an answer under a or a failure under f", got: "neither")
            }
            let wait = scanner.member(root, "r")
            let size = scanner.member(root, "n")
            outcome = .success(
                HTTPResponse(
                    status: try scanner.integer(scanner.require(root, "s")), body: answer,
                    retryAfter: try wait.map { try scanner.recordedCount($0) },
                    size: try size.map { try scanner.recordedCount($0) }))
        } catch {
            throw .transcript("line \(line): \(Cleaned.text("\(error)", secrets: Secrets()))")
        }
    }

    private static func failure(
        _ scanner: JSONScanner, _ node: JSONScanner.Node, _ endpoint: String
    ) throws -> RPCError {
        let what = try scanner.recordedWords("w")
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

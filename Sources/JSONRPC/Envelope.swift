import Ethereum
import JSON

/// Parses what a node answered, by the rules of JSON-RPC and no more leniently than the field requires.
struct Envelope {
    let endpoint: Endpoint
    let requests: [RPCRequest]

    typealias Outcome = Result<RPCResult, RPCError>

    private func malformed(_ what: String) -> RPCError { .malformed(endpoint: endpoint.name, what: what) }

    private func scan(_ response: HTTPResponse) throws(RPCError) -> JSONScanner {
        let first = response.body.first { $0 != 0x20 && $0 != 0x0a && $0 != 0x0d && $0 != 0x09 }
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
            guard response.status == 200 else {
                throw .http(endpoint: endpoint.name, status: response.status, retryAfter: response.retryAfter)
            }
            throw malformed("it does not begin with { or [")
        }
        do {
            return try JSONScanner(response.body, limits: .default)
        } catch {
            guard response.status == 200 else {
                throw .http(endpoint: endpoint.name, status: response.status, retryAfter: response.retryAfter)
            }
            throw malformed("\(error)")
        }
    }

    /// The outcome of a single request, whose id is 1.
    func single(_ response: HTTPResponse) throws(RPCError) -> RPCResult {
        let scanner = try scan(response)
        guard scanner.kind(scanner.root) == .object else { throw malformed("an array answers a single request") }
        guard let outcome = try member(scanner, scanner.root, response).outcome else {
            throw malformed("neither result nor error")
        }
        return try outcome.get()
    }

    /// The outcomes of a batch by position, nil for each that the node left out.
    func batch(_ response: HTTPResponse) throws(RPCError) -> [Outcome?] {
        let scanner = try scan(response)
        var outcomes = [Outcome?](repeating: nil, count: requests.count)
        guard scanner.kind(scanner.root) == .array else {
            // One object answers the whole batch: an error, or nothing we can use.
            let answer = try member(scanner, scanner.root, response)
            if case .failure(let error)? = answer.outcome { throw error }
            throw malformed("one object answers a batch of \(requests.count)")
        }
        var seen = 0
        for element in try elements(scanner) {
            seen += 1
            guard seen <= requests.count else { throw malformed("more answers than requests") }
            let answer = try member(scanner, element, response)
            guard let id = answer.id else {
                if case .failure(let error)? = answer.outcome { throw error }
                throw malformed("an answer without an id")
            }
            guard id >= 1, id <= requests.count else { throw malformed("an answer with the unknown id \(id)") }
            guard outcomes[id - 1] == nil else { throw malformed("two answers with the id \(id)") }
            outcomes[id - 1] = answer.outcome
        }
        return outcomes
    }

    private func elements(_ scanner: JSONScanner) throws(RPCError) -> JSONScanner.Children {
        do {
            return try scanner.elements(of: scanner.root)
        } catch {
            throw malformed("\(error)")
        }
    }

    /// One answer: its id, nil where absent or null, and what it says.
    private func member(
        _ scanner: JSONScanner, _ node: JSONScanner.Node, _ response: HTTPResponse
    ) throws(RPCError) -> (id: Int?, outcome: Outcome?) {
        guard scanner.kind(node) == .object else { throw malformed("an answer that is not an object") }
        var id: Int?
        if let node = scanner.member(node, "id"), !scanner.isNull(node) {
            let text = scanner.text(node)
            // Some gateways echo the number as a string.
            let digits = text.hasPrefix("\"") ? String(text.dropFirst().dropLast()) : text
            guard let number = Int(digits), "\(number)" == digits else { throw malformed("the unknown id \(text.prefix(32))") }
            id = number
        }
        let error = scanner.member(node, "error").flatMap { scanner.isNull($0) ? nil : $0 }
        let result = scanner.member(node, "result")
        let method = id.flatMap { $0 >= 1 && $0 <= requests.count ? requests[$0 - 1].method : nil } ?? requests[0].method
        if let error {
            guard result.map(scanner.isNull) ?? true else { throw malformed("both result and error") }
            return (id, .failure(failure(JSONValue(error, of: scanner), method, response)))
        }
        guard let result else {
            // A bare error object without an envelope.
            if scanner.member(node, "code") != nil, scanner.member(node, "message") != nil {
                return (id, .failure(failure(JSONValue(node, of: scanner), method, response)))
            }
            throw malformed("neither result nor error")
        }
        guard id != nil else { throw malformed("a result without an id") }
        return (id, .success(RPCResult(scanner: scanner, node: result, endpoint: endpoint, method: method)))
    }

    private func failure(_ value: JSONValue, _ method: String, _ response: HTTPResponse) -> RPCError {
        let code = value["code"]?.int ?? value["code"]?.string.flatMap { Int($0) } ?? -32603
        let message = value["message"]?.string ?? value.string ?? ""
        let data = value["data"]
        let words = message + " " + (data?.string.map { String($0.prefix(4_096)) } ?? "")
        let rate = data?["rate"] ?? data
        let backoff = rate?["backoff_seconds"]?.number.flatMap { UInt64($0.prefix { $0 != "." }) }
        let kind = NodeErrorKind.classify(
            code: code, text: String(words.prefix(4_096)), status: response.status,
            backoff: backoff ?? response.retryAfter.flatMap { $0 > 0 ? UInt64($0) : nil })
        return .node(
            endpoint: endpoint.name, method: method,
            NodeError(code: code, message: Cleaned.text(message, secrets: endpoint.secrets), data: Self.revert(data, 3), kind: kind))
    }

    /// Revert data as nodes place it: a string, perhaps behind a word, or inside `data` or `originalError`.
    private static func revert(_ value: JSONValue?, _ depth: Int) -> [UInt8]? {
        guard let value, depth > 0 else { return nil }
        if let text = value.string {
            guard let start = text.range(of: "0x") else { return nil }
            do {
                return try Hex.decode(text[start.lowerBound...])
            } catch {
                return nil
            }
        }
        return revert(value["data"] ?? value["originalError"], depth - 1)
    }
}

/// Text from outside, fit to be printed.
enum Cleaned {
    /// Without control characters and secrets, at most 512 characters.
    static func text(_ text: String, secrets: [String]) -> String {
        var cleaned = String(
            String.UnicodeScalarView(
                text.unicodeScalars.prefix(2_048).map { $0.properties.generalCategory == .control ? " " : $0 }))
        for secret in secrets {
            while let range = cleaned.range(of: secret) { cleaned.replaceSubrange(range, with: "…") }
        }
        return String(cleaned.prefix(512))
    }
}

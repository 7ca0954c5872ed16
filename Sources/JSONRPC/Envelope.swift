import JSON

/// Parses what a node answered, by the rules of JSON-RPC and no more leniently than the field requires.
struct Envelope {
    let endpoint: Endpoint
    let requests: [RPCRequest]

    typealias Outcome = Result<RPCResult, RPCError>

    /// One answer: its id, nil where absent or null, and what it says.
    struct Answer {
        var id: Int?
        var outcome: Outcome
    }

    /// The outcomes by position, nil for each that the node left out.
    ///
    /// - Throws: what concerns the answer as a whole.
    func outcomes(of response: HTTPResponse) throws(RPCError) -> [Outcome?] {
        let scanner = try scan(response)
        guard scanner.kind(scanner.root) == .array else {
            let answer = try answer(scanner, scanner.root, response)
            return requests.count == 1 ? [try single(answer)] : try whole(answer)
        }
        guard requests.count > 1 else { throw malformed("an array answers a single request") }
        return try members(scanner, response)
    }

    private func single(_ answer: Answer) throws(RPCError) -> Outcome {
        // Nodes that could not read a request answer its error without an id.
        if answer.id == nil, case .failure = answer.outcome { return answer.outcome }
        guard let id = answer.id else { throw malformed("a result without an id") }
        guard id == 1 else { throw malformed("an answer with the unknown id \(id)") }
        return answer.outcome
    }

    /// One object answers the whole batch: an error, or nothing that can be used.
    private func whole(_ answer: Answer) throws(RPCError) -> [Outcome?] {
        if case .failure(let error) = answer.outcome { throw error }
        throw malformed("one object answers a batch of \(requests.count)")
    }

    private func members(_ scanner: JSONScanner, _ response: HTTPResponse) throws(RPCError) -> [Outcome?] {
        var outcomes = [Outcome?](repeating: nil, count: requests.count)
        // More answers than requests end at the first id that comes twice.
        for element in try elements(scanner) {
            let answer = try answer(scanner, element, response)
            guard let id = answer.id else {
                if case .failure(let error) = answer.outcome { throw error }
                throw malformed("a result without an id")
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

    func malformed(_ what: String) -> RPCError {
        .malformed(endpoint: endpoint.name, what: Cleaned.text(what, secrets: endpoint.secrets))
    }

    /// Without JSON-RPC in the body, the status is all there is to judge by.
    private func withoutJSON(_ response: HTTPResponse, _ what: String) -> RPCError {
        guard response.status != 200 else { return malformed(what) }
        return .http(endpoint: endpoint.name, status: response.status, retryAfter: response.retryAfter)
    }

    /// The results that are to be read in one pass, if any.
    private var pages: JSONPages? {
        guard let page = requests.lazy.compactMap(\.page).first else { return nil }
        return JSONPages(page.type, most: requests.lazy.filter { $0.page != nil }.count)
    }

    private func scan(_ response: HTTPResponse) throws(RPCError) -> JSONScanner {
        let first = response.body.first { $0 != 0x20 && $0 != 0x0a && $0 != 0x0d && $0 != 0x09 }
        // A page in place of an answer is a gateway's, whatever its status says: nothing of it is JSON-RPC to be malformed.
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
            throw .http(endpoint: endpoint.name, status: response.status, retryAfter: response.retryAfter)
        }
        do {
            return try JSONScanner(
                response.body, limits: RPCKind.limits(bytes: response.body.count), pages: pages)
        } catch {
            throw withoutJSON(response, "\(error)")
        }
    }
}

extension Envelope {
    func answer(
        _ scanner: JSONScanner, _ node: JSONScanner.Node, _ response: HTTPResponse
    ) throws(RPCError) -> Answer {
        guard scanner.kind(node) == .object else { throw malformed("an answer that is not an object") }
        let id = try id(scanner, node)
        let request = requests[(id.flatMap { $0 >= 1 && $0 <= requests.count ? $0 : nil } ?? 1) - 1]
        let method = request.method
        let result = scanner.member(node, "result")
        if let error = scanner.member(node, "error"), !scanner.isNull(error) {
            guard result.map(scanner.isNull) ?? true else { throw malformed("both result and error") }
            return Answer(id: id, outcome: .failure(failure(scanner, error, method, response)))
        }
        guard let result else {
            // Some gateways send a bare error object, without an envelope.
            if scanner.member(node, "code") != nil, scanner.member(node, "message") != nil {
                return Answer(id: id, outcome: .failure(failure(scanner, node, method, response)))
            }
            throw withoutJSON(response, "neither result nor error")
        }
        // What looks like the page of another request of the batch answers this one with nothing that it can be.
        guard scanner.kind(result) != .page || request.page != nil else {
            throw malformed("\(method) answered with what another request asked for")
        }
        if let error = disguisedRevert(scanner, result, method) { return Answer(id: id, outcome: .failure(error)) }
        return Answer(
            id: id, outcome: .success(RPCResult(scanner: scanner, node: result, endpoint: endpoint, method: method)))
    }

    /// The id: a whole number, or the same in quotes as some gateways echo it.
    func id(_ scanner: JSONScanner, _ node: JSONScanner.Node) throws(RPCError) -> Int? {
        guard let node = scanner.member(node, "id"), !scanner.isNull(node) else { return nil }
        let range = scanner.range(node)
        let digits = scanner.kind(node) == .plainString ? range.dropFirst().dropLast() : range[...]
        // Read as bytes: a batch has thousands of them.
        var value = 0
        for offset in digits {
            let digit = Int(scanner.bytes[offset]) - 0x30
            guard digits.count <= 9, digit >= 0, digit <= 9, value > 0 || digit > 0 || digits.count == 1 else {
                throw malformed("the unknown id \(scanner.excerpt(node))")
            }
            value = value * 10 + digit
        }
        guard !digits.isEmpty else { throw malformed("the unknown id \(scanner.excerpt(node))") }
        return value
    }
}

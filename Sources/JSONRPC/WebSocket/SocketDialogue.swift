import JSON

/// JSON-RPC over one connection: calls side by side, subscriptions, and notifications that come before their
/// subscription is confirmed. Does no I/O.
struct SocketDialogue: Sendable {
    /// What a message means.
    enum Meaning: Sendable {
        /// The answer to the call with this id.
        case answer(id: Int, Result<RPCResult, RPCError>)
        /// A notification of the subscription that the call with this id asked for.
        case notification(subscription: Int, RPCResult)
    }

    private struct Question {
        var request: RPCRequest
        var isSubscription: Bool
    }

    /// Calls under way at once.
    private static let mostCalls = 256
    /// Notifications kept for subscriptions that are not confirmed, and their bytes.
    private static let mostEarly = 256
    private static let mostEarlyBytes = 4 << 20

    private let endpoint: Endpoint
    private let firstId: Int
    /// The id of the next call.
    private(set) var nextId: Int
    private var questions: [Int: Question] = [:]
    /// Ids of calls by the subscriptions that answered them.
    private var subscriptions: [String: Int] = [:]
    private var early: [(subscription: String, notification: RPCResult)] = []
    private var earlyBytes = 0

    /// - Parameter firstId: the id of the first call.
    init(endpoint: Endpoint, firstId: Int = 1) {
        self.endpoint = endpoint
        self.firstId = firstId
        nextId = firstId
    }

    /// The calls that wait for their answers.
    var waiting: [Int] { questions.keys.sorted() }

    /// The id and the text of a call.
    ///
    /// - Throws: `.saturated` where too many wait.
    mutating func ask(
        _ request: RPCRequest, isSubscription: Bool = false
    ) throws(RPCError) -> (id: Int, text: [UInt8]) {
        guard questions.count < Self.mostCalls else { throw .saturated(endpoint: endpoint.name) }
        let id = nextId
        nextId += 1
        questions[id] = Question(request: request, isSubscription: isSubscription)
        var text: [UInt8] = []
        request.append(id: id, to: &text)
        return (id, text)
    }

    /// Forgets a call; its answer is ignored.
    mutating func forget(_ id: Int) { questions[id] = nil }

    /// What a message means, in the order in which it is to be believed.
    ///
    /// - Throws: `.malformed` for what breaks the rules, or the error that concerns the connection as a whole.
    mutating func take(_ text: [UInt8]) throws(RPCError) -> [Meaning] {
        let scanner: JSONScanner
        do {
            scanner = try JSONScanner(text, limits: RPCKind.limits(bytes: text.count))
        } catch {
            throw malformed("\(error)")
        }
        guard scanner.kind(scanner.root) == .object else { throw malformed("a message that is not an object") }
        if let method = scanner.member(scanner.root, "method") {
            // Other notifications are none of ours.
            guard scanner.isString(method, "eth_subscription") else { return [] }
            return try notification(scanner)
        }
        return try answer(scanner)
    }

    private func malformed(_ what: String) -> RPCError {
        .malformed(endpoint: endpoint.name, what: Cleaned.text(what, secrets: endpoint.secrets))
    }

    private mutating func notification(_ scanner: JSONScanner) throws(RPCError) -> [Meaning] {
        guard let params = scanner.member(scanner.root, "params"),
            let name = subscription(scanner, scanner.member(params, "subscription")),
            let node = scanner.member(params, "result")
        else { throw malformed("a notification without a subscription or a result") }
        let result = RPCResult(scanner: scanner, node: node, endpoint: endpoint, method: "eth_subscription")
        if let id = subscriptions[name] { return [.notification(subscription: id, result)] }
        // Nobody waits for a confirmation: it belongs to nothing.
        guard questions.values.contains(where: \.isSubscription) else { return [] }
        earlyBytes += scanner.bytes.count
        guard early.count < Self.mostEarly, earlyBytes <= Self.mostEarlyBytes else {
            throw malformed("too many notifications before their subscription")
        }
        early.append((name, result))
        return []
    }

    /// The name of a subscription: a string, or a number as some nodes send it.
    private func subscription(_ scanner: JSONScanner, _ node: JSONScanner.Node?) -> String? {
        guard let node, scanner.range(node).count <= 130 else { return nil }
        return scanner.kind(node).isString || scanner.kind(node) == .number ? scanner.text(node) : nil
    }

    private mutating func answer(_ scanner: JSONScanner) throws(RPCError) -> [Meaning] {
        let response = HTTPResponse(status: 200, body: scanner.bytes, retryAfter: nil)
        let nothing = RPCRequest(method: "the connection", params: [], kind: .call)
        let id = try Envelope(endpoint: endpoint, requests: [nothing]).id(scanner, scanner.root)
        let question = id.flatMap { questions.removeValue(forKey: $0) }
        let envelope = Envelope(endpoint: endpoint, requests: [question?.request ?? nothing])
        let outcome = try envelope.answer(scanner, scanner.root, response).outcome
        guard let id else {
            if case .failure(let error) = outcome { throw error }
            throw malformed("a result without an id")
        }
        guard let question else {
            guard (firstId..<nextId).contains(id) else { throw malformed("an answer with the unknown id \(id)") }
            return []  // It comes after its call was given up.
        }
        var meanings: [Meaning] = [.answer(id: id, outcome)]
        if question.isSubscription { try confirm(id, outcome, &meanings) }
        return meanings
    }

    private mutating func confirm(
        _ id: Int, _ outcome: Result<RPCResult, RPCError>, _ meanings: inout [Meaning]
    ) throws(RPCError) {
        defer {
            if !questions.values.contains(where: \.isSubscription) {
                early = []
                earlyBytes = 0
            }
        }
        guard case .success(let result) = outcome else { return }
        guard let name = subscription(result.scanner, result.node) else {
            throw malformed("a subscription without a name")
        }
        subscriptions[name] = id
        meanings += early.filter { $0.subscription == name }.map { .notification(subscription: id, $0.notification) }
        early.removeAll { $0.subscription == name }
    }
}

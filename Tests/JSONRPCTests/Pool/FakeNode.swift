@testable import JSONRPC
import Synchronization

/// An endpoint without a wire: answers what it is told, and remembers what it was asked.
final class FakeNode: RPCCalling {
    typealias Answer = @Sendable (RPCRequest, Int) async -> Result<String, RPCError>

    let name: String
    private let answer: Answer
    private let log = Mutex<[[RPCRequest]]>([])

    /// - Parameter answer: gets the request and how many exchanges were before it; the JSON of a result, or an error.
    init(_ name: String, _ answer: @escaping Answer) {
        self.name = name
        self.answer = answer
    }

    /// The exchanges so far.
    var asked: [[RPCRequest]] { log.withLock { $0 } }

    func call(_ request: RPCRequest) async throws(RPCError) -> RPCResult { try await batch([request])[0].get() }

    func batch(_ requests: [RPCRequest]) async throws(RPCError) -> [Result<RPCResult, RPCError>] {
        let number = log.withLock { log in
            log.append(requests)
            return log.count - 1
        }
        var outcomes: [Result<RPCResult, RPCError>] = []
        for request in requests {
            switch await answer(request, number) {
            case .success(let json): outcomes.append(try result(json, request))
            case .failure(let error):
                // What concerns the exchange is thrown, as a client does.
                guard case .node = error else { throw error }
                outcomes.append(.failure(error))
            }
        }
        return outcomes
    }

    private func result(_ json: String, _ request: RPCRequest) throws(RPCError) -> Result<RPCResult, RPCError> {
        let body = Array(#"{"jsonrpc":"2.0","id":1,"result":\#(json)}"#.utf8)
        let envelope = Envelope(endpoint: Endpoint(recorded: name), requests: [request])
        return try envelope.outcomes(of: HTTPResponse(status: 200, body: body, retryAfter: nil))[0]
            ?? .failure(.cancelled)
    }
}

extension EndpointPool {
    /// A pool of such nodes, each its own operator unless its name says otherwise.
    convenience init(
        _ nodes: [FakeNode], clock: ManualClock = ManualClock(), random: Double = 1,
        evidence: (any EvidenceSink)? = nil,
        change: (inout Options) -> Void = { _ in }
    ) {
        var options = Options { 1_000 }
        options.retry = clock.policy(random: random)
        options.hedges = false
        options.evidence = evidence
        change(&options)
        let members = nodes.map { node in
            let endpoint = Endpoint(recorded: node.name)
            return Member(
                endpoint: endpoint, operatorName: endpoint.operatorName, client: node, pace: nil,
                limits: LearnedLimits(isFrozen: options.isDeterministic) { 1_000 })
        }
        self.init(members: members, options: options)
    }
}

func nodeError(_ kind: NodeErrorKind, code: Int = -32000, data: [UInt8]? = nil, hint: ClosedRange<UInt64>? = nil)
    -> RPCError
{
    .node(
        endpoint: "node", method: "eth_call",
        NodeError(code: code, message: "m", data: data, kind: kind, suggestion: hint))
}

extension RPCError {
    static let down = RPCError.transport(endpoint: "node", what: "down")
}

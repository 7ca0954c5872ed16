/// Answers calls: one endpoint, or several behind the same two verbs.
public protocol RPCCalling: Sendable {
    /// What may be printed to say who answered.
    var name: String { get }
    /// One call, answered or explained.
    func call(_ request: RPCRequest) async throws(RPCError) -> RPCResult
    /// Several calls in one exchange, each answered or explained, in the order of the requests.
    ///
    /// - Throws: what concerns the exchange as a whole; then no request has an answer.
    func batch(_ requests: [RPCRequest]) async throws(RPCError) -> [Result<RPCResult, RPCError>]
}

import Synchronization

/// Several endpoints of one chain behind the verbs of one: the first that works answers, and goes on answering.
///
/// Reads stay consistent across a change because they are pinned to a block's hash: an endpoint of another chain, or
/// one that is
/// behind, does not have the block and says so.
public final class FailoverClient: RPCCalling {
    private let clients: [any RPCCalling]
    private let current = Mutex(0)

    /// - Parameter clients: at least one, the preferred first.
    public init(_ clients: [any RPCCalling]) {
        precondition(!clients.isEmpty, "at least one client is needed")
        self.clients = clients
    }

    /// The endpoint that answers now.
    public var name: String { clients[current.withLock { $0 }].name }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func call(_ request: RPCRequest) async throws(RPCError) -> RPCResult {
        try await firstAnswer { client throws(RPCError) in try await client.call(request) }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func batch(_ requests: [RPCRequest]) async throws(RPCError) -> [Result<RPCResult, RPCError>] {
        try await firstAnswer { client throws(RPCError) in try await client.batch(requests) }
    }

    private func firstAnswer<Answer: Sendable>(
        _ ask: (any RPCCalling) async throws(RPCError) -> Answer
    ) async throws(RPCError) -> Answer {
        var tried = 0
        var index = current.withLock { $0 }
        while true {
            do throws(RPCError) {
                let answer = try await ask(clients[index])
                if tried > 0 { current.withLock { $0 = index } }
                return answer
            } catch {
                tried += 1
                guard Self.blames(error), tried < clients.count else { throw error }
                index = (index + 1) % clients.count
            }
        }
    }

    /// Whether the endpoint is at fault, as opposed to the question; or was not at fault when this was recorded.
    private static func blames(_ error: RPCError) -> Bool {
        if case .notRecorded = error { return true }
        return error.remedy.triesElsewhere && error.remedy.blame != .none
    }
}

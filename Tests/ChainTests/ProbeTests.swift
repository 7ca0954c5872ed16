import JSONRPC
import Synchronization
import Testing

@testable import Chain

/// How an endpoint is met.
@Suite struct ProbeTests {
    /// Fails every batch, and every single request as it is told.
    private final class Refuser: RPCCalling {
        let name = "node"
        let batchError: RPCError
        let callError: RPCError
        private let counts = Mutex((batches: 0, calls: 0))

        var asked: (batches: Int, calls: Int) { counts.withLock { $0 } }

        init(batch: RPCError, call: RPCError) {
            batchError = batch
            callError = call
        }

        func call(_ request: RPCRequest) async throws(RPCError) -> RPCResult {
            counts.withLock { $0.calls += 1 }
            throw callError
        }

        func batch(_ requests: [RPCRequest]) async throws(RPCError) -> [Result<RPCResult, RPCError>] {
            counts.withLock { $0.batches += 1 }
            throw batchError
        }
    }

    private func meet(_ error: RPCError) async -> (batches: Int, calls: Int) {
        let node = Refuser(batch: error, call: .timeout(endpoint: "node"))
        var probe = Probe(client: node)
        do throws(ChainError) {
            _ = try await probe.pin(.latest, chainId: 1)
            Issue.record("nobody answered, and a block was pinned")
        } catch {
            guard case .endpoint(let reason) = error else {
                Issue.record("\(error)")
                return node.asked
            }
            // What was wrong the first time is what is said.
            #expect(reason == node.batchError)
        }
        return node.asked
    }

    @Test func whoIsNotThereIsAskedOnce() async {
        for error in [
            RPCError.transport(endpoint: "node", what: "down"), .timeout(endpoint: "node"),
            .untrusted(endpoint: "node", what: "certificate"),
        ] {
            #expect(await meet(error) == (1, 0), "\(error)")
        }
        for status in [200, 401, 402, 403, 404, 429, 502, 503, 504] {
            #expect(await meet(.http(endpoint: "node", status: status, retryAfter: nil)) == (1, 0), "\(status)")
        }
    }

    @Test func aRefusedBatchIsTriedOneByOne() async {
        for status in [400, 405, 413, 415, 422, 500] {
            #expect(await meet(.http(endpoint: "node", status: status, retryAfter: nil)) == (1, 3), "\(status)")
        }
        #expect(await meet(.malformed(endpoint: "node", what: "one object answers a batch")) == (1, 3))
    }
}

import Ethereum
@testable import JSONRPC
import Synchronization
import Testing

@Suite struct EndpointPoolHedgingTests {
    /// Answers until it is told to hang; then only a cancellation ends it.
    private final class Moody: Sendable {
        private let isHanging = Mutex(false)
        private let cancelled = Mutex(0)

        var cancellations: Int { cancelled.withLock { $0 } }

        func hang() { isHanging.withLock { $0 = true } }

        func answer() async -> Result<String, RPCError> {
            guard isHanging.withLock({ $0 }) else { return .success("\"0x1\"") }
            while !Task.isCancelled { await Task.yield() }
            cancelled.withLock { $0 += 1 }
            return .failure(.cancelled)
        }
    }

    private func pool(_ moody: Moody, _ nodes: inout [FakeNode], hedges: Bool = true) -> EndpointPool {
        nodes = [FakeNode("a") { _, _ in await moody.answer() }, FakeNode("b") { _, _ in .success("\"0x2\"") }]
        return EndpointPool(nodes) { $0.hedges = hedges }
    }

    @Test func aSlowReadIsAskedElsewhereAndTheLoserEnds() async throws {
        let moody = Moody()
        var nodes: [FakeNode] = []
        let pool = pool(moody, &nodes)
        let first = try #require(pool.only("a"))
        for _ in 0..<20 { _ = try await first.call(.call(1)) }
        moody.hang()
        #expect(try await pool.call(.call(1)).endpointName == "b")
        #expect(moody.cancellations == 1)
        // A call that was called off says nothing about the endpoint.
        #expect(pool.states[0].failures == 0 && pool.states[0].inFlight == 0)
    }

    /// Five are saved up, and each question adds a twentieth: the sixth slow one waits.
    @Test func duplicatesAreAFewInAHundred() async throws {
        let moody = Moody()
        var nodes: [FakeNode] = []
        let pool = pool(moody, &nodes)
        let first = try #require(pool.only("a"))
        for _ in 0..<20 { _ = try await first.call(.call(1)) }
        moody.hang()
        for _ in 0..<5 { #expect(try await pool.call(.call(1)).endpointName == "b") }
        let task = Task { await caught { () throws(RPCError) in try await pool.call(.call(1)) } }
        while nodes[0].asked.count < 26 { await Task.yield() }
        for _ in 0..<100 { await Task.yield() }
        #expect(nodes[1].asked.count == 5)
        task.cancel()
        #expect(await task.value == .cancelled)
    }

    @Test func whatIsLargeOrSendsIsNeverDoubled() async throws {
        let moody = Moody()
        var nodes: [FakeNode] = []
        let pool = pool(moody, &nodes)
        let send = RPCRequest(method: "eth_sendRawTransaction", params: [], kind: .call)
        let logs = RPCRequest(method: "eth_getLogs", params: [], kind: .logs)
        let first = try #require(pool.only("a"))
        for request in [send, logs, .call(1)] { for _ in 0..<20 { _ = try await first.call(request) } }
        moody.hang()
        for requests in [[send], [logs], [.call(1), .call(2)]] {
            let count = nodes[0].asked.count
            let task = Task { await caught { () throws(RPCError) in try await pool.batch(requests) } }
            while nodes[0].asked.count == count && nodes[1].asked.isEmpty { await Task.yield() }
            for _ in 0..<100 { await Task.yield() }
            task.cancel()
            #expect(await task.value == .cancelled)
        }
        #expect(nodes[1].asked.isEmpty)
    }

    @Test func aRecordedSessionIsNotHedged() async throws {
        let nodes = [
            FakeNode("a") { _, _ in .success("\"0x1\"") }, FakeNode("b") { _, _ in .success("\"0x2\"") },
        ]
        let pool = EndpointPool(nodes) {
            $0.hedges = true
            $0.isDeterministic = true
        }
        for _ in 0..<50 { _ = try await pool.call(.call(1)) }
        #expect(nodes.map(\.asked.count) == [50, 0])
    }
}

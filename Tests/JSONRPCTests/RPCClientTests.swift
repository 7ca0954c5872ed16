import Ethereum
import Glibc
@testable import JSONRPC
import Synchronization
import Testing

/// The client over the real transport, against a scripted node.
@Suite struct RPCClientTests {
    private let clock = ManualClock()
    private let statistics = RPCStatistics()

    private func client(_ server: ScriptedServer, concurrency: Int = 8, path: String = "") throws -> RPCClient {
        try RPCClient(
            endpoint: Endpoint(url: server.url + path), transport: CurlTransport(), retry: clock.policy(),
            statistics: statistics,
            concurrency: concurrency)
    }

    private func server(_ answer: @escaping @Sendable (ScriptedServer.Request) throws -> String) throws
        -> ScriptedServer
    {
        try ScriptedServer { http(try answer($0)) }
    }

    @Test func callIsAPlainRequestWithTheIdOne() async throws {
        let server = try server { _ in answer(1) }
        defer { server.stop() }
        let client = try client(server)
        #expect(try await client.call(.chainID).quantity() == 1)
        #expect(try await client.batch([.chainID])[0].get().quantity() == 1)
        let body = #"{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}"#
        #expect(server.requests.map(\.text) == [body, body])
        let counts = statistics.now
        #expect(counts.requests == 2 && counts.calls == 2 && counts.retries == 0)
        #expect(counts.bytesSent == 2 * body.utf8.count && counts.bytesReceived == 2 * answer(1).utf8.count)
    }

    @Test func batchKeepsTheOrderOfItsRequests() async throws {
        let server = try server { request in array(try request.ids.reversed().map(answer)) }
        defer { server.stop() }
        let outcomes = try await client(server).batch((1...50).map(RPCRequest.call))
        #expect(quantities(outcomes) == (1...50).map { UInt64($0) })
        #expect(server.requests.count == 1)
        #expect(
            try #require(server.requests.first).text.hasPrefix(
                #"[{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[1]},{"#))
    }

    @Test func emptyBatchAsksNothing() async throws {
        let server = try server { _ in "[]" }
        defer { server.stop() }
        #expect(try await client(server).batch([]).isEmpty)
        #expect(server.requests.isEmpty)
    }

    /// Every second member is dropped, again and again; no answer is asked for twice.
    @Test func droppedMembersAloneAreAskedAgain() async throws {
        let server = try server { request in
            let ids = try request.ids
            return ids.count == 1 ? answer(1) : array(ids.filter { $0 % 2 == 1 }.map(answer))
        }
        defer { server.stop() }
        let outcomes = try await client(server).batch((1...16).map(RPCRequest.call))
        #expect(outcomes.allSatisfy { $0.error == nil })
        #expect(try server.requests.map { try $0.ids.count } == [16, 8, 4, 2, 1])
        #expect(server.requests[1].text.contains(#""id":1,"method":"eth_call","params":[2]"#))
    }

    @Test func failedMembersAloneAreAskedAgain() async throws {
        let server = try server { request in
            guard request.index == 0 else { return answer(1) }
            return array([
                #"{"id":2,"error":{"code":-32603,"message":"oops"}}"#, answer(1),
                #"{"id":3,"error":{"code":3,"message":"execution reverted","data":"0x01"}}"#,
            ])
        }
        defer { server.stop() }
        let outcomes = try await client(server).batch((1...3).map(RPCRequest.call))
        #expect(quantities(outcomes) == [1, 1, nil])
        #expect(outcomes[2].error?.revertData == [1])
        #expect(server.requests.count == 2)
        #expect(server.requests[1].text.contains(#""params":[2]"#))
        #expect(clock.slept == [.milliseconds(150)])
    }

    @Test func duplicatesAndStrangersAreAskedOnceMore() async throws {
        let server = try server { _ in array([answer(1), answer(1)]) }
        defer { server.stop() }
        let client = try client(server)
        let error = await caught { () throws(RPCError) in try await client.batch([.call(1), .call(2)]) }
        #expect(error == .malformed(endpoint: client.name, what: "two answers with the id 1"))
        #expect(server.requests.count == 2)
    }

    @Test func waitsAsLongAsItIsAsked() async throws {
        let server = try ScriptedServer { request in
            switch request.index {
            case 0: http("slow down", status: 429, headers: ["Retry-After: 7"])
            case 1: http(#"{"id":1,"error":{"code":-32005,"message":"too many requests, try again in 250ms"}}"#)
            case 2: http("<html>", status: 503)
            default: http(answer(1))
            }
        }
        defer { server.stop() }
        #expect(try await client(server).call(.chainID).quantity() == 1)
        #expect(clock.slept == [.seconds(7), .milliseconds(250), .milliseconds(500)])
        #expect(statistics.now.retries == 3)
    }

    @Test(arguments: [
        (401, 1), (402, 1), (403, 2), (404, 1), (405, 1), (413, 1), (301, 5), (500, 5), (502, 5), (504, 2), (429, 5),
    ])
    func attemptsByStatus(_ status: Int, _ attempts: Int) async throws {
        let server = try ScriptedServer { _ in http("<html>error</html>", status: status) }
        defer { server.stop() }
        let client = try client(server)
        let error = await caught { () throws(RPCError) in try await client.call(.chainID) }
        #expect(error == .http(endpoint: client.name, status: status, retryAfter: nil))
        #expect(server.requests.count == attempts)
    }

    @Test func brokenConnectionsAreTriedAgain() async throws {
        let server = try ScriptedServer { request in
            request.index < 2
                ? [.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{".utf8)), .close] : http(answer(1))
        }
        defer { server.stop() }
        #expect(try await client(server).call(.chainID).quantity() == 1)
        #expect(server.requests.count == 3)
    }

    @Test func headerAnswersAreSmall() async throws {
        let server = try server { _ in #"{"id":1,"result":"0x\#(String(repeating: "0", count: 64 << 10))"}"# }
        defer { server.stop() }
        let client = try client(server)
        let error = await caught { () throws(RPCError) in try await client.call(.chainID) }
        #expect(error == .tooLarge(endpoint: client.name, limit: 64 << 10))
        // The same as an answer to eth_call is taken.
        #expect(try await client.call(.call(1)).hexData().count == 32 << 10)
    }

    /// A hundred headers are more than one may be.
    @Test func batchMayHoldWhatItsMembersMay() async throws {
        let padding = String(repeating: "0", count: 4_000)
        let server = try server { request in array(try request.ids.map { #"{"id":\#($0),"result":"0x\#(padding)"}"# }) }
        defer { server.stop() }
        let outcomes = try await client(server).batch((1...100).map { _ in .chainID })
        #expect(outcomes.allSatisfy { $0.error == nil })
    }

    @Test func oneAtATimeWhereAsked() async throws {
        let inside = Counter()
        let server = try ScriptedServer { _ in
            inside.enter()
            sched_yield()
            inside.leave()
            return http(answer(1))
        }
        defer { server.stop() }
        let client = try client(server, concurrency: 1)
        await withTaskGroup { group in
            for _ in 0..<30 {
                group.addTask { _ = await caught { () throws(RPCError) in try await client.call(.chainID) } }
            }
        }
        #expect(server.requests.count == 30)
        #expect(inside.counts.most == 1)
        #expect(server.connections == 1)
    }

    @Test func cancelledCallEnds() async throws {
        let server = try ScriptedServer { _ in [.stall] }
        defer { server.stop() }
        let client = try client(server, concurrency: 1)
        let tasks = (0..<3).map { _ in Task { await caught { () throws(RPCError) in try await client.call(.chainID) } }
        }
        while server.requests.isEmpty { await Task.yield() }
        for task in tasks.reversed() { task.cancel() }
        for task in tasks { #expect(await task.value == .cancelled) }
        #expect(server.requests.count == 1)
    }
}

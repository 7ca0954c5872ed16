import Ethereum
@testable import JSONRPC
import Testing

@Suite struct FailoverClientTests {
    private func client(_ url: String) throws -> RPCClient {
        try RPCClient(endpoint: Endpoint(url: url), transport: CurlTransport(), retry: ManualClock().policy())
    }

    @Test func goesOnWithTheFirstThatWorks() async throws {
        let bad = try ScriptedServer { _ in http("", status: 401) }
        let good = try ScriptedServer { http($0.text.hasPrefix("[") ? array(try $0.ids.map(answer)) : answer(1)) }
        defer {
            bad.stop()
            good.stop()
        }
        let pool = FailoverClient([try client(bad.url), try client(good.url)])
        #expect(try await pool.call(.chainID).quantity() == 1)
        #expect(quantities(try await pool.batch([.call(1), .call(2)])) == [1, 2])
        #expect(pool.name == "127.0.0.1:\(good.port)")
        #expect(bad.requests.count == 1)
        #expect(good.requests.count == 2)
    }

    @Test func refusalsOfTheQuestionAreFinal() async throws {
        let first = try ScriptedServer { _ in http(#"{"id":1,"error":{"code":3,"message":"execution reverted"}}"#) }
        let second = try ScriptedServer { _ in http(answer(1)) }
        defer {
            first.stop()
            second.stop()
        }
        let pool = FailoverClient([try client(first.url), try client(second.url)])
        #expect(await caught { () throws(RPCError) in try await pool.call(.chainID) }?.failure == .reverted)
        #expect(second.requests.isEmpty)
    }

    @Test func whenAllFailTheLastErrorStands() async throws {
        let servers = try [401, 402].map { status in try ScriptedServer { _ in http("", status: status) } }
        defer { for server in servers { server.stop() } }
        let pool = FailoverClient(try servers.map { try client($0.url) })
        #expect(await caught { () throws(RPCError) in try await pool.call(.chainID) }?.failure == .quotaExhausted)
        #expect(servers.map(\.requests.count) == [1, 1])
    }
}

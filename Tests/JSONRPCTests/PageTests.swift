@testable import JSONRPC
import JSON
import Synchronization
import Testing

/// A page that takes any array of nothing but `null`.
private struct Nulls: JSONPage {
    let count: Int

    static func read(_ text: Span<UInt8>, _ reader: inout JSONReader) -> Nulls? {
        if reader.take(UInt8(ascii: "]"), text) { return Nulls(count: 0) }
        var count = 0
        repeat {
            guard reader.takeNull(text) else { return nil }
            count += 1
        } while reader.take(UInt8(ascii: ","), text)
        return reader.take(UInt8(ascii: "]"), text) ? Nulls(count: count) : nil
    }
}

@Suite struct PageTests {
    /// Answers with one body, and keeps what is given back.
    private final class Canned: Transport {
        let body: [UInt8]
        let returned = Mutex<[Int]>([])

        init(_ body: String) { self.body = Array(body.utf8) }

        func send(_ request: HTTPRequest) async throws(RPCError) -> HTTPResponse {
            HTTPResponse(status: 200, body: body, retryAfter: nil)
        }

        func reuse(_ body: consuming [UInt8]) {
            let count = body.count
            returned.withLock { $0.append(count) }
        }
    }

    private let paged = RPCRequest(method: "eth_getLogs", params: Array("[]".utf8), kind: .logs).read(as: Nulls.self)
    private let plain = RPCRequest(method: "eth_getBlockByNumber", params: Array("[]".utf8), kind: .head)

    private func ask(
        _ requests: [RPCRequest], _ body: String
    ) async throws -> (outcomes: [Result<RPCResult, RPCError>], returned: [Int]) {
        let transport = Canned(body)
        var retry = RetryPolicy.immediate
        retry.attempts = 1
        let client = RPCClient(endpoint: try Endpoint(url: "http://127.0.0.1"), transport: transport, retry: retry)
        let outcomes = try await client.batch(requests)
        return (outcomes, transport.returned.withLock { $0 })
    }

    @Test func aPageIsReadAndItsBodyGivenBack() async throws {
        let body = #"[{"id":2,"result":{"a":"0x1"}},{"id":1,"result":[null,null]}]"#
        let (outcomes, returned) = try await ask([paged, plain], body)
        let result = try outcomes[0].get()
        #expect(result.scanner.page(result.node, as: Nulls.self)?.count == 2)
        #expect(try outcomes[1].get().json() == ["a": "0x1"])
        #expect(returned == [body.utf8.count])
        #expect(throws: RPCError.self) { try result.json() }
    }

    @Test func aBodyThatIsKeptIsNotGivenBack() async throws {
        let (outcomes, returned) = try await ask([paged], #"{"id":1,"result":[1]}"#)
        #expect(try outcomes[0].get().json() == [1])
        #expect(returned.isEmpty)
        #expect(try await ask([plain], #"{"id":1,"result":[null]}"#).outcomes[0].get().json() == [nil])
    }

    @Test func aPageAnswersOnlyWhoAskedForOne() async throws {
        await #expect(throws: RPCError.self) {
            try await ask([paged, plain], #"[{"id":2,"result":[null]},{"id":1,"result":[]}]"#)
        }
    }

    @Test func whoReadsIsNoPartOfTheQuestion() {
        let unread = RPCRequest(method: "eth_getLogs", params: Array("[]".utf8), kind: .logs)
        #expect(RPCRequest.body(of: [paged]) == RPCRequest.body(of: [unread]))
        #expect(paged == paged && paged != unread)
    }

    @Test func buffersAreBounded() {
        let buffers = BodyBuffers()
        #expect(buffers.take().capacity == 0)
        func body(_ count: Int) -> [UInt8] { [UInt8](repeating: 1, count: count) }
        buffers.give(body(1_000))
        #expect(buffers.take().capacity == 0, "a small array is not worth keeping")
        buffers.give(body(BodyBuffers.mostBytes / 2))
        #expect(buffers.take().capacity == 0, "a huge one is not kept")
        for _ in 0..<2 * BodyBuffers.most { buffers.give(body(100 << 10)) }
        var kept = 0
        while case let buffer = buffers.take(), buffer.capacity > 0 {
            #expect(buffer.isEmpty && buffer.capacity >= 100 << 10)
            kept += 1
        }
        #expect(kept == BodyBuffers.most)
        for _ in 0..<8 { buffers.give(body(6 << 20)) }
        var bytes = 0
        while case let buffer = buffers.take(), buffer.capacity > 0 { bytes += buffer.capacity }
        #expect(bytes > 0 && bytes <= BodyBuffers.mostBytes)
    }

    @Test func roomGrowsUpToTheLimit() {
        #expect(BodyBuffers.room(10, in: 0, limit: 1 << 20) == 64 << 10)
        #expect(BodyBuffers.room(70_000, in: 65_536, limit: 1 << 20) == 262_144)
        #expect(BodyBuffers.room(700_000, in: 600_000, limit: 1 << 20) == 1 << 20)
        #expect(BodyBuffers.room(500, in: 0, limit: 1_000) == 1_000)
        #expect(BodyBuffers.room(300_000, in: 65_536, limit: 1 << 20) == 300_000)
    }
}

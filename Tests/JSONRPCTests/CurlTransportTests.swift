@testable import JSONRPC
import Synchronization
import Testing

/// The real transport against a server that misbehaves.
@Suite struct CurlTransportTests {
    private func transport(_ change: (inout CurlTransport.Options) -> Void = { _ in }) throws -> CurlTransport {
        var options = CurlTransport.Options()
        change(&options)
        return try CurlTransport(options)
    }

    private func request(_ server: ScriptedServer, most: Int = 64 << 10, body: [UInt8] = Array("{}".utf8)) throws
        -> HTTPRequest
    {
        HTTPRequest(endpoint: try Endpoint(url: server.url), body: body, maximumBytes: most, timeout: .seconds(20))
    }

    @Test func postsJSONAndNothingElse() async throws {
        let server = try ScriptedServer { _ in http("{\"a\":1}") }
        defer { server.stop() }
        let response = try await transport().send(request(server, body: Array("{\"q\":1}".utf8)))
        #expect(response == HTTPResponse(status: 200, body: Array("{\"a\":1}".utf8), retryAfter: nil))
        let sent = try #require(server.requests.first)
        #expect(sent.text == "{\"q\":1}")
        let head = sent.head.lowercased()
        #expect(head.hasPrefix("post / http/1.1"))
        #expect(head.contains("content-type: application/json"))
        #expect(head.contains("gzip"))
        #expect(!head.contains("expect:"))
        #expect(!head.contains("authorization:"))
    }

    /// Bodies beyond 1 MB would wait for "100 Continue" if libcurl were left alone.
    @Test func largeBodiesGoAtOnce() async throws {
        let server = try ScriptedServer { request in http("\(request.body.count)") }
        defer { server.stop() }
        let body = [UInt8](repeating: 0x61, count: 3 << 20)
        let response = try await transport().send(request(server, body: body))
        #expect(response.body == Array("3145728".utf8))
        #expect(server.requests.allSatisfy { !$0.head.lowercased().contains("expect:") })
    }

    @Test func piecesArriveAsOne() async throws {
        let whole = Array(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n".utf8)
        let server = try ScriptedServer { _ in whole.map { .send([$0]) } }
        defer { server.stop() }
        let response = try await transport().send(request(server))
        #expect(response.body == Array("{\"a\":1}".utf8))
    }

    @Test func connectionsAreKept() async throws {
        let server = try ScriptedServer { _ in http("{}") }
        defer { server.stop() }
        let transport = try transport()
        for _ in 0..<20 { _ = try await transport.send(request(server)) }
        #expect(server.requests.count == 20)
        #expect(server.connections == 1)
    }

    @Test func atMostEightConnectionsToAHost() async throws {
        let server = try ScriptedServer { request in http(request.body) }
        defer { server.stop() }
        let transport = try transport()
        let bodies = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for number in 0..<200 {
                let request = try request(server, body: Array("\(number)".utf8))
                group.addTask { try await transport.send(request).body }
            }
            return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
        }
        #expect(bodies.count == 200)
        #expect(server.connections <= 8)
    }

    @Test func stallBeforeTheFirstByteTimesOut() async throws {
        let server = try ScriptedServer { _ in [.stall] }
        defer { server.stop() }
        let transport = try transport { $0.timeout = .milliseconds(50) }
        let error = await caught { () throws(RPCError) in try await transport.send(try self.made(server)) }
        #expect(error == .timeout(endpoint: "127.0.0.1:\(server.port)"))
    }

    @Test func stallInTheBodyTimesOut() async throws {
        let server = try ScriptedServer { _ in
            [.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".utf8)), .stall]
        }
        defer { server.stop() }
        let transport = try transport { $0.timeout = .milliseconds(50) }
        let error = await caught { () throws(RPCError) in try await transport.send(try self.made(server)) }
        #expect(error?.failure == .timeout)
    }

    private func made(_ server: ScriptedServer, most: Int = 64 << 10) throws(RPCError) -> HTTPRequest {
        HTTPRequest(
            endpoint: try Endpoint(url: server.url), body: Array("{}".utf8), maximumBytes: most, timeout: .seconds(20))
    }

    /// What a server sends, and the class of the error that comes of it.
    private func failure(_ steps: [ScriptedServer.Step], most: Int = 64 << 10) async throws -> RPCError? {
        let server = try ScriptedServer { _ in steps }
        defer { server.stop() }
        let transport = try transport()
        return await caught { () throws(RPCError) in try await transport.send(try self.made(server, most: most)) }
    }

    @Test func closedInTheMiddle() async throws {
        let steps: [ScriptedServer.Step] = [
            .send(Array("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{".utf8)), .close,
        ]
        #expect(try await failure(steps)?.failure == .transport)
        #expect(try await failure([.close])?.failure == .transport)
        #expect(try await failure([.send(Array("SSH-2.0-x\r\n".utf8)), .close])?.failure == .transport)
    }

    @Test func announcedSizeAboveTheCapIsRefusedUnread() async throws {
        let steps: [ScriptedServer.Step] = [
            .send(Array("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{".utf8)), .stall,
        ]
        guard case .tooLarge(_, 65_536)? = try await failure(steps) else {
            Issue.record("not refused")
            return
        }
    }

    @Test func endlessChunksEndAtTheCap() async throws {
        let head = ScriptedServer.Step.send(Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8))
        let chunk = Array("1000\r\n".utf8) + [UInt8](repeating: 0x20, count: 4_096) + Array("\r\n".utf8)
        guard case .tooLarge(_, 65_536)? = try await failure([head, .endless(chunk)]) else {
            Issue.record("not refused")
            return
        }
    }

    @Test func bombEndsAtTheCap() async throws {
        let packer = try Deflater()
        let zeros = [UInt8](repeating: 0x20, count: 1 << 20)
        for _ in 0..<64 { try packer.append(zeros) }
        let bomb = try packer.finish()
        #expect(bomb.count < 100_000)
        let steps = http(bomb, headers: ["Content-Encoding: deflate"])
        guard case .tooLarge(_, 4_194_304)? = try await failure(steps, most: 4 << 20) else {
            Issue.record("not refused")
            return
        }
        // Where the cap is wide, the ratio gives it away.
        #expect(try await failure(steps, most: 60 << 20)?.failure == .malformed)
    }

    @Test func compressedAnswersAreUnpacked() async throws {
        let packer = try Deflater()
        try packer.append(Array("{\"a\":1}".utf8))
        let packed = try packer.finish()
        let server = try ScriptedServer { _ in http(packed, headers: ["Content-Encoding: deflate"]) }
        defer { server.stop() }
        let response = try await transport().send(request(server))
        #expect(response.body == Array("{\"a\":1}".utf8))
    }

    @Test func damagedCompressionIsMalformed() async throws {
        let steps = http([0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9], headers: ["Content-Encoding: gzip"])
        #expect(try await failure(steps)?.failure == .malformed)
    }

    @Test func headersAreBounded() async throws {
        let head = ScriptedServer.Step.send(Array("HTTP/1.1 200 OK\r\n".utf8))
        #expect(try await failure([head, .endless(Array("X-A: b\r\n".utf8))])?.failure == .malformed)
        let long = Array(("X-A: " + String(repeating: "b", count: 40_000) + "\r\n\r\n").utf8)
        #expect(try await failure([head, .send(long), .stall])?.failure == .malformed)
    }

    @Test func redirectsAreNotFollowed() async throws {
        let target = try ScriptedServer { _ in http("{}") }
        defer { target.stop() }
        let url = target.url
        let server = try ScriptedServer { _ in http("", status: 307, headers: ["Location: \(url)"]) }
        defer { server.stop() }
        let response = try await transport().send(request(server))
        #expect(response.status == 307)
        #expect(target.requests.isEmpty)
    }

    @Test func retryAfterIsRead() async throws {
        let server = try ScriptedServer { _ in http("", status: 429, headers: ["Retry-After: 7"]) }
        defer { server.stop() }
        let response = try await transport().send(request(server))
        #expect(response == HTTPResponse(status: 429, body: [], retryAfter: 7))
    }

    @Test func credentialsTravelInAHeader() async throws {
        let server = try ScriptedServer { _ in http("{}") }
        defer { server.stop() }
        let endpoint = try Endpoint(url: "http://user:p%40ss@127.0.0.1:\(server.port)/v2/secret?x=y")
        _ = try await transport().send(HTTPRequest(endpoint: endpoint, body: [], maximumBytes: 9, timeout: .seconds(9)))
        let head = try #require(server.requests.first).head
        #expect(head.hasPrefix("POST /v2/secret?x=y HTTP/1.1"))
        #expect(head.contains("Authorization: Basic \(Base64.encode(Array("user:p@ss".utf8)))"))
    }

    @Test func nobodyListens() async throws {
        let server = try ScriptedServer { _ in [] }
        let request = try request(server)
        server.stop()
        let transport = try transport()
        // The listener may take a moment to close; a connection that is accepted is closed at once.
        let error = await caught { () throws(RPCError) in try await transport.send(request) }
        #expect(error?.failure == .transport)
    }

    @Test(arguments: [
        "http://8.8.8.8:1/", "http://[2001:4860:4860::8888]:1/", "http://169.254.169.254/", "http://0.0.0.0:1/",
    ])
    func plainHTTPStaysAtHome(_ url: String) async throws {
        let endpoint = try Endpoint(url: url)
        let transport = try transport()
        let error = await caught { () throws(RPCError) in
            try await transport.send(HTTPRequest(endpoint: endpoint, body: [], maximumBytes: 9, timeout: .seconds(9)))
        }
        guard case .untrusted? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func cancellationEndsTheTransfer() async throws {
        let server = try ScriptedServer { _ in [.stall] }
        defer { server.stop() }
        let transport = try transport()
        let request = try request(server)
        let task = Task { await caught { () throws(RPCError) in try await transport.send(request) } }
        while server.requests.isEmpty { await Task.yield() }
        task.cancel()
        #expect(await task.value == .cancelled)
    }

    /// Cancelled at any moment, even before it is handed over: it ends, and nothing is left behind.
    @Test func cancellationAtAnyMoment() async throws {
        let server = try ScriptedServer { _ in [.stall] }
        defer { server.stop() }
        let transport = try transport()
        for round in 0..<200 {
            let request = try request(server)
            let task = Task { await caught { () throws(RPCError) in try await transport.send(request) } }
            for _ in 0..<(round % 7) { await Task.yield() }
            task.cancel()
            #expect(await task.value == .cancelled)
        }
    }

    @Test func moreThanFitWaitTheirTurn() async throws {
        let server = try ScriptedServer { request in http(request.body) }
        defer { server.stop() }
        let transport = try transport { $0.concurrency = 1 }
        let total = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<50 {
                let request = try request(server, body: Array("\(number)".utf8))
                group.addTask { Int(String(decoding: try await transport.send(request).body, as: UTF8.self)) ?? -1 }
            }
            return try await group.reduce(0, +)
        }
        #expect(total == 50 * 49 / 2)
        #expect(server.connections == 1)
    }

    @Test func recordedEndpointsOpenNothing() async throws {
        let transport = try transport()
        let request = HTTPRequest(
            endpoint: Endpoint(recorded: "eth.example"), body: [], maximumBytes: 9, timeout: .seconds(9))
        #expect(await caught { () throws(RPCError) in try await transport.send(request) }?.failure == .transport)
    }
}

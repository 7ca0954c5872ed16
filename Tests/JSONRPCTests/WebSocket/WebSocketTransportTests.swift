@testable import JSONRPC
import NIOHTTP1
import Synchronization
import Testing

@Suite struct WebSocketTransportTests {
    private func transport(
        ping: Duration = .seconds(60), pong: Duration = .seconds(60), handshake: Duration = .seconds(30),
        limit: Int = 1 << 16
    ) -> WebSocketTransport {
        var options = WebSocketTransport.Options()
        options.pingInterval = ping
        options.pongTimeout = pong
        options.handshakeTimeout = handshake
        options.maximumMessage = limit
        return WebSocketTransport(options)
    }

    /// What happens on one connection until it ends, at most `most` events.
    private func events(
        _ transport: WebSocketTransport, _ endpoint: Endpoint, most: Int = 100
    ) async throws -> [SocketEvent.Kind] {
        _ = transport.open(endpoint)
        var kinds: [SocketEvent.Kind] = []
        while kinds.count < most, let event = try await transport.next(until: nil) {
            kinds.append(event.kind)
            if case .ended = event.kind { break }
        }
        return kinds
    }

    private func end(_ manner: SocketServer.Manner, limit: Int = 1 << 16) async throws -> SocketEnd? {
        let server = try await SocketServer(manner) { _, _ in [] }
        defer { server.stop() }
        guard case .ended(_, let end)? = try await events(transport(limit: limit), Endpoint(socket: server.url)).last
        else { return nil }
        return end
    }

    /// How the connection ends when the server does this first.
    private func end(_ acts: SocketServer.Act..., limit: Int = 1 << 16) async throws -> (SocketEnd?, Int?) {
        let closed = Mutex<Int?>(nil)
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        let server = try await SocketServer { _, what in
            if case .close(let code) = what {
                closed.withLock { $0 = code }
                continuation.finish()
            }
            return what == .opened ? acts : []
        }
        defer { server.stop() }
        let kinds = try await events(transport(limit: limit), Endpoint(socket: server.url))
        guard case .ended(_, let end)? = kinds.last else { return (nil, nil) }
        for await _ in stream {}
        return (end, closed.withLock { $0 })
    }

    @Test func messagesGoBothWaysMaskedWithFreshKeys() async throws {
        let server = try await SocketServer { _, what in
            switch what {
            case .opened: [.frame(9, [1, 2, 3])]
            case .text(let text): [.text("echo \(text)")]
            default: []
            }
        }
        defer { server.stop() }
        let transport = transport()
        let endpoint = try Endpoint(socket: "ws://user:pass%40word@127.0.0.1:\(server.port)/v3/KEY123456?a=b")
        let connection = transport.open(endpoint)
        #expect(try await transport.next(until: nil)?.kind == .opened(connection))
        for number in 0..<50 {
            transport.send(Array("\(number) é".utf8), on: connection)
            #expect(try await transport.next(until: nil)?.kind == .text(connection, Array("echo \(number) é".utf8)))
        }
        #expect(server.heard.contains(.pong([1, 2, 3])))
        let (keys, areComplete) = server.masks
        #expect(areComplete && keys.count == 51 && Set(keys).count > 48)
        let head = try #require(server.heads.first)
        #expect(head.uri == "/v3/KEY123456?a=b")
        #expect(head.headers.first(name: "authorization") == "Basic dXNlcjpwYXNzQHdvcmQ=")
        #expect(head.headers.first(name: "host") == "127.0.0.1:\(server.port)")
        #expect(head.headers.first(name: "sec-websocket-extensions") == nil)
    }

    @Test func brokenHandshakesAreRefused() async throws {
        let accept = "Sec-WebSocket-Accept: dGhlIHdyb25nIGFuc3dlciE=\r\n"
        let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        func status(_ lines: String) -> SocketServer.Manner { .raw("HTTP/1.1 \(lines)\r\n\r\n") }
        #expect(
            try await end(status("429 Slow\r\nRetry-After: 7\r\nContent-Length: 0"))
                == .refused(status: 429, retryAfter: 7))
        #expect(
            try await end(status("200 OK\r\nContent-Length: 2\r\n\r\nhi")) == .refused(status: 200, retryAfter: nil))
        #expect(
            try await end(status("301 Moved\r\nLocation: ws://127.0.0.1/\r\nContent-Length: 0"))
                == .refused(status: 301, retryAfter: nil))
        #expect(
            try await end(status("101 Yes\r\n\(upgrade)\(accept)X: y"))
                == .malformed("its Sec-WebSocket-Accept does not answer our key"))
        #expect(
            try await end(status("101 Yes\r\n\(upgrade)X: y"))
                == .malformed("its Sec-WebSocket-Accept does not answer our key"))
        #expect(
            try await end(status("101 Yes\r\nConnection: Upgrade\r\n\(accept)X: y"))
                == .malformed("its handshake lacks Upgrade: websocket"))
        #expect(
            try await end(.with(["Sec-WebSocket-Extensions": "permessage-deflate"]))
                == .malformed("its handshake agrees to an extension that was not offered"))
        #expect(
            try await end(.with(["Sec-WebSocket-Protocol": "soap"]))
                == .malformed("its handshake agrees to a subprotocol that was not offered"))
        for hostile in [
            "SSH-2.0-OpenSSH_9.2\r\n\r\n",
            "HTTP/1.1 101 Yes\r\nX: " + String(repeating: "y", count: 9_000) + "\r\n\r\n",
            "HTTP/1.1 101 Yes\r\n" + (0..<70).map { "X\($0): y\r\n" }.joined() + "\r\n",
        ] {
            #expect(try await end(.raw(hostile)) == .malformed("its handshake is not HTTP, or is too long"))
        }
    }

    @Test func everyBrokenFrameEndsTheConnection() async throws {
        #expect(
            try await end(.frame(opcode: 1, isFinal: true, bits: 0, isMasked: true, Array("{}".utf8)))
                == (.malformed("a server's frame is masked"), 1002))
        for bits: UInt8 in [0x40, 0x20, 0x10] {
            #expect(
                try await end(.frame(opcode: 1, isFinal: true, bits: bits, isMasked: false, Array("{}".utf8)))
                    == (.malformed("a frame has reserved bits, and no extension was agreed"), 1002))
        }
        #expect(
            try await end(.frame(9, [1], isFinal: false)) == (.malformed("a control frame is fragmented"), 1002))
        #expect(
            try await end(.frame(9, Array(repeating: 1, count: 126)))
                == (.malformed("a control frame is longer than 125 bytes"), 1002))
        #expect(try await end(.frame(0, [1])) == (.malformed("a continuation of nothing"), 1002))
        #expect(
            try await end(.frame(1, [0x20], isFinal: false), .frame(1, [0x20]))
                == (.malformed("a message begins inside another"), 1002))
        #expect(try await end(.frame(1, [0xff, 0xfe])) == (.malformed("a text that is not UTF-8"), 1007))
        #expect(try await end(.frame(2, [1])) == (.malformed("a binary message, where JSON is text"), 1003))
        #expect(try await end(.frame(11, [])) == (.malformed("a frame of the reserved kind 11"), 1002))
        // A length that is claimed, and never sent; and one that grows piece by piece.
        #expect(
            try await end(.raw([0x81, 127, 0, 0, 0, 1, 0, 0, 0, 0])) == (.tooLarge(65_536), 1009))
        #expect(try await end(.raw([0x81, 127] + Array(repeating: 255, count: 8))) == (.tooLarge(65_536), 1009))
        let half = [UInt8](repeating: 0x20, count: 40_000)
        #expect(
            try await end(.frame(1, half, isFinal: false), .frame(0, half)) == (.tooLarge(65_536), 1009))
    }

    @Test func closesAreAnsweredAndMapped() async throws {
        let (end, echo) = try await end(.close(1008))
        #expect(end == .closed(code: 1008, reason: "bye KEY123456"))
        #expect(echo == 1008)
        let server = try await SocketServer { _, what in what == .opened ? [.close(1008)] : [] }
        defer { server.stop() }
        let endpoint = try Endpoint(socket: server.url + "/KEY123456")
        guard case .ended(_, let kept)? = try await events(transport(), endpoint).last else {
            Issue.record("it is closed")
            return
        }
        #expect(kept == .closed(code: 1008, reason: "bye …"))
        #expect(kept.error(endpoint).failure == .rateLimited)
        #expect(SocketEnd.closed(code: 1011, reason: "").error(endpoint).failure == .transport)
        #expect(!"\(kept.error(endpoint))".contains("KEY123456"))
    }

    @Test func whatBreaksOffIsAbnormal() async throws {
        let server = try await SocketServer { _, what in what == .opened ? [.text("a"), .drop] : [] }
        defer { server.stop() }
        let kinds = try await events(transport(), Endpoint(socket: server.url))
        #expect(kinds.last == .ended(0, .closed(code: 1006, reason: "")))
    }

    @Test func silenceIsATimeout() async throws {
        // No answer to the handshake.
        let mute = try await SocketServer(.mute) { _, _ in [] }
        defer { mute.stop() }
        let transport = transport(handshake: .milliseconds(50))
        #expect(try await events(transport, Endpoint(socket: mute.url)) == [.ended(0, .timeout)])
        // No answer to a ping: the server's framework answers none by itself.
        let deaf = try await SocketServer { _, _ in [] }
        defer { deaf.stop() }
        let impatient = self.transport(ping: .milliseconds(10), pong: .milliseconds(10))
        #expect(try await events(impatient, Endpoint(socket: deaf.url)) == [.opened(0), .ended(0, .timeout)])
        #expect(deaf.heard.contains(.ping))
    }

    @Test func nobodyThere() async throws {
        let server = try await SocketServer { _, _ in [] }
        server.stop()
        let kinds = try await events(transport(), Endpoint(socket: "ws://127.0.0.1:1"))
        guard case .ended(0, .transport)? = kinds.last else {
            Issue.record("\(kinds)")
            return
        }
    }

    @Test func addressesAreHeldToTheRulesOfHTTP() async throws {
        for (url, word) in [
            ("ws://8.8.8.8", "use wss"), ("wss://169.254.169.254", "reserved"), ("ws://[fe80::1]", "reserved"),
            ("ws://0.0.0.0:1", "reserved"),
        ] {
            let kinds = try await events(transport(), Endpoint(socket: url))
            guard case .ended(0, .untrusted(let why))? = kinds.last else {
                Issue.record("\(url): \(kinds)")
                continue
            }
            #expect(why.contains(word), "\(why)")
        }
        for (url, word) in [("http://a", "neither ws"), ("a", "no scheme"), ("ws://", "host"), ("wss://a:0", "port")] {
            let error = await caught { () throws(RPCError) in try Endpoint(socket: url) }
            guard case .invalidURL(let why)? = error else {
                Issue.record("\(url)")
                continue
            }
            #expect(why.contains(word), "\(why)")
        }
        #expect(try Endpoint(socket: "wss://h/p").socketTarget?.port == 443)
        #expect(try Endpoint(socket: "ws://[::1]:8546?k=1").socketTarget?.host == "::1")
        #expect(try Endpoint(socket: "ws://[::1]:8546?k=1").socketTarget?.path == "/?k=1")
        let recorded = try await events(transport(), Endpoint(recorded: "h"))
        #expect(recorded == [.ended(0, .transport("it was recorded, and can only be replayed"))])
    }

    @Test func aFullInboxStopsReadingAndLosesNothing() async throws {
        let count = 3_000
        let server = try await SocketServer { _, what in
            what == .opened ? (0..<count).map { .text("\($0)" + String(repeating: " ", count: 2_000)) } : []
        }
        defer { server.stop() }
        let transport = transport()
        let connection = transport.open(try Endpoint(socket: server.url))
        #expect(try await transport.next(until: nil)?.kind == .opened(connection))
        for number in 0..<count {
            guard case .text(_, let text)? = try await transport.next(until: nil)?.kind else {
                Issue.record("message \(number)")
                return
            }
            #expect(String(decoding: text, as: UTF8.self).split(separator: " ").first == "\(number)")
        }
    }

    @Test func waitsEndAtTheirTimeAndWhenTheyAreCancelled() async throws {
        let transport = transport()
        let first = try #require(try await transport.next(until: .milliseconds(5)))
        #expect(first.kind == .due && first.at >= .milliseconds(5))
        let second = try #require(try await transport.next(until: .zero))
        #expect(second.kind == .due && second.at >= first.at)
        let task = Task { () async -> RPCError? in
            await caught { () throws(RPCError) in try await transport.next(until: nil) }
        }
        task.cancel()
        #expect(await task.value == .cancelled)
        #expect(try await transport.next(until: .zero)?.kind == .due)
    }

    @Test func aClosedConnectionSaysNothingMore() async throws {
        let server = try await SocketServer { _, what in what == .opened ? [.text("a"), .text("b")] : [] }
        defer { server.stop() }
        let transport = transport()
        let first = transport.open(try Endpoint(socket: server.url))
        #expect(try await transport.next(until: nil)?.kind == .opened(first))
        transport.close(first)
        let second = transport.open(try Endpoint(socket: server.url))
        #expect(try await transport.next(until: nil)?.kind == .opened(second))
        transport.send([0x61], on: first)
        transport.send([0x61], on: 99)
    }
}

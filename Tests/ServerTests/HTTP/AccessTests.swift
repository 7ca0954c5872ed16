import Ethereum
import JSON
import Keeper
import NIOCore
import Testing

@testable import Server

extension AccessList {
    init(tokens: [(name: String, secret: String, streams: [String], scopes: [String])]) throws {
        let list = tokens.map { token -> JSONValue in
            [
                "name": .string(token.name), "sha256": .string(Self.digest(of: token.secret)),
                "streams": .array(token.streams.map { .string($0) }),
                "scopes": .array(token.scopes.map { .string($0) }),
            ]
        }
        try self.init(JSONCursor(["tokens": .array(list)]))
    }
}

extension ServeWorld {
    fileprivate func status(_ target: String, _ token: String?) async throws -> Int {
        try await get(target, headers: token.map { ["Authorization: Bearer \($0)"] } ?? []).status
    }
}

@Suite(.timeLimit(.minutes(2))) struct AccessTests {
    @Test func digestsAreSHA256() {
        // FIPS 180-4, "abc".
        #expect(
            AccessList.digest(of: "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func tokensAreAskedFor() async throws {
        let world = try await ServeWorld {
            $0.access = try? AccessList(tokens: [
                ("reader", "r", ["1/*"], ["read"]), ("other", "o", ["2/*"], ["read", "stream", "metrics"]),
            ])
        }
        try world.publish(1)
        #expect(try await world.status("/v1/positions", nil) == 401)
        #expect(try await world.get("/v1/positions").headers["www-authenticate"] == "Bearer")
        #expect(try await world.status("/v1/positions", "") == 401)
        #expect(try await world.status("/v1/positions", "R") == 401)
        #expect(try await world.status("/v1/positions", "r") == 200)
        #expect(try await world.status("/v1/positions", String(repeating: "r", count: 600)) == 401)
        #expect(try await world.status("/metrics", "r") == 403)
        #expect(try await world.status("/v1/stream", "r") == 403)
        // Whether the watch is well is told to anybody, and of which streams to those who hear them.
        let health = try await world.get("/health")
        #expect(try health.status == 503 && health.json["streams"]?.array?.isEmpty == true)
        let named = try await world.get("/health", headers: ["Authorization: Bearer r"])
        #expect(try named.json["streams"]?.array?.count == 1)
        #expect(try await world.status("/openapi.json", nil) == 200)
        // Another's streams are not there.
        let other = try await world.get("/v1/positions", headers: ["Authorization: Bearer o"])
        #expect(try other.json["count"]?.int == 0)
        #expect(try await world.status("/v1/positions?stream=\(ServeWorld.stream)", "o") == 404)
        #expect(try await world.status("/v1/positions/\(ServeWorld.id(0).hex)", "o") == 404)
        // Nothing of what another was told is confirmed by its tag.
        let tag = try #require(other.headers["etag"])
        let mine = try await world.get(
            "/v1/positions", headers: ["Authorization: Bearer r", "If-None-Match: \(tag)"])
        #expect(mine.status == 200 && mine.headers["etag"] != tag)
        let metrics = try await world.get("/metrics", headers: ["Authorization: Bearer o"])
        #expect(metrics.status == 200)
        #expect(!String(decoding: metrics.body, as: UTF8.self).contains("aave"))
        await world.end()
    }

    @Test func otherNamesAreNotThisMachine() async throws {
        let world = try await ServeWorld()
        #expect(try await world.get("/v1/positions", host: "evil.example").status == 403)
        #expect(try await world.get("/v1/positions", host: "127.0.0.1.evil.example:80").status == 403)
        #expect(try await world.get("/v1/positions", host: "localhost:9464").status == 200)
        await world.end()
    }

    @Test func nobodyIsExposedWithoutTokens() throws {
        for host in ["0.0.0.0", "::", "192.0.2.1", "example.org"] {
            var options = HTTPService.Options(clock: { 0 })
            options.host = host
            #expect(throws: HTTPServiceError.exposed(host)) { try HTTPService(options, log: SinkWorld.log) }
        }
    }

    @Test(arguments: [
        #"{}"#, #"{"tokens":[]}"#, #"{"tokens":[{"name":"a","scopes":[]}]}"#,
        #"{"tokens":[{"name":"a","sha256":"12","scopes":[]}]}"#, #"{"tokens":[{"name":"a","secret":"x","scopes":[]}]}"#,
    ])
    func listsAreStrict(text: String) throws {
        #expect(throws: JSONError.self) { try AccessList(JSONCursor(try JSONValue(parsing: Array(text.utf8)))) }
    }

    // MARK: Clients that mean no good

    @Test func bombsAndDrips() async throws {
        let world = try await ServeWorld {
            $0.limits.headerTime = .milliseconds(300)
            $0.limits.idleTime = .milliseconds(300)
        }
        let port = try #require(world.service.port)
        let bombs = [
            "GET /health HTTP/1.1\r\n" + (0..<100).map { "X-\($0): 1\r\n" }.joined() + "\r\n",
            "GET /health HTTP/1.1\r\nX: " + String(repeating: "x", count: 10_000) + "\r\n\r\n",
            "GET /" + String(repeating: "x", count: 100_000) + " HTTP/1.1\r\n\r\n",
            String(repeating: "x", count: 100_000), "GET /health HTTP/1.1\r\nHost: localhost\r\nX-",
            "GET /health HTTP/1.1\r\n", "",
            "POST /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\nx",
            "GET /v1/positions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        ]
        for bomb in bombs {
            let client = try await RawClient(port: port)
            client.send(bomb)
            try await SinkWorld.until { client.isClosed }
            #expect(!client.text.contains("200 OK"))
        }
        #expect(try await world.get("/openapi.json").status == 200)
        await world.end()
    }

    @Test func whoAsksTooOftenWaits() async throws {
        let world = try await ServeWorld {
            $0.limits.perSecond = 1
            $0.limits.burst = 5
        }
        var last = 200
        for _ in 0..<50 where last != 429 { last = try await world.get("/openapi.json").status }
        #expect(last == 429)
        await world.end()
    }

    @Test func bucketsFillWithTime() {
        let rate = RateLimit(perSecond: 2, burst: 3)
        #expect((0..<4).map { _ in rate.take("a", now: 0) } == [true, true, true, false])
        #expect(rate.take("b", now: 0))
        #expect(!rate.take("a", now: 499))
        #expect(rate.take("a", now: 500))
        #expect(!rate.take("a", now: 500))
        // So many others that not all are remembered: they share, and nothing grows.
        for index in 0..<10_000 { _ = rate.take("\(index)", now: 501) }
        #expect(!rate.take("yet another", now: 501))
        #expect(rate.take("yet another", now: 10_000))
    }

    @Test func targetsAreReadStrictly() throws {
        let target = try RequestTarget("/v1/positions?a=1%2F2&b=&c")
        #expect(target.path == "/v1/positions" && target.query == ["a": "1/2", "b": "", "c": ""])
        for text in ["", "health", "/a%2fb", "/a\\b", "/a b", "/?a=%0a", "/?a=%", "/?a=%f", "/?a=%ff", "/?a&a"] {
            #expect(throws: HTTPRefusal.self, "\(text)") { try RequestTarget(text) }
        }
        #expect(throws: HTTPRefusal.self) { try RequestTarget("/?" + (0..<33).map { "p\($0)" }.joined(separator: "&")) }
    }
}

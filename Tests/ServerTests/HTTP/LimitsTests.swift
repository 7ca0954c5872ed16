import Foundation
import JSON
import Networks
import NIOCore
import Testing

@testable import Server

/// Each limit, exceeded: who does it is told so by the status, and nobody else notices.
@Suite(.timeLimit(.minutes(2))) struct LimitsTests {
    private func world(_ limits: JSONObject) async throws -> ServeWorld {
        var set = HTTPLimits()
        try set.take(JSONCursor(.object(limits)))
        set.perSecond = 10_000
        set.burst = 10_000
        return try await ServeWorld { $0.limits = set }
    }

    /// Says something and reads until the server closes.
    private func refusal(_ world: ServeWorld, _ text: String) async throws -> Answer {
        let client = try await RawClient(port: try #require(world.service.port))
        client.send(text)
        try await SinkWorld.until { client.isClosed }
        return try Answer(client.received)
    }

    private static let whole = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"

    @Test func connectionsOfOneAddress() async throws {
        let world = try await world(["connections": 10, "connectionsPerClient": 2])
        let port = try #require(world.service.port)
        let first = try await RawClient(port: port)
        let second = try await RawClient(port: port)
        for client in [first, second] {
            client.send(Self.whole)
            try await SinkWorld.until { client.text.contains("200 OK") }
        }
        let refused = try await refusal(world, Self.whole)
        #expect(refused.status == 503 && refused.headers["connection"] == "close")
        #expect(try refused.json["error"]?["expected"]?.string == "at most 2")
        // It took nothing from the two who were there, and a place that is left is free again.
        second.send(Self.whole)
        try await SinkWorld.until { second.text.components(separatedBy: "200 OK").count == 3 }
        first.close()
        second.close()
        var status = 503
        while status == 503 { status = try await world.get("/openapi.json").status }
        #expect(status == 200)
        await world.end()
    }

    @Test func socketsAreStreams() async throws {
        let world = try await world(["streams": 8, "streamsPerClient": 1])
        var first = try await SocketClient(world)
        #expect(first.isOpen)
        let second = try await SocketClient(world)
        #expect(!second.isOpen)
        #expect(second.raw.text.hasPrefix("HTTP/1.1 503 "), "\(second.raw.text)")
        #expect(try await world.get("/v1/stream").status == 503)
        first.send("\u{3}\u{e8}", opcode: 8)
        #expect(try await first.code() == 1_000)
        var isOpen = false
        while !isOpen { isOpen = try await SocketClient(world).isOpen }
        await world.end()
    }

    @Test func heads() async throws {
        let world = try await world(["headerBytes": 1_024, "headerFields": 8])
        let many = (0..<8).map { "X-\($0): 1\r\n" }.joined()
        let large = "X: " + String(repeating: "x", count: 600) + "\r\n"
        let sum = (0..<4).map { "X-\($0): " + String(repeating: "x", count: 300) + "\r\n" }.joined()
        for bomb in [many, large, sum] {
            let refused = try await refusal(world, "GET /health HTTP/1.1\r\nHost: localhost\r\n\(bomb)\r\n")
            #expect(refused.status == 431 && refused.headers["connection"] == "close")
            #expect(
                try refused.json["error"]?["expected"]?.string == "at most 8 fields of 1024 bytes together")
        }
        #expect(try await refusal(world, "nonsense\r\n\r\n").status == 400)
        #expect(try await refusal(world, "GET /health HTTP/9.9\r\n\r\n").status == 400)
        let padding = String(repeating: "x", count: 400)
        #expect(try await world.get("/openapi.json", headers: ["X: \(padding)", "Y: \(padding)"]).status == 200)
        await world.end()
    }

    @Test func bodies() async throws {
        let world = try await world([:])
        for head in ["Content-Length: 5\r\n\r\nabcde", "Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"] {
            let refused = try await refusal(world, "GET /v1/positions HTTP/1.1\r\nHost: localhost\r\n\(head)")
            #expect(refused.status == 413)
        }
        await world.end()
    }

    @Test func slowHeads() async throws {
        // Long enough for a request that is sent at once, whatever else this machine does.
        let world = try await ServeWorld { $0.limits.headerTime = .seconds(2) }
        let port = try #require(world.service.port)
        // Who says nothing is answered nothing.
        let silent = try await RawClient(port: port)
        try await SinkWorld.until { silent.isClosed }
        #expect(silent.received.isEmpty)
        let refused = try await refusal(world, "GET /health HTTP/1.1\r\nHost: local")
        #expect(refused.status == 408)
        // The same of a later request, also where it began before the first was answered.
        for (together, apart) in [
            (Self.whole, "GET /health HTTP/1.1\r\nX-"), (Self.whole + "GET /health HTTP", "/1.1\r\n"),
        ] {
            let client = try await RawClient(port: port)
            client.send(together)
            try await SinkWorld.until { client.text.contains("200 OK") }
            // However steadily it drips.
            client.send(apart)
            try await SinkWorld.until {
                client.send("x")
                return client.isClosed
            }
            #expect(client.text.contains("HTTP/1.1 408 Request Timeout\r\n"))
        }
        // Between two requests there is more time than for a head.
        let patient = try await RawClient(port: port)
        for count in 2...3 {
            patient.send(Self.whole)
            try await SinkWorld.until { patient.text.components(separatedBy: "200 OK").count == count }
            let began = ContinuousClock.now
            try await SinkWorld.until { .now > began + .milliseconds(2_500) }
        }
        #expect(!patient.isClosed)
        await world.end()
    }

    @Test func idleConnections() async throws {
        let world = try await ServeWorld { $0.limits.idleTime = .milliseconds(200) }
        let client = try await RawClient(port: try #require(world.service.port))
        client.send(Self.whole)
        try await SinkWorld.until { client.isClosed }
        #expect(client.text.components(separatedBy: "HTTP/1.1 ").count == 2)
        await world.end()
    }

    @Test func messagesOfSockets() async throws {
        let world = try await world(["messageBytes": 512])
        var client = try await SocketClient(world)
        client.send(#"{"id":1,"method":"ping"}"#)
        #expect(try await client.json()["result"] == "pong")
        client.send(String(repeating: "x", count: 200))
        while try await client.frame() != nil {}
        var pieces = try await SocketClient(world)
        for index in 0..<6 {
            pieces.send(String(repeating: "x", count: 100), opcode: index == 0 ? 1 : 0, isFinal: false)
        }
        while try await pieces.frame() != nil {}
        await world.end()
    }

    @Test func theSchemaNamesTheSame() throws {
        let schema = try JSONValue(parsing: NetworkCatalog.serviceSchema)
        let limits = try #require(schema["properties"]?["limits"]?["properties"]?.object)
        #expect(Set(limits.keys) == Set(HTTPLimits.names))
        for (name, property) in limits.members {
            let least = try #require(property["minimum"]?.int)
            let most = try #require(property["maximum"]?.int)
            for (value, isTaken) in [(least, true), (most, true), (least - 1, false), (most + 1, false)] {
                var set = HTTPLimits()
                let file = JSONCursor(.object([name: .integer(value)]))
                if isTaken {
                    #expect(throws: Never.self, "\(name) \(value)") { try set.take(file) }
                } else {
                    #expect(throws: JSONError.self, "\(name) \(value)") { try set.take(file) }
                }
            }
        }
    }
}

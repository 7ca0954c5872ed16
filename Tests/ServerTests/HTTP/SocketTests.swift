import JSON
import Keeper
import Testing

@testable import Server

/// The client's side of a WebSocket, byte for byte (RFC 6455).
struct SocketClient {
    let raw: RawClient
    private var read = 0

    init(_ world: ServeWorld, headers: [String] = []) async throws {
        raw = try await RawClient(port: try #require(world.service.port))
        let lines = [
            "GET /v1/ws HTTP/1.1", "Host: 127.0.0.1", "Connection: Upgrade", "Upgrade: websocket",
            "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ]
        raw.send((lines + headers).joined(separator: "\r\n") + "\r\n\r\n")
        try await SinkWorld.until { [raw] in raw.text.contains("\r\n\r\n") || raw.isClosed }
        // The answer to the key of RFC 6455 §1.3.
        guard raw.text.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") else { return }
        read = try #require(raw.received.firstRange(of: Array("\r\n\r\n".utf8))).upperBound
    }

    var isOpen: Bool { read > 0 }

    func send(_ text: String, opcode: UInt8 = 1, isFinal: Bool = true) {
        let bytes = Array(text.utf8)
        var frame: [UInt8] = [(isFinal ? 0x80 : 0) | opcode]
        if bytes.count < 126 {
            frame.append(0x80 | UInt8(bytes.count))
        } else if bytes.count < 65_536 {
            frame += [0x80 | 126, UInt8(bytes.count >> 8), UInt8(bytes.count & 255)]
        } else {
            frame += [0x80 | 127, 0, 0, 0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> (24 - 8 * $0)) }
        }
        let key: [UInt8] = [1, 2, 3, 4]
        raw.send(frame + key + bytes.enumerated().map { $1 ^ key[$0 % 4] })
    }

    /// The next frame; nil where the connection ended.
    mutating func frame() async throws -> (opcode: UInt8, payload: [UInt8])? {
        while true {
            let bytes = raw.received[read...]
            let start = bytes.startIndex
            if bytes.count >= 2 {
                var length = Int(bytes[start + 1] & 127)
                var head = 2
                if length == 126 { head = 4 } else if length == 127 { head = 10 }
                if bytes.count >= head {
                    if head > 2 { length = bytes[(start + 2)..<(start + head)].reduce(0) { $0 << 8 | Int($1) } }
                    if bytes.count >= head + length {
                        read += head + length
                        return (bytes[start] & 15, Array(bytes[(start + head)..<(start + head + length)]))
                    }
                }
            }
            if raw.isClosed, raw.received.count == bytes.endIndex { return nil }
            let known = bytes.endIndex
            try await SinkWorld.until { [raw] in raw.received.count > known || raw.isClosed }
        }
    }

    mutating func json() async throws -> JSONValue {
        while let (opcode, payload) = try await frame() {
            if opcode == 1 { return try JSONValue(parsing: payload) }
            if opcode == 8 { throw Closed(code: Int(payload[0]) << 8 | Int(payload[1])) }
        }
        throw Closed(code: 0)
    }

    /// Reads on until the server says good-bye; its code.
    mutating func code() async throws -> Int {
        do {
            while true { _ = try await json() }
        } catch let closed as Closed {
            return closed.code
        }
    }

    struct Closed: Error { let code: Int }
}

@Suite(.timeLimit(.minutes(2))) struct SocketTests {
    @Test func aDialogue() async throws {
        let world = try await ServeWorld()
        try world.publish(1)
        var client = try await SocketClient(world)
        client.send(
            #"{"jsonrpc":"2.0","id":7,"method":"subscribe","params":{"streams":["1/*"],"types":["opportunity"]}}"#)
        let reply = try await client.json()
        #expect(reply["id"] == 7)
        #expect(reply["result"]?["subscription"] == "1")
        #expect(reply["result"]?["streams"] == [.string(ServeWorld.stream)])
        let frame = try await client.json()
        #expect(frame["params"]?["message"]?["type"] == "snapshot")
        for _ in 0..<2 { #expect(try await client.json()["params"]?["message"]?["type"] == "opportunity") }
        try world.publish(1)
        let next = try await client.json()
        let seq = try #require(next["params"]?["message"]?["seq"]?.uint64)
        #expect(next["params"]?["place"] == .string("\(ServeWorld.stream):\(seq)"))
        _ = try await client.json()
        client.send(#"{"id":8,"method":"unsubscribe","params":{"subscription":"1"}}"#)
        #expect(try await client.json()["result"] == true)
        try world.publish(1)
        client.send(#"{"id":"x","method":"ping"}"#)
        #expect(try await client.json() == ["jsonrpc": "2.0", "id": "x", "result": "pong"])
        client.send("abc", opcode: 9)
        let pong = try await client.frame()
        #expect(pong?.opcode == 10)
        #expect(pong.map { String(decoding: $0.payload, as: UTF8.self) } == "abc")
        // In two pieces.
        client.send(#"{"id":9,"method""#, isFinal: false)
        client.send(#":"ping"}"#, opcode: 0)
        #expect(try await client.json()["id"] == 9)
        client.send("\u{3}\u{e8}", opcode: 8)
        await world.end()
    }

    @Test func resumesByNumber() async throws {
        let world = try await ServeWorld()
        try world.publish(2)
        var client = try await SocketClient(world)
        client.send(#"{"id":1,"method":"subscribe","params":{"resume":["1/aave-v3/core:4"]}}"#)
        _ = try await client.json()
        for seq in 5...world.feed.current.seq {
            #expect(try await client.json()["params"]?["message"]?["seq"]?.uint64 == seq)
        }
        world.feed.close()
        #expect(try await client.code() == 1_001)
        await world.end()
    }

    @Test func whatIsNotUnderstoodIsSaid() async throws {
        let world = try await ServeWorld()
        var client = try await SocketClient(world)
        for text in [
            "{", "[]", "{}", #"{"method":"shutdown"}"#, #"{"method":"subscribe","params":{"sreams":[]}}"#,
            #"{"method":"subscribe","params":{"types":["all"]}}"#,
            #"{"method":"subscribe","params":{"streams":["9/*"]}}"#,
            #"{"method":"subscribe","extra":1}"#,
        ] {
            client.send(text)
            #expect(try await client.json()["error"]?["message"]?.string?.isEmpty == false, "\(text)")
        }
        client.send("ab", opcode: 2)
        #expect(try await client.code() == 1_003)
        await world.end()
    }

    @Test func closeCodes() async throws {
        let world = try await ServeWorld {
            $0.access = try? AccessList(tokens: [("one", "secret", ["9/other/x"], ["stream"])])
        }
        let nobody = try await SocketClient(world)
        #expect(!nobody.isOpen && nobody.raw.text.hasPrefix("HTTP/1.1 401 "))
        let stranger = try await SocketClient(world, headers: ["Authorization: Bearer wrong"])
        #expect(!stranger.isOpen && stranger.raw.text.hasPrefix("HTTP/1.1 401 "))
        var refused = try await SocketClient(world, headers: ["Authorization: Bearer secret"])
        refused.send(#"{"id":1,"method":"subscribe","params":{"streams":["1/aave-v3/core"]}}"#)
        #expect(try await refused.code() == 4_001)
        await world.end()
        let other = try await ServeWorld()
        let page = try await SocketClient(other, headers: ["Origin: https://example.org"])
        #expect(!page.isOpen && page.raw.text.hasPrefix("HTTP/1.1 403 "))
        for (target, upgrade, status) in [
            ("/v1/ws", "Upgrade: websocket\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: x", 426),
            ("/v1/ws", "Upgrade: websocket", 426), ("/v1/positions", "Upgrade: websocket", 200),
            // As curl asks where it would rather speak HTTP/2.
            ("/openapi.json", "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__", 200),
        ] {
            #expect(try await other.get(target, headers: [upgrade]).status == status, "\(upgrade)")
        }
        var early = try await SocketClient(other)
        early.send(#"{"id":1,"method":"subscribe","params":{"resume":["1/aave-v3/core:999"]}}"#)
        #expect(try await early.code() == 4_002)
        await other.end()
    }

    @Test func tooMuchIsNotTaken() async throws {
        let world = try await ServeWorld()
        var long = try await SocketClient(world)
        long.send(String(repeating: "x", count: 20_000))
        while try await long.frame() != nil {}
        var pieces = try await SocketClient(world)
        for index in 0..<20 {
            pieces.send(String(repeating: "x", count: 100), opcode: index == 0 ? 1 : 0, isFinal: false)
        }
        while try await pieces.frame() != nil {}
        var often = try await SocketClient(world)
        for _ in 0..<200 { often.send(#"{"id":1,"method":"ping"}"#) }
        #expect(try await often.code() == 1_008)
        await world.end()
    }
}

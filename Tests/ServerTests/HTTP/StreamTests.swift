import Ethereum
import Foundation
import JSON
@testable import Keeper
import Testing

@testable import Server

/// Server-sent events, read as a browser reads them.
struct EventReader {
    /// An event: its data, and the id that counts after it.
    struct Event: Equatable {
        var name: String
        var id: String?
        var data: JSONValue
    }

    /// The events of a chunked answer.
    static func events(_ bytes: [UInt8]) throws -> [Event] {
        let text = String(decoding: dechunked(bytes), as: UTF8.self)
        var events: [Event] = []
        for block in text.components(separatedBy: "\n\n").dropLast() {
            var name: String?
            var id: String?
            var data: JSONValue?
            for line in block.components(separatedBy: "\n") {
                if line.hasPrefix("event: ") { name = String(line.dropFirst(7)) }
                if line.hasPrefix("id: ") { id = String(line.dropFirst(4)) }
                if line.hasPrefix("data: ") { data = try JSONValue(parsing: Array(line.dropFirst(6).utf8)) }
            }
            if let name, let data { events.append(Event(name: name, id: id, data: data)) }
        }
        return events
    }

    /// A body without its head and chunk sizes (RFC 9112 §7.1); what is not whole yet is left out.
    static func dechunked(_ bytes: [UInt8]) -> [UInt8] {
        guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: Array("\r\n\r\n".utf8)) }) else {
            return []
        }
        var rest = bytes[(end + 4)...]
        var body: [UInt8] = []
        while let line = rest.firstIndex(of: UInt8(ascii: "\r")),
            let size = Int(String(decoding: rest[rest.startIndex..<line], as: UTF8.self), radix: 16), size > 0,
            rest.distance(from: line, to: rest.endIndex) >= size + 4
        {
            body += rest[(line + 2)..<(line + 2 + size)]
            rest = rest[(line + 4 + size)...]
        }
        return body
    }
}

@Suite(.timeLimit(.minutes(3))) struct StreamTests {
    private func listen(
        _ world: ServeWorld, _ query: String = "", last: String? = nil, reads: Bool = true
    ) async throws -> RawClient {
        let client = try await RawClient(port: try #require(world.service.port), reads: reads)
        let resume = last.map { "Last-Event-ID: \($0)\r\n" } ?? ""
        client.send("GET /v1/stream\(query) HTTP/1.1\r\nHost: localhost\r\n\(resume)\r\n")
        return client
    }

    private func seqs(_ events: [EventReader.Event]) -> [UInt64] {
        events.compactMap { $0.name == "snapshot" ? nil : $0.data["seq"]?.uint64 }
    }

    @Test func beginsWithWhatStandsAndGoesOn() async throws {
        let world = try await ServeWorld()
        try world.publish(2)
        let before = world.feed.current.seq
        let client = try await listen(world)
        try await SinkWorld.until { try EventReader.events(client.received).count >= 5 }
        try world.publish(3)
        let last = world.feed.current.seq
        try await SinkWorld.until { try EventReader.events(client.received).last?.data["seq"]?.uint64 == last }
        let events = try EventReader.events(client.received)
        #expect(events[0].name == "snapshot")
        #expect(events[0].data["snapshotSeq"]?.uint64 == before)
        // Whoever breaks off within the snapshot has no place in the stream yet.
        #expect(events.prefix(5).map(\.id) == [nil, nil, nil, nil, "\(ServeWorld.stream):\(before)"])
        #expect(seqs(Array(events.dropFirst(5))) == Array((before + 1)...last))
        #expect(events.dropFirst(5).allSatisfy { $0.id == "\(ServeWorld.stream):\($0.data["seq"]?.uint64 ?? 0)" })
        #expect(client.text.contains("retry: 2000\n"))
        world.feed.close()
        try await SinkWorld.until { client.isClosed }
        await world.end()
    }

    @Test func resumesBehindTheLastEvent() async throws {
        let world = try await ServeWorld()
        try world.publish(4)
        let last = world.feed.current.seq
        for seq in [0, 1, 7, last - 1] {
            let client = try await listen(world, last: "\(ServeWorld.stream):\(seq)")
            try await SinkWorld.until { try seqs(EventReader.events(client.received)).last == last }
            #expect(try seqs(EventReader.events(client.received)) == Array((seq + 1)...last))
        }
        await world.end()
    }

    @Test func typesAreChosen() async throws {
        let world = try await ServeWorld()
        let client = try await listen(world, "?types=opportunity&from=tail")
        try await SinkWorld.until { client.text.contains("retry") }
        try world.publish(3)
        try world.feed.announce(.status, ["status": "stopped"])
        world.feed.close()
        try await SinkWorld.until { client.isClosed }
        let names = try EventReader.events(client.received).map(\.name)
        #expect(names.filter { $0 == "opportunity" }.count == 6)
        // What says that nobody may act always comes.
        #expect(Set(names) == ["opportunity", "status"])
        await world.end()
    }

    /// Readers who take nothing hold up nobody, and what waits for them is bounded.
    @Test func whoDoesNotReadHoldsUpNobody() async throws {
        let world = try await ServeWorld { $0.limits.patience = 1 }
        var stalled: [RawClient] = []
        for index in 0..<24 {
            let overflow = index % 2 == 0 ? "coalesce" : "disconnect"
            stalled.append(try await listen(world, "?from=tail&overflow=\(overflow)", reads: false))
        }
        let healthy = [
            try await listen(world, "?from=tail"), try await listen(world, "?from=tail&overflow=disconnect"),
        ]
        try await SinkWorld.until { world.feed.consumers >= 27 }
        for _ in 0..<60 {
            try world.publish(20, padding: 4_000)
            let seq = world.feed.current.seq
            let mark = Array("id: \(ServeWorld.stream):\(seq)\n".utf8)
            for client in healthy {
                try await SinkWorld.until { client.received.suffix(40_000).firstRange(of: mark) != nil }
            }
        }
        let last = world.feed.current.seq
        for client in healthy { #expect(try seqs(EventReader.events(client.received)) == Array(1...last)) }
        // Cut off at last: they resume by number. The observer and the two who read are left.
        try await SinkWorld.until { world.feed.consumers == 3 }
        #expect(stalled.count == 24)
        await world.end()
    }

    /// One client's streams are bounded apart from everybody's, and a place that is left is free again.
    @Test func streamsAreBounded() async throws {
        var limits = HTTPLimits()
        try limits.take(JSONCursor(["streams": 3, "streamsPerClient": 2, "requestsPerSecond": 1_000, "burst": 1_000]))
        let world = try await ServeWorld { $0.limits = limits }
        let first = try await listen(world, "?from=tail")
        let second = try await listen(world, "?from=tail")
        try await SinkWorld.until { world.feed.consumers >= 3 }
        let refused = try await world.get("/v1/stream")
        #expect(refused.status == 503 && refused.headers["retry-after"] == "10")
        #expect(try refused.json["error"]?["expected"]?.string == "at most 2")
        first.close()
        try await SinkWorld.until {
            try? world.publish(1)
            return world.feed.consumers <= 2
        }
        let third = try await listen(world, "?from=tail")
        try await SinkWorld.until { world.feed.consumers >= 3 }
        #expect(!second.isClosed && !third.isClosed)
        for wrong in [["streams": 0], ["streams": "9"], ["burst": true], ["patience": 3]] as [JSONValue] {
            #expect(throws: JSONError.self) { try limits.take(JSONCursor(wrong)) }
        }
        await world.end()
    }

    @Test func idsWithinASnapshotAreLeftOut() {
        func line(_ seq: UInt64, _ kind: FeedMessage.Kind?) -> FeedLine {
            FeedLine(seq: seq, kind: kind, bytes: [123, 125])
        }
        func ids(_ passage: FeedPassage) -> [Substring] {
            String(decoding: EventStream.frames(passage, SinkFilter(), stream: "s"), as: UTF8.self)
                .split(separator: "\n").filter { $0.hasPrefix("id: ") }
        }
        let snapshot = [line(7, nil), line(7, .watch), line(7, .opportunity)]
        #expect(ids(FeedPassage(lines: snapshot, place: nil)) == [])
        #expect(ids(FeedPassage(lines: snapshot, place: 7)) == ["id: s:7"])
        #expect(ids(FeedPassage(lines: snapshot + [line(8, .head)], place: 8)) == ["id: s:7", "id: s:8"])
    }
}

import Ethereum
import Foundation
import JSON
import Keeper
import Logging
import NIOCore
import Synchronization
import Testing

@testable import Server

/// A log whose lines a test reads.
final class RecordedLog: Sendable {
    private let recorded = Mutex<[String]>([])
    var lines: [String] { recorded.withLock { $0 } }

    var logger: Logger {
        var logger = Logger(label: "test") { [self] _ in Handler(log: self) }
        logger.logLevel = .trace
        return logger
    }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) { log.recorded.withLock { $0.append("\(event.level): \(event.message)") } }
    }
}

/// Who may not, and who means no good: each is refused, the log says so, and nothing that they sent stands in it.
@Suite(.timeLimit(.minutes(2))) struct RefusalTests {
    private static let secret = "plm_this-is-the-secret-of-alice"
    private static let wrong = "plm_this-is-somebody-else's"

    private func world(
        _ log: RecordedLog, _ change: (inout HTTPService.Options) -> Void = { _ in }
    ) async throws -> ServeWorld {
        try await ServeWorld(log: log.logger) {
            $0.access = try? AccessList(tokens: [
                ("alice", Self.secret, ["1/*"], ["read"]), ("bob", "plm_bob's", ["1/*"], ["stream"]),
            ])
            change(&$0)
        }
    }

    /// Sends bytes as they are; the status of the answer.
    private func status(_ world: ServeWorld, _ text: String) async throws -> Int {
        let client = try await RawClient(port: try #require(world.service.port))
        client.send(text)
        try await SinkWorld.until { client.text.contains("\r\n\r\n") || client.isClosed }
        return try Answer(client.received).status
    }

    private static func request(_ target: String, _ headers: String..., method: String = "GET") -> String {
        (["\(method) \(target) HTTP/1.1", "Host: localhost"] + headers).joined(separator: "\r\n") + "\r\n\r\n"
    }

    @Test(arguments: [
        (request("/v1/positions"), 401, "the token is missing or unknown"),
        (request("/v1/positions", "Authorization: Bearer \(wrong)"), 401, "the token is missing or unknown"),
        (request("/v1/positions", "Authorization: Basic \(secret)"), 401, "the token is missing or unknown"),
        (request("/v1/positions", "Authorization: Bearer \(secret)x"), 401, "the token is missing or unknown"),
        (request("/v1/positions?token=\(secret)"), 401, "the token is missing or unknown"),
        (request("/metrics", "Authorization: Bearer \(secret)"), 403, "the token alice does not allow this"),
        (request("/v1/stream", "Authorization: Bearer \(secret)"), 403, "the token alice does not allow this"),
        (request("/v1/../\(secret)", "Authorization: Bearer \(secret)"), 404, "there is nothing here"),
        (request("/v1/%2e%2e/%2e%2e/etc/passwd"), 404, "there is nothing here"),
        (request("/..\\..\\etc\\passwd"), 404, "there is nothing here"),
        (request("//etc/passwd"), 404, "there is nothing here"),
        (request("http://evil.example/etc/passwd"), 404, "there is nothing here"),
        (request("/" + String(repeating: "passwd", count: 500)), 414, "the target is too long"),
        (request("/health", "X: " + String(repeating: "passwd", count: 2_000)), 431, "the head of the request"),
        (request("/v1/positions", "Content-Length: \(secret.utf8.count)") + secret, 413, "bodies are not taken"),
        (request("/v1/positions", "Transfer-Encoding: chunked"), 413, "bodies are not taken"),
        ("\(secret)\r\n\r\n", 400, "this is no request of HTTP/1.1"),
        (request("/v1/positions", "\(secret)"), 400, "this is no request of HTTP/1.1"),
    ])
    func whoIsRefusedStandsInTheLog(text: String, status: Int, why: String) async throws {
        let log = RecordedLog()
        let world = try await world(log)
        #expect(try await self.status(world, text) == status)
        let lines = log.lines.filter { $0.contains("refused") }
        #expect(lines.count == 1, "\(log.lines)")
        #expect(lines.first?.hasPrefix("notice: refused \(status): \(why)") == true, "\(lines)")
        #expect(lines.allSatisfy { $0.hasSuffix(", 127.0.0.1") })
        let all = log.lines.joined(separator: "\n")
        for foreign in [Self.secret, Self.wrong, "passwd", "evil", "Bearer"] { #expect(!all.contains(foreign)) }
        await world.end()
    }

    /// What happens every day is no line: a filter that is misspelt, a position that is closed.
    @Test func mistakesAreNotInTheLog() async throws {
        let log = RecordedLog()
        let world = try await world(log)
        for target in ["/v1/positions?nonsense=1", "/v1/positions/\(ServeWorld.id(77).hex)", "/v1/positions?limit=0"] {
            #expect(try await world.get(target, headers: ["Authorization: Bearer \(Self.secret)"]).status >= 400)
        }
        #expect(try await status(world, Self.request("/v1/positions", method: "DELETE")) == 405)
        #expect(!log.lines.contains { $0.contains("refused") })
        await world.end()
    }

    /// Nobody fills the disk by being refused: some lines, and how many there are not.
    @Test func theLogIsBounded() async throws {
        let log = RecordedLog()
        let refusals = RefusalLog(log.logger, perSecond: 1, burst: 4)
        let world = try await world(log)
        let client = try await RawClient(port: try #require(world.service.port))
        for _ in 0..<1_000 { refusals.note(.unauthorized, from: client.channel) }
        #expect(log.lines.count { $0.contains("refused 401") } < 100)
        let began = ContinuousClock.now
        try await SinkWorld.until { .now > began + .milliseconds(1_100) }
        refusals.note(.unauthorized, from: client.channel)
        #expect(log.lines.last?.contains("that are not listed") == true)
        await world.end()
    }

    @Test func slowClients() async throws {
        let log = RecordedLog()
        let world = try await world(log) {
            $0.limits.headerTime = .seconds(1)
            $0.limits.patience = 1
        }
        let port = try #require(world.service.port)
        // A head that drips.
        let head = try await RawClient(port: port)
        head.send("GET /health HTTP/1.1\r\nAuthorization: Bearer \(Self.secret)\r\nX: ")
        // A body that drips, for as long as it likes; neither method nor token is asked about it.
        let body = try await RawClient(port: port)
        body.send("POST /v1/positions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n")
        try await SinkWorld.until {
            for client in [head, body] { client.send("x") }
            return head.isClosed && body.isClosed
        }
        #expect(try Answer(head.received).status == 408 && Answer(body.received).status == 405)
        // Events that nobody takes.
        let reader = try await RawClient(port: port, reads: false)
        reader.send(Self.request("/v1/stream?from=tail", "Authorization: Bearer plm_bob's"))
        try await SinkWorld.until { world.feed.consumers == 2 }
        try await SinkWorld.until {
            try world.publish(1, padding: 10_000)
            return world.feed.consumers == 1
        }
        #expect(log.lines.contains("notice: a reader of events who took nothing is cut off: bob, 127.0.0.1"))
        #expect(log.lines.contains { $0.hasPrefix("notice: refused 408: ") })
        #expect(!log.lines.contains { $0.contains("plm_") })
        await world.end()
    }

    /// A socket that takes nothing is told why it ends, once it listens again.
    @Test func slowSockets() async throws {
        let log = RecordedLog()
        let world = try await ServeWorld(log: log.logger) { $0.limits.queueMessages = 64 }
        var client = try await SocketClient(world)
        client.send(#"{"id":1,"method":"subscribe","params":{"from":"tail"}}"#)
        _ = try await client.json()
        try await client.raw.reads(false)
        try await SinkWorld.until {
            try world.publish(1, padding: 10_000)
            return world.feed.consumers == 1
        }
        try await client.raw.reads(true)
        #expect(try await client.code() == 4_000)
        #expect(log.lines.contains("notice: closed a socket with 4000: anybody, 127.0.0.1"))
        await world.end()
    }

    /// What is not kept any more is a snapshot, or the end for who would rather have that.
    @Test func socketsThatCannotResume() async throws {
        let world = try await ServeWorld(segmentBytes: 20_000)
        try world.publish(40, padding: 2_000)
        var lenient = try await SocketClient(world)
        lenient.send(#"{"id":1,"method":"subscribe","params":{"resume":["1/aave-v3/core:1"]}}"#)
        _ = try await lenient.json()
        let gap = try await lenient.json()["params"]?["message"]
        #expect(gap?["type"] == "gap" && gap?["reason"] == "retention")
        var strict = try await SocketClient(world)
        strict.send(
            #"{"id":1,"method":"subscribe","params":{"resume":["1/aave-v3/core:1"],"onRetention":"close"}}"#)
        #expect(try await strict.code() == 4_002)
        await world.end()
    }
}

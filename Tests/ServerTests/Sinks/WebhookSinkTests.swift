import Foundation
import JSON
import Keeper
import Logging
import Synchronization
import Testing

@testable import JSONRPC
@testable import Server

@Suite struct WebhookSinkTests {
    private static let secret = Array("whsec_test".utf8)

    private func sink(
        _ folder: SinkFolder, _ receiver: ScriptedReceiver, mostAge: Int = 3_600,
        log: Logger = SinkWorld.log, clock: @escaping @Sendable () -> UInt64
    ) throws -> WebhookSink {
        var options = WebhookSink.Options()
        options.waits = (.milliseconds(1), .milliseconds(2))
        options.mostAge = mostAge
        return WebhookSink(
            name: "hook", endpoint: try Endpoint(url: "http://127.0.0.1:9/hook?token=secret-token-1"),
            secrets: [Self.secret], transport: receiver,
            places: try SinkPlaces(path: folder.path + "/hook.json", sink: "hook"),
            deadLetters: DeadLetters(path: folder.path + "/dead"), options: options, clock: clock, log: log)
    }

    private func deliver(_ world: SinkWorld, to sink: WebhookSink) async throws {
        let subscription = try world.feed.subscribe(from: await sink.point(of: SinkWorld.stream, in: 0))
        world.feed.close()
        while let passage = await subscription.batch(upTo: 4) {
            try await sink.deliver(passage.lines, of: SinkWorld.stream, place: passage.place, in: 0)
        }
    }

    private func numbers(_ requests: [HTTPRequest]) throws -> [UInt64] {
        try requests.flatMap { request in
            try JSONValue(parsing: request.body)["messages"]?.array?.filter { $0["type"]?.string != "snapshot" }
                .compactMap { $0["seq"]?.uint64 } ?? []
        }
    }

    private func header(_ name: String, of request: HTTPRequest) -> String {
        request.headers.map(\.line).first { $0.hasPrefix(name + ": ") }.map { String($0.dropFirst(name.count + 2)) }
            ?? ""
    }

    @Test(.timeLimit(.minutes(1))) func whatIsPostedIsSignedAndNumbered() async throws {
        let folder = try SinkFolder()
        var world = try SinkWorld(folder)
        try world.publish(2)
        let receiver = ScriptedReceiver { _, _ in HTTPResponse(status: 204, body: [], retryAfter: nil) }
        let sink = try sink(folder, receiver) { 1_700_000_000 }
        try await sink.places(at: 0)
        try await deliver(world, to: sink)
        #expect(try numbers(receiver.requests) == [1, 2, 3, 4, 5, 6])
        for request in receiver.requests {
            let value = header("X-Plimsoll-Signature", of: request)
            #expect(throws: Never.self) {
                try WebhookSignature.verify(
                    headerValue: value, body: request.body, secrets: [Self.secret], now: 1_700_000_100)
            }
            // Altered by a byte, or replayed an hour later: refused.
            #expect(throws: SignatureError.mismatch) {
                try WebhookSignature.verify(
                    headerValue: value, body: request.body + [32], secrets: [Self.secret], now: 1_700_000_000)
            }
            #expect(throws: SignatureError.self) {
                try WebhookSignature.verify(
                    headerValue: value, body: request.body, secrets: [Self.secret], now: 1_700_003_600)
            }
        }
        #expect(header("X-Plimsoll-Id", of: receiver.requests[0]) == "\(SinkWorld.stream):4")
    }

    /// Whatever is answered first, each message comes, in order, and none is skipped.
    @Test(.timeLimit(.minutes(1))) func whatIsNotTakenComesAgain() async throws {
        let folder = try SinkFolder()
        var world = try SinkWorld(folder)
        try world.publish(4)
        let receiver = ScriptedReceiver { number, request throws(RPCError) in
            switch number % 4 {
            case 1: return HTTPResponse(status: 503, body: [], retryAfter: nil)
            case 2: throw .timeout(endpoint: request.endpoint.name)
            case 3: return HTTPResponse(status: 301, body: [], retryAfter: nil)
            default: return HTTPResponse(status: 200, body: [], retryAfter: nil)
            }
        }
        let sink = try sink(folder, receiver) { 1_700_000_000 }
        try await sink.places(at: 0)
        try await deliver(world, to: sink)
        let taken = receiver.requests.enumerated().filter { $0.offset % 4 == 3 }.map(\.element)
        #expect(try numbers(taken) == Array(1...12))
        // A restart has nothing to say.
        #expect(await sink.point(of: SinkWorld.stream, in: 0) == .after(12))
    }

    /// Who never takes it does not hold up what comes later for ever: it is kept, and can be sent again.
    @Test(.timeLimit(.minutes(1))) func whatIsTooOldIsKeptAndSentAgain() async throws {
        let folder = try SinkFolder()
        var world = try SinkWorld(folder)
        try world.publish(2)
        let time = Mutex<UInt64>(1_700_000_000)
        let receiver = ScriptedReceiver { _, _ in HTTPResponse(status: 500, body: [], retryAfter: nil) }
        let log = RecordedLog()
        let sink = try sink(folder, receiver, mostAge: 60, log: log.logger) {
            time.withLock { time in
                time += 10
                return time
            }
        }
        try await sink.places(at: 0)
        try await deliver(world, to: sink)
        let dead = DeadLetters(path: folder.path + "/dead")
        let letters = try dead.letters(of: "hook").compactMap(\.letter)
        #expect(letters.map(\.seq) == [4, 6])
        let text = try String(contentsOfFile: folder.path + "/dead", encoding: .utf8)
        #expect(!text.contains("secret-token"))
        // The log says what happened, and neither the address's token nor what it is signed with.
        #expect(log.lines.contains("notice: sink hook: 127.0.0.1:9 answered 500; tried again"))
        #expect(log.lines.contains { $0.hasPrefix("error: sink hook: 127.0.0.1:9 answered 500, ") })
        #expect(!log.lines.contains { $0.contains("secret-token") || $0.contains("whsec") })
        let well = ScriptedReceiver { _, _ in HTTPResponse(status: 200, body: [], retryAfter: nil) }
        for letter in letters {
            let refusal = await letter.post(
                to: try Endpoint(url: "http://127.0.0.1:9/hook"), secrets: [Self.secret], over: well, at: 1_700_009_000,
                .seconds(1))
            #expect(refusal == nil)
        }
        #expect(try numbers(well.requests) == [1, 2, 3, 4, 5, 6])
    }
}

extension WebhookSink {
    /// Begins after a number.
    fileprivate func places(at seq: UInt64) throws { try keep(seq, of: SinkWorld.stream) }
}

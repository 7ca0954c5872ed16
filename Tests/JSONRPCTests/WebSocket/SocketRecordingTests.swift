@testable import JSONRPC
import TestSupport
import Testing

@Suite struct SocketRecordingTests {
    private let secret = "KEY123456"

    private func event(_ milliseconds: Int, _ kind: SocketEvent.Kind) -> SocketEvent {
        SocketEvent(at: .milliseconds(milliseconds), kind)
    }

    private var ends: [SocketEnd] {
        [
            .closed(code: 1008, reason: "too \"fast\""), .closed(code: 1006, reason: ""),
            .refused(status: 429, retryAfter: 3), .refused(status: 502, retryAfter: nil), .transport("refused"),
            .untrusted("no"), .timeout, .malformed("masked"), .tooLarge(8),
        ]
    }

    /// What a program does: opens, sends on what is opened, closes at a certain text.
    private func session(_ sockets: some SocketTransport, _ url: String) async throws -> [SocketEvent] {
        let endpoint = try Endpoint(socket: url)
        var seen: [SocketEvent] = []
        _ = sockets.open(endpoint)
        while let event = try await sockets.next(until: .seconds(1)) {
            seen.append(event)
            switch event.kind {
            case .opened(let connection): sockets.send(Array(#"{"id":1}"#.utf8), on: connection)
            case .text(let connection, let text) where text == Array("{\"bye\":1}".utf8):
                sockets.close(connection)
                _ = sockets.open(endpoint)
            case .ended: _ = sockets.open(endpoint)
            default: break
            }
        }
        return seen
    }

    private func recorded() async throws -> (Transcript, [SocketEvent]) {
        var events = [event(0, .due), event(5, .opened(0)), event(6, .text(0, Array(#"{"result":"0x1"}"#.utf8)))]
        events.append(event(7, .text(0, Array("{\"error\":{\"message\":\"\(secret)\"}}".utf8))))
        events.append(event(7, .text(0, [0xe2, 0x82, 0xac, 0x0a])))
        events.append(event(9, .text(0, Array("{\"bye\":1}".utf8))))
        for (number, end) in ends.enumerated() { events.append(event(10 + number, .ended(number + 1, end))) }
        let recorder = RecordingSockets(ScriptedSockets(events))
        let seen = try await session(recorder, "ws://127.0.0.1:1/\(secret)")
        #expect(seen == events)
        var transcript = Transcript()
        recorder.add(to: &transcript)
        return (transcript, seen)
    }

    @Test func aReplayIsTheSessionWithoutItsKeys() async throws {
        let (transcript, seen) = try await recorded()
        let read = try Transcript(compressed: transcript.compressed())
        #expect(read.sockets == transcript.sockets)
        #expect(read.socketEndpoints == ["127.0.0.1:1"])
        #expect(read.hasSockets && read.endpoints.isEmpty)
        let replay = ReplaySockets(read)
        #expect(replay.session == SocketSession(startedAt: 1_700_000_000_000, seed: 5))
        let again = try await session(replay, "wss://another.example")
        #expect(again.count == seen.count)
        for (one, other) in zip(again, seen) where one != other {
            #expect(one.kind == .text(0, Array(#"{"error":{"message":"…"}}"#.utf8)))
        }
        #expect(replay.remaining == 0)
    }

    @Test func whatTheProgramDoesNotRepeatIsNamed() async throws {
        let transcript = try await recorded().0
        // Something else is sent.
        let replay = ReplaySockets(transcript)
        _ = replay.open(Endpoint(recorded: "h"))
        _ = try await replay.next(until: nil)
        #expect(try await replay.next(until: nil)?.kind == .opened(0))
        replay.send([0x61], on: 0)
        #expect(
            await caught { () throws(RPCError) in try await replay.next(until: nil) }
                == .notRecorded(method: "message"))
        // Nothing is sent.
        let idle = ReplaySockets(transcript)
        #expect(await caught { () throws(RPCError) in try await idle.next(until: nil) } != nil)
    }

    @Test func aLongSessionIsKeptUpToItsBound() async throws {
        var limits = RecordingSockets.Limits()
        limits.entries = 6
        let events = (0..<20).map { event($0, .due) }
        let recorder = RecordingSockets(ScriptedSockets(events), limits: limits)
        _ = try await session(recorder, "ws://127.0.0.1:1")
        var transcript = Transcript()
        recorder.add(to: &transcript)
        #expect(transcript.sockets.count == 6)
        #expect(try await session(ReplaySockets(transcript), "ws://127.0.0.1:1") == Array(events[..<4]))
    }

    @Test func damagedEntriesAreNamed() throws {
        func failure(_ lines: String...) throws -> String? {
            let packer = try Deflater()
            let all =
                [#"{"v":2,"tool":"plimsoll"}"#] + lines + [#"{"end":0,"sockets":\#(lines.count),"ms":1}"#]
            for line in all { try packer.append(Array((line + "\n").utf8)) }
            do throws(RPCError) {
                _ = try Transcript(compressed: try packer.finish())
                return nil
            } catch {
                return "\(error)"
            }
        }
        #expect(try failure(#"{"k":"due","ms":1}"#) == nil)
        for line in [
            #"{"k":"what"}"#, #"{"k":"due"}"#, #"{"k":"due","ms":-1}"#, #"{"k":"text","c":0,"ms":1}"#,
            #"{"k":"ended","c":0,"ms":1,"f":"magic"}"#, #"{"k":"ended","c":0,"ms":1}"#, #"{"k":"began","t":1}"#,
            #"{"k":"opened","c":99999999999999999999,"ms":1}"#,
        ] {
            #expect(try failure(line)?.contains("line 2") == true, "\(line)")
        }
    }

    @Test func oldRecordingsAreRead() throws {
        let packer = try Deflater()
        for line in [
            #"{"v":1,"tool":"plimsoll"}"#, #"{"e":"h","ms":1,"q":{},"s":200,"a":{}}"#, #"{"end":1,"ms":1}"#,
        ] { try packer.append(Array((line + "\n").utf8)) }
        let read = try Transcript(compressed: try packer.finish())
        #expect(read.count == 1 && !read.hasSockets)
    }
}

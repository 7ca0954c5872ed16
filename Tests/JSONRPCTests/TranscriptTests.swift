import Ethereum
@testable import JSONRPC
import JSON
import TestSupport
import Testing

@Suite struct TranscriptTests {
    private func exchange(_ body: String, _ outcome: Result<HTTPResponse, RPCError>, endpoint: String = "eth.example")
        -> Transcript.Exchange
    {
        Transcript.Exchange(endpoint: endpoint, body: Array(body.utf8), elapsed: .milliseconds(12), outcome: outcome)
    }

    private func ok(_ body: [UInt8], status: Int = 200, retryAfter: Int? = nil) -> Result<HTTPResponse, RPCError> {
        .success(HTTPResponse(status: status, body: body, retryAfter: retryAfter))
    }

    private var sample: Transcript {
        var transcript = Transcript(meta: ["startedAt": 1_700_000_000, "command": "scan \"core\""])
        transcript.elapsed = .milliseconds(1_234)
        let q = #"{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}"#
        transcript.exchanges = [
            exchange(q, ok(Array(#"{"id":1,"result":"0x1"}"#.utf8))),
            exchange(q, ok(Array(" {\"a\": [1, 2.50e1]}\n".utf8))),
            exchange("[\(q)]", ok(Array("<html>\r\n\u{1f600}\u{0}</html>".utf8), status: 502, retryAfter: 9)),
            exchange(q, ok([0xff, 0xfe, 0x7b])), exchange(q, ok([])),
            exchange(q, ok(Array("{\"broken\"".utf8), status: 500)),
            exchange(q, .failure(.timeout(endpoint: "eth.example"))),
            exchange(q, .failure(.tooLarge(endpoint: "eth.example", limit: 65_536))),
            exchange(q, .failure(.transport(endpoint: "eth.example", what: "Couldn't connect to server"))),
            exchange(q, .failure(.untrusted(endpoint: "eth.example", what: "SSL peer certificate"))),
            exchange(q, .failure(.malformed(endpoint: "eth.example", what: "it cannot be unpacked"))),
            exchange(q, .failure(.saturated(endpoint: "eth.example"))),
            exchange("not json\n", ok([0x5b, 0x0a, 0x5d]), endpoint: "second.example"),
        ]
        return transcript
    }

    @Test func roundTripKeepsEveryByte() throws {
        let read = try Transcript(compressed: sample.compressed())
        #expect(read.exchanges == sample.exchanges)
        #expect(read.meta == sample.meta)
        #expect(read.elapsed == .milliseconds(1_234))
        #expect(read.endpoints == ["eth.example", "second.example"])
        #expect(try read.compressed() == sample.compressed())
    }

    /// Random bytes as answers, so that every way of writing them is met.
    @Test(arguments: Seed.sweep(50))
    func roundTripOfAnything(_ seed: Seed) throws {
        var generator = seed.generator
        var transcript = Transcript()
        for _ in 0..<20 {
            let alphabet = Array("{}[]\":,0a\n\\\u{e9}".utf8) + [0xff, 0x00]
            let bytes = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
            }
            transcript.exchanges.append(exchange("{}", ok(bytes)))
        }
        #expect(try Transcript(compressed: transcript.compressed()).exchanges == transcript.exchanges)
    }

    private func failure(_ bytes: [UInt8], _ limits: Transcript.Limits = .init()) -> String? {
        do throws(RPCError) {
            _ = try Transcript(compressed: bytes, limits: limits)
            return nil
        } catch {
            guard case .transcript(let what) = error else { return "another error: \(error)" }
            return what
        }
    }

    @Test func everyPrefixIsRefused() throws {
        let bytes = try sample.compressed()
        for count in 0..<bytes.count { #expect(failure(Array(bytes[..<count])) != nil, "\(count)") }
        #expect(failure(bytes + [0]) == "1 bytes follow its end")
    }

    /// zlib's checksum leaves no flipped bit unnoticed, but for those that pad its last byte.
    @Test func everyDamagedByteIsRefused() throws {
        let bytes = try sample.compressed()
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 0x10
            if failure(damaged) == nil {
                #expect(try Transcript(compressed: damaged).exchanges == sample.exchanges, "\(index)")
            }
        }
    }

    private func packed(_ lines: [String]) throws -> [UInt8] {
        let packer = try Deflater()
        for line in lines { try packer.append(Array((line + "\n").utf8)) }
        return try packer.finish()
    }

    @Test func foreignFilesAreNamed() throws {
        let first = #"{"v":1,"tool":"plimsoll"}"#
        let end = #"{"end":0,"ms":1}"#
        #expect(failure([]) == "it is not a recording")
        #expect(failure(Array("{\"v\":1}".utf8)) == "it is not a recording")
        #expect(failure([0x1f, 0x8b, 8, 0]) == "it is not a recording")
        #expect(try failure(packed(["hello"])) == "line 1: line 1, column 1: expected a value, got \"h\"")
        #expect(try failure(packed(["{}"])) == "it is not a recording of this program")
        #expect(
            try failure(packed([#"{"v":3,"tool":"plimsoll"}"#]))
                == "its version is 3, and this program reads versions 1 to 2"
        )
        #expect(try failure(packed([first])) == "it is cut short after line 1")
        #expect(try failure(packed([first, #"{"end":1,"ms":1}"#])) == "it holds 0 of 1 exchanges")
        #expect(try failure(packed([first, end, end])) == "line 3 stands after its end")
        #expect(try failure(packed([first, "{}", end]))?.hasPrefix("line 2: ") == true)
        #expect(try failure(packed([first, #"{"e":"h","ms":1,"q":{}}"#, end]))?.contains("neither") == true)
        #expect(
            try failure(packed([first, #"{"e":"h","ms":1,"q":{},"f":"magic"}"#, end]))?.contains("a known failure")
                == true)
        #expect(try failure(packed([first, end])) == nil)
    }

    @Test func bombsAndEndlessLinesAreRefused() throws {
        let packer = try Deflater()
        for _ in 0..<8 { try packer.append([UInt8](repeating: 0x20, count: 1 << 20)) }
        let bomb = try packer.finish()
        var limits = Transcript.Limits()
        limits.bytes = 1 << 20
        #expect(failure(bomb, limits) == "it holds more than 1048576 bytes")
        limits = Transcript.Limits()
        limits.line = 1 << 20
        #expect(failure(bomb, limits) == "line 1 is longer than 1048576 bytes")
    }
}

@Suite struct RecordingTests {
    private let clock = ManualClock()

    /// One session against a server that fails in several ways; what it saw and what it counted.
    private func session(_ transport: any Transport, _ endpoint: Endpoint) async throws -> (
        [String], RPCStatistics.Counts
    ) {
        let statistics = RPCStatistics()
        let client = RPCClient(
            endpoint: endpoint, transport: transport, retry: clock.policy(), statistics: statistics, concurrency: 1)
        var lines: [String] = []
        for _ in 0..<2 {
            do throws(RPCError) {
                lines.append("\(try await client.call(.chainID).quantity())")
            } catch {
                lines.append("\(error)")
            }
        }
        do throws(RPCError) {
            lines += try await client.batch((1...8).map(RPCRequest.call)).map {
                "\(quantities([$0])) \($0.error?.description ?? "")"
            }
            _ = try await client.batch([.call(8), .call(9)])
        } catch {
            lines.append("\(error)")
        }
        return (lines, statistics.now)
    }

    private func node() throws -> ScriptedServer {
        try ScriptedServer { request in
            switch request.index {
            case 0: return http("busy", status: 429, headers: ["Retry-After: 3"])
            case 1: return http(answer(1))
            case 2: return [.close]
            case 3: return http([0xff, 0x00])
            case 4: return http("{")
            case 5:
                return http(
                    array([answer(2), answer(1), #"{"id":3,"error":{"code":3,"message":"reverted by KEY123456"}}"#]))
            default: return try request.ids.count == 2 ? [.close] : http(array(try request.ids.map(answer)))
            }
        }
    }

    @Test func replayIsTheSession() async throws {
        let server = try node()
        let url = server.url + "/v2/KEY123456"
        let recorder = RecordingTransport(try CurlTransport(), now: clock.policy().now)
        let recorded = try await session(recorder, Endpoint(url: url))
        server.stop()
        let file = try recorder.transcript.compressed()
        let transcript = try Transcript(compressed: file)
        #expect(transcript.elapsed == .seconds(3) + clock.slept.dropFirst().reduce(.zero, +))
        #expect(transcript.endpoints == ["127.0.0.1:\(server.port)"])
        let replay = ReplayTransport(transcript)
        let replayed = try await session(replay, Endpoint(url: url))
        #expect(replayed.0 == recorded.0)
        #expect(replayed.1 == recorded.1)
        #expect(replay.remaining == 0)
        // Without the URL as well: the recording names its endpoint.
        let again = try await session(
            ReplayTransport(transcript), Endpoint(recorded: try #require(transcript.endpoints.first)))
        #expect(again.0 == recorded.0)
        let text = try unpacked(file)
        #expect(!text.contains("KEY123456") && !text.contains("v2"))
        #expect(text.contains("reverted by"))
    }

    private func unpacked(_ file: [UInt8]) throws -> String {
        let stream = try Inflater(file, limit: 1 << 20)
        var bytes: [UInt8] = []
        while let piece = try stream.next() { bytes += piece }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func whatIsNotRecordedIsNamed() async throws {
        let client = RPCClient(
            endpoint: Endpoint(recorded: "h"), transport: ReplayTransport(Transcript()), retry: .immediate)
        let error = await caught { () throws(RPCError) in try await client.batch([.call(1), .chainID]) }
        #expect(error == .notRecorded(method: "eth_call"))
    }

    @Test func equalQuestionsAreAnsweredInTheirOrder() async throws {
        let server = try ScriptedServer { http(answer(1).replacing("0x1", with: "0x\(String($0.index, radix: 16))")) }
        defer { server.stop() }
        let recorder = RecordingTransport(try CurlTransport())
        let endpoint = try Endpoint(url: server.url)
        let client = RPCClient(endpoint: endpoint, transport: recorder)
        for number in 0..<20 { #expect(try await client.call(.chainID).quantity().asUInt64() == UInt64(number)) }
        let replay = RPCClient(endpoint: endpoint, transport: ReplayTransport(recorder.transcript), retry: .immediate)
        for number in 0..<20 { #expect(try await replay.call(.chainID).quantity().asUInt64() == UInt64(number)) }
    }

    @Test func severalEndpointsAreToldApart() async throws {
        var transcript = Transcript()
        for (number, name) in ["one", "two"].enumerated() {
            let response = HTTPResponse(
                status: 200, body: Array(#"{"id":1,"result":"0x\#(number)"}"#.utf8), retryAfter: nil)
            transcript.exchanges.append(
                Transcript.Exchange(
                    endpoint: name, body: RPCRequest.body(of: [.chainID]), elapsed: .zero, outcome: .success(response)))
        }
        let replay = ReplayTransport(transcript)
        let two = RPCClient(endpoint: Endpoint(recorded: "two"), transport: replay, retry: .immediate)
        let one = RPCClient(endpoint: Endpoint(recorded: "one"), transport: replay, retry: .immediate)
        #expect(try await two.call(.chainID).quantity() == 1)
        #expect(try await one.call(.chainID).quantity() == 0)
        #expect(
            await caught { () throws(RPCError) in try await one.call(.chainID) } == .notRecorded(method: "eth_chainId"))
    }
}

@testable import JSONRPC
import Testing

/// How an endpoint may fail, with the key in what it says.
private let echoes: [@Sendable (String, ScriptedServer.Request) -> [ScriptedServer.Step]] = [
    { key, _ in http(#"{"id":1,"error":{"code":-32000,"message":"key \#(key) is bad"}}"#) },
    { key, _ in
        http(
            #"{"id":null,"error":{"code":-32601,"message":"\#(key.lowercased()) \#(key.uppercased())","data":"\#(key)"}}"#
        )
    },
    { key, _ in http(#"{"id":1,"error":"\#(key)"}"#) },
    { key, _ in http(#"{"code":-32600,"message":"/v2/\#(key)?x=\#(key)"}"#) },
    { key, _ in http(#"{"id":"\#(key)","result":"0x1"}"#) },
    { key, _ in http(#"{"id":1,"\#(key)":1,"\#(key)":2}"#) },
    { key, _ in http(#"{"id":1,"result":\#(key)}"#) },
    { key, _ in http("\(key) not found", status: 404) },
    { key, _ in http(#"{"message":"\#(key)"}"#, status: 401) },
    { key, _ in http("", status: 302, headers: ["Location: https://evil.example/\(key)"]) },
    { key, _ in http(#"{"id":1,"error":{"code":3,"message":"execution reverted: \#(key)"}}"#) },
    { key, request in
        let basic = request.head.split(separator: "\r\n").first { $0.hasPrefix("Authorization: Basic ") }.map {
            String($0.dropFirst(21))
        }
        return http(#"{"id":1,"error":{"code":-32000,"message":"denied \#(basic ?? "") \#(key)"}}"#)
    },
    { key, _ in [.send(Array("HTTP/1.1 200 \(key)\r\nContent-Length: 9\r\n\r\n{".utf8)), .close] },
    { _, _ in [.close] },
]

@Suite struct SecretsTests {
    private static let key = "Sk-0123aBcD"

    @Test(arguments: echoes.indices)
    func noErrorHoldsAKey(_ index: Int) async throws {
        let key = Self.key
        let server = try ScriptedServer { echoes[index](key, $0) }
        defer { server.stop() }
        let endpoint = try Endpoint(url: "http://user:\(key)@127.0.0.1:\(server.port)/v2/\(key)?x=\(key)")
        let recorder = RecordingTransport(try CurlTransport())
        let client = RPCClient(endpoint: endpoint, transport: recorder, retry: ManualClock().policy())
        let error = try #require(await caught { () throws(RPCError) in try await client.call(.chainID) })
        var dumped = ""
        dump(error, to: &dumped)
        let basic = Base64.encode(Array("user:\(key)".utf8))
        for text in ["\(error)", String(reflecting: error), dumped] {
            #expect(!text.lowercased().contains(key.lowercased()), "\(text)")
            #expect(!text.contains(basic), "\(text)")
            #expect(!text.contains("/v2/"), "\(text)")
        }
        let stream = try Inflater(try recorder.transcript.compressed(), limit: 1 << 20)
        var file: [UInt8] = []
        while let piece = try stream.next() { file += piece }
        #expect(!String(decoding: file, as: UTF8.self).lowercased().contains(key.lowercased()))
    }

    @Test func unreachableEndpointsAreNotDescribed() async throws {
        for url in [
            "https://user:KEY@host.invalid/v2/KEY?x=KEY", "http://user:KEY@127.0.0.1:1/v2/KEY?x=KEY",
            "https://user:KEY@[::1]:1/KEY",
        ] {
            let endpoint = try Endpoint(url: url)
            let client = RPCClient(endpoint: endpoint, transport: try CurlTransport(), retry: ManualClock().policy())
            let error = try #require(await caught { () throws(RPCError) in try await client.call(.chainID) })
            #expect(error.failure == .transport)
            #expect(!"\(error)".contains("KEY") && !"\(error)".contains("user"))
            #expect(!"\(client)".contains("KEY") && !String(reflecting: client).contains("KEY"))
        }
    }

    @Test func everySpellingIsRedacted() {
        let secrets = Secrets(credentials: "us%65r:p%40ss", path: "/v3/AbC123/eth?token=t%2Fk")
        for text in [
            "AbC123", "abc123", "ABC123", "p@ss", "p%40ss", "user", Base64.encode(Array("user:p@ss".utf8)), "t/k",
            "t%2Fk",
        ] {
            #expect(Cleaned.text("a \(text) b", secrets: secrets) == "a … b", "\(text)")
        }
        // Words that every public endpoint has in its path say nothing.
        #expect(Cleaned.text("eth_getLogs v3 token", secrets: secrets) == "eth_getLogs v3 token")
    }

    /// The longest goes first: no half of a key is left.
    @Test func overlappingSecrets() {
        let secrets = Secrets(credentials: "", path: "/abc/abcdef/cde")
        #expect(Cleaned.text("abcdef abc cdef", secrets: secrets) == "… … …f")
    }

    @Test func keysDoNotSurviveACut() {
        let secrets = Secrets(credentials: "", path: "/" + String(repeating: "k", count: 40))
        let text = String(repeating: "x", count: 500) + String(repeating: "k", count: 40)
        #expect(!Cleaned.text(text, secrets: secrets).contains("k"))
    }

    /// The hex of a result may hold a short path by chance, and stays as it is.
    @Test func recordingsKeepResultsWhole() async throws {
        let body = #"{"id":1,"result":"0xabcabc"}"#
        let server = try ScriptedServer { _ in http(body) }
        defer { server.stop() }
        let recorder = RecordingTransport(try CurlTransport())
        let client = RPCClient(endpoint: try Endpoint(url: server.url + "/abc"), transport: recorder)
        _ = try await client.call(.chainID)
        #expect(
            recorder.transcript.exchanges.map(\.outcome) == [
                .success(HTTPResponse(status: 200, body: Array(body.utf8), retryAfter: nil))
            ])
    }
}

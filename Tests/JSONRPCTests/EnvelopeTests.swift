@testable import JSONRPC
import Ethereum
import Testing

@Suite struct EnvelopeTests {
    private func outcomes(
        _ body: String, asked: Int = 1, status: Int = 200, method: String = "eth_call"
    ) throws(RPCError) -> [Result<RPCResult, RPCError>?] {
        try outcomes(Array(body.utf8), asked: asked, status: status, method: method)
    }

    private func outcomes(
        _ body: [UInt8], asked: Int = 1, status: Int = 200, method: String = "eth_call", retryAfter: Int? = nil
    ) throws(RPCError) -> [Result<RPCResult, RPCError>?] {
        let requests = (1...asked).map { _ in RPCRequest(method: method, params: Array("[]".utf8), kind: .call) }
        return try Envelope(endpoint: try Endpoint(url: "https://host/secretkey"), requests: requests)
            .outcomes(of: HTTPResponse(status: status, body: body, retryAfter: retryAfter))
    }

    private func single(_ body: String, status: Int = 200) throws(RPCError) -> RPCResult {
        guard let outcome = try outcomes(body, status: status)[0] else { throw .cancelled }
        return try outcome.get()
    }

    private func node(_ body: String, status: Int = 200) throws -> NodeError {
        do {
            _ = try single(body, status: status)
        } catch .node(_, _, let error) {
            return error
        }
        throw RPCError.cancelled
    }

    @Test(arguments: [
        #"{"jsonrpc":"2.0","id":1,"result":"0x1"}"#, #"{"id":1,"result":"0x1"}"#, #" {"result":"0x1","id":"1"} "#,
        #"{"id":1,"error":null,"result":"0x1"}"#, #"{"id":1,"result":"0x1","extra":[{}]}"#,
    ])
    func accepts(_ body: String) throws {
        #expect(try single(body).quantity() == 1)
        #expect(try single(body, status: 500).quantity() == 1)
    }

    @Test func nullIsAResult() throws {
        #expect(try single(#"{"id":1,"result":null}"#).isNull)
    }

    @Test(arguments: [
        "[]", #"{"id":1}"#,
        #"{"result":"0x1"}"#,
        #"{"id":null,"result":"0x1"}"#, #"{"id":2,"result":"0x1"}"#, #"{"id":"01","result":"0x1"}"#,
        #"{"id":1.0,"result":"0x1"}"#,
        #"{"id":-1,"result":"0x1"}"#, #"{"id":true,"result":"0x1"}"#, #"{"id":"","result":"0x1"}"#,
        #"{"id":[1],"result":"0x1"}"#,
        #"{"id":99999999999999999999,"result":"0x1"}"#, #"{"id":1,"id":1,"result":"0x1"}"#,
        #"{"id":1,"result":1,"result":2}"#,
        #"{"id":1,"result":"0x1","error":{"code":1,"message":"m"}}"#, #"{"id":1,"result":"0x1"}}"#,
        #"{"id":1,"result":"0x1""#,
        #"[{"id":1,"result":"0x1"}]"#, #"{"id":1,"result":"\#u{1}"}"#, #"{"id":1,"result":NaN}"#,
    ])
    func refuses(_ body: String) throws {
        guard case .malformed? = caughtNow({ () throws(RPCError) in try self.single(body) }) else {
            Issue.record("accepted: \(body)")
            return
        }
    }

    /// A page of a gateway is worth another try, as a failure of its server is.
    @Test(arguments: ["", " ", "null", "0x1", "<html>429</html>", "\u{FEFF}{\"id\":1,\"result\":1}"])
    func pagesAreNoAnswers(_ body: String) throws {
        let error = caughtNow { () throws(RPCError) in try self.single(body) }
        #expect(error == .http(endpoint: "host", status: 200, retryAfter: nil))
        #expect(error?.failure == .serverError)
    }

    private func caughtNow(_ body: () throws(RPCError) -> some Any) -> RPCError? {
        do throws(RPCError) {
            _ = try body()
            return nil
        } catch {
            return error
        }
    }

    @Test func refusesInvalidUTF8AndDepth() {
        let bad = Array(#"{"id":1,"result":""#.utf8) + [0xff, 0xfe] + Array("\"}".utf8)
        let deep = Array((#"{"id":1,"result":"# + String(repeating: "[", count: 100_000)).utf8)
        let nested = Array(
            (#"{"id":1,"result":"# + String(repeating: "[", count: 40) + String(repeating: "]", count: 40) + "}").utf8)
        for body in [bad, deep, nested] {
            #expect(caughtNow { () throws(RPCError) in try self.outcomes(body) }?.failure == .malformed)
        }
    }

    /// Truncated at every byte: never a crash, never a result.
    @Test func refusesEveryPrefix() {
        let body = Array(
            #"[{"jsonrpc":"2.0","id":2,"result":{"a":["0x1",null]}},{"id":1,"error":{"code":3,"message":"m","data":"0x"}}]"#
                .utf8)
        for count in 0..<body.count {
            let error = caughtNow { () throws(RPCError) in try self.outcomes(Array(body[..<count]), asked: 2) }
            #expect(error?.failure == (count == 0 ? .serverError : .malformed), "\(count)")
        }
    }

    @Test func withoutJSONTheStatusDecides() {
        for (body, status) in [
            ("<html>", 502), ("", 503), ("{}", 404), (#"{"message":"Unauthorized"}"#, 401), ("[", 429), ("null", 500),
        ] {
            let error = caughtNow { () throws(RPCError) in try self.single(body, status: status) }
            #expect(error == .http(endpoint: "host", status: status, retryAfter: nil))
        }
    }

    // MARK: Errors

    @Test(arguments: [
        (#"{"id":1,"error":{"code":-32000,"message":"m"}}"#, -32000),
        (#"{"id":null,"error":{"code":"-32000","message":"m"}}"#, -32000),
        (#"{"error":{"code":-32000.0,"message":"m"}}"#, -32000), (#"{"id":1,"error":{"message":"m"}}"#, -32603),
        (#"{"id":1,"error":{"code":1e3,"message":"m"}}"#, -32603), (#"{"id":1,"error":"m"}"#, -32603),
        (#"{"code":429,"message":"m"}"#, 429),
        (#"{"id":1,"error":{"code":99999999999999999999999,"message":"m"}}"#, -32603),
    ])
    func codesAndMessages(_ body: String, _ code: Int) throws {
        let error = try node(body)
        #expect(error.code == code)
        #expect(error.message == "m")
    }

    @Test(arguments: [
        #"{"code":3,"message":"execution reverted","data":"0x08c379a0"}"#,
        #"{"code":3,"message":"m","data":"Reverted 0x08c379a0"}"#,
        #"{"code":-32015,"message":"VM execution error reverted","data":{"data":"0x08c379a0"}}"#,
        #"{"code":3,"message":"m","data":{"originalError":{"data":"0x08c379a0"}}}"#,
    ])
    func revertDataIsFound(_ error: String) throws {
        #expect(try node(#"{"id":1,"error":\#(error)}"#).data == [0x08, 0xc3, 0x79, 0xa0])
    }

    @Test(arguments: [
        #"{"code":3,"message":"m"}"#, #"{"code":3,"message":"m","data":"0x123"}"#,
        #"{"code":3,"message":"m","data":[1]}"#,
    ])
    func revertDataMayBeMissing(_ error: String) throws {
        let error = try node(#"{"id":1,"error":\#(error)}"#)
        #expect(error.kind == .reverted)
        #expect(error.data == nil)
    }

    @Test func disguisedRevertIsARevert() throws {
        let reason = "0x08c379a0" + String(repeating: "0", count: 62) + "20" + String(repeating: "0", count: 128)
        let error = caughtNow { () throws(RPCError) in try self.single(#"{"id":1,"result":"\#(reason)"}"#) }
        #expect(error?.revertData?.count == 100)
        // A word more or less is data that happens to begin so.
        #expect(try single(#"{"id":1,"result":"\#(reason)00"}"#).hexData().count == 101)
        #expect(try single(#"{"id":1,"result":"0x08c379a0"}"#).hexData().count == 4)
    }

    @Test(arguments: [
        #"{"rate":{"backoff_seconds":30}}"#, #"{"backoff_seconds":30.5}"#,
        #"{"rate":{"backoff_seconds":30,"allowed_rps":1},"see":"x"}"#,
    ])
    func backoffIsRead(_ data: String) throws {
        let error = try node(
            #"{"id":1,"error":{"code":-32005,"message":"project ID request rate exceeded","data":\#(data)}}"#)
        #expect(error.kind == .rateLimited(wait: .seconds(30)))
    }

    @Test func dataTakesPartInTheClassification() throws {
        let error = try node(#"{"id":1,"error":{"code":-32008,"message":"no","data":"Exceeded: response too large"}}"#)
        #expect(error.kind == .resultTooLarge(limit: nil))
    }

    @Test func messagesAreCleaned() throws {
        let long = String(repeating: "word ", count: 400)
        let error = try node(
            #"{"id":1,"error":{"code":1,"message":"a\u0000b\u001b[31mc\r\nd\u202ee\u200bf  g SECRETKEY \#(long)"}}"#)
        #expect(error.message.hasPrefix("a b [31mc d e f g … word"))
        #expect(error.message.unicodeScalars.count == 512)
    }

    // MARK: Batches

    @Test func batchInAnyOrder() throws {
        let outcomes = try outcomes(array([answer(3), answer(1), answer(2)]), asked: 3)
        #expect(try outcomes.map { try $0?.get().quantity() } == [1, 2, 3])
    }

    @Test func batchWithGapsAndFailures() throws {
        let outcomes = try outcomes(array([answer(3), #"{"id":1,"error":{"code":-32601,"message":"no"}}"#]), asked: 3)
        #expect(outcomes[0]?.error?.failure == .methodUnsupported)
        #expect(outcomes[1] == nil)
        #expect(try outcomes[2]?.get().quantity() == 3)
        #expect(try self.outcomes("[]", asked: 2).allSatisfy { $0 == nil })
    }

    @Test(arguments: [
        array([answer(1), answer(1)]), array([answer(1), answer(3)]), array([answer(0)]),
        array([answer(1), answer(2), answer(2)]),
        array([#"{"result":"0x1"}"#]), array(["1"]), array(["[]"]), answer(1), "{}",
    ])
    func batchRefused(_ body: String) {
        let error = caughtNow { () throws(RPCError) in try self.outcomes(body, asked: 2) }
        #expect(error?.failure == .malformed, "\(body)")
    }

    @Test(arguments: [
        #"{"id":null,"error":{"code":-32600,"message":"batch too large"}}"#,
        #"{"error":{"code":-32600,"message":"batch too large"}}"#,
        #"[{"id":null,"error":{"code":-32600,"message":"batch too large"}}]"#,
        #"{"code":-32600,"message":"batch too large"}"#,
    ])
    func oneErrorForTheWholeBatch(_ body: String) {
        let error = caughtNow { () throws(RPCError) in try self.outcomes(body, asked: 2) }
        #expect(error?.failure == .batchTooLarge)
        #expect(error?.asksForSmallerBatch == true)
    }
}

@Suite struct RPCResultTests {
    private func result(_ json: String) throws -> RPCResult {
        let envelope = Envelope(endpoint: try Endpoint(url: "https://host"), requests: [.chainID])
        let body = Array(#"{"id":1,"result":\#(json)}"#.utf8)
        let outcome = try envelope.outcomes(of: HTTPResponse(status: 200, body: body, retryAfter: nil))[0]
        return try #require(outcome).get()
    }

    @Test(arguments: [("0x0", 0), ("0x1", 1), ("0xAb", 171), ("0xffffffffffffffff", UInt64.max)])
    func quantities(_ text: String, _ value: UInt64) throws {
        #expect(try result("\"\(text)\"").quantity() == UInt256(value))
    }

    @Test(arguments: [
        #""0x""#, #""0x01""#, #""0x00""#, #""1""#, #""""#, "1", "null", #"" 0x1""#, #""0x1 ""#, #""-0x1""#, #""0X1""#,
        #""0xg""#, "[]",
        #""0x1\#(String(repeating: "0", count: 64))""#,
    ])
    func notQuantities(_ json: String) throws {
        let result = try result(json)
        #expect(throws: RPCError.malformed(endpoint: "host", what: "eth_chainId answered without a quantity")) {
            try result.quantity()
        }
    }

    @Test func data() throws {
        #expect(try result(#""0x""#).hexData() == [])
        #expect(try result(#""0x00fF""#).hexData() == [0, 255])
        for json in [#""0x0""#, #""00""#, "null", "0", #""0xzz""#] {
            let result = try result(json)
            #expect(throws: RPCError.self) { try result.hexData() }
        }
    }

    /// Some gateways strip the zeros of a word of storage.
    @Test func words() throws {
        #expect(try result(#""0x0a""#).word() == 10)
        #expect(try result(#""0x\#(String(repeating: "f", count: 64))""#).word() == UInt256.max)
        for json in [#""0x""#, #""0x\#(String(repeating: "f", count: 65))""#] {
            let result = try result(json)
            #expect(throws: RPCError.self) { try result.word() }
        }
    }
}

@testable import JSONRPC
import Testing

@Suite struct SocketDialogueTests {
    private var dialogue = SocketDialogue(endpoint: Endpoint(recorded: "h"))

    /// The message in short: `3=0x5` an answer, `3!` a failure, `2:0x5` a notification of the subscription of call 2.
    private mutating func take(_ text: String) throws -> [String] {
        func words(_ result: RPCResult) -> String { String(decoding: result.bytes[result.range], as: UTF8.self) }
        return try dialogue.take(Array(text.utf8)).map { meaning in
            switch meaning {
            case .answer(let id, .success(let result)): "\(id)=\(words(result))"
            case .answer(let id, .failure): "\(id)!"
            case .notification(let id, let result): "\(id):\(words(result))"
            }
        }
    }

    private mutating func failure(_ text: String) -> RPCError? {
        do {
            _ = try take(text)
            return nil
        } catch {
            return error as? RPCError
        }
    }

    private func note(_ subscription: String, _ result: String) -> String {
        #"{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":\#(subscription),"result":\#(result)}}"#
    }

    @Test mutating func callsAreAnsweredInAnyOrder() throws {
        for number in 1...3 { #expect(try dialogue.ask(.call(number)).id == number) }
        #expect(
            String(decoding: try dialogue.ask(.chainID).text, as: UTF8.self)
                == #"{"jsonrpc":"2.0","id":4,"method":"eth_chainId","params":[]}"#)
        #expect(try take(answer(3)) == ["3=\"0x3\""])
        #expect(try take(#"{"id":1,"error":{"code":-32000,"message":"no"}}"#) == ["1!"])
        #expect(dialogue.waiting == [2, 4])
        dialogue.forget(2)
        // Late, repeated.
        #expect(try take(answer(2)).isEmpty)
        #expect(try take(answer(3)).isEmpty)
    }

    @Test mutating func notificationsWaitForTheirSubscription() throws {
        let (id, _) = try dialogue.ask(.chainID, isSubscription: true)
        #expect(try take(note("\"0xa\"", "1")).isEmpty)
        #expect(try take(note("\"0xb\"", "9")).isEmpty)
        #expect(try take(note("\"0xa\"", "2")).isEmpty)
        #expect(try take(#"{"id":\#(id),"result":"0xa"}"#) == ["\(id)=\"0xa\"", "\(id):1", "\(id):2"])
        #expect(try take(note("\"0xa\"", "3")) == ["\(id):3"])
        // Nobody asked for this one.
        #expect(try take(note("\"0xb\"", "4")).isEmpty)
        #expect(try take(#"{"method":"other","params":{}}"#).isEmpty)
        // Numbers as names.
        let (second, _) = try dialogue.ask(.chainID, isSubscription: true)
        #expect(try take(note("17", "5")).isEmpty)
        #expect(try take(#"{"id":\#(second),"result":17}"#) == ["\(second)=17", "\(second):5"])
    }

    @Test mutating func whatComesEarlyIsBounded() throws {
        _ = try dialogue.ask(.chainID, isSubscription: true)
        for number in 0..<256 { #expect(try take(note("\"0x\(number)\"", "1")).isEmpty) }
        #expect(failure(note("\"0xa\"", "1"))?.failure == .malformed)
        for _ in 1..<256 { _ = try dialogue.ask(.chainID) }
        #expect(throws: RPCError.saturated(endpoint: "h")) { try dialogue.ask(.chainID) }
    }

    @Test mutating func nonsenseIsNamed() throws {
        _ = try dialogue.ask(.chainID)
        for text in [
            "", "hi", "[]", #"[{"id":1,"result":1}]"#, "{", #"{"id":2,"result":1}"#, #"{"id":0,"result":1}"#,
            #"{"result":1}"#, #"{"id":1}"#, #"{"id":1,"result":1,"id":1}"#, #"{"id":"x","result":1}"#,
            #"{"method":"eth_subscription"}"#,
            #"{"method":"eth_subscription","params":{"subscription":{},"result":1}}"#,
            #"{"method":"eth_subscription","params":{"subscription":"0x1"}}"#,
            note("\"\(String(repeating: "a", count: 200))\"", "1"),
        ] {
            var copy = self
            #expect(copy.failure(text) != nil, "\(text)")
        }
        #expect(
            failure(#"{"id":null,"error":{"code":-32005,"message":"rate limit exceeded"}}"#)?.failure == .rateLimited)
    }
}

@testable import JSONRPC
import TestSupport
import Testing

@Suite struct SocketSubscriberTests {
    private let sockets = ScriptedSockets()
    private var subscriber = SocketSubscriber(
        endpoint: Endpoint(recorded: "h"), chainId: 7, subscription: Array(#"["newHeads"]"#.utf8),
        silence: .seconds(36), seed: 1)

    private mutating func take(_ seconds: Int, _ kind: SocketEvent.Kind) -> [String] {
        subscriber.take(SocketEvent(at: .seconds(seconds), kind), on: sockets).map { output in
            switch output {
            case .connected: "connected"
            case .lost(let error): "lost: \(error)"
            case .notification(let result): "head \(String(decoding: result.bytes[result.range], as: UTF8.self))"
            case .answer(let id, .success): "answer \(id)"
            case .answer(let id, .failure(let error)): "no answer \(id): \(error)"
            }
        }
    }

    private func text(_ connection: Int, _ text: String) -> SocketEvent.Kind { .text(connection, Array(text.utf8)) }

    private func head(_ number: Int) -> String {
        #"{"method":"eth_subscription","params":{"subscription":"0x1","result":\#(number)}}"#
    }

    private mutating func connect(_ connection: Int = 0, at seconds: Int = 0, firstId: Int = 1) {
        #expect(take(seconds, .due).isEmpty)
        #expect(sockets.takeDone() == [.open("h")])
        #expect(take(seconds, .opened(connection)).isEmpty)
        #expect(
            sockets.takeDone() == [
                .send(connection, #"{"jsonrpc":"2.0","id":\#(firstId),"method":"eth_chainId","params":[]}"#),
                .send(
                    connection,
                    #"{"jsonrpc":"2.0","id":\#(firstId + 1),"method":"eth_subscribe","params":["newHeads"]}"#),
            ])
        // A head before the subscription, and the subscription before the chain is known.
        #expect(take(seconds, text(connection, head(1))).isEmpty)
        #expect(take(seconds, text(connection, #"{"id":\#(firstId + 1),"result":"0x1"}"#)).isEmpty)
        #expect(!subscriber.isLive)
        #expect(
            take(seconds, text(connection, #"{"id":\#(firstId),"result":"0x7"}"#)) == ["connected", "head 1"])
        #expect(subscriber.isLive)
    }

    @Test mutating func nothingIsBelievedBeforeTheChainIsKnown() {
        connect()
        #expect(take(3, text(0, head(2))) == ["head 2"])
        #expect(take(4, text(9, head(3))).isEmpty)
        #expect(subscriber.deadline == .seconds(39))
    }

    @Test mutating func theWrongChainIsLeftForLong() {
        _ = take(0, .due)
        _ = take(0, .opened(0))
        _ = sockets.takeDone()
        #expect(
            take(1, text(0, #"{"id":1,"result":"0x8"}"#))
                == ["lost: h contradicts what can be checked: it serves chain 8, and 7 was asked for"])
        #expect(sockets.takeDone() == [.close(0)])
        #expect(subscriber.deadline >= .seconds(150))
    }

    @Test mutating func lossesAreRetriedWithGrowingJitter() {
        var now = 0
        var longest = Duration.zero
        for connection in 0..<12 {
            #expect(take(now, .due).isEmpty)
            #expect(sockets.takeDone() == [.open("h")])
            #expect(
                take(now, .ended(connection, .transport("refused"))) == ["lost: h cannot be reached: refused"])
            let wait = subscriber.deadline - .seconds(now)
            #expect(wait >= .zero && wait <= min(.seconds(30), .milliseconds(250) * (1 << connection)))
            longest = max(longest, wait)
            now += 31
        }
        #expect(longest > .seconds(3))
    }

    @Test mutating func aConnectionThatBringsHeadsBeginsAnew() {
        connect()
        _ = take(1, text(0, head(2)))
        #expect(take(2, .ended(0, .closed(code: 1001, reason: ""))).count == 1)
        #expect(subscriber.deadline <= .seconds(2) + .milliseconds(250))
        #expect(!subscriber.isLive)
        connect(1, at: 3, firstId: 3)
    }

    @Test mutating func silenceAndStallsEndTheConnection() {
        connect()
        #expect(take(35, .due).isEmpty)
        #expect(take(36, .due) == ["lost: h cannot be reached: it was silent for 36 seconds"])
        #expect(sockets.takeDone() == [.close(0)])
        // Open, and no answers.
        _ = take(40, .due)
        _ = take(40, .opened(1))
        #expect(take(60, .due) == ["lost: h did not answer in time"])
    }

    @Test mutating func callsEndWithTheirConnection() throws {
        connect()
        #expect(subscriber.ask(.chainID, on: sockets) == 3)
        #expect(subscriber.ask(.call(1), on: sockets) == 4)
        #expect(take(1, text(0, answer(4))) == ["answer 4"])
        #expect(
            take(2, .ended(0, .closed(code: 1008, reason: "too fast"))) == [
                "no answer 3: h refuses the connection: too fast (code 1008)",
                "lost: h refuses the connection: too fast (code 1008)",
            ])
        #expect(subscriber.ask(.chainID, on: sockets) == nil)
    }

    @Test mutating func aNodeWithoutSubscriptionsIsLeftForLong() {
        _ = take(0, .due)
        _ = take(0, .opened(0))
        _ = take(0, text(0, #"{"id":1,"result":"0x7"}"#))
        let outputs = take(
            0, text(0, #"{"id":2,"error":{"code":-32601,"message":"the method eth_subscribe does not exist"}}"#))
        #expect(outputs.count == 1)
        #expect(subscriber.deadline >= .seconds(150))
    }
}

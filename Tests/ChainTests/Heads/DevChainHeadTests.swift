@testable import Chain
import Ethereum
import JSON
import JSONRPC
import TestSupport
import Testing

/// Heads of the development chain, over real sockets, with its reorganisations and its lies; and the same story from the
/// recording.
@Suite(.serialized) struct DevChainHeadTests {
    /// A stream over one chain with two endpoints, read step by step.
    private final class Follower {
        let chain: DevChain
        let http: RecordingTransport
        let sockets: RecordingSockets
        let options: HeadStream.Options
        var iterator: HeadStream.Iterator
        var replica = Replica()
        var events: [ChainEvent] = []

        init(silence: Duration = .seconds(600)) async throws {
            chain = try DevChain(["--borrowers", "6", "--reserves", "3", "--endpoints", "2"])
            try await chain.call("dev_mine", ["blocks": 80])
            http = RecordingTransport(try CurlTransport())
            sockets = RecordingSockets(WebSocketTransport())
            var options = HeadStream.Options(chainId: 31_337, blockTime: .milliseconds(400), depth: 72)
            // The chain's clock is its own; and nothing here is to happen by waiting alone.
            options.clockTolerance = nil
            options.silence = silence
            self.options = options
            iterator = try Self.stream(chain.urls, http, sockets, options, RetryPolicy()).makeAsyncIterator()
        }

        static func stream(
            _ urls: [String], _ http: any Transport, _ sockets: any SocketTransport, _ options: HeadStream.Options,
            _ retry: RetryPolicy
        ) throws -> HeadStream {
            let client = RPCClient(endpoint: try Endpoint(url: urls[0]), transport: http, retry: retry)
            let endpoints = try urls.map { url throws in
                try Endpoint(socket: "ws" + url.dropFirst(4))
            }
            return HeadStream(client, sockets: endpoints, over: sockets, options: options)
        }

        func read(until isDone: (Follower) -> Bool) async throws {
            while !isDone(self) {
                guard let event = try await iterator.next() else {
                    Issue.record("the stream ended")
                    return
                }
                replica.take(event)
                events.append(event)
            }
        }

        /// Reads until the newest block is the chain's.
        func catchUp() async throws {
            let head = try #require(try await chain.call("eth_getBlockByNumber", ["latest", false])["hash"]?.string)
            try await read { $0.replica.tip?.hash.hex == head }
        }

        func connected(_ index: Int) -> Int {
            let name = String(chain.urls[index].dropFirst(7))
            return replica.statuses.filter { $0 == .connected(endpoint: name) }.count
        }

        /// Why sources were lost, from the status of this index on.
        func failures(since index: Int) -> [RPCFailure] {
            replica.statuses[index...].compactMap { status in
                if case .disconnected(_, let error) = status { error.failure } else { nil }
            }
        }

        /// The recording, replayed, tells what was told.
        func replay() async throws {
            var transcript = http.transcript
            sockets.add(to: &transcript)
            let read = try Transcript(compressed: transcript.compressed())
            let stream = try Self.stream(
                chain.urls, ReplayTransport(read), ReplaySockets(read), options, .immediate)
            var again: [ChainEvent] = []
            for try await event in stream { again.append(event) }
            #expect(Array(again.prefix(events.count)) == events)
        }
    }

    @Test func reorganisationsToSixtyFourBlocks() async throws {
        let follower = try await Follower()
        try await follower.catchUp()
        // Both sockets, beside the polled endpoint that has the first one's name.
        try await follower.read { $0.connected(0) >= 2 && $0.connected(1) >= 1 }
        for (seed, depth) in [1, 2, 7, 33, 64].enumerated() {
            try await follower.chain.call("dev_mine", ["blocks": 3])
            try await follower.catchUp()
            let done = try await follower.chain.call(
                "dev_reorg", ["depth": .integer(depth), "n": 2, "seed": .integer(seed + 1)])
            try await follower.catchUp()
            #expect(follower.replica.reorgs.last == depth)
            #expect(follower.replica.tip?.number == done["head"]?.uint64)
        }
        #expect(follower.replica.reorgs == [1, 2, 7, 33, 64])
        try await follower.replay()
    }

    @Test func nothingIsLostWhateverASocketDoes() async throws {
        let follower = try await Follower(silence: .seconds(2))
        let chain = follower.chain
        try await follower.catchUp()
        /// Each fault, and as what it has to be known; nil where the connection holds or nobody says why it does not.
        let faults: [(fault: JSONValue, failure: RPCFailure?)] = [
            (["wsSkipHeads": .number("0.5")], nil), (["wsNotifyBeforeReply": true], nil),
            (["wsDropAfter": 3], .transport), (["wsClose": 1008], .rateLimited), (["wsBadFrame": "masked"], .malformed),
            (["wsBadFrame": "rsv"], .malformed), (["wsBadFrame": "oversize"], .resultTooLarge),
            (["wsBadFrame": "control"], .malformed), (["wsBadFrame": "utf8"], .malformed),
            (["wsBadFrame": "continuation"], .malformed), (["wsBadFrame": "opcode"], .malformed),
            (["wsNoUpgrade": "accept"], .malformed), (["wsNoUpgrade": true], nil), (["wsSilent": true], nil),
            (["wsSilent": "notifications"], nil),
        ]
        for (fault, failure) in faults {
            let before = follower.replica.statuses.count
            try await chain.call("dev_setFaults", fault)
            try await chain.call("dev_sockets", ["action": "drop"])
            try await chain.call("dev_mine", ["blocks": 3])
            try await follower.catchUp()
            try await follower.read { $0.failures(since: before).contains { failure == nil || $0 == failure } }
            try await chain.call("dev_reorg", ["depth": 4, "n": 1, "seed": 9])
            try await follower.catchUp()
            try await chain.call("dev_clearFaults")
            let connections = follower.connected(1)
            try await chain.call("dev_sockets", ["action": "drop"])
            try await follower.read { $0.connected(1) > connections }
            // A head over it, and its waits begin anew.
            try await chain.call("dev_mine", ["blocks": 1])
            try await follower.catchUp()
        }
        #expect(follower.replica.reorgs.count == faults.count)
        #expect(follower.replica.violation == nil && follower.replica.gaps == 0)
        try await follower.replay()
    }
}

extension DevChain {
    /// Where each of its endpoints serves.
    fileprivate var urls: [String] { info["endpoints"]?.array?.compactMap(\.string) ?? [] }
}

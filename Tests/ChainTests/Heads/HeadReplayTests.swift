@testable import Chain
import Ethereum
@testable import JSONRPC
import TestSupport
import Testing

@Suite struct HeadReplayTests {
    /// A session in which everything goes wrong at random, and the same session from its recording.
    @Test(arguments: Seed.sweep(40))
    func aReplayTellsTheSameStory(_ seed: Seed) async throws {
        var generator = seed.generator
        let node = SimulatedNode(until: .seconds(900), blocks: 60)
        var time = 0.0
        while time < 840 {
            time += Double(Int.random(in: 1...24, using: &generator))
            switch Int.random(in: 0..<12, using: &generator) {
            case 0..<6:
                let count = Int.random(in: 1...3, using: &generator)
                let (each, silently) = (Bool.random(using: &generator), Int.random(in: 0..<4, using: &generator) == 0)
                node.at(time) { $0.mine(count, everyOne: each, silently: silently) }
            case 6, 7:
                let depth = Int.random(in: 1...10, using: &generator)
                let count = Int.random(in: 0...2, using: &generator) + depth
                node.at(time) { world in
                    guard let head = world.head else { return }
                    let chain = world.tree.chain(to: head)
                    world.mine(count, on: chain[chain.count - 1 - depth])
                }
            case 8:
                let host = Bool.random(using: &generator) ? "a" : "b"
                node.at(time) { $0.end(host, .closed(code: 1001, reason: "restart")) }
            case 9:
                let isReachable = Bool.random(using: &generator)
                node.at(time) { $0.isReachable = isReachable }
            case 10:
                let mood: SimulatedNode.Mood = Bool.random(using: &generator) ? .silent : .works
                node.at(time) { $0.moods["b"] = mood }
            default:
                node.at(time) { world in
                    if let head = world.head { world.announce(head) }
                }
            }
        }
        // Then all is well for a while.
        node.at(845) { world in
            world.isReachable = true
            world.moods = [:]
        }
        for second in stride(from: 850.0, through: 890, by: 10) { node.at(second) { $0.mine(1) } }

        var options = HeadStream.Options(chainId: 1, blockTime: .seconds(12), depth: 24)
        options.clockTolerance = nil
        var retry = RetryPolicy.immediate
        retry.attempts = 1
        let http = RecordingTransport(node, now: { .zero })
        let sockets = RecordingSockets(node)
        func stream(_ http: any Transport, _ sockets: any SocketTransport) -> HeadStream {
            HeadStream(
                RPCClient(endpoint: Endpoint(recorded: "node"), transport: http, retry: retry),
                sockets: ["a", "b"].map { Endpoint(recorded: $0) }, over: sockets, options: options)
        }
        var replica = Replica()
        var events: [ChainEvent] = []
        for try await event in stream(http, sockets) {
            replica.take(event)
            events.append(event)
        }
        let head = try #require(node.with { $0.head })
        #expect(replica.tip == head)
        let known = node.with { $0.tree.chain(to: head) }
        #expect(replica.chain.elementsEqual(known.suffix(replica.chain.count)))

        var transcript = http.transcript
        sockets.add(to: &transcript)
        let read = try Transcript(compressed: transcript.compressed())
        let replayHTTP = ReplayTransport(read)
        let replaySockets = ReplaySockets(read)
        var again: [ChainEvent] = []
        for try await event in stream(replayHTTP, replaySockets) { again.append(event) }
        #expect(again == events)
        #expect(replayHTTP.remaining == 0 && replaySockets.remaining == 0)
    }
}

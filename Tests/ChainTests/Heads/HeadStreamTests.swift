@testable import Chain
import Ethereum
import JSON
@testable import JSONRPC
import TestSupport
import Testing

@Suite struct HeadStreamTests {
    private func options(depth: Int = 16) -> HeadStream.Options {
        var options = HeadStream.Options(chainId: 1, blockTime: .seconds(12), depth: depth)
        // The made-up chain's timestamps have nothing to do with the made-up clock.
        options.clockTolerance = nil
        return options
    }

    private func stream(
        _ node: SimulatedNode, sockets: [String] = [], start: [Block] = [], depth: Int = 16,
        http: (any Transport)? = nil, over: (any SocketTransport)? = nil, options: HeadStream.Options? = nil
    ) throws -> HeadStream {
        var retry = RetryPolicy.immediate
        retry.attempts = 1
        let client = RPCClient(endpoint: Endpoint(recorded: "node"), transport: http ?? node, retry: retry)
        return HeadStream(
            client, sockets: sockets.map { Endpoint(recorded: $0) }, over: over ?? node, after: start,
            options: options ?? self.options(depth: depth))
    }

    private func replica(_ stream: HeadStream, _ start: [Block] = []) async throws -> Replica {
        var replica = Replica(start)
        for try await event in stream { replica.take(event) }
        return replica
    }

    @Test func pollingFollowsTheChain() async throws {
        let node = SimulatedNode(until: .seconds(380))
        for time in 1...30 { node.at(Double(time) * 12 + 0.3) { $0.mine(time % 4 == 0 ? 3 : 1) } }
        let replica = try await replica(stream(node))
        #expect(replica.tip == node.with { $0.head })
        #expect(replica.chain.count == 45)
        #expect(replica.statuses == [.connected(endpoint: "node")])
        // Eight times a block time at most, and not before the block can be there.
        let polls = node.with { $0.calls["eth_getBlockByNumber"] ?? 0 }
        #expect(polls < 400)
    }

    @Test func socketsLeadAndPollsOnlyWatch() async throws {
        let node = SimulatedNode(until: .seconds(1_200))
        for time in 1...99 { node.at(Double(time) * 12) { $0.mine(1) } }
        let replica = try await replica(stream(node, sockets: ["a", "b"]))
        #expect(replica.tip == node.with { $0.head })
        #expect(
            Set(replica.statuses) == [
                .connected(endpoint: "node"), .connected(endpoint: "a"), .connected(endpoint: "b"),
            ])
        // 1200 s in steps of 36 s, and the ancestors of the first head.
        #expect(node.with { $0.calls["eth_getBlockByNumber"] ?? 0 } < 60)
    }

    @Test func whatSocketsSkipIsFoundThroughThem() async throws {
        let node = SimulatedNode(until: .seconds(300))
        for time in 1...20 { node.at(Double(time) * 12) { $0.mine(2) } }
        node.with { world in world.hidden = [] }
        let replica = try await replica(stream(node, sockets: ["a"]))
        #expect(replica.tip == node.with { $0.head })
        #expect(node.with { $0.calls["eth_getBlockByHash"] ?? 0 } == 0)
    }

    @Test func headersThatASocketKeepsComeFromTheClient() async throws {
        let node = SimulatedNode(until: .seconds(300))
        node.with { $0.socketsKeepHeaders = true }
        for time in 1...20 { node.at(Double(time) * 12) { $0.mine(2) } }
        let replica = try await replica(stream(node, sockets: ["a"]))
        #expect(replica.tip == node.with { $0.head })
        #expect(node.with { $0.calls["eth_getBlockByHash"] ?? 0 } > 10)
    }

    @Test func reorganisationsOfEveryDepth() async throws {
        for sockets in [[], ["a"], ["a", "b"]] {
            let node = SimulatedNode(until: .seconds(1_000), blocks: 100)
            for depth in 1...16 {
                node.at(Double(depth) * 40) { world in
                    guard let head = world.head else { return }
                    let chain = world.tree.chain(to: head)
                    world.mine(depth + 1, on: chain[chain.count - 1 - depth])
                }
                node.at(Double(depth) * 40 + 12) { $0.mine(1) }
            }
            let replica = try await replica(stream(node, sockets: sockets))
            #expect(replica.reorgs == Array(1...16))
            #expect(replica.tip == node.with { $0.head })
        }
    }

    @Test func aReorganisationBelowFinalityEndsTheStream() async throws {
        let node = SimulatedNode(until: .seconds(1_000), blocks: 100)
        node.at(40) { world in
            guard let head = world.head else { return }
            let chain = world.tree.chain(to: head)
            world.mine(20, on: chain[chain.count - 18])
        }
        let replica = try await replica(stream(node, sockets: ["a"]))
        #expect(replica.violation == node.with { $0.head })
        #expect(node.with { $0.open.isEmpty })
    }

    @Test func lossesAreNamedOnceAndMended() async throws {
        let node = SimulatedNode(until: .seconds(560))
        for time in 1...45 { node.at(Double(time) * 12) { $0.mine(1) } }
        node.at(100) { world in
            world.moods["a"] = .refuses
            world.end("a", .closed(code: 1008, reason: "slow down"))
        }
        node.at(300) { $0.moods["a"] = .works }
        let replica = try await replica(stream(node, sockets: ["a"]))
        #expect(replica.tip == node.with { $0.head })
        let losses = replica.statuses.compactMap { status -> RPCError? in
            if case .disconnected("a", let error) = status { error } else { nil }
        }
        #expect(losses.count == 2)
        #expect(losses.first?.failure == .rateLimited)
        #expect(losses.last == .transport(endpoint: "a", what: "connection refused"))
        #expect(replica.statuses.filter { $0 == .connected(endpoint: "a") }.count == 2)
    }

    @Test func silentSocketsAndADeadChainAreStalled() async throws {
        let node = SimulatedNode(until: .seconds(400))
        for time in 1...5 { node.at(Double(time) * 12) { $0.mine(1) } }
        node.at(250) { $0.mine(1) }
        let replica = try await replica(stream(node, sockets: ["a"]))
        #expect(replica.tip == node.with { $0.head })
        let stalls = replica.statuses.filter { if case .stalled = $0 { true } else { false } }
        #expect(stalls.count == 2)
        #expect(stalls.first == .stalled(for: .seconds(36)))
        #expect(
            replica.statuses.contains {
                if case .disconnected("a", let error) = $0 { error.failure == .transport } else { false }
            })
    }

    @Test func anotherChainIsNotFollowed() async throws {
        let node = SimulatedNode(until: .seconds(100))
        node.with { $0.moods["a"] = .wrongChain }
        let replica = try await replica(stream(node, sockets: ["a"]))
        #expect(
            replica.statuses.contains(
                .disconnected(
                    endpoint: "a",
                    .dishonest(endpoint: "a", what: "it serves chain 2, and 1 was asked for"))))
        node.with { $0.chainId = 5 }
        await #expect(throws: ChainError.self) { _ = try await self.replica(self.stream(node)) }
    }

    @Test func theChainIsCheckedAgainAfterAFailure() async throws {
        let node = SimulatedNode(until: .seconds(200))
        node.at(50) { $0.isReachable = false }
        node.at(100) { world in
            world.isReachable = true
            world.chainId = 5
        }
        do {
            _ = try await replica(stream(node))
            Issue.record("another chain answers")
        } catch ChainError.wrongChain(_, 1, 5) {
        }
    }

    @Test func staleAndFutureHeadsAreRefusedUntilTheyRecover() async throws {
        let node = SimulatedNode(until: .seconds(400), blocks: 1)
        let now: UInt64 = 1_700_000_000
        var options = options()
        options.clockTolerance = .seconds(60)
        let genesis = try #require(node.with { $0.head })
        // 1_700_000_000 is the first block's time and the session's beginning.
        for (time, offset) in [(10.0, 0), (20, -300), (200, 300), (300, 0)] {
            node.at(time) { world in
                let block = world.tree.add(on: genesis, timestamp: UInt64(Int(now) + Int(time) + offset))
                world.see(block)
                world.announce(block)
            }
        }
        let replica = try await replica(stream(node, sockets: ["a"], options: options))
        #expect(replica.tip == node.with { $0.head })
        #expect(replica.reorgs == [1])
        let drifts = replica.statuses.filter {
            switch $0 {
            case .drifting, .recovered: true
            default: false
            }
        }
        #expect(
            drifts.first == .drifting(endpoint: "a", .behindClock(seconds: 300))
                || drifts.first == .drifting(endpoint: "node", .behindClock(seconds: 300)))
        #expect(drifts.contains(.recovered(endpoint: "a")))
    }

    @Test func aLaggingSourceIsNamed() async throws {
        let node = SimulatedNode(until: .seconds(300), blocks: 60)
        let old = try #require(node.with { world in world.head.map { world.tree.chain(to: $0)[40] } })
        let recent = try #require(node.with { world in world.head.map { world.tree.chain(to: $0)[54] } })
        for time in 1...20 { node.at(Double(time) * 12) { $0.mine(1) } }
        node.at(30) { $0.announce(old, on: "b") }
        node.at(61) { $0.announce(recent, on: "b") }
        let replica = try await replica(stream(node, sockets: ["a", "b"]))
        #expect(replica.tip == node.with { $0.head })
        #expect(replica.statuses.contains(.drifting(endpoint: "b", .behindHead(blocks: 21))))
        #expect(replica.statuses.contains(.recovered(endpoint: "b")))
    }

    @Test func aHeadFarAheadIsAskedAboutAndThenLeaptTo() async throws {
        let node = SimulatedNode(until: .seconds(200), blocks: 60)
        node.at(30) { $0.mine(200, silently: true) }
        node.at(80) { $0.mine(1) }
        // A lie on one socket leads nowhere.
        node.at(60) { world in
            let liar = Block(
                number: 5_000, hash: Hash32(word: 5), parentHash: Hash32(word: 4), timestamp: 0, baseFeePerGas: nil)
            world.announce(liar)
        }
        let replica = try await replica(stream(node, sockets: ["a"]))
        #expect(replica.gaps == 1)
        #expect(replica.tip == node.with { $0.head })
    }

    @Test func theConsumersBlocksAreContinued() async throws {
        let node = SimulatedNode(until: .seconds(100), blocks: 60)
        let chain = try #require(node.with { world in world.head.map { world.tree.chain(to: $0) } })
        let start = Array(chain[40..<50])
        let replica = try await replica(stream(node, start: start), start)
        #expect(replica.chain == Array(chain[40...]))
        // What the consumer had was replaced meanwhile.
        node.with { world in world.mine(6, on: chain[45]) }
        let other = try await self.replica(stream(node, start: start), start)
        #expect(other.tip == node.with { $0.head })
        #expect(other.reorgs == [4])
    }

    @Test func unbelievedHeadersAreRefused() async throws {
        let node = SimulatedNode(until: .seconds(300), blocks: 30)
        var options = options()
        options.verify = { result throws(ChainError) in
            let value: String?
            do throws(RPCError) { value = try result.json()["timestamp"]?.string } catch { throw .endpoint(error) }
            if value == "0x1" { throw .malformedBlock(endpoint: "a", expected: "a header that hashes to its hash") }
        }
        for time in 1...20 { node.at(Double(time) * 12) { $0.mine(1) } }
        node.at(50) { world in
            let block = world.tree.add(on: world.head, timestamp: 1)
            world.announce(block)
        }
        let replica = try await replica(stream(node, sockets: ["a"], options: options))
        #expect(replica.tip == node.with { $0.head })
        #expect(
            replica.statuses.contains {
                if case .drifting("a", .dishonest) = $0 { true } else { false }
            })
        #expect(replica.reorgs.isEmpty)
    }
}

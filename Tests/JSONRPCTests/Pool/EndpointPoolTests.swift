import Ethereum
@testable import JSONRPC
import Testing

@Suite struct EndpointPoolTests {
    private let clock = ManualClock()

    private func good(_ name: String) -> FakeNode { FakeNode(name) { _, _ in .success("\"0x7\"") } }

    private func bad(_ name: String, _ error: RPCError) -> FakeNode { FakeNode(name) { _, _ in .failure(error) } }

    private func failure(_ pool: EndpointPool, _ request: RPCRequest = .chainID) async -> RPCError? {
        await caught { () throws(RPCError) in try await pool.call(request) }
    }

    @Test func theNextIsAskedWithoutAWait() async throws {
        let nodes = [bad("a", .down), bad("b", nodeError(.serverError)), good("c")]
        let pool = EndpointPool(nodes, clock: clock)
        let result = try await pool.call(.chainID)
        #expect(try result.quantity() == 7)
        #expect(result.endpointName == "c")
        #expect(nodes.map(\.asked.count) == [1, 1, 1])
        #expect(clock.slept.isEmpty)
    }

    @Test func membersThatFailedAloneAreAskedElsewhere() async throws {
        let half = FakeNode("a") { request, _ in
            request == .call(2) ? .failure(nodeError(.blockUnavailable)) : .success("\"0x1\"")
        }
        let whole = good("b")
        let outcomes = try await EndpointPool([half, whole]).batch([.call(1), .call(2), .call(3)])
        #expect(quantities(outcomes) == [1, 7, 1])
        #expect(whole.asked == [[.call(2)]])
    }

    @Test func whatTheContractSaysIsFinal() async throws {
        for kind in [NodeErrorKind.reverted, .evmHalt] {
            let second = good("b")
            let error = await failure(EndpointPool([bad("a", nodeError(kind)), second]))
            #expect(error?.failure == kind.failure)
            #expect(second.asked.isEmpty)
        }
    }

    @Test func ourOwnMistakeIsToldToTwo() async throws {
        let nodes = ["a", "b", "c"].map { bad($0, nodeError(.callerBug)) }
        #expect(await failure(EndpointPool(nodes))?.failure == .callerBug)
        #expect(nodes.map(\.asked.count).reduce(0, +) == 2)
    }

    @Test func aRoundOfFailuresWaitsAndBeginsAgain() async throws {
        let nodes = ["a", "b"].map { name in
            FakeNode(name) { _, number in number < 2 ? .failure(.down) : .success("\"0x7\"") }
        }
        let pool = EndpointPool(nodes, clock: clock)
        #expect(try await pool.call(.chainID).quantity() == 7)
        #expect(clock.slept == [.milliseconds(150), .milliseconds(300)])
        #expect(nodes.map(\.asked.count).reduce(0, +) == 5)
    }

    @Test func attemptsEnd() async throws {
        let nodes = ["a", "b"].map { bad($0, .down) }
        #expect(await failure(EndpointPool(nodes, clock: clock))?.failure == .transport)
        #expect(nodes.map(\.asked.count) == [5, 5])
    }

    /// Ten retries are saved up, and each success adds a tenth.
    @Test func retriesAreBudgeted() async throws {
        let nodes = ["a", "b"].map { bad($0, .down) }
        let pool = EndpointPool(nodes, clock: clock)
        for _ in 0..<10 { _ = await failure(pool) }
        #expect(nodes.map(\.asked.count) == [20, 20])
    }

    @Test func theMostPermissiveRefusalIsTheAnswer() async throws {
        let refusals: [RPCError] = [
            .down, nodeError(.rangeTooLarge(limit: 10)), nodeError(.rangeTooLarge(limit: 10_000)),
            nodeError(.rangeTooLarge(limit: nil)), nodeError(.auth),
        ]
        let pool = EndpointPool(refusals.enumerated().map { bad("n\($0.offset)", $0.element) }, clock: clock)
        let logs = RPCRequest(method: "eth_getLogs", params: [], kind: .logs)
        #expect(await failure(pool, logs)?.blockRangeLimit == 10_000)
        let states = [nodeError(.stateUnavailable(earliest: 50)), nodeError(.stateUnavailable(earliest: 20))]
        let archive = EndpointPool(states.enumerated().map { bad("n\($0.offset)", $0.element) })
        #expect(await failure(archive)?.earliestState == 20)
    }

    @Test func aQuestionGoesToWhoCanTakeIt() async throws {
        let narrow = FakeNode("a") { request, _ in
            (request.needs.blocks ?? 0) > 100 ? .failure(nodeError(.rangeTooLarge(limit: 100))) : .success("\"0x1\"")
        }
        let wide = good("b")
        let pool = EndpointPool([narrow, wide])
        func logs(_ blocks: UInt64) -> RPCRequest {
            RPCRequest(method: "eth_getLogs", params: [], kind: .logs, needs: RPCNeeds(blocks: blocks))
        }
        for _ in 0..<3 { _ = try await pool.call(logs(500)) }
        #expect(narrow.asked.count == 1)
        #expect(wide.asked.count == 3)
        #expect(pool.limits["a"]?.value(.blockRange, at: 1_000) == 100)
        // One has no limit that is known.
        #expect(pool.widest(.blockRange) == nil)
    }

    @Test func featuresThatAProbeFoundMissingAreAskedElsewhere() async throws {
        let nodes = [good("a"), good("b")]
        let pool = EndpointPool(nodes)
        pool.learn("a") { $0.lacks(.stateOverride, at: $1) }
        let call = RPCRequest(method: "eth_call", params: [], kind: .call, needs: RPCNeeds(features: [.stateOverride]))
        for _ in 0..<5 { _ = try await pool.call(call) }
        #expect(nodes.map(\.asked.count) == [0, 5])
        _ = try await pool.call(.call(1))
    }

    @Test func aBlockThatIsNotThereIsLookedForElsewhere() async throws {
        let block = RPCRequest(method: "eth_getBlockByHash", params: Array("[\"0x1\",false]".utf8), kind: .head)
        let behind = FakeNode("a") { _, _ in .success("null") }
        let pool = EndpointPool([behind, FakeNode("b") { _, _ in .success(#"{"number":"0x9"}"#) }], clock: clock)
        #expect(!(try await pool.call(block).isNull))
        // Where nobody has it, nobody has it: that is an answer, and no reason to wait.
        let nobody = EndpointPool([behind, FakeNode("b") { _, _ in .success("null") }], clock: clock)
        #expect(try await nobody.call(block).isNull)
        #expect(clock.slept.isEmpty)
    }

    @Test func whoIsBehindComesLast() async throws {
        func node(_ name: String, head: String) -> FakeNode {
            FakeNode(name) { _, _ in .success(#"{"number":"\#(head)"}"#) }
        }
        let nodes = [node("a", head: "0x5"), node("b", head: "0x9")]
        let pool = EndpointPool(nodes, clock: clock)
        let head = RPCRequest(method: "eth_getBlockByNumber", params: Array("[\"latest\",false]".utf8), kind: .head)
        for name in ["a", "b"] { _ = try await pool.only(name)?.call(head) }
        #expect(pool.highestHead == 9)
        #expect(pool.states.map(\.head) == [5, 9])
        let call = RPCRequest(method: "eth_call", params: [], kind: .call, needs: RPCNeeds(height: 8))
        for _ in 0..<4 { _ = try await pool.call(call) }
        #expect(nodes.map(\.asked.count) == [1, 5])
    }

    @Test func anOpenBreakerIsGoneAround() async throws {
        let flaky = FakeNode("a") { _, number in number < 10 ? .failure(.timeout(endpoint: "a")) : .success("\"0x1\"") }
        let pool = EndpointPool([flaky, good("b")], clock: clock) { $0.retry.attempts = 1 }
        let alone = try #require(pool.only("a"))
        for _ in 0..<10 { _ = await caught { () throws(RPCError) in try await alone.call(.chainID) } }
        #expect(pool.states[0].standing == .failing([.head]))
        for _ in 0..<5 { #expect(try await pool.call(.chainID).endpointName == "b") }
        // As a last resort it is asked all the same.
        #expect(try await alone.call(.chainID).endpointName == "a")
    }

    @Test func aRefusedKeyIsNotTriedAgain() async throws {
        let denied = bad("a", .http(endpoint: "a", status: 401, retryAfter: nil))
        let pool = EndpointPool([denied, good("b")], clock: clock)
        for _ in 0..<20 { _ = try await pool.call(.chainID) }
        #expect(denied.asked.count == 1)
        guard case .parked = pool.states[0].standing else {
            Issue.record("it is \(pool.states[0].standing)")
            return
        }
        // Where all are parked, the reason is the answer.
        let alone = EndpointPool([bad("a", .http(endpoint: "a", status: 402, retryAfter: nil))], clock: clock)
        for _ in 0..<3 { #expect(await failure(alone)?.failure == .quotaExhausted) }
    }

    @Test func aUsedUpPlanIsTriedAgainAfterAnHour() async throws {
        let empty = FakeNode("a") { _, number in
            number == 0 ? .failure(.http(endpoint: "a", status: 402, retryAfter: nil)) : .success("\"0x1\"")
        }
        let pool = EndpointPool([empty, good("b")], clock: clock)
        _ = try await pool.call(.chainID)
        clock.advance(.seconds(3_599))
        #expect(await failureOf(pool.only("a"))?.failure == .quotaExhausted)
        clock.advance(.seconds(2))
        #expect(await failureOf(pool.only("a")) == nil)
    }

    private func failureOf(_ client: (any RPCCalling)?) async -> RPCError? {
        guard let client else { return .cancelled }
        return await caught { () throws(RPCError) in try await client.call(.chainID) }
    }

    /// A firewall answers 403 to a burst: believed only when it says so again.
    @Test func theFirst403IsAPause() async throws {
        let walled = FakeNode("a") { _, number in
            number < 1 ? .failure(.http(endpoint: "a", status: 403, retryAfter: nil)) : .success("\"0x1\"")
        }
        let pool = EndpointPool([walled, good("b")], clock: clock)
        #expect(try await pool.call(.chainID).endpointName == "b")
        #expect(await failureOf(pool.only("a"))?.failure == .auth)
        clock.advance(.seconds(1))
        #expect(await failureOf(pool.only("a")) == nil)
    }

    @Test func aRequestToWaitIsKept() async throws {
        let busy = FakeNode("a") { _, number in
            number == 0 ? .failure(.http(endpoint: "a", status: 429, retryAfter: 30)) : .success("\"0x1\"")
        }
        let pool = EndpointPool([busy, good("b")], clock: clock)
        for _ in 0..<9 { #expect(try await pool.call(.chainID).endpointName == "b") }
        #expect(busy.asked.count == 1)
    }

    /// The given order, whatever the latency; what failed is passed over from then on.
    @Test func aRecordedSessionAsksInTurn() async throws {
        let first = FakeNode("a") { _, number in number < 5 ? .success("\"0x1\"") : .failure(.down) }
        let nodes = [first, good("b"), good("c")]
        let pool = EndpointPool(nodes, clock: clock) { $0.isDeterministic = true }
        for _ in 0..<5 {
            clock.advance(.seconds(1))
            _ = try await pool.call(.chainID)
        }
        for _ in 0..<20 { _ = try await pool.call(.chainID) }
        #expect(nodes.map(\.asked.count) == [6, 20, 0])
    }

    /// What one endpoint did not record may have been asked of another.
    @Test func aReplayLooksEverywhere() async throws {
        let nodes = [bad("a", .notRecorded(method: "eth_chainId")), good("b")]
        let pool = EndpointPool(nodes, clock: clock) { $0.isDeterministic = true }
        #expect(try await pool.call(.chainID).endpointName == "b")
        #expect(try await pool.call(.chainID).endpointName == "b")
        let nobody = EndpointPool([bad("a", .notRecorded(method: "m")), bad("b", .notRecorded(method: "m"))])
        #expect(await failure(nobody) == .notRecorded(method: "m"))
    }

    @Test func overTheWireItIsOneOfItsEndpoints() async throws {
        let down = try ScriptedServer { _ in http("", status: 500) }
        let up = try ScriptedServer { request in
            let ids = try request.ids
            return http(ids.count == 1 ? answer(1) : array(ids.map(answer)))
        }
        defer {
            down.stop()
            up.stop()
        }
        var options = EndpointPool.Options { 0 }
        options.retry = clock.policy()
        let statistics = RPCStatistics()
        let pool = EndpointPool(
            try [down.url, up.url].map { try Endpoint(url: $0) }, transport: try CurlTransport(), options: options,
            statistics: statistics)
        #expect(try await pool.call(.chainID).quantity() == 1)
        #expect(quantities(try await pool.batch([.call(1), .call(2)])) == [1, 2])
        #expect(pool.operatorCount == 2)
        #expect(pool.name == "one of 127.0.0.1:\(down.port), 127.0.0.1:\(up.port)")
        #expect(statistics.now.requests == down.requests.count + up.requests.count)
        // The one that failed was not asked twice in a row.
        #expect(down.requests.count <= 2)
    }
}

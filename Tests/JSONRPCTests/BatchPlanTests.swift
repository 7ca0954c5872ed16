@testable import JSONRPC
import Testing

/// Decisions alone: no transport, no time.
@Suite struct BatchPlanTests {
    private let clock = ManualClock()

    private func result(_ id: Int) throws -> Result<RPCResult, RPCError> {
        let requests = (1...9).map(RPCRequest.call)
        let body = Array(array([answer(id)]).utf8)
        let outcomes = try Envelope(endpoint: try Endpoint(url: "https://host"), requests: requests)
            .outcomes(of: HTTPResponse(status: 200, body: body, retryAfter: nil))
        return try #require(outcomes[id - 1])
    }

    private func node(_ kind: NodeErrorKind, code: Int = -32000) -> RPCError {
        .node(
            endpoint: "host", method: "eth_call",
            NodeError(code: code, message: "m", data: nil, kind: kind, suggestion: nil))
    }

    @Test func onlyWhatIsOpenIsAskedAgain() throws {
        var plan = BatchPlan((1...4).map(RPCRequest.call), endpoint: "host")
        plan.take([try result(1), nil, .failure(node(.serverError)), .failure(node(.reverted))])
        #expect(plan.next(clock.policy(), since: .zero) == .milliseconds(150))
        #expect(plan.asked == [.call(2), .call(3)])
        plan.take([try result(5), try result(6)])
        #expect(plan.next(clock.policy(), since: .zero) == nil)
        let outcomes = try plan.outcomes()
        #expect(quantities(outcomes) == [1, 5, 6, nil])
        #expect(outcomes[3].error?.failure == .reverted)
    }

    @Test func missingMembersAreAskedFiveTimesInVain() throws {
        var plan = BatchPlan([.call(1), .call(2)], endpoint: "host")
        for attempt in 0...5 {
            plan.take(attempt == 0 ? [try result(1), nil] : [nil])
            #expect((plan.next(clock.policy(), since: .zero) == nil) == (attempt == 5))
        }
        #expect(try plan.outcomes()[1].error == .malformed(endpoint: "host", what: "1 of 2 answers are missing"))
    }

    /// A node that answers one member of ten at a time is asked until all are there, but not beyond the deadline.
    @Test func progressGoesOn() throws {
        var plan = BatchPlan((1...9).map(RPCRequest.call), endpoint: "host")
        for left in (1...9).reversed() {
            #expect(plan.asked.count == left)
            plan.take([try result(1)] + [Result<RPCResult, RPCError>?](repeating: nil, count: left - 1))
            #expect((plan.next(clock.policy(), since: .zero) == nil) == (left == 1))
        }
        var late = BatchPlan([.call(1), .call(2)], endpoint: "host")
        late.take([try result(1), nil])
        clock.advance(.seconds(90))
        #expect(late.next(clock.policy(), since: .zero) == nil)
    }

    @Test(arguments: [
        (NodeErrorKind.serverError, 5), (.rateLimited(wait: nil), 5), (.timeout, 2), (.blockUnavailable, 3),
        (.reverted, 1),
        (.rangeTooLarge(limit: nil), 1), (.auth, 1), (.callerBug, 1), (.evmHalt, 1),
    ])
    func attemptsByClass(_ kind: NodeErrorKind, _ attempts: Int) {
        var plan = BatchPlan([.call(1)], endpoint: "host")
        var made = 0
        repeat {
            plan.take([.failure(node(kind))])
            made += 1
        } while plan.next(clock.policy(), since: .zero) != nil && made < 10
        #expect(made == attempts)
    }

    /// Geth answers -32003 for what no longer fits; what came before it is an answer.
    @Test func cutOffBatchGoesOnAtOnce() throws {
        let full = node(.resultTooLarge(limit: nil), code: -32003)
        var plan = BatchPlan([.call(1), .call(2), .call(3)], endpoint: "host")
        plan.take([try result(1), .failure(full), .failure(full)])
        #expect(plan.next(clock.policy(), since: .zero) == .zero)
        #expect(plan.asked == [.call(2), .call(3)])
        // Without progress there is no use in going on.
        plan.take([.failure(full), .failure(full)])
        #expect(plan.next(clock.policy(), since: .zero) == nil)
        #expect(try plan.outcomes()[1].error == full)
    }

    @Test func whatConcernsTheWholeIsThrown() throws {
        var plan = BatchPlan([.call(1), .call(2)], endpoint: "host")
        try plan.take(node(.batchTooLarge))
        #expect(plan.next(clock.policy(), since: .zero) == nil)
        var thrown: RPCError?
        do { _ = try plan.outcomes() } catch { thrown = error }
        #expect(thrown == node(.batchTooLarge))
    }

    @Test func whatWasAnsweredBeforeStaysAnswered() throws {
        var plan = BatchPlan([.call(1), .call(2)], endpoint: "host")
        plan.take([try result(1), nil])
        _ = plan.next(clock.policy(), since: .zero)
        try plan.take(.http(endpoint: "host", status: 401, retryAfter: nil))
        #expect(plan.next(clock.policy(), since: .zero) == nil)
        let outcomes = try plan.outcomes()
        #expect(quantities(outcomes) == [1, nil])
        #expect(outcomes[1].error?.failure == .auth)
    }

    @Test func replayEndsAsTheRecordedSessionDid() throws {
        var plan = BatchPlan([.call(1)], endpoint: "host")
        try plan.take(RPCError.timeout(endpoint: "host"))
        _ = plan.next(clock.policy(), since: .zero)
        try plan.take(RPCError.notRecorded(method: "eth_call"))
        #expect(plan.next(clock.policy(), since: .zero) == nil)
        var thrown: RPCError?
        do { _ = try plan.outcomes() } catch { thrown = error }
        #expect(thrown == .timeout(endpoint: "host"))
    }
}

@Suite struct RetryPolicyTests {
    private let server = RPCError.http(endpoint: "host", status: 500, retryAfter: nil)

    @Test func jitterIsFullAndBounded() {
        let policy = ManualClock().policy(random: 1)
        #expect(
            (1...7).map { policy.delay(after: $0, server) }
                == [150, 300, 600, 1_200, 2_400, 3_000, 3_000].map { .milliseconds($0) })
        #expect(ManualClock().policy(random: 0).delay(after: 5, server) == .zero)
        #expect(policy.delay(after: .max, server) == .seconds(3))
    }

    @Test func hintsOverrideAndAreClamped() {
        let policy = ManualClock().policy()
        #expect(policy.delay(after: 1, .http(endpoint: "e", status: 429, retryAfter: 7)) == .seconds(7))
        #expect(policy.delay(after: 1, .http(endpoint: "e", status: 429, retryAfter: .max)) == .seconds(300))
        #expect(policy.delay(after: 1, .http(endpoint: "e", status: 503, retryAfter: nil)) == .milliseconds(500))
        #expect(policy.delay(after: 2, .http(endpoint: "e", status: 429, retryAfter: nil)) == .seconds(1))
    }

    @Test func nothingWaitsBeyondTheDeadline() {
        let clock = ManualClock()
        let policy = clock.policy()
        let slow = RPCError.http(endpoint: "e", status: 429, retryAfter: 60)
        #expect(policy.wait(after: 1, since: .zero, slow) == .seconds(60))
        clock.advance(.seconds(31))
        #expect(policy.wait(after: 2, since: .zero, slow) == nil)
        #expect(policy.wait(after: 2, since: .seconds(31), slow) == .seconds(60))
    }
}

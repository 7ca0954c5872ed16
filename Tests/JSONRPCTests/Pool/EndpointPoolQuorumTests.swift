import Ethereum
@testable import JSONRPC
import JSON
import Synchronization
import Testing

@Suite struct EndpointPoolQuorumTests {
    private func node(_ name: String, _ json: String) -> FakeNode { FakeNode(name) { _, _ in .success(json) } }

    private func down(_ name: String) -> FakeNode { FakeNode(name) { _, _ in .failure(.down) } }

    private func ask(
        _ nodes: [FakeNode], count: Int = 3, needed: Int? = nil, by form: CanonicalForm = .data
    ) async -> Result<Agreement, QuorumFailure> {
        let pool = EndpointPool(nodes) { $0.retry.attempts = 1 }
        do throws(QuorumFailure) {
            return .success(try await pool.agreeing(on: .call(1), count: count, needed: needed, by: form))
        } catch {
            return .failure(error)
        }
    }

    @Test func twoOfThreeAgreeAndTheThirdIsNamed() async throws {
        let nodes = [node("a.org", "\"0x01\""), node("b.org", "\"0x02\""), node("c.org", "\"0x01\"")]
        let agreement = try await ask(nodes).get()
        #expect(agreement.endpoints == ["a.org", "c.org"])
        #expect(agreement.dissent.map(\.endpoint) == ["b.org"])
        #expect(try agreement.outcome.get().hexData() == [1])
    }

    @Test func aContradictionHoldsEveryAnswer() async throws {
        let nodes = [node("a.org", "\"0x01\""), node("b.org", "\"0x02\""), node("c.org", "\"0x03\"")]
        guard case .failure(.disagreement(let votes)) = await ask(nodes) else {
            Issue.record("they agree")
            return
        }
        #expect(votes.map(\.endpoint) == ["a.org", "b.org", "c.org"])
        #expect(try votes.map { try $0.outcome.get().hexData() } == [[1], [2], [3]])
    }

    /// Two against two is no majority, even where two would do.
    @Test func aTieIsAContradiction() async throws {
        let nodes = [
            node("a.org", "\"0x01\""), node("b.org", "\"0x01\""), node("c.org", "\"0x02\""), node("d.org", "\"0x02\""),
        ]
        guard case .failure(.disagreement) = await ask(nodes, count: 4, needed: 2) else {
            Issue.record("they agree")
            return
        }
    }

    @Test func twoURLsOfOneOperatorAreOneVote() async throws {
        let nodes = [node("eth.a.org", "\"0x01\""), node("rpc.a.org", "\"0x01\""), node("b.org", "\"0x02\"")]
        guard case .failure(.disagreement(let votes)) = await ask(nodes, count: 3) else {
            Issue.record("two of one operator outvoted the other")
            return
        }
        #expect(votes.map(\.operatorName) == ["a.org", "b.org"])
        guard case .failure(.tooFew(needed: 2, answered: 1, _)) = await ask(Array(nodes.prefix(2)), count: 2) else {
            Issue.record("one operator agreed with itself")
            return
        }
    }

    @Test func whoDoesNotAnswerIsStoodInFor() async throws {
        let spare = node("d.org", "\"0x01\"")
        let agreement = try await ask([down("a.org"), node("b.org", "\"0x01\""), spare], count: 2).get()
        #expect(agreement.endpoints == ["b.org", "d.org"])
        // The second URL of an operator stands in for its first.
        let second = [down("eth.a.org"), node("rpc.a.org", "\"0x01\""), node("b.org", "\"0x01\"")]
        #expect(try await ask(second, count: 2).get().endpoints == ["rpc.a.org", "b.org"])
        guard case .failure(.tooFew(needed: 2, answered: 1, let votes)) = await ask([down("a.org"), spare], count: 2)
        else {
            Issue.record("one answer was enough")
            return
        }
        #expect(votes.count == 2)
    }

    @Test func noMoreAreAskedThanWanted() async throws {
        let nodes = (0..<5).map { node("n\($0).org", "\"0x01\"") }
        _ = try await ask(nodes, count: 2).get()
        #expect(nodes.map(\.asked.count) == [1, 1, 0, 0, 0])
    }

    @Test func revertsAreComparedByTheirData() async throws {
        func reverting(_ name: String, _ data: [UInt8], _ message: String) -> FakeNode {
            FakeNode(name) { _, _ in
                .failure(
                    .node(
                        endpoint: name, method: "eth_call",
                        NodeError(code: 3, message: message, data: data, kind: .reverted, suggestion: nil)))
            }
        }
        let same = [reverting("a.org", [1], "execution reverted"), reverting("b.org", [1], "VM Exception")]
        #expect(try await ask(same, count: 2).get().outcome.error?.revertData == [1])
        guard case .failure(.disagreement) = await ask([same[0], reverting("b.org", [2], "")], count: 2) else {
            Issue.record("different reverts are alike")
            return
        }
        // A revert without data is not an empty answer.
        guard case .failure(.disagreement) = await ask([reverting("a.org", [], ""), node("b.org", "\"0x\"")], count: 2)
        else {
            Issue.record("a revert is like an empty answer")
            return
        }
    }

    @Test func spellingIsNoDifference() async throws {
        let one = #"{"hash":"0xAB","number":"0x1","blockTimestamp":"0x5","x":null,"list":[{"b":"0x2","a":"0x1"}]}"#
        let other = #"{"list":[{"a":"0x1","b":"0x2"}],"number":"0x1","hash":"0xab"}"#
        let nodes = [node("a.org", one), node("b.org", other)]
        #expect(try await ask(nodes, count: 2, by: .json).get().endpoints.count == 2)
        #expect(try await ask(nodes, count: 2, by: .header).get().endpoints.count == 2)
        let different = [node("a.org", one), node("b.org", other.replacing("0x2", with: "0x3"))]
        #expect(await ask(different, count: 2, by: .json).isFailure)
        #expect(await ask(different, count: 2, by: .header).isFailure == false)
        #expect(
            try await ask([node("a.org", "\"0xA\""), node("b.org", "\"0xa\"")], count: 2, by: .quantity).get()
                .endpoints.count == 2)
        // What is no answer is no vote.
        guard case .failure(.tooFew) = await ask([node("a.org", "7"), node("b.org", "\"0x01\"")], count: 2) else {
            Issue.record("a number is an answer")
            return
        }
    }

    @Test func somebodyElseIsAnotherOperator() async throws {
        let nodes = [node("eth.a.org", "\"0x01\""), node("rpc.a.org", "\"0x02\""), node("b.org", "\"0x03\"")]
        let pool = EndpointPool(nodes)
        let other = try #require(pool.other(than: "rpc.a.org"))
        #expect(try await other.call(.call(1)).endpointName == "b.org")
        #expect(other.name == "b.org")
        #expect(EndpointPool(Array(nodes.prefix(2))).other(than: "eth.a.org") == nil)
        #expect(pool.other(than: "nobody") == nil)
        #expect(pool.only("nobody") == nil)
    }

    // MARK: Quarantine

    private final class Drawer: EvidenceSink {
        private let state = Mutex<[Evidence]>([])
        var kept: [Evidence] { state.withLock { $0 } }
        func keep(_ evidence: Evidence) async throws(EvidenceError) { state.withLock { $0.append(evidence) } }
    }

    @Test func aLiarIsKeptAwayForADay() async throws {
        let clock = ManualClock()
        let drawer = Drawer()
        let nodes = [node("a.org", "\"0x01\""), node("b.org", "\"0x02\"")]
        let pool = EndpointPool(nodes, clock: clock, evidence: drawer)
        let lie = try await pool.call(.call(1))
        #expect(lie.endpointName == "a.org")
        try await pool.quarantine("a.org", reason: "no such block", request: .call(1), response: lie.bytes)
        for _ in 0..<15 { #expect(try await pool.call(.call(1)).endpointName == "b.org") }
        #expect(pool.states[0].standing == .quarantined("no such block"))
        let evidence = try #require(drawer.kept.first)
        #expect(evidence.endpoint == "a.org" && evidence.time == 1_000)
        #expect(String(decoding: evidence.request, as: UTF8.self).contains(#""method":"eth_call","params":[1]"#))
        #expect(evidence.response == lie.bytes)
        let error = await caught { () throws(RPCError) in try await pool.only("a.org")?.call(.call(1)).quantity() }
        #expect(error == .dishonest(endpoint: "a.org", what: "no such block"))
        // It has no vote either.
        do {
            _ = try await pool.agreeing(on: .call(1), count: 2, by: .data)
            Issue.record("a liar voted")
        } catch {
            guard case .tooFew(needed: 2, answered: 1, _) = error else { throw error }
        }
        clock.advance(.seconds(86_401))
        #expect(pool.states[0].standing == .ready)
    }
}

extension Result {
    fileprivate var isFailure: Bool { if case .failure = self { true } else { false } }
}

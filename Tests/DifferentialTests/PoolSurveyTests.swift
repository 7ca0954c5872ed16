import Chain
import Ethereum
import Foundation
import JSON
import JSONRPC
import TestSupport
import Testing

/// A pool of development chains that are one chain, each with its own faults.
@Suite(.serialized) struct PoolSurveyTests {
    private func chains(_ faults: [String]) async throws -> [DevChain] {
        var nodes: [DevChain] = []
        for fault in faults {
            let file = NSTemporaryDirectory() + "plimsoll-pool-\(UUID().uuidString).json"
            let node = try DevChain(["--rules", "3.2", "--seed", "2", "--borrowers", "12", "--network-out", file])
            try await node.call("dev_setFaults", JSONValue(parsing: Array(fault.utf8)))
            nodes.append(node)
        }
        return nodes
    }

    @Test func aSnapshotIsTakenThroughWhoeverCan() async throws {
        let nodes = try await chains([#"{"noStateOverride":true}"#, #"{"seed":1}"#, #"{"errorRate":1}"#])
        let pool = EndpointPool(
            try nodes.map { try Endpoint(url: $0.url) }, transport: try CurlTransport(),
            options: EndpointPool.Options { 1_000 })
        let reports = await pool.survey(now: RetryPolicy().now)
        #expect(reports.map(\.isUsable) == [true, true, false])
        #expect(reports[0].trials[.stateOverride] != .works)
        #expect(reports[1].trials[.stateOverride] == .works)
        let snapshot = try await Snapshot(of: pool, chainId: 31337, at: .latest, multicall: nil)
        #expect(snapshot.path == .stateOverride || snapshot.path == .batch)
        let provider = try #require(Address(hex: nodes[0].info["poolAddressesProvider"]?.string ?? ""))
        let code = try await snapshot.code(at: [provider])
        #expect(code[0].value?.isEmpty == false)
        // The chains are the same, so that independent nodes agree on the head.
        let head = RPCRequest(method: "eth_getBlockByNumber", params: Array("[\"latest\",false]".utf8), kind: .head)
        let agreement = try await pool.agreeing(on: head, count: 2, by: .header)
        #expect(agreement.endpoints.count == 2)
        try await nodes[0].call("dev_mine", ["blocks": 1, "seconds": 12])
        do {
            let other = try await pool.agreeing(on: head, count: 2, by: .header)
            Issue.record("two heights agree: \(other.endpoints)")
        } catch {
            guard case .disagreement(let votes) = error else { throw error }
            #expect(votes.count { $0.ballot != nil } == 2)
        }
    }
}

@testable import JSONRPC
import JSON
import Testing

@Suite struct EndpointLimitsTests {
    private let call = RPCRequest.call(1)

    private func logs(_ blocks: UInt64) -> RPCRequest {
        RPCRequest(method: "eth_getLogs", params: [], kind: .logs, needs: RPCNeeds(blocks: blocks))
    }

    @Test func limitsTightenUntilTheyExpire() {
        var limits = EndpointLimits()
        limits.learn(.blockRange, 1_000, at: 0)
        limits.learn(.blockRange, 5_000, at: 10)
        #expect(limits.value(.blockRange, at: 20) == 1_000)
        #expect(limits.value(.blockRange, at: 10 + 86_400) == nil)
        limits.learn(.blockRange, 5_000, at: 10 + 86_400)
        #expect(limits.value(.blockRange, at: 90_000) == 5_000)
        limits.learn(.earliestState, 5, at: 0)
        limits.learn(.earliestState, 7, at: 0)
        limits.learn(.earliestState, 6, at: 0)
        #expect(limits.value(.earliestState, at: 0) == 7)
    }

    @Test func methodsAreTriedAgainAfterAnHour() {
        var limits = EndpointLimits()
        limits.learn(from: nodeError(.methodUnsupported), to: call, at: 0)
        limits.lacks(.stateOverride, at: 0)
        #expect(!limits.offers(method: "eth_call", at: 3_599) && !limits.offers(.stateOverride, at: 3_599))
        #expect(limits.offers(method: "eth_call", at: 3_600) && limits.offers(.stateOverride, at: 3_600))
        #expect(limits.offers(method: "eth_getLogs", at: 0) && limits.offers(.blockByHash, at: 0))
        limits.has(.stateOverride)
        #expect(limits.offers(.stateOverride, at: 0))
    }

    @Test func aLimitThatTheQuestionKeptIsHalved() {
        var limits = EndpointLimits()
        limits.learn(from: nodeError(.rangeTooLarge(limit: 10_000)), to: logs(5_000), at: 0)
        #expect(limits.value(.blockRange, at: 0) == 2_500)
        limits.learn(from: nodeError(.rangeTooLarge(limit: nil)), to: logs(2_000), at: 0)
        #expect(limits.value(.blockRange, at: 0) == 1_000)
        limits.learn(from: nodeError(.rangeTooLarge(limit: 800)), to: logs(1_000), at: 0)
        #expect(limits.value(.blockRange, at: 0) == 800)
        #expect(limits.allows(logs(800), at: 0) && !limits.allows(logs(801), at: 0))
    }

    @Test func refusalsTeach() {
        var limits = EndpointLimits()
        limits.learn(from: nodeError(.resultTooLarge(limit: 10_000)), to: logs(10), at: 0)
        limits.learn(from: nodeError(.stateUnavailable(earliest: 77)), to: call, at: 0)
        let text = "call returned result on length 120000 exceeding --rpc.returndata.limit 100000"
        limits.learn(
            from: .node(
                endpoint: "e", method: "eth_call",
                NodeError(code: -32000, message: text, data: nil, kind: .resultTooLarge(limit: nil), suggestion: nil)),
            to: call, at: 0)
        #expect(limits.value(.results, at: 0) == 10_000)
        #expect(limits.value(.earliestState, at: 0) == 77)
        #expect(limits.value(.returnBytes, at: 0) == 100_000)
        let old = RPCRequest(method: "eth_call", params: [], kind: .call, needs: RPCNeeds(state: 76))
        #expect(!limits.allows(old, at: 0) && limits.allows(call, at: 0))
        limits.learn(from: nodeError(.stateUnavailable(earliest: nil)), to: old, at: 0)
        #expect(limits.value(.earliestState, at: 0) == 77)
    }

    @Test func whatIsPersistedComesBack() throws {
        var limits = EndpointLimits()
        for (index, limit) in EndpointLimit.allCases.enumerated() { limits.learn(limit, UInt64(index + 1), at: 5) }
        limits.lacks(method: "eth_getProof", at: 5)
        limits.lacks(.blockByHash, at: 5)
        let text = limits.json.serialized()
        #expect(EndpointLimits(try JSONValue(parsing: text), at: 5) == limits)
        #expect(EndpointLimits(try JSONValue(parsing: text), at: 100_000).isEmpty)
    }

    /// A state file is as hostile as anything else.
    @Test func strangeFilesTeachNothing() throws {
        for text in [
            "null", "[]", #"{"blockRange":7}"#, #"{"blockRange":{"value":0,"until":9999}}"#,
            #"{"blockRange":{"value":-1,"until":9999}}"#, #"{"missing":["eth_call"]}"#,
            #"{"missing":{"eth_call":"x"}}"#,
        ] {
            #expect(EndpointLimits(try JSONValue(parsing: Array(text.utf8)), at: 1).isEmpty, "\(text)")
        }
        // Nothing is believed for longer than if it had been learned now.
        let long = #"{"blockRange":{"value":9,"until":18446744073709551615},"missing":{"m":18446744073709551615}}"#
        let limits = EndpointLimits(try JSONValue(parsing: Array(long.utf8)), at: 1)
        #expect(limits.value(.blockRange, at: 86_401) == nil)
        #expect(limits.offers(method: "m", at: 3_601))
        let many = (0..<1_000).map { #""m\#($0)":9999"# }.joined(separator: ",")
        let bounded = EndpointLimits(try JSONValue(parsing: Array("{\"missing\":{\(many)}}".utf8)), at: 1)
        #expect((0..<1_000).count { !bounded.offers(method: "m\($0)", at: 1) } == 256)
    }
}

@Suite struct LearnedLimitsTests {
    private func client(_ server: ScriptedServer, _ limits: LearnedLimits) throws -> RPCClient {
        try RPCClient(
            endpoint: Endpoint(url: server.url), transport: CurlTransport(), retry: ManualClock().policy(),
            limits: limits)
    }

    /// Takes seven requests at a time, and no more.
    private func server() throws -> ScriptedServer {
        try ScriptedServer { request in
            let ids = try request.ids
            guard ids.count <= 7 else {
                return http(#"{"id":null,"error":{"code":-32600,"message":"batch too large"}}"#)
            }
            return http(ids.count == 1 ? answer(1) : array(ids.map(answer)))
        }
    }

    @Test func aBatchIsHalvedOnce() async throws {
        let server = try server()
        defer { server.stop() }
        let limits = LearnedLimits { 0 }
        let client = try client(server, limits)
        let requests = (1...20).map(RPCRequest.call)
        #expect(try await client.batch(requests).allSatisfy { $0.error == nil })
        #expect(try server.requests.map { try $0.ids.count } == [20, 10, 5, 5, 5, 5])
        #expect(limits.value(.batchSize) == 5)
        #expect(try await client.batch(requests).count == 20)
        #expect(try server.requests.dropFirst(6).map { try $0.ids.count } == [5, 5, 5, 5])
    }

    /// Where a session is recorded, what concurrent refusals teach must not change what is asked.
    @Test func aRecordedSessionLearnsForTheNext() async throws {
        let server = try server()
        defer { server.stop() }
        let limits = LearnedLimits(isFrozen: true) { 0 }
        let client = try client(server, limits)
        let error = await caught { () throws(RPCError) in try await client.batch((1...20).map(RPCRequest.call)) }
        #expect(error?.failure == .batchTooLarge)
        #expect(limits.value(.batchSize) == nil)
        #expect(limits.all.value(.batchSize, at: 0) == 10)
        limits.set { $0.learn(.batchSize, 7, at: $1) }
        #expect(try await client.batch((1...20).map(RPCRequest.call)).allSatisfy { $0.error == nil })
        #expect(try server.requests.dropFirst().map { try $0.ids.count } == [7, 7, 6])
    }
}

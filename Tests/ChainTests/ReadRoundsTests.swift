import JSONRPC
import Testing

@testable import Chain

/// Which requests share an exchange; what readers get back is tested with real markets in DifferentialTests.
@Suite struct ReadRoundsTests {
    private func part(_ count: Int, weight: Int) -> ReadRounds.Part {
        let request = RPCRequest(method: "eth_call", params: Array("[]".utf8), kind: .call)
        return ReadRounds.Part(requests: [RPCRequest](repeating: request, count: count)[...], weight: weight)
    }

    @Test func smallPartsShareOneExchange() {
        let merged = ReadRounds.merged([part(3, weight: 100), part(5, weight: 400), part(2, weight: 500)])
        #expect(merged.map(\.requests.count) == [10])
        #expect(merged.map(\.weight) == [1_000])
    }

    @Test func largePartsStayAlone() {
        let merged = ReadRounds.merged([
            part(1, weight: 700), part(1, weight: 301), part(40, weight: 1_000), part(1, weight: 1), part(1, weight: 1),
        ])
        #expect(merged.map(\.requests.count) == [1, 1, 40, 2])
    }
}

@testable import JSONRPC
import Testing

@Suite struct EndpointOrderTests {
    private func candidate(
        _ index: Int, capable: Bool = true, lag: Int = 0, obstacle: Int = 0, latency: Int? = 10
    ) -> EndpointOrder.Candidate {
        EndpointOrder.Candidate(
            index: index, isCapable: capable, lag: lag, obstacle: obstacle, latency: latency.map { .milliseconds($0) })
    }

    @Test func capabilityThenHeightThenBreakerThenLatency() {
        let candidates = [
            candidate(0, latency: 30), candidate(1, obstacle: 2, latency: 1), candidate(2, lag: 2, latency: 1),
            candidate(3, capable: false, latency: 1), candidate(4, latency: 20), candidate(5, lag: 1, latency: 1),
            candidate(6, obstacle: 1, latency: 1),
        ]
        #expect(EndpointOrder.best(candidates, turn: 0) == [4, 0, 6, 1, 5, 2])
    }

    @Test func theUnableAreAskedWhereNobodyIsAble() {
        #expect(EndpointOrder.best([candidate(0, capable: false), candidate(1, capable: false)], turn: 0) == [0, 1])
        #expect(EndpointOrder.best([], turn: 9) == [])
    }

    @Test func withoutADifferenceTheFirstIsPreferred() {
        #expect(EndpointOrder.best((0..<4).map { candidate($0, latency: nil) }, turn: 0) == [0, 1, 2, 3])
    }

    /// Every tenth question goes to another that is as able; who lacks something never comes first.
    @Test func aTenthExplores() {
        let candidates = [
            candidate(0, latency: 1), candidate(1, latency: 2), candidate(2, latency: nil), candidate(3, obstacle: 2),
        ]
        var firsts: [Int: Int] = [:]
        for turn in 0..<1_000 { firsts[EndpointOrder.best(candidates, turn: turn)[0], default: 0] += 1 }
        #expect(firsts == [0: 900, 1: 50, 2: 50])
    }
}

@Suite struct OperatorTests {
    @Test func twoURLsOfOneCompanyAreOneOperator() throws {
        for (url, name) in [
            ("https://mainnet.infura.io/v3/abc", "infura.io"), ("https://eth.llamarpc.com", "llamarpc.com"),
            ("https://llamarpc.com", "llamarpc.com"), ("https://a.b.co.uk:8443/x", "b.co.uk"),
            ("https://user:pw@rpc.example.org", "example.org"), ("http://127.0.0.1:8545", "127.0.0.1:8545"),
            ("http://localhost:1", "localhost:1"), ("http://10.1.2.3", "10.1.2.3"), ("http://[::1]:5", "[::1]:5"),
            ("https://8.8.8.8", "8.8.8.8"),
        ] {
            #expect(try Endpoint(url: url).operatorName == name, "\(url)")
        }
        #expect(Endpoint(recorded: "eth.llamarpc.com").operatorName == "llamarpc.com")
    }

    @Test func namesDiffer() throws {
        let endpoints = try ["https://h/a", "https://h/b", "https://g", "https://h/c"].map { try Endpoint(url: $0) }
        #expect(Endpoint.distinct(endpoints).map(\.name) == ["h", "h (2)", "g", "h (3)"])
        #expect(Endpoint.distinct(endpoints)[1].operatorName == "h")
        #expect(Endpoint.distinct(endpoints)[1].url == "https://h/b")
    }
}

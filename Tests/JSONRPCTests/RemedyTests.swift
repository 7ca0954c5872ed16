@testable import JSONRPC
import Testing

private struct RemedyRow: Sendable {
    let failure: RPCFailure
    let retry: Remedy.Retry
    let elsewhere: Bool
    let blame: Remedy.Blame
    let reshape: Remedy.Reshape

    init(
        _ failure: RPCFailure, _ retry: Remedy.Retry, _ elsewhere: Bool, _ blame: Remedy.Blame,
        _ reshape: Remedy.Reshape
    ) {
        self.failure = failure
        self.retry = retry
        self.elsewhere = elsewhere
        self.blame = blame
        self.reshape = reshape
    }
}

/// Reference of the data layer §2, row by row.
private let rows: [RemedyRow] = [
    RemedyRow(.rangeTooLarge, .never, true, .none, .splitRange),
    RemedyRow(.resultTooLarge, .never, true, .none, .splitRangeOrFilter),
    RemedyRow(.filterTooWide, .never, true, .none, .splitFilter),
    RemedyRow(.batchTooLarge, .never, true, .none, .halveBatch),
    RemedyRow(.rateLimited, .repeatedly, true, .rate, .lowerRate),
    RemedyRow(.quotaExhausted, .never, true, .park(.seconds(3_600)), .none),
    RemedyRow(.auth, .never, true, .park(nil), .none),
    RemedyRow(.methodUnsupported, .never, true, .none, .forgetMethod),
    RemedyRow(.blockUnavailable, .nearTip, true, .none, .repin),
    RemedyRow(.stateUnavailable, .never, true, .none, .learnLowerBound),
    RemedyRow(.reverted, .never, false, .none, .none),
    RemedyRow(.evmHalt, .never, false, .none, .resizeCall),
    RemedyRow(.callerBug, .never, true, .none, .none),
    RemedyRow(.timeout, .once, true, .counts(1), .shrink),
    RemedyRow(.serverError, .repeatedly, true, .counts(1), .none),
    RemedyRow(.transport, .repeatedly, true, .counts(1), .none),
    RemedyRow(.malformed, .once, true, .counts(3), .none),
    RemedyRow(.dishonest, .never, true, .quarantine(.seconds(86_400)), .none),
    RemedyRow(.local, .never, false, .none, .none),
]

@Suite struct RemedyTests {
    @Test func tableIsTheReference() {
        #expect(rows.map(\.failure) == RPCFailure.allCases)
        for row in rows {
            let expected = Remedy(
                retry: row.retry, triesElsewhere: row.elsewhere, blame: row.blame, reshape: row.reshape)
            #expect(row.failure.remedy == expected, "\(row.failure)")
        }
    }

    @Test(arguments: [
        (200, RPCFailure.serverError), (301, .serverError), (400, .callerBug), (401, .auth), (402, .quotaExhausted),
        (403, .auth),
        (404, .methodUnsupported), (405, .methodUnsupported), (408, .timeout), (413, .resultTooLarge),
        (415, .methodUnsupported),
        (429, .rateLimited), (500, .serverError), (502, .serverError), (503, .rateLimited), (504, .timeout),
    ])
    func status(_ status: Int, _ failure: RPCFailure) {
        #expect(RPCError.http(endpoint: "e", status: status, retryAfter: nil).failure == failure)
    }

    @Test func everyCaseHasItsClass() {
        let errors: [(RPCError, RPCFailure)] = [
            (.transport(endpoint: "e", what: "w"), .transport), (.untrusted(endpoint: "e", what: "w"), .auth),
            (.timeout(endpoint: "e"), .timeout), (.malformed(endpoint: "e", what: "w"), .malformed),
            (.tooLarge(endpoint: "e", limit: 1), .resultTooLarge), (.dishonest(endpoint: "e", what: "w"), .dishonest),
            (.saturated(endpoint: "e"), .local), (.notRecorded(method: "m"), .local), (.transcript("w"), .local),
            (.cancelled, .local), (.invalidURL("w"), .local),
        ]
        for (error, failure) in errors { #expect(error.failure == failure, "\(error)") }
    }

    /// A 403 is as often a firewall's answer to a burst as a verdict on the key.
    @Test func forbiddenIsAskedOnceMoreAfterASecond() {
        let error = RPCError.http(endpoint: "e", status: 403, retryAfter: nil)
        #expect(error.remedy.retry == .once)
        #expect(error.requestedWait == .seconds(1))
        #expect(RPCError.http(endpoint: "e", status: 401, retryAfter: nil).remedy.retry == .never)
    }

    @Test func messagesSayWhoWhatAndWhatToDo() {
        let node = NodeError(
            code: -32000, message: "header not found", data: nil, kind: .blockUnavailable, suggestion: nil)
        let lines = [
            RPCError.node(endpoint: "eth.example", method: "eth_call", node),
            .http(endpoint: "eth.example", status: 404, retryAfter: nil),
            .http(endpoint: "eth.example", status: 302, retryAfter: nil), .timeout(endpoint: "eth.example"),
            .tooLarge(endpoint: "eth.example", limit: 65_536), .notRecorded(method: "eth_chainId"),
        ].map(\.description)
        #expect(
            lines == [
                "eth.example refuses eth_call: header not found (code -32000)",
                "eth.example answers HTTP status 404: there is no JSON-RPC at this path",
                "eth.example answers HTTP status 302: it redirects, and a redirected request could lose its key to another host; "
                    + "use the final URL",
                "eth.example did not answer in time", "eth.example sent more than the 65536 bytes that are accepted",
                "the recording does not hold this eth_chainId; it was made by another version or command",
            ])
    }
}

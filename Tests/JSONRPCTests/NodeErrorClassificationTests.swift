@testable import JSONRPC
import Testing

/// One row of the tables: what an endpoint says, and what it means.
struct ClassificationRow: Sendable, CustomTestStringConvertible {
    let text: String
    var code = -32000
    var status = 200
    let kind: NodeErrorKind
    var suggestion: ClosedRange<UInt64>?
    var testDescription: String { "\(code) \(text)" }

    init(_ text: String, _ code: Int, status: Int = 200, _ kind: NodeErrorKind, hint: ClosedRange<UInt64>? = nil) {
        self.text = text
        self.code = code
        self.status = status
        self.kind = kind
        suggestion = hint
    }

    init(_ text: String, status: Int = 200, _ kind: NodeErrorKind) {
        self.init(text, -32000, status: status, kind)
    }
}

/// Reference of the data layer §2.2, in its order.
private let sizeRows: [ClassificationRow] = [
    ClassificationRow(
        "Based on your parameters and the response size limit, this block range should work: [0x64, 0xc8]", -32602,
        .resultTooLarge(limit: nil), hint: 100...200),
    ClassificationRow(
        "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range and no limit on the response "
            + "size. Based on your parameters, this block range should work: [0x0, 0x7cf]", -32602,
        .resultTooLarge(limit: nil), hint: 0...1999),
    ClassificationRow(
        "this block range should work: [0xc8, 0x64]", -32602, .resultTooLarge(limit: nil)),
    ClassificationRow(
        "query returned more than 10000 results. Try with this block range [0xA, 0xB].", -32005,
        .resultTooLarge(limit: 10_000), hint: 10...11),
    ClassificationRow("query returned more than 10000 results", -32005, .resultTooLarge(limit: 10_000)),
    ClassificationRow("query timeout exceeded", -32005, .resultTooLarge(limit: nil)),
    ClassificationRow(
        "query exceeds max results 20000, retry with the range 100-4567", -32602, .resultTooLarge(limit: 20_000),
        hint: 100...4567),
    ClassificationRow("query exceeds max results (20000)", -32005, .resultTooLarge(limit: 20_000)),
    ClassificationRow("query exceeds max block range 100000", -32602, .rangeTooLarge(limit: 100_000)),
    ClassificationRow("exceed maximum block range 50000", -32602, .rangeTooLarge(limit: 50_000)),
    ClassificationRow("exceed maximum block range: 5000", -32000, .rangeTooLarge(limit: 5_000)),
    ClassificationRow("Requested range exceeds maximum RPC range limit", -32005, .rangeTooLarge(limit: 5_000)),
    ClassificationRow("eth_getLogs is limited to a 10,000 range", -32614, status: 413, .rangeTooLarge(limit: 10_000)),
    ClassificationRow("eth_getLogs is limited to a 1000 blocks range", .rangeTooLarge(limit: 1_000)),
    ClassificationRow("limited to a 50 block range", .rangeTooLarge(limit: 50)),
    ClassificationRow("eth_getLogs is limited to 1024 block range. Please check", .rangeTooLarge(limit: 1_024)),
    ClassificationRow(
        "Under the Free tier plan, you can make eth_getLogs requests with up to a 10 block range.", -32600,
        .rangeTooLarge(limit: 10)),
    ClassificationRow("block range is too wide", -32600, .rangeTooLarge(limit: 3_000)),
    ClassificationRow("maximum [from, to] blocks distance: 500", .rangeTooLarge(limit: 500)),
    ClassificationRow("block range is too wide (maximum 1024)", .rangeTooLarge(limit: 1_024)),
    ClassificationRow("Block range limit exceeded.", -32005, .rangeTooLarge(limit: 10_000)),
    ClassificationRow("Max range: 800", .rangeTooLarge(limit: 800)),
    ClassificationRow("Maximum allowed number of requested blocks is 1000", .rangeTooLarge(limit: 1_000)),
    ClassificationRow(
        "requested too many blocks from 1 to 5000, maximum is set to 2048", .rangeTooLarge(limit: 2_048)),
    ClassificationRow("please limit the query to at most 1000 blocks", .rangeTooLarge(limit: 1_000)),
    ClassificationRow("exceeds the range allowed for your plan (9999 > 3000)", .rangeTooLarge(limit: 3_000)),
    ClassificationRow("block range greater than 10000 max", .rangeTooLarge(limit: 10_000)),
    ClassificationRow("block range exceeds 1000", .rangeTooLarge(limit: 1_000)),
    ClassificationRow("query must be smaller than size 1024", .rangeTooLarge(limit: 1_024)),
    ClassificationRow("up to a 2_000 block range", .rangeTooLarge(limit: 2_000)),
    ClassificationRow("exceed max block range: 5000", .rangeTooLarge(limit: 5_000)),
    ClassificationRow("eth_getLogs range is too large, max is 1k blocks", .rangeTooLarge(limit: 1_000)),
    ClassificationRow("eth_getLogs range is too large, max is 10k blocks", .rangeTooLarge(limit: 10_000)),
    ClassificationRow("block range too large", .rangeTooLarge(limit: nil)),
    ClassificationRow(
        "block range too large (5000), maximum allowed is 2000 blocks", .rangeTooLarge(limit: 2_000)),
    ClassificationRow("Block range is too large", .resultTooLarge(limit: nil)),
    ClassificationRow("backend response too large", .resultTooLarge(limit: nil)),
    ClassificationRow("no backend is currently healthy to serve traffic", -32011, .resultTooLarge(limit: nil)),
    ClassificationRow("logs matched by query exceeds limit of 10000", .resultTooLarge(limit: 10_000)),
    ClassificationRow("response size should not greater than 10000000 bytes", .resultTooLarge(limit: nil)),
    ClassificationRow("Response is too big \"Exceeded max limit of 167772160\"", -32008, .resultTooLarge(limit: nil)),
    ClassificationRow("response too large", -32003, .resultTooLarge(limit: nil)),
    ClassificationRow("ranges over 10000 blocks are not supported on freetier", 35, .rangeTooLarge(limit: 10_000)),
    ClassificationRow("exceeded max allowed addresses", -32012, .resultTooLarge(limit: nil)),
    ClassificationRow("range threshold exceeded", -32012, .resultTooLarge(limit: nil)),
    ClassificationRow("too many logs", .resultTooLarge(limit: nil)),
    ClassificationRow("more than 2000 logs", .resultTooLarge(limit: 2_000)),
    ClassificationRow("20000 logs returned", .resultTooLarge(limit: nil)),
    ClassificationRow("limit the query", .resultTooLarge(limit: nil)),
    ClassificationRow("try paginating", .resultTooLarge(limit: nil)),
    ClassificationRow("returned more than it should", .resultTooLarge(limit: nil)),
    ClassificationRow(
        "call returned result on length 120000 exceeding --rpc.returndata.limit 100000", .resultTooLarge(limit: nil)),
    ClassificationRow("call returned result of length 120000 exceeding limit 100000", .resultTooLarge(limit: nil)),
    // Numbers that no endpoint means.
    ClassificationRow("exceed maximum block range: 0", .rangeTooLarge(limit: nil)),
    ClassificationRow("exceed maximum block range: 10000001", .rangeTooLarge(limit: nil)),
    ClassificationRow("exceed maximum block range: 99999999999999999999999", -32602, .callerBug),
    ClassificationRow("batch too large", -32600, .batchTooLarge),
    ClassificationRow("Number of requests exceeds max batch size", -32005, .batchTooLarge),
]

/// §2.1, steps 3 to 13, and §2.3.
private let otherRows: [ClassificationRow] = [
    ClassificationRow("exceed max addresses or topics per search position", -32602, .filterTooWide),
    ClassificationRow("exceed max topics", -32602, .filterTooWide),
    ClassificationRow("please specify less number of address", .filterTooWide),
    ClassificationRow("This query contains 6000 filters. The current limit is 5000.", -32005, .filterTooWide),
    ClassificationRow("sender is over rate limit", 429, .callerBug),
    ClassificationRow("whatever", status: 402, .quotaExhausted),
    ClassificationRow("Monthly capacity limit exceeded. Visit https://example/billing", 429, .quotaExhausted),
    ClassificationRow("you have reached the free tier limit", .quotaExhausted),
    ClassificationRow("limit for your current plan", -32005, .quotaExhausted),
    ClassificationRow("whatever", status: 429, .rateLimited(wait: nil)),
    ClassificationRow("whatever", 429, .rateLimited(wait: nil)),
    ClassificationRow("whatever", -32005, .rateLimited(wait: nil)),
    ClassificationRow("25/second request limit reached", -32007, .rateLimited(wait: nil)),
    ClassificationRow("whatever", -32009, .rateLimited(wait: nil)),
    ClassificationRow("not enough credits", -32012, .rateLimited(wait: nil)),
    ClassificationRow("rate limit", -32016, .rateLimited(wait: nil)),
    ClassificationRow("whatever", -32055, .rateLimited(wait: nil)),
    ClassificationRow("rate exceeded", .rateLimited(wait: nil)),
    ClassificationRow("too many requests, try again in 10s", .rateLimited(wait: .seconds(10))),
    ClassificationRow("too many requests, retry after 250ms", .rateLimited(wait: .milliseconds(250))),
    ClassificationRow("too many requests: retry in 2 minutes", .rateLimited(wait: .seconds(120))),
    ClassificationRow("credits limited to 6000/sec", .rateLimited(wait: nil)),
    ClassificationRow("your app has exceeded its capacity", .rateLimited(wait: nil)),
    ClassificationRow("you exceeded the quota", .rateLimited(wait: nil)),
    ClassificationRow("you reached the quota", .rateLimited(wait: nil)),
    ClassificationRow("compute units per second", .rateLimited(wait: nil)),
    ClassificationRow("maximum number of concurrent requests", .rateLimited(wait: nil)),
    ClassificationRow("under too much load", .rateLimited(wait: nil)),
    ClassificationRow("error code: 1015", .rateLimited(wait: nil)),
    ClassificationRow("daily request count exceeded, request rate limited", -32005, .rateLimited(wait: nil)),
    ClassificationRow("header not found", .blockUnavailable),
    ClassificationRow("header for hash not found", .blockUnavailable),
    ClassificationRow("block not found", -39001, .blockUnavailable),
    ClassificationRow("Unknown block", 3, .blockUnavailable),
    ClassificationRow("could not find block", .blockUnavailable),
    ClassificationRow("cannot query after last accepted block", .blockUnavailable),
    ClassificationRow("cannot query unfinalized data", .blockUnavailable),
    ClassificationRow("request beyond head block", .blockUnavailable),
    ClassificationRow("block range extends beyond current head block", -32602, .blockUnavailable),
    ClassificationRow("block 9 is greater than latest 8", .blockUnavailable),
    ClassificationRow("height must be less than or equal to the head", .blockUnavailable),
    ClassificationRow("hash is not currently canonical", .blockUnavailable),
    ClassificationRow("transaction indexing is not yet complete, please try again later", .blockUnavailable),
    ClassificationRow("block 0x12 is not processed yet", .blockUnavailable),
    ClassificationRow("One of the blocks specified in filter (fromBlock) cannot be found.", .blockUnavailable),
    ClassificationRow("resource not found", -32001, .blockUnavailable),
    ClassificationRow("missing trie node 7f (path )", .stateUnavailable(earliest: nil)),
    ClassificationRow("historical state 0xab is not available", .stateUnavailable(earliest: nil)),
    ClassificationRow("No state available for block 0x1", -32002, .stateUnavailable(earliest: nil)),
    ClassificationRow("state at block #5 is pruned", .stateUnavailable(earliest: nil)),
    ClassificationRow("old data not available due to pruning", .stateUnavailable(earliest: nil)),
    ClassificationRow("no historical RPC is available for this", .stateUnavailable(earliest: nil)),
    ClassificationRow("state histories haven't been fully indexed yet", .stateUnavailable(earliest: nil)),
    ClassificationRow("required historical state unavailable (reexec=128)", .stateUnavailable(earliest: nil)),
    ClassificationRow("distance to target block exceeds maximum proof window", .stateUnavailable(earliest: nil)),
    ClassificationRow("state is purged for block 5", .stateUnavailable(earliest: nil)),
    ClassificationRow("gone", 4444, .stateUnavailable(earliest: nil)),
    ClassificationRow(
        "pruned history unavailable: requested 5, earliest available 15537394", 4444,
        .stateUnavailable(earliest: 15_537_394)),
    ClassificationRow("block 5 has been pruned; earliest available is 100", .stateUnavailable(earliest: 100)),
    ClassificationRow("state already discarded for 0x1", .stateUnavailable(earliest: nil)),
    ClassificationRow(
        "access to archival, debug, or trace data is not included in your current plan",
        .stateUnavailable(earliest: nil)),
    ClassificationRow("execution reverted: no", 3, .reverted),
    ClassificationRow("", 3, .reverted),
    ClassificationRow("execution reverted", .reverted),
    ClassificationRow("VM Exception while processing transaction: revert", .reverted),
    ClassificationRow("call reverted", -32015, .reverted),
    ClassificationRow("out of gas", .evmHalt),
    ClassificationRow("gas uint64 overflow", .evmHalt),
    ClassificationRow("invalid opcode: INVALID", .evmHalt),
    ClassificationRow("stack underflow (0 <=> 1)", .evmHalt),
    ClassificationRow("EVM error: StackUnderflow", .evmHalt),
    ClassificationRow("EVM error: InvalidFEOpcode", .evmHalt),
    ClassificationRow("max code size exceeded", .evmHalt),
    ClassificationRow("max initcode size exceeded", .evmHalt),
    ClassificationRow("intrinsic gas too low", .evmHalt),
    ClassificationRow("intrinsic gas too high", .evmHalt),
    ClassificationRow("insufficient gas for floor data gas cost", .evmHalt),
    ClassificationRow("whatever", -32601, .methodUnsupported),
    ClassificationRow("whatever", -32004, .methodUnsupported),
    ClassificationRow("this method is unknown here", -32001, .methodUnsupported),
    ClassificationRow("whatever", status: 405, .methodUnsupported),
    ClassificationRow("whatever", status: 415, .methodUnsupported),
    ClassificationRow("Unsupported method: eth_getProof", .methodUnsupported),
    ClassificationRow("the method eth_x does not exist/is not available", .methodUnsupported),
    ClassificationRow("rpc method is not whitelisted", .methodUnsupported),
    ClassificationRow("eth_getLogs is disabled", .methodUnsupported),
    ClassificationRow("this API is not included in your current plan", .methodUnsupported),
    ClassificationRow("whatever", -32612, .methodUnsupported),
    ClassificationRow("whatever", -32613, .methodUnsupported),
    ClassificationRow("whatever", status: 401, .auth),
    ClassificationRow("whatever", status: 403, .auth),
    ClassificationRow("invalid api key", .auth),
    ClassificationRow("key is inactive", .auth),
    ClassificationRow("you must be authenticated", .auth),
    ClassificationRow("unknown access key", .auth),
    ClassificationRow("invalid argument 0: hex string without 0x prefix", -32602, .callerBug),
    ClassificationRow("invalid request", -32600, .callerBug),
    ClassificationRow("request timed out", -32002, .timeout),
    ClassificationRow("execution aborted (timeout = 5s)", .timeout),
    ClassificationRow("whatever", status: 503, .rateLimited(wait: .milliseconds(500))),
    ClassificationRow("whatever", -32603, .serverError),
    ClassificationRow("", .serverError),
    ClassificationRow("whatever", status: 500, .serverError),
]

@Suite struct NodeErrorClassificationTests {
    @Test(arguments: sizeRows + otherRows)
    func row(_ row: ClassificationRow) {
        let (kind, suggestion) = NodeErrorKind.classify(.init(code: row.code, text: row.text, status: row.status))
        #expect(kind == row.kind)
        #expect(suggestion == row.suggestion)
    }

    /// Every pattern of every table is reached by some row: none is dead behind an earlier one.
    @Test func everyPatternIsTested() {
        let texts = (sizeRows + otherRows).map { Array($0.text.lowercased().utf8) }
        let tables = [
            NodeErrorTexts.notRoutable, NodeErrorTexts.quota, NodeErrorTexts.rate, NodeErrorTexts.block,
            NodeErrorTexts.state, NodeErrorTexts.revert,
        ]
        for pattern in tables.joined() {
            #expect(texts.contains { pattern.numbers(in: $0) != nil }, "\(pattern)")
        }
    }

    @Test func headerOutranksWords() {
        let kind = NodeErrorKind.classify(.init(code: 429, text: "try again in 5s", wait: .seconds(2))).kind
        #expect(kind == .rateLimited(wait: .seconds(2)))
    }

    @Test func onlyTheFirst4096BytesAreRead() {
        let text = String(repeating: "x", count: 4_096) + "execution reverted"
        #expect(NodeErrorKind.classify(.init(code: -32000, text: text)).kind == .serverError)
    }
}

@Suite struct TextPatternTests {
    private func numbers(_ pattern: TextPattern, _ text: String) -> [UInt64]? { pattern.numbers(in: Array(text.utf8)) }

    @Test func numbersTakeSeparators() {
        #expect(numbers("at (N)", "at 1,000,000.") == [1_000_000])
        #expect(numbers("at (N)", "at 1_000") == [1_000])
        #expect(numbers("at (N)", "at 10k blocks") == [10_000])
        #expect(numbers("at (N)", "at ten") == nil)
        #expect(numbers("at (N)", "at ") == nil)
    }

    @Test func hexIsBounded() {
        #expect(numbers("[(H), (H)]", "[0x1, 0xff]") == [1, 255])
        #expect(numbers("[(H)]", "[0xffffffffffffffff]") == [.max])
        #expect(numbers("[(H)]", "[0x10000000000000000]") == nil)
        #expect(numbers("[(H)]", "[0x]") == nil)
    }

    @Test func gapsAreBounded() {
        #expect(numbers("a*b", "a" + String(repeating: "-", count: 200) + "b") == [])
        #expect(numbers("a*b", "a" + String(repeating: "-", count: 201) + "b") == nil)
        #expect(numbers("a*b", "a") == nil)
    }
}

/// What nodes and providers say, as data. Matched in order, in lower case.
///
/// Sources: ponder-sh/ponder `getLogsRetryHelper.ts@9ad4a442d`, enviodev/hyperindex `classify.rs@700e43ac8`,
/// joshstevens19/rindexer
/// `fetch_logs.rs@32d7fc24`, erpc/erpc `error_normalizer.go@2f9eceff`, alloy-rs/alloy `error.rs@e1b4bf79c`,
/// drpcorg/dshackle
/// `EthereumLowerBoundStateDetector.kt@63bc5e7e`, paradigmxyz/reth `filter.rs@7b3432d950`, ethereum/go-ethereum
/// `filter.go@02b73d4ea7`,
/// bnb-chain/bsc `filter.go@3cf904341`, hyperledger/besu `RpcErrorType.java@3fd224e2e4`.
enum NodeErrorTexts {
    /// A text about the size of a question.
    struct Size: Sendable {
        enum Meaning: Sendable, Equatable {
            /// The last number is the limit in blocks.
            case range
            /// The numbers are a limit that lies elsewhere; the endpoint's own is assumed.
            case rangeAssumed(UInt64)
            /// The last number is the limit in logs.
            case logs
            /// The answer is too large or slow; its numbers are no count of logs.
            case density
            /// The numbers are the first and last block that would work.
            case suggestion
            /// The same beside a reason, and none by itself.
            case hint
            /// The first number is the limit in logs, the others the first and last block that would work.
            case logsAndSuggestion
            case filter, batch
        }

        let pattern: TextPattern
        let meaning: Meaning

        init(_ pattern: TextPattern, _ meaning: Meaning) {
            self.pattern = pattern
            self.meaning = meaning
        }
    }

    /// Before any code: -32005 means too many logs and too many requests alike.
    static let size: [Size] = [
        Size("this block range should work: [(H), (H)]", .suggestion),
        Size("try with this block range [(H), (H)]", .suggestion),
        Size(#""from":"(H)"*"to":"(H)""#, .hint),
        Size("query exceeds max results (N), retry with the range (N)-(N)", .logsAndSuggestion),
        Size("query exceeds max results (N)", .logs),
        Size("query exceeds max results ((N))", .logs),
        Size("query returned more than (N) results", .logs),
        Size("logs matched by query exceeds limit of (N)", .logs),
        Size("query timeout exceeded", .density),
        Size("log response size exceeded", .density),
        Size("query exceeds max block range (N)", .range),
        Size("exceed maximum block range: (N)", .range),
        Size("exceed maximum block range (N)", .range),
        Size("exceed max block range: (N)", .range),
        Size("requested range exceeds maximum rpc range limit", .rangeAssumed(5_000)),
        Size("limited to a (N) block", .range),
        Size("limited to a (N) range", .range),
        Size("limited to (N) block", .range),
        Size("up to a (N) block range", .range),
        Size("block range is too wide (maximum (N))", .range),
        Size("block range is too wide", .rangeAssumed(3_000)),
        Size("blocks distance: (N)", .range),
        Size("block range limit exceeded", .rangeAssumed(10_000)),
        Size("max range: (N)", .range),
        Size("allowed number of requested blocks is (N)", .range),
        Size("requested too many blocks from (N) to (N), maximum is set to (N)", .range),
        Size("limit the query to at most (N) blocks", .range),
        Size("exceeds the range allowed for your plan ((N) > (N))", .range),
        Size("block range greater than (N) max", .range),
        Size("block range exceeds (N)", .range),
        Size("query must be smaller than size (N)", .range),
        Size("eth_getlogs range is too large, max is (N)", .range),
        Size("maximum allowed is (N) blocks", .range),
        Size("block range too large", .range),
        Size("block range is too large", .density),
        Size("ranges over (N) blocks are not supported", .range),
        Size("backend response too large", .density),
        Size("no backend is currently healthy", .density),
        Size("response size should not greater than", .density),
        Size("range threshold exceeded", .density),
        Size("exceeded max allowed", .density),
        Size("call returned result o", .density),
        Size("too many logs", .density),
        Size("more than (N) logs", .logs),
        Size("(N) logs returned", .density),
        Size("limit the query", .density),
        Size("try paginating", .density),
        Size("batch too large", .batch),
        Size("exceeds max batch size", .batch),
        Size("batch limit", .batch),
        Size("batch size", .batch),
        Size("batch requests are not", .batch),
        Size("batching is not", .batch),
        Size("returned more than", .density),
        Size("is too big", .density),
        Size("response too large", .density),
        Size("exceed max addresses or topics", .filter),
        Size("exceed max topics", .filter),
        Size("specify less number of address", .filter),
        Size("filters*current limit is", .filter),
    ]

    static let notRoutable: [TextPattern] = ["sender is over rate limit"]

    static let quota: [TextPattern] = [
        "monthly capacity limit", "reached the free tier", "/billing", "limit for your current plan",
    ]

    static let rate: [TextPattern] = [
        "rate limit", "rate exceeded", "too many requests", "request limit", "credits limited", "has exceeded",
        "exceeded the quota", "reached the quota", "compute units per second", "maximum number of concurrent requests",
        "under too much load", "code: 1015", "daily request count exceeded",
    ]

    static let block: [TextPattern] = [
        "header not found", "header for hash not found", "block not found", "unknown block", "could not find block",
        "after last accepted block", "cannot query unfinalized", "request beyond head block",
        "block range extends beyond current head block", "greater than latest", "height must be less than or equal",
        "not currently canonical", "transaction indexing is not yet complete, please try again later",
        "block * not processed yet", "one of the blocks specified in filter*cannot be found",
    ]

    static let state: [TextPattern] = [
        "missing trie node", "historical state * not available", "no state available for block", "state at block",
        "old data not available due", "no historical rpc", "state histories haven't been fully indexed yet",
        "required historical state unavailable", "distance to target block exceeds maximum proof window",
        "purged for block", "pruned history unavailable", "has been pruned", "state already discarded for",
        "access to archival, debug, or trace data is not included in your current plan",
    ]

    /// The number is the first block whose state is left.
    static let earliest: [TextPattern] = ["earliest available is (N)", "earliest available (N)"]

    static let revert: [TextPattern] = ["execution reverted", "vm exception", "transaction: revert", "reverted"]

    static let halt: [TextPattern] = [
        "out of gas", "outofgas", "gas uint64 overflow", "invalid opcode", "invalid jump", "opcodenotfound",
        "stack underflow", "stack overflow", "stack limit", "stackunderflow", "stackoverflow", "evm error: ",
        "max code size exceeded", "max initcode size exceeded", "intrinsic gas too low", "intrinsic gas too high",
        "floor data gas",
    ]

    static let unsupported: [TextPattern] = [
        "unsupported method", "method*does not exist", "method*is not available", "not whitelisted", "is disabled",
        "not included in your current plan", "method not found", "method not supported", "method*is not supported",
    ]

    static let auth: [TextPattern] = [
        "invalid api key", "key is inactive", "must be authenticated", "access key", "unauthorized",
    ]

    static let time: [TextPattern] = [
        "request timed out", "execution aborted", "query timeout", "timed out", "timeout",
    ]

    /// How long to wait: a number behind one of these words, and how many milliseconds its unit has.
    static let waits: [(pattern: TextPattern, unit: UInt64)] = {
        let units: [(String, UInt64)] = [
            ("ms", 1), (" ms", 1), (" milli", 1), ("m", 60_000), (" min", 60_000), ("", 1_000),
        ]
        var rows: [(pattern: TextPattern, unit: UInt64)] = []
        for lead in ["try again in ", "retry after ", "retry in "] {
            for (word, unit) in units { rows.append((TextPattern(stringLiteral: lead + "(N)" + word), unit)) }
        }
        return rows
    }()
}

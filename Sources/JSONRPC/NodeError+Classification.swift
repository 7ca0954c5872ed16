/// One text that nodes use, and what it means. `(N)` stands for a number, which is the limit.
struct ErrorText: Sendable {
    /// What a number in the text limits.
    enum Meaning: Sendable {
        case range, results, filter, batch
    }

    let pattern: String
    let meaning: Meaning
    /// The limit where the text has no number but its sender's limit is known.
    var assumed: UInt64?
}

extension NodeErrorKind {
    /// Texts about the size of a question, before any code: -32005 means too many logs and too many requests alike.
    ///
    /// Sources: reference of the data layer §2.2; ponder `getLogsRetryHelper.ts@9ad4a442d`, hyperindex `classify.rs@700e43ac8`,
    /// rindexer `fetch_logs.rs@32d7fc24`, erpc `error_normalizer.go@2f9eceff`, and the nodes' own sources.
    static let sizeTexts: [ErrorText] = [
        ErrorText(pattern: "query returned more than (N) results", meaning: .results),
        ErrorText(pattern: "query exceeds max results (N)", meaning: .results),
        ErrorText(pattern: "logs matched by query exceeds limit of (N)", meaning: .results),
        ErrorText(pattern: "query exceeds max block range (N)", meaning: .range),
        ErrorText(pattern: "exceed maximum block range: (N)", meaning: .range),
        ErrorText(pattern: "exceed maximum block range (N)", meaning: .range),
        ErrorText(pattern: "exceed max block range: (N)", meaning: .range),
        ErrorText(pattern: "requested range exceeds maximum rpc range limit", meaning: .range, assumed: 5_000),
        ErrorText(pattern: "eth_getlogs is limited to a (N) range", meaning: .range),
        ErrorText(pattern: "limited to a (N) block", meaning: .range),
        ErrorText(pattern: "limited to (N) block", meaning: .range),
        ErrorText(pattern: "up to a (N) block range", meaning: .range),
        ErrorText(pattern: "block range is too wide (maximum (N))", meaning: .range),
        ErrorText(pattern: "block range is too wide", meaning: .range, assumed: 3_000),
        ErrorText(pattern: "blocks distance: (N)", meaning: .range),
        ErrorText(pattern: "block range limit exceeded", meaning: .range, assumed: 10_000),
        ErrorText(pattern: "max range: (N)", meaning: .range),
        ErrorText(pattern: "allowed number of requested blocks is (N)", meaning: .range),
        ErrorText(pattern: "requested too many blocks from (N) to (N), maximum is set to (N)", meaning: .range),
        ErrorText(pattern: "limit the query to at most (N) blocks", meaning: .range),
        ErrorText(pattern: "exceeds the range allowed for your plan ((N) > (N))", meaning: .range),
        ErrorText(pattern: "block range greater than (N) max", meaning: .range),
        ErrorText(pattern: "block range exceeds (N)", meaning: .range),
        ErrorText(pattern: "query must be smaller than size (N)", meaning: .range),
        ErrorText(pattern: "eth_getlogs range is too large, max is (N)", meaning: .range),
        ErrorText(pattern: "maximum allowed is (N) blocks", meaning: .range),
        ErrorText(pattern: "block range too large", meaning: .range),
        ErrorText(pattern: "block range is too large", meaning: .range),
        ErrorText(pattern: "ranges over (N) blocks are not supported", meaning: .range),
        ErrorText(pattern: "this block range should work", meaning: .results),
        ErrorText(pattern: "try with this block range", meaning: .results),
        ErrorText(pattern: "query timeout exceeded", meaning: .results),
        ErrorText(pattern: "backend response too large", meaning: .results),
        ErrorText(pattern: "no backend is currently healthy", meaning: .results),
        ErrorText(pattern: "response size should not greater than", meaning: .results),
        ErrorText(pattern: "log response size exceeded", meaning: .results),
        ErrorText(pattern: "range threshold exceeded", meaning: .results),
        ErrorText(pattern: "exceeded max allowed", meaning: .results),
        ErrorText(pattern: "call returned result", meaning: .results),
        ErrorText(pattern: "too many logs", meaning: .results),
        ErrorText(pattern: "more than (N) logs", meaning: .results),
        ErrorText(pattern: "(N) logs returned", meaning: .results),
        ErrorText(pattern: "limit the query", meaning: .results),
        ErrorText(pattern: "try paginating", meaning: .results),
        ErrorText(pattern: "returned more than", meaning: .results),
        ErrorText(pattern: "is too big", meaning: .results),
        ErrorText(pattern: "response too large", meaning: .results),
        ErrorText(pattern: "batch too large", meaning: .batch),
        ErrorText(pattern: "exceeds max batch size", meaning: .batch),
        ErrorText(pattern: "batch limit", meaning: .batch),
        ErrorText(pattern: "batch requests are not", meaning: .batch),
        ErrorText(pattern: "exceed max addresses or topics", meaning: .filter),
        ErrorText(pattern: "exceed max topics", meaning: .filter),
        ErrorText(pattern: "specify less number of address", meaning: .filter),
    ]

    private static let quotaTexts = [
        "monthly capacity limit", "reached the free tier", "/billing", "limit for your current plan",
    ]
    private static let rateTexts = [
        "rate limit", "rate exceeded", "too many requests", "request limit", "credits limited", "has exceeded",
        "exceeded the quota", "reached the quota", "compute units per second", "maximum number of concurrent requests",
        "under too much load", "code: 1015", "daily request count exceeded",
    ]
    private static let blockTexts = [
        "header not found", "header for hash not found", "block not found", "unknown block", "could not find block",
        "after last accepted block", "cannot query unfinalized", "request beyond head block",
        "block range extends beyond current head block", "greater than latest", "height must be less than or equal",
        "not currently canonical", "transaction indexing is not yet complete", "not processed yet",
        "one of the blocks specified in filter", "hash is not currently canonical",
    ]
    private static let stateTexts = [
        "missing trie node", "historical state", "no state available for block", "state at block",
        "old data not available due", "no historical rpc", "state histories haven't been fully indexed yet",
        "required historical state unavailable", "exceeds maximum proof window", "purged for block",
        "pruned history unavailable", "has been pruned", "state already discarded for",
        "access to archival, debug, or trace data",
    ]
    private static let haltTexts = [
        "out of gas", "gas uint64 overflow", "invalid opcode", "stack underflow", "stack limit", "evm error: ",
        "max code size exceeded", "max initcode size exceeded", "intrinsic gas too", "floor data gas", "outofgas",
    ]
    private static let unsupportedTexts = [
        "unsupported method", "does not exist/is not available", "not whitelisted", "is disabled",
        "not included in your current plan", "method not found", "method not supported",
    ]
    private static let authTexts = ["invalid api key", "key is inactive", "must be authenticated", "access key"]
    private static let timeoutTexts = ["request timed out", "execution aborted", "timed out", "timeout"]

    /// Classifies a node's error by its words first, then by its code, in the order of the reference §2.1.
    static func classify(code: Int, text: String, status: Int, backoff: UInt64?) -> NodeErrorKind {
        let text = text.lowercased()
        func has(_ words: [String]) -> Bool { words.contains { text.range(of: $0) != nil } }
        for row in sizeTexts {
            guard let numbers = match(row.pattern, in: text) else { continue }
            let limit = numbers.last.flatMap { $0 > 0 && $0 <= 10_000_000 ? $0 : nil } ?? row.assumed
            switch row.meaning {
            case .range: return .rangeTooLarge(limit: limit)
            case .results: return .resultTooLarge(limit: limit)
            case .filter: return .filterTooWide
            case .batch: return .batchTooLarge
            }
        }
        if text.range(of: "filters") != nil, text.range(of: "current limit is") != nil { return .filterTooWide }
        if text.range(of: "sender is over rate limit") != nil { return .callerBug }
        if status == 402 || has(quotaTexts) { return .quotaExhausted }
        if status == 429 || [429, -32005, -32007, -32009, -32012, -32016, -32055].contains(code) || has(rateTexts) {
            return .rateLimited(seconds: backoff ?? seconds(in: text))
        }
        if has(blockTexts) { return .blockUnavailable }
        if code == 4444 || has(stateTexts) {
            return .stateUnavailable(earliest: match("earliest available is (N)", in: text)?.last
                ?? match("earliest available (N)", in: text)?.last)
        }
        if code == 3 || has(["execution reverted", "vm exception", "transaction: revert", "reverted"]) { return .reverted }
        if has(haltTexts) { return .evmHalt }
        if [-32601, -32004, -32612, -32613].contains(code) || status == 405 || status == 415 || has(unsupportedTexts) {
            return .methodUnsupported
        }
        if status == 401 || status == 403 || has(authTexts) { return .auth }
        if has(timeoutTexts) { return .timeout }
        if code == -32602 || code == -32600 { return .callerBug }
        return .serverError
    }

    /// The numbers that stand for `(N)` where `text` holds `pattern`; nil where it does not.
    static func match(_ pattern: String, in text: String) -> [UInt64]? {
        let parts = pieces(pattern)
        let bytes = Array(text.utf8)
        for start in bytes.indices {
            if let numbers = match(parts, bytes, from: start) { return numbers }
        }
        return nil
    }

    private static func pieces(_ pattern: String) -> [[UInt8]] {
        var parts: [[UInt8]] = [[]]
        var rest = Array(pattern.utf8)[...]
        while let byte = rest.first {
            if rest.starts(with: "(N)".utf8) {
                parts.append([])
                rest = rest.dropFirst(3)
            } else {
                parts[parts.count - 1].append(byte)
                rest = rest.dropFirst()
            }
        }
        return parts
    }

    private static func match(_ parts: [[UInt8]], _ text: [UInt8], from start: Int) -> [UInt64]? {
        var position = start
        var numbers: [UInt64] = []
        for (index, part) in parts.enumerated() {
            if index > 0 {
                guard let (number, end) = number(text, position) else { return nil }
                numbers.append(number)
                position = end
            }
            guard text.count - position >= part.count, text[position..<position + part.count].elementsEqual(part) else {
                return nil
            }
            position += part.count
        }
        return numbers
    }

    /// A decimal number with separators, `k` for thousands, and perhaps an opening bracket before it.
    private static func number(_ text: [UInt8], _ start: Int) -> (UInt64, Int)? {
        var position = start
        while position < text.count, text[position] == UInt8(ascii: "(") { position += 1 }
        var value: UInt64 = 0
        var digits = 0
        while position < text.count {
            let byte = text[position]
            if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
                digits += 1
                guard digits <= 18 else { return nil }
                value = value * 10 + UInt64(byte - UInt8(ascii: "0"))
            } else if digits == 0 || !",._".utf8.contains(byte) || position + 1 == text.count
                || !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[position + 1])
            {
                break
            }
            position += 1
        }
        guard digits > 0 else { return nil }
        if position < text.count, text[position] == UInt8(ascii: "k") {
            value *= 1_000
            position += 1
        }
        return (value, position)
    }

    /// `try again in 10 s`, `retry after 3s`, `… 250ms`.
    private static func seconds(in text: String) -> UInt64? {
        for lead in ["try again in (N)", "retry after (N)", "retry in (N)"] {
            if let number = match(lead + "ms", in: text)?.last ?? match(lead + " ms", in: text)?.last {
                return (number + 999) / 1_000
            }
            if let number = match(lead, in: text)?.last { return number }
        }
        return nil
    }
}

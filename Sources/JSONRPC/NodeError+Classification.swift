extension NodeErrorKind {
    /// What is known of a node's error before it is classified.
    struct Evidence {
        var code: Int
        /// The node's words and data, as they came.
        var text: String
        /// The HTTP status that carried them.
        var status = 200
        /// What a header or a member asked to wait.
        var wait: Duration?
    }

    /// Classifies by words first, then by code: code alone confuses a query that is too large with a client that is
    /// too fast.
    ///
    /// - Returns: the class, and the blocks that the node says would work.
    static func classify(_ evidence: Evidence) -> (kind: NodeErrorKind, suggestion: ClosedRange<UInt64>?) {
        let text = evidence.text.utf8.prefix(4_096).map { $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 }
        var suggestion: ClosedRange<UInt64>?
        var isSuggestion = false
        for row in NodeErrorTexts.size {
            guard let numbers = row.pattern.numbers(in: text) else { continue }
            if suggestion == nil { suggestion = row.meaning.suggestion(numbers) }
            if row.meaning == .hint { continue }
            // A suggestion stands beside the reason, which a later row names.
            isSuggestion = row.meaning == .suggestion
            if !isSuggestion { return (row.meaning.kind(numbers), suggestion) }
        }
        if isSuggestion { return (.resultTooLarge(limit: nil), suggestion) }
        return (byWords(evidence, text) ?? byCode(evidence, text), nil)
    }

    private static func byWords(_ evidence: Evidence, _ text: [UInt8]) -> NodeErrorKind? {
        func has(_ patterns: [TextPattern]) -> Bool { patterns.contains { $0.numbers(in: text) != nil } }
        let code = evidence.code
        if has(NodeErrorTexts.notRoutable) { return .callerBug }
        if evidence.status == 402 || has(NodeErrorTexts.quota) { return .quotaExhausted }
        if evidence.status == 429 || [429, -32005, -32009, -32055].contains(code)
            || code == -32012 && has(["credits"]) || has(NodeErrorTexts.rate)
        {
            return .rateLimited(wait: evidence.wait ?? wait(in: text))
        }
        if has(NodeErrorTexts.block) { return .blockUnavailable }
        if code == 4444 || has(NodeErrorTexts.state) {
            return .stateUnavailable(
                earliest: NodeErrorTexts.earliest.lazy.compactMap { $0.numbers(in: text)?.last }.first)
        }
        if code == 3 || has(NodeErrorTexts.revert) { return .reverted }
        if has(NodeErrorTexts.halt) { return .evmHalt }
        if [-32601, -32004, -32612, -32613].contains(code) || code == -32001 && has(["method"])
            || evidence.status == 405 || evidence.status == 415 || has(NodeErrorTexts.unsupported)
        {
            return .methodUnsupported
        }
        if evidence.status == 401 || evidence.status == 403 || has(NodeErrorTexts.auth) { return .auth }
        return nil
    }

    private static func byCode(_ evidence: Evidence, _ text: [UInt8]) -> NodeErrorKind {
        // EIP-1898 recommends -32001 for a hash that is not known.
        if evidence.code == -32001 { return .blockUnavailable }
        if evidence.code == -32602 || evidence.code == -32600 { return .callerBug }
        if NodeErrorTexts.time.contains(where: { $0.numbers(in: text) != nil }) { return .timeout }
        if evidence.status == 503 { return .rateLimited(wait: evidence.wait ?? .milliseconds(500)) }
        return .serverError
    }

    private static func wait(in text: [UInt8]) -> Duration? {
        for (pattern, unit) in NodeErrorTexts.waits {
            if let number = pattern.numbers(in: text)?.last { return .milliseconds(min(number, 1_000_000) * unit) }
        }
        return nil
    }
}

extension NodeErrorTexts.Size.Meaning {
    func kind(_ numbers: [UInt64]) -> NodeErrorKind {
        switch self {
        case .range: .rangeTooLarge(limit: Self.limit(numbers.last))
        case .rangeAssumed(let limit): .rangeTooLarge(limit: limit)
        case .logs: .resultTooLarge(limit: Self.limit(numbers.last))
        case .logsAndSuggestion: .resultTooLarge(limit: Self.limit(numbers.first))
        case .density, .suggestion, .hint: .resultTooLarge(limit: nil)
        case .filter: .filterTooWide
        case .batch: .batchTooLarge
        }
    }

    func suggestion(_ numbers: [UInt64]) -> ClosedRange<UInt64>? {
        guard [.suggestion, .hint, .logsAndSuggestion].contains(self), numbers.count >= 2 else { return nil }
        let (first, last) = (numbers[numbers.count - 2], numbers[numbers.count - 1])
        // Hints were seen the wrong way round; those say nothing.
        return first <= last ? first...last : nil
    }

    /// Zero and what no node would answer are no limits.
    private static func limit(_ number: UInt64?) -> UInt64? {
        number.flatMap { $0 > 0 && $0 <= 10_000_000 ? $0 : nil }
    }
}

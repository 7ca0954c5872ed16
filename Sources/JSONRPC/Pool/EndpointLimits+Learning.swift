extension EndpointLimits {
    private static let returnLimits: [TextPattern] = ["returndata.limit (N)", "exceeding limit (N)"]

    /// Takes what a refusal of `request` says about the endpoint for good.
    mutating func learn(from error: RPCError, to request: RPCRequest, at now: UInt64) {
        guard case .node(_, _, let node) = error else {
            if error.failure == .methodUnsupported { lacks(method: request.method, at: now) }
            return
        }
        switch node.kind {
        case .rangeTooLarge(let limit):
            // A limit that the refused question kept, or none at all: half of what was refused.
            let half = request.needs.blocks.map { max(1, $0 / 2) }
            let isKept = limit.map { limit in request.needs.blocks.map { $0 <= limit } ?? false } ?? true
            if let most = isKept ? half : limit { learn(.blockRange, most, at: now) }
        case .resultTooLarge(let limit):
            if request.kind == .logs, let limit { learn(.results, limit, at: now) }
            if request.kind == .call, let bytes = Self.returnLimit(node.message) {
                learn(.returnBytes, bytes, at: now)
            }
        case .stateUnavailable(let earliest):
            if let earliest = earliest ?? request.needs.state.map({ $0 &+ 1 }) {
                learn(.earliestState, earliest, at: now)
            }
        case .methodUnsupported: lacks(method: request.method, at: now)
        default: break
        }
    }

    private static func returnLimit(_ message: String) -> UInt64? {
        let text = Array(message.lowercased().utf8)
        return returnLimits.lazy.compactMap { $0.numbers(in: text)?.last }.first.flatMap { $0 > 0 ? $0 : nil }
    }
}

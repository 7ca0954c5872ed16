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
            // A limit that the refused question kept cannot be the one that it broke.
            let broken = request.needs.blocks.map { max(1, $0 - min($0, 1)) }
            if let limit {
                learn(.blockRange, min(limit, broken ?? limit), at: now)
            } else if let blocks = request.needs.blocks {
                learn(.blockRange, max(1, blocks / 2), at: now)
            }
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

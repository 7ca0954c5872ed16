/// How many blocks the next log query spans, learned from what the endpoint answered. Does no I/O.
///
/// The width is predicted from the density of logs, so that one refusal is enough to find the right size; it grows by a
/// factor of two at most, and only after a query of full width passed.
struct LogWidth: Equatable {
    /// Blocks of the next query.
    private(set) var blocks: UInt64
    /// The endpoint's own limit on blocks, once it said so.
    private(set) var structuralCap: UInt64 = .max
    /// The endpoint's limit on logs.
    private(set) var resultCap: UInt64
    /// Logs in 2^20 blocks, smoothed.
    private var density: UInt64 = 0
    init(blocks: UInt64 = 2_000, resultCap: UInt64 = 10_000) {
        self.blocks = blocks
        self.resultCap = resultCap
    }

    /// No query spans more, however empty the chain: a node has to answer in time.
    static let widest: UInt64 = 500_000

    /// A query of `width` blocks answered with `logs` logs.
    mutating func passed(width: UInt64, logs: Int) {
        let seen = (UInt64(logs) << 20) / max(width, 1)
        density = density == 0 ? seen : (density * 3 + seen) / 4
        guard width >= blocks else { return }
        let target = resultCap * 6 / 10
        let predicted = max(1, (target << 20) / max(density, 1))
        blocks = min(predicted, blocks * 2, structuralCap, Self.widest)
    }

    /// A query of `width` blocks held too many logs, more than `cap` where the endpoint named its limit.
    mutating func tooMany(width: UInt64, cap: UInt64?) {
        if let cap, cap > 0 { resultCap = min(resultCap, cap) }
        density = max(density, (resultCap << 20) / max(width, 1))
        blocks = max(1, min(blocks, width / 2))
    }

    /// The endpoint takes at most `limit` blocks; where it does not say how many, half of what it refused.
    mutating func tooWide(width: UInt64, limit: UInt64?) {
        // A limit that the refused query kept is not the one that it broke.
        let cap = limit.flatMap { $0 < width ? max($0, 1) : nil } ?? max(1, width / 2)
        structuralCap = min(structuralCap, cap)
        blocks = min(blocks, structuralCap)
    }

    /// A query of `width` blocks took too long.
    mutating func tooSlow(width: UInt64) {
        blocks = max(1, min(blocks, width / 2))
    }
}

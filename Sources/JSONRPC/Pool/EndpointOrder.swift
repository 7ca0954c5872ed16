/// In which order endpoints are asked. Pure: the same knowledge gives the same order.
struct EndpointOrder {
    /// What speaks for and against one endpoint.
    struct Candidate: Sendable, Hashable {
        var index: Int
        /// Whether nothing that is known of it speaks against the question.
        var isCapable: Bool
        /// 0 where its head is known to be high enough, 1 where it is not known, 2 where it is too low.
        var lag: Int
        /// 0 where its breaker is closed, 1 where it may be probed, 2 where it is open.
        var obstacle: Int
        /// Nil where it was never asked.
        var latency: Duration?
    }

    /// The indices to ask, the best first: capability, then height, then breaker, then latency; without a difference
    /// the order in which they were given.
    ///
    /// Endpoints that cannot answer are left out where others can. An endpoint that was never asked comes behind those
    /// that were, and gets its chance by exploration.
    ///
    /// - Parameter turn: counts the questions; every tenth puts another of the equally able first.
    static func best(_ candidates: [Candidate], turn: Int) -> [Int] {
        let able = candidates.filter(\.isCapable)
        var sorted = (able.isEmpty ? candidates : able).sorted { left, right in
            if left.lag != right.lag { return left.lag < right.lag }
            if left.obstacle != right.obstacle { return left.obstacle < right.obstacle }
            switch (left.latency, right.latency) {
            case (let one?, let other?) where one != other: return one < other
            case (_?, nil): return true
            case (nil, _?): return false
            default: return left.index < right.index
            }
        }
        if turn % 10 == 9, let first = sorted.first {
            // What is not known to be behind is as good as what is known not to be: it may be why nothing is known.
            let equals = sorted.indices.filter {
                max(sorted[$0].lag, 1) == max(first.lag, 1) && sorted[$0].obstacle == first.obstacle
            }
            if equals.count > 1 {
                let chosen = equals[1 + (turn / 10) % (equals.count - 1)]
                sorted.insert(sorted.remove(at: chosen), at: 0)
            }
        }
        return sorted.map(\.index)
    }
}

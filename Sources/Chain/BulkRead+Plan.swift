/// Decides what a bulk read asks next: which part of which group, together with which others. Does no I/O.
///
/// A part that came back short is asked again from where it stopped, in parts of the size that was seen to pass; one
/// that
/// the endpoint found too large or too slow is halved. What cannot be halved is left to be asked alone.
struct BulkReadPlan {
    /// Consecutive calls of one group, answered by one `eth_call`.
    struct Part: Equatable {
        var group: Int
        var range: Range<Int>
    }

    /// What one kind of `eth_call` may cost.
    struct Limits {
        /// Gas of one `eth_call`: nodes allow 50 million, less a margin.
        var callGas = 45_000_000
        /// Bytes that one `eth_call` answers: Erigon and Bor stop at 100,000.
        var returnBytes = 100_000
        /// Gas of all members of one exchange, so that the answer comes well within its time.
        var exchangeGas = 540_000_000
        /// Answer bytes of all members of one exchange.
        var exchangeBytes = 1_900_000
        /// Members of one exchange.
        var exchangeParts = 50
    }

    let groups: [CallGroup]
    let limits: Limits
    /// Bytes that the encoding adds to each answer, and to the whole.
    let overhead: (each: Int, whole: Int)
    private(set) var pending: [Part] = []
    /// Largest part of each group that still seems to pass.
    private var size: [Int]

    init(groups: [CallGroup], limits: Limits, overhead: (each: Int, whole: Int), padsAnswers: Bool) {
        self.groups = groups
        self.limits = limits
        self.overhead = overhead
        size = groups.map { group in
            let answer = padsAnswers ? (group.returnLength + 31) / 32 * 32 : group.returnLength
            return max(1, (limits.returnBytes - overhead.whole) / (answer + overhead.each))
        }
        for (index, group) in groups.enumerated() { add(index, 0..<group.arguments.count) }
    }

    private mutating func add(_ group: Int, _ range: Range<Int>) {
        var start = range.lowerBound
        while start < range.upperBound {
            let end = min(start + size[group], range.upperBound)
            pending.append(Part(group: group, range: start..<end))
            start = end
        }
    }

    private func gas(_ part: Part) -> Int {
        min(limits.callGas, part.range.count * groups[part.group].gasPerCall / 8)
    }

    private func bytes(_ part: Part) -> Int {
        overhead.whole + part.range.count * (groups[part.group].returnLength + overhead.each)
    }

    /// How much of what one exchange may cost some parts take, in thousandths.
    private func weight(members: Int, gas: Int, bytes: Int) -> Int {
        max(
            1_000 * members / limits.exchangeParts, 1_000 * gas / limits.exchangeGas,
            1_000 * bytes / limits.exchangeBytes) + 1
    }

    /// Takes all that is pending, how many consecutive parts share one exchange, and how much of it they take.
    mutating func round() -> (parts: [Part], sizes: [Int], weights: [Int]) {
        let parts = pending
        pending = []
        var sizes: [Int] = []
        var weights: [Int] = []
        var members = 0
        var gas = 0
        var bytes = 0
        for part in parts {
            gas += self.gas(part)
            bytes += self.bytes(part)
            if members > 0,
                members == limits.exchangeParts || gas > limits.exchangeGas || bytes > limits.exchangeBytes
            {
                sizes.append(members)
                weights.append(weight(members: members, gas: gas - self.gas(part), bytes: bytes - self.bytes(part)))
                members = 0
                gas = self.gas(part)
                bytes = self.bytes(part)
            }
            members += 1
        }
        if members > 0 {
            sizes.append(members)
            weights.append(weight(members: members, gas: gas, bytes: bytes))
        }
        return (parts, sizes, weights)
    }

    /// `done` of the part's calls were made before its gas ran short. False where not even one was.
    mutating func stopped(_ part: Part, after done: Int) -> Bool {
        guard done < part.range.count else { return true }
        guard done > 0 else { return halve(part) }
        size[part.group] = min(size[part.group], done)
        add(part.group, part.range.lowerBound + done..<part.range.upperBound)
        return true
    }

    /// The part was too large or too slow: asks for its halves. False where it is a single call.
    mutating func halve(_ part: Part) -> Bool {
        guard part.range.count > 1 else { return false }
        size[part.group] = min(size[part.group], max(1, part.range.count / 2))
        add(part.group, part.range)
        return true
    }
}

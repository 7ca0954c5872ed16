import Ethereum

extension HeadTracker {
    /// What to do next.
    public mutating func step() -> Step {
        if !ready.isEmpty {
            defer { ready = [] }
            return .events(ready)
        }
        guard !isEnded, let target else { return .idle }
        if let tip {
            guard !contains(target.block) else {
                self.target = nil
                return .idle
            }
            if target.block.number > tip.number + UInt64(2 * depth) { return .confirm(target.block) }
        }
        return walk(down: target)
    }

    /// Goes from the target to its parents until it meets the chain, or a header that is missing.
    private mutating func walk(down target: Target) -> Step {
        var path = [target.block]
        var child = target.block
        while true {
            if ring.isEmpty {
                if path.count > depth || child.number == 0 { return begin(path) }
            } else if let step = meet(child, path) {
                return step
            }
            guard let parent = pool[child.parentHash]?.block else { return .need(child.parentHash) }
            guard parent.number + 1 == child.number else { return drop("a block's parent is not one below it") }
            path.append(parent)
            child = parent
        }
    }

    /// What to do where the child stands on the chain, or where the chain ends below it; nil to go on.
    private mutating func meet(_ child: Block, _ path: [Block]) -> Step? {
        guard let floor, child.number > 0 else { return drop("a block has no parent, and another chain below it") }
        if let parent = kept(child.number - 1), parent.hash == child.parentHash {
            connect(path, above: Int(parent.number - floor.number))
            return step()
        }
        guard child.number <= floor.number + 1 else {
            // The parent is one of ours, and its number says otherwise.
            return ring.contains { $0.hash == child.parentHash } ? drop("a block's parent is not one below it") : nil
        }
        isEnded = true
        return .events([.finalityViolation(floor: floor, head: path[0])])
    }

    private mutating func drop(_ what: String) -> Step {
        let source = target?.source ?? 0
        // The headers that contradict one another are not believed a second time.
        var next = target?.block.hash
        while let hash = next, let header = pool.removeValue(forKey: hash) { next = header.block.parentHash }
        target = nil
        return .dishonest(source: source, what: what)
    }

    /// The first blocks: the ancestors are known, and only the head is news.
    private mutating func begin(_ path: [Block]) -> Step {
        ring = path.reversed()
        trim()
        for block in path { pool[block.hash] = nil }
        tipSource = target?.source
        target = nil
        defer { left = nil }
        return .events((left.map { [.gap(last: $0, next: path[0])] } ?? []) + [.block(path[0])])
    }

    /// Puts `path`, the newest first, on the block at this index of the chain.
    mutating func connect(_ path: [Block], above index: Int) {
        let orphaned = Array(ring[(index + 1)...].reversed())
        if !orphaned.isEmpty {
            ready.append(.reorg(commonAncestor: ring[index], orphaned: orphaned, depth: orphaned.count))
        }
        let silent = path.filter { pool[$0.hash]?.isAnnounced != true }
        if let newest = silent.first, let oldest = silent.last {
            ready.append(.gapClosed(oldest.number...newest.number))
        }
        ready += path.reversed().map { .block($0) }
        ring.removeSubrange((index + 1)...)
        ring += path.reversed()
        for block in path { pool[block.hash] = nil }
        // Back on the chain, they need not be fetched.
        for block in orphaned { pool[block.hash] = Header(block: block, isAnnounced: true) }
        trim()
        if let floor { pool = pool.filter { $0.value.block.number > floor.number } }
        tipSource = target?.source
        target = nil
    }
}

public import Ethereum

/// Follows the tip of a chain by parent hashes. Does no I/O and knows no clock: it is told of headers and says which
/// header it needs or what happened.
///
/// It keeps the newest blocks that it emitted, `depth` of them and the one below. A head that the tip leads to through
/// these is a duplicate or lags, and changes nothing: a chain that only became shorter is noticed with the first other
/// block.
public struct HeadTracker: Sendable {
    /// What became of an announced head.
    public enum Outcome: Sendable, Hashable {
        /// It is followed: ask ``step()``.
        case accepted
        /// It is part of the chain already.
        case known
        /// Another source is ahead of it; it is kept in case the chain goes there.
        case rival
        /// No chain is that high.
        case absurd
        /// So many blocks below the tip: too far to be a reorganisation.
        case tooFarBehind(blocks: UInt64)
    }

    /// What to do next.
    public enum Step: Sendable, Hashable {
        /// Wait for the next head.
        case idle
        /// Fetch this header and ``supply(_:)`` it; until then the same is said again.
        case need(Hash32)
        /// The head is too far above the tip to be reached by parent hashes. Find out whether it is real, then
        /// ``leap()`` or ``abandon()``.
        case confirm(Block)
        /// What happened; ask again.
        case events([ChainEvent])
        /// The head of this source cannot be; it was dropped.
        case dishonest(source: Int, what: String)
    }

    /// Sums of heights below it do not overflow.
    private static let highest: UInt64 = 1 << 62

    struct Header: Sendable {
        var block: Block
        var isAnnounced: Bool
    }

    struct Target: Sendable {
        var block: Block
        var source: Int
    }

    /// How deep a reorganisation may be.
    public let depth: Int
    /// What was emitted and may still be reorganised, and the block below; ascending, each the parent of the next.
    var ring: [Block]
    /// Headers that are not part of the chain, or not yet.
    var pool: [Hash32: Header] = [:]
    /// The head that is being followed.
    var target: Target?
    /// Whose head the tip is; nil where it is gone.
    var tipSource: Int?
    /// What happened and was not said yet.
    var ready: [ChainEvent] = []
    var isEnded = false
    /// The tip that was left behind for a head too far above it.
    var left: Block?

    /// - Parameters:
    ///   - depth: how deep a reorganisation may be, at least 1.
    ///   - start: blocks that the follower has, ascending; what follows them is emitted. The oldest is held final. Where
    ///     they are not a chain, the newest part that is one counts.
    public init(depth: Int, start: [Block] = []) {
        self.depth = max(1, depth)
        ring = []
        for block in start.reversed() {
            if let child = ring.last, child.parentHash != block.hash || child.number != block.number &+ 1 { break }
            ring.append(block)
        }
        ring.reverse()
        trim()
    }

    /// The newest block of the chain.
    public var tip: Block? { ring.last }
    /// The oldest block that is kept: no reorganisation may take it back.
    public var floor: Block? { ring.first }

    /// The heights that are probably missing below the head that is followed, the newest `most` of them.
    ///
    /// Fetching them by number at once is faster than by hash one by one. What comes back may be of another chain: only
    /// the parent hashes decide.
    public func missing(most: Int) -> ClosedRange<UInt64>? {
        guard let target, target.block.number > 0 else { return nil }
        var upper = target.block.number - 1
        var child = target.block
        while let parent = pool[child.parentHash]?.block, parent.number < child.number, parent.number > 0 {
            child = parent
            upper = parent.number - 1
        }
        let lowest = tip.map { $0.number + 1 } ?? (target.block.number - min(UInt64(depth), target.block.number))
        guard lowest <= upper else { return nil }
        return max(lowest, upper - min(UInt64(max(1, most) - 1), upper))...upper
    }

    /// Whether a block is part of the chain as far as it is kept.
    public func contains(_ block: Block) -> Bool { kept(block.number)?.hash == block.hash }

    func kept(_ number: UInt64) -> Block? {
        guard let first = ring.first, number >= first.number, number - first.number < UInt64(ring.count) else {
            return nil
        }
        return ring[Int(number - first.number)]
    }

    mutating func trim() {
        if ring.count > depth + 1 { ring.removeFirst(ring.count - depth - 1) }
    }
}

extension HeadTracker {
    /// Takes a head that a source announced.
    public mutating func announce(_ head: Block, from source: Int) -> Outcome {
        guard !isEnded else { return .known }
        guard head.number < Self.highest else { return .absurd }
        guard let tip, let floor else { return aim(head, source) }
        if contains(head) {
            // The source went back to the tip before its other head could be reached.
            if head == tip, target?.source == source { target = nil }
            return .known
        }
        if head.number <= floor.number || head.number + UInt64(depth) < tip.number {
            return .tooFarBehind(blocks: tip.number - min(head.number, tip.number))
        }
        // A child of the tip is news, whatever else is being looked for.
        if head.parentHash == tip.hash, head.number == tip.number + 1 {
            keep(head, isAnnounced: true)
            let other = target
            target = Target(block: head, source: source)
            connect([head], above: ring.count - 1)
            // What another source leads to is still wanted where it is higher; the same source changed its mind.
            if let other, other.source != source, other.block.number > head.number { target = other }
            return .accepted
        }
        guard tipSource == nil || tipSource == source || head.number > tip.number else {
            keep(head, isAnnounced: true)
            return .rival
        }
        return aim(head, source)
    }

    private mutating func aim(_ head: Block, _ source: Int) -> Outcome {
        keep(head, isAnnounced: true)
        if let target, target.source != source, head.number <= target.block.number { return .rival }
        target = Target(block: head, source: source)
        return .accepted
    }

    /// Takes headers that were asked for, by hash or by number.
    public mutating func supply(_ blocks: [Block]) {
        for block in blocks where block.number < Self.highest && pool[block.hash] == nil && !contains(block) {
            keep(block, isAnnounced: false)
        }
    }

    /// A source is gone: its view of the chain protects the tip no longer.
    public mutating func forget(source: Int) {
        if tipSource == source { tipSource = nil }
    }

    /// Nothing below this block will be asked about again; it has to be part of the chain as it is kept.
    public mutating func finalize(_ block: Block) {
        guard contains(block), let floor, block.number > floor.number else { return }
        ring.removeFirst(Int(block.number - floor.number))
    }

    /// Goes on from the head that ``Step/confirm(_:)`` named.
    public mutating func leap() {
        guard target != nil, let tip else { return }
        left = tip
        ring = []
        tipSource = nil
    }

    /// Gives the head up that is being followed.
    public mutating func abandon() {
        target = nil
    }

    private mutating func keep(_ block: Block, isAnnounced: Bool) {
        if pool.count >= 4 * depth + 256 { clean() }
        pool[block.hash] = Header(block: block, isAnnounced: isAnnounced || pool[block.hash]?.isAnnounced == true)
    }

    /// Drops what no reorganisation can need, and where that is not enough, all that does not lead to the target.
    private mutating func clean() {
        if let floor { pool = pool.filter { $0.value.block.number > floor.number } }
        guard pool.count >= 4 * depth + 256 else { return }
        var path: [Hash32: Header] = [:]
        var next = target?.block.hash
        while let hash = next, let header = pool[hash], path[hash] == nil {
            path[hash] = header
            next = header.block.parentHash
        }
        pool = path.count > 3 * depth + 8 ? [:] : path
    }
}

public import JSONRPC

/// What happened at the head of a chain, in the order in which a follower has to hear it.
public enum ChainEvent: Sendable, Hashable {
    /// The block after the last one: its parent is the block that was emitted, or named as common ancestor, before it.
    case block(Block)
    /// Blocks are no longer part of the chain: all above the common ancestor.
    ///
    /// Where they reach below the first block of the stream, the ones that it began on are named, too.
    ///
    /// - Parameters:
    ///   - commonAncestor: the newest block that stays; the next block stands on it.
    ///   - orphaned: what goes, the newest first.
    ///   - depth: how many blocks go.
    case reorg(commonAncestor: Block, orphaned: [Block], depth: Int)
    /// Blocks at these heights were announced by nobody and were found by parent hash; they follow.
    case gapClosed(ClosedRange<UInt64>)
    /// Too much was missed to be closed: nothing is known of the blocks between the two. `next` follows as a block, and
    /// whether `last` is still part of the chain is not known.
    case gap(last: Block, next: Block)
    /// The chain at `head` does not contain `floor`, a block too deep to be reorganised. Ends the stream.
    case finalityViolation(floor: Block, head: Block)
    /// How the sources are.
    case status(HeadStatus)
}

/// How the sources of a head stream are.
public enum HeadStatus: Sendable, Hashable {
    /// The endpoint announces heads, or answers polls again.
    case connected(endpoint: String)
    /// The endpoint announces no heads, or does not answer; it is tried again.
    case disconnected(endpoint: String, RPCError)
    /// No new block for so long, from any source. The next block ends it.
    case stalled(for: Duration)
    /// What the endpoint says is the head cannot be.
    case drifting(endpoint: String, HeadDrift)
    /// The endpoint is no longer drifting.
    case recovered(endpoint: String)
}

/// How a head is out of step.
public enum HeadDrift: Sendable, Hashable {
    /// Its timestamp is so far behind the clock: refused.
    case behindClock(seconds: UInt64)
    /// Its timestamp is so far ahead of the clock: refused.
    case aheadOfClock(seconds: UInt64)
    /// Its height is so far below what was seen before, there or at another endpoint; refused beyond the reorg depth.
    case behindHead(blocks: UInt64)
    /// Its header breaks the rules; what is wrong with it. Refused.
    case dishonest(String)
}

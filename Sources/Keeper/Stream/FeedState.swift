public import Ethereum
public import JSON

/// What a consumer who applied every message of a stream knows: the same for the publisher, for one who resumes, and
/// for one who begins with a snapshot.
public struct FeedState: Sendable {
    /// What was last said of a position.
    public struct Entry: Hashable, Sendable {
        /// Its revision.
        public var rev: UInt64
        /// `opportunity` or `watch`.
        public var kind: FeedMessage.Kind
        /// The message as it was sent; nil where a later one was retracted, and the next block says what holds.
        public var line: [UInt8]?
    }

    /// A revision that a block brought.
    struct Change: Hashable, Sendable {
        var id: Hash32
        var rev: UInt64
        /// What stood before; nil where nothing did. Its message is not kept twice.
        var before: Entry?
    }

    /// What was published of one block.
    struct Page: Hashable, Sendable {
        var block: Hash32
        var changes: [Change]
    }

    /// So many blocks can be taken back.
    public static let depth = 128

    /// The number of the last message.
    public internal(set) var seq: UInt64 = 0
    /// What is open, by position.
    public internal(set) var entries: [Hash32: Entry] = [:]
    /// The highest revision that each position ever had.
    var revisions: [Hash32: UInt64] = [:]
    /// The newest blocks that brought something, the oldest first.
    var pages: [Page] = []
    /// Positions of which the last message was retracted: the next block has to say what holds.
    public internal(set) var owed: Set<Hash32> = []
    /// The block of the last `head`.
    public internal(set) var head: JSONObject?

    /// Nothing was said yet.
    public init() {}

    /// The number of the next revision of a position.
    func nextRevision(of id: Hash32) -> UInt64 { (revisions[id] ?? 0) + 1 }

    /// Takes one message in.
    ///
    /// - Parameter line: the message as it was sent.
    /// - Throws: `.malformed` where it does not follow on what is known; nothing has changed then.
    public mutating func apply(_ message: FeedMessage, seq: UInt64, line: [UInt8]) throws(FeedError) {
        guard seq == self.seq + 1 else { throw .malformed("seq \(self.seq + 1), and not \(seq)") }
        switch message.kind {
        case .opportunity, .watch, .close: try applyRevision(message, line)
        case .retract: try retract(message)
        case .head:
            head = message.body["block"]?.object
            // Nothing stands, and the block had its chance to say otherwise.
            owed = owed.filter { entries[$0] != nil }
        case .gap, .status, .heartbeat: break
        }
        self.seq = seq
    }

    private mutating func applyRevision(_ message: FeedMessage, _ line: [UInt8]) throws(FeedError) {
        guard let id = message.id, let rev = message.rev else { throw .malformed("an id and a rev") }
        guard rev == nextRevision(of: id) else { throw .malformed("rev \(nextRevision(of: id)) of \(id.hex)") }
        var before = entries[id]
        before?.line = nil
        revisions[id] = rev
        owed.remove(id)
        entries[id] = message.kind == .close ? nil : Entry(rev: rev, kind: message.kind, line: line)
        guard let block = message.block else { return }
        if pages.last?.block != block {
            pages.append(Page(block: block, changes: []))
            if pages.count > Self.depth { pages.removeFirst(pages.count - Self.depth) }
        }
        pages[pages.count - 1].changes.append(Change(id: id, rev: rev, before: before))
    }

    /// The revisions that blocks brought, as a `retract` of each of them.
    ///
    /// - Parameter orphaned: blocks that went, the newest first; those that brought nothing are left out.
    func retractions(of orphaned: [Hash32]) -> [FeedMessage] {
        let pages = Dictionary(pages.map { ($0.block, $0) }, uniquingKeysWith: { _, last in last })
        return orphaned.compactMap { hash in
            guard let page = pages[hash], !page.changes.isEmpty else { return nil }
            let revisions = page.changes.map { change -> JSONValue in
                ["id": .string(change.id.hex), "rev": .integer(change.rev)]
            }
            return FeedMessage(
                .retract, cause: .reorg,
                body: ["orphanedBlockHash": .string(hash.hex), "revisions": .array(revisions)])
        }
    }

    private mutating func retract(_ message: FeedMessage) throws(FeedError) {
        guard let hash = message.body["orphanedBlockHash"]?.string.flatMap({ Hash32(hex: $0) }) else {
            throw .malformed("an orphanedBlockHash")
        }
        guard let place = pages.lastIndex(where: { $0.block == hash }) else { return }
        // As if never sent: what stood before stands again, the newest change undone first.
        for change in pages[place].changes.reversed() {
            entries[change.id] = change.before
            owed.insert(change.id)
        }
        pages.remove(at: place)
    }
}

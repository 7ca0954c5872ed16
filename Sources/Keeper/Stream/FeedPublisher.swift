public import Chain
public import Ethereum
internal import Dispatch
internal import Foundation
internal import Synchronization
public import JSON

/// A position that a block has something to say about.
public struct FeedItem: Sendable {
    /// The position.
    public var id: Hash32
    /// `opportunity` or `watch`.
    public var kind: FeedMessage.Kind
    /// Why it is published.
    public var cause: FeedMessage.Cause
    /// What has to change before it is published again: the same number says that nothing of interest did.
    public var material: Hash32
    /// Makes the record; only asked for where it is published.
    public var body: @Sendable () -> JSONObject

    /// Describes a position.
    public init(
        id: Hash32, kind: FeedMessage.Kind, cause: FeedMessage.Cause, material: Hash32,
        body: @escaping @Sendable () -> JSONObject
    ) {
        self.id = id
        self.kind = kind
        self.cause = cause
        self.material = material
        self.body = body
    }
}

/// What one block brought.
public struct FeedBlock: Sendable {
    /// The block.
    public var block: Block
    /// Positions that are open or near their line; what nothing is said of stays as it was.
    public var items: [FeedItem]
    /// Positions that are neither any more.
    public var closed: [(id: Hash32, reason: FeedMessage.CloseReason, details: JSONObject)]
    /// What the block's `head` message says besides the block: counts, residual, latency.
    public var summary: JSONObject
    /// Whether the block was published before, and this only says what is to be thought of it since: where that changes
    /// nothing, nothing is said.
    public var isUpdate = false
    /// Whether more about the block follows: its `head` comes with the last part.
    public var isPart = false

    /// Describes a block.
    public init(
        block: Block, items: [FeedItem],
        closed: [(id: Hash32, reason: FeedMessage.CloseReason, details: JSONObject)] = [],
        summary: JSONObject = JSONObject()
    ) {
        self.block = block
        self.items = items
        self.closed = closed
        self.summary = summary
    }
}

/// Turns what blocks bring into messages: numbers, revisions, retractions. It keeps nothing on disk and sends nothing.
///
/// Everything about one block comes before its `head`; a position of which nothing of interest changed is not repeated.
struct FeedComposer: Sendable {
    /// What was published, as ``FeedState`` knows it, with what it was about.
    private var materials: [Hash32: (kind: FeedMessage.Kind, material: Hash32)] = [:]

    /// The messages of a block, on top of `state`.
    mutating func compose(_ block: FeedBlock, on state: FeedState) -> [FeedMessage] {
        let reference = block.block.json
        var messages: [FeedMessage] = []
        var said: Set<Hash32> = []
        var news: [(item: FeedItem, isOwed: Bool)] = []
        for item in block.items where said.insert(item.id).inserted {
            let isOwed = state.owed.contains(item.id)
            if !isOwed, let known = materials[item.id], known == (item.kind, item.material),
                state.entries[item.id] != nil
            {
                continue
            }
            materials[item.id] = (item.kind, item.material)
            news.append((item, isOwed))
        }
        for ((item, isOwed), made) in zip(news, Self.bodies(of: news.map(\.item))) {
            var body = made
            body["block"] = .object(reference)
            messages.append(
                FeedMessage(
                    item.kind, id: item.id, rev: state.nextRevision(of: item.id), cause: isOwed ? .reorg : item.cause,
                    block: block.block.hash, body: body))
        }
        for (id, reason, details) in block.closed where said.insert(id).inserted {
            // Where nothing stands, nothing has to go; what was retracted down to nothing is gone by that.
            guard state.entries[id] != nil else { continue }
            materials[id] = nil
            var body = details
            body["reason"] = .string(reason.rawValue)
            body["block"] = .object(reference)
            messages.append(
                FeedMessage(
                    .close, id: id, rev: state.nextRevision(of: id), cause: state.owed.contains(id) ? .reorg : nil,
                    block: block.block.hash, body: body))
        }
        if block.isPart || (block.isUpdate && messages.isEmpty) { return messages }
        var head = block.summary
        head["block"] = .object(reference)
        messages.append(FeedMessage(.head, block: block.block.hash, body: head))
        return messages
    }

    /// The records of these positions, made on every core: a record costs more than everything else about a message.
    private static func bodies(of items: [FeedItem]) -> [JSONObject] {
        let lanes = min(ProcessInfo.processInfo.activeProcessorCount, 8)
        guard items.count >= 8, lanes > 1 else { return items.map { $0.body() } }
        let made = Mutex([JSONObject](repeating: JSONObject(), count: items.count))
        DispatchQueue.concurrentPerform(iterations: lanes) { lane in
            for index in stride(from: lane, to: items.count, by: lanes) {
                let body = items[index].body()
                made.withLock { $0[index] = body }
            }
        }
        return made.withLock { $0 }
    }
}

extension Block {
    /// The block as messages name it.
    var json: JSONObject {
        [
            "number": .integer(number), "hash": .string(hash.hex), "parentHash": .string(parentHash.hex),
            "timestamp": .integer(timestamp),
            "baseFeePerGas": baseFeePerGas.map { .string($0.description) } ?? .null,
        ]
    }
}

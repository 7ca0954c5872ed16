import Chain
import JSON
import Keeper
import Synchronization

/// Where blocks and what is thought of their prices meet: whichever comes, one thing is published after the other.
final class FeedDesk: Sendable {
    private struct Entry {
        var feed: Feed
        /// The block that was published last, to be said again when more is known of its prices.
        var last: (block: FollowedBlock, at: Block, summary: JSONObject)?
        var prices: WatchedPrices?
    }

    private let entries: Mutex<[Entry]>

    init(_ feeds: [Feed]) {
        entries = Mutex(feeds.map { Entry(feed: $0) })
    }

    /// Publishes what a block brought in one market.
    func publish(
        _ block: FollowedBlock, of index: Int, at place: Block, cause: FeedMessage.Cause,
        summary: (inout JSONObject) -> Void
    ) throws(FeedError) {
        let result = entries.withLock { entries -> Result<Void, FeedError> in
            let entry = entries[index]
            let state = entry.feed.current
            let reading = FeedReading(block, on: state, cause: cause, prices: entry.prices)
            // Whoever crossed the line in this block is told of first, before everything else is written down.
            let crossed = reading.items.filter {
                $0.kind == .opportunity && state.entries[$0.id]?.kind != .opportunity
            }
            var members = reading.summary
            summary(&members)
            do throws(FeedError) {
                if !crossed.isEmpty, crossed.count < reading.items.count {
                    var first = FeedBlock(block: place, items: crossed)
                    first.isPart = true
                    try entry.feed.publish(first)
                }
                try entry.feed.publish(
                    FeedBlock(block: place, items: reading.items, closed: reading.closed, summary: members))
            } catch {
                return .failure(error)
            }
            entries[index].last = (block, place, members)
            return .success(())
        }
        try result.get()
    }

    /// Takes what was found of every market's prices, and says again of the last block what it changes.
    func take(_ prices: [WatchedPrices]) throws(FeedError) {
        let result = entries.withLock { entries -> Result<Void, FeedError> in
            for (index, prices) in prices.enumerated() where index < entries.count {
                entries[index].prices = prices
                guard let (block, place, before) = entries[index].last else { continue }
                let feed = entries[index].feed
                let reading = FeedReading(block, on: feed.current, cause: .price, prices: prices)
                // The same head again, without what the block itself took.
                var summary = JSONObject(before.members.filter { !["elapsedMs", "httpRequests"].contains($0.0) })
                for (name, value) in reading.summary.members { summary[name] = value }
                summary["update"] = "prices"
                var update = FeedBlock(block: place, items: reading.items, summary: summary)
                update.isUpdate = true
                do throws(FeedError) {
                    try feed.publish(update)
                } catch {
                    return .failure(error)
                }
            }
            return .success(())
        }
        try result.get()
    }

    /// Forgets the last block: it is no longer part of the chain, and what was read there neither.
    func forget() {
        entries.withLock { entries in
            for index in entries.indices {
                entries[index].last = nil
                entries[index].prices = nil
            }
        }
    }

    /// What is about to arrive in one market.
    func expected(_ index: Int, at block: Block) -> ExpectedPrices? {
        entries.withLock { $0[index].prices }?.expected(at: block)
    }
}

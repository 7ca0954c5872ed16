import Ethereum
import Synchronization

/// What the logs of a page are kept in.
struct LogColumns: Sendable {
    /// What every log has, and where the rest of it lies.
    struct Entry: Sendable {
        let address: Address
        let logIndex: UInt64
        let transactionIndex: UInt64?
        /// Its block's place in the column of blocks.
        let block: UInt32
        /// Its first topic's place in the column of topics; the next log's first topic ends them.
        let topics: UInt32
        /// Its first byte's place in the column of data; the next log's first byte ends it.
        let data: UInt32
    }

    /// A block that has logs.
    struct BlockName: Hashable, Sendable {
        let number: UInt64
        let hash: Hash32
    }

    var entries: [Entry] = []
    var blocks: [BlockName] = []
    var topics: [Hash32] = []
    var data: [UInt8] = []

    /// Bytes that the columns have room for.
    var room: Int {
        entries.capacity * MemoryLayout<Entry>.stride + blocks.capacity * MemoryLayout<BlockName>.stride
            + topics.capacity * MemoryLayout<Hash32>.stride + data.capacity
    }
}

/// Columns of pages that are gone, kept for the next ones.
///
/// Pages come and go by the thousand, on whatever thread has time: without this each thread's part of the heap grows to
/// what all of them hold, and every page pays for fresh memory. What is kept is bounded.
final class SpareColumns: Sendable {
    /// Those of this process.
    static let shared = SpareColumns()
    /// Most columns, and most bytes in all of them together.
    static let most = 16, mostBytes = 16 << 20
    /// What is smaller is not worth it, what is larger not usual.
    static let sizes = 64 << 10...4 << 20

    private let idle = Mutex<(columns: [LogColumns], bytes: Int)>(([], 0))

    /// Columns with room, still holding what they held.
    func take() -> LogColumns? {
        idle.withLock { idle in
            guard let columns = idle.columns.popLast() else { return nil }
            idle.bytes -= columns.room
            return columns
        }
    }

    /// Keeps the columns of a page that ends; nothing is done to them while the page still holds them too.
    func give(_ columns: LogColumns) {
        let room = columns.room
        guard Self.sizes.contains(room) else { return }
        idle.withLock { idle in
            guard idle.columns.count < Self.most, idle.bytes + room <= Self.mostBytes else { return }
            idle.bytes += room
            idle.columns.append(columns)
        }
    }
}

import Ethereum
import JSON

/// Columns that logs are appended to; what ends up in a ``LogPage``.
struct LogPageBuilder {
    private var columns = LogColumns()
    var data = JSONByteColumn()

    /// Where the columns stand before a log: its topics and its data are appended before the rest of it is known.
    struct Start {
        let topics: UInt32
        let data: UInt32
    }

    var start: Start { Start(topics: UInt32(columns.topics.count), data: UInt32(data.count)) }
    /// How many logs there are.
    var count: Int { columns.entries.count }

    /// Makes room for `count` logs like the only one that there is so far, and some more: pages of about the same size
    /// then have columns of exactly the same, which take each other's place.
    mutating func reserve(_ count: Int) {
        let step = max(16, (1 << (Int.bitWidth - count.leadingZeroBitCount)) / 8)
        let count = (count + step - 1) / step * step
        let topics = columns.topics.count
        // What few logs need is too little to be kept.
        if count > 128, let spare = SpareColumns.shared.take() { adopt(spare) }
        columns.entries.reserveCapacity(count)
        columns.topics.reserveCapacity(count * topics)
        data.reserve(count * data.count)
    }

    /// Goes on in columns that held another page.
    private mutating func adopt(_ spare: consuming LogColumns) {
        swap(&columns, &spare)
        columns.entries.removeAll(keepingCapacity: true)
        columns.entries += spare.entries
        columns.blocks.removeAll(keepingCapacity: true)
        columns.blocks += spare.blocks
        columns.topics.removeAll(keepingCapacity: true)
        columns.topics += spare.topics
        data.adopt(&columns.data)
        columns.data = []
    }

    mutating func append(topic: Hash32) { columns.topics.append(topic) }

    mutating func append(
        from start: Start, address: Address, block: LogPage.BlockName, logIndex: UInt64, transactionIndex: UInt64?
    ) {
        // Logs come block by block.
        if columns.blocks.last != block { columns.blocks.append(block) }
        columns.entries.append(
            LogPage.Entry(
                address: address, logIndex: logIndex, transactionIndex: transactionIndex,
                block: UInt32(columns.blocks.count - 1), topics: start.topics, data: start.data))
    }

    mutating func append(_ log: Log) {
        let start = start
        columns.topics += log.topics
        data.append(log.data)
        append(
            from: start, address: log.address,
            block: LogPage.BlockName(number: log.blockNumber, hash: log.blockHash), logIndex: log.logIndex,
            transactionIndex: log.transactionIndex)
    }

    /// The columns, which nothing else holds; nothing is left here.
    mutating func finish() -> LogColumns {
        var finished = LogColumns()
        swap(&finished, &columns)
        data.finish(into: &finished.data)
        return finished
    }
}

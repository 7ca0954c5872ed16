import Ethereum

/// The logs of one answer as columns: four allocations, whatever the number of logs.
public final class LogPage: Sendable {
    typealias Entry = LogColumns.Entry
    typealias BlockName = LogColumns.BlockName

    let columns: LogColumns
    var entries: [Entry] { columns.entries }
    var blocks: [BlockName] { columns.blocks }
    var topics: [Hash32] { columns.topics }
    var data: [UInt8] { columns.data }

    init(_ columns: LogColumns) {
        self.columns = columns
    }

    /// A page of logs that are known one by one.
    public convenience init(_ logs: [Log]) {
        var builder = LogPageBuilder()
        for log in logs { builder.append(log) }
        self.init(builder.finish())
    }

    deinit {
        SpareColumns.shared.give(columns)
    }

    func topicRange(_ index: Int) -> Range<Int> {
        let end = index + 1 < columns.entries.count ? Int(columns.entries[index + 1].topics) : columns.topics.count
        return Int(columns.entries[index].topics)..<end
    }

    func dataRange(_ index: Int) -> Range<Int> {
        let end = index + 1 < columns.entries.count ? Int(columns.entries[index + 1].data) : columns.data.count
        return Int(columns.entries[index].data)..<end
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension LogPage: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { columns.entries.count }
    public subscript(position: Int) -> Log {
        precondition(columns.entries.indices.contains(position), "a log of the page")
        return Log(page: self, index: position)
    }
}

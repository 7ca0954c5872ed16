public import Ethereum

/// One event of one contract, as the node tells it: a place in a ``LogPage``, which it keeps alive.
public struct Log: Sendable {
    let page: LogPage
    let index: Int

    init(page: LogPage, index: Int) {
        self.page = page
        self.index = index
    }

    /// Makes a log, on a page of its own.
    public init(
        address: Address, topics: [Hash32], data: [UInt8], blockNumber: UInt64, blockHash: Hash32, logIndex: UInt64,
        transactionIndex: UInt64? = nil
    ) {
        let entry = LogPage.Entry(
            address: address, logIndex: logIndex, transactionIndex: transactionIndex, block: 0, topics: 0, data: 0)
        let block = LogPage.BlockName(number: blockNumber, hash: blockHash)
        self.init(page: LogPage(LogColumns(entries: [entry], blocks: [block], topics: topics, data: data)), index: 0)
    }

    private var entry: LogPage.Entry { page.entries[index] }
    private var block: LogPage.BlockName { page.blocks[Int(entry.block)] }

    /// The contract that emitted it.
    public var address: Address { entry.address }
    /// Height of its block.
    public var blockNumber: UInt64 { block.number }
    /// Hash of its block.
    public var blockHash: Hash32 { block.hash }
    /// Its place in the block.
    public var logIndex: UInt64 { entry.logIndex }
    /// Its transaction's place in the block, where the node says it.
    public var transactionIndex: UInt64? { entry.transactionIndex }

    /// Up to four topics, copied; the first names the event.
    public var topics: [Hash32] { Array(page.topics[page.topicRange(index)]) }
    /// How many topics it has.
    public var topicCount: Int { page.topicRange(index).count }
    /// The topic at a position, from 0; `nil` where the log has fewer.
    public func topic(_ position: Int) -> Hash32? {
        let range = page.topicRange(index)
        return position < range.count ? page.topics[range.lowerBound + position] : nil
    }

    /// The parameters that are not indexed, copied.
    public var data: [UInt8] { Array(page.data[page.dataRange(index)]) }
    /// How many bytes of data it has.
    public var dataCount: Int { page.dataRange(index).count }
    /// The word of the data at a position, from 0; `nil` where the data ends before the word does.
    public func word(_ position: Int) -> UInt256? {
        let range = page.dataRange(index)
        guard position < range.count / 32 else { return nil }
        let data = page.data
        return data.span.word256(range.lowerBound + 32 * position)
    }
}

// The place of its transaction follows from the rest, and is not always known.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Log: Hashable {
    public static func == (one: Log, other: Log) -> Bool {
        one.logIndex == other.logIndex && one.address == other.address && one.block == other.block
            && one.page.topics[one.page.topicRange(one.index)] == other.page.topics[other.page.topicRange(other.index)]
            && one.page.data[one.page.dataRange(one.index)] == other.page.data[other.page.dataRange(other.index)]
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(logIndex)
        hasher.combine(block)
    }
}

/// Which events are wanted: any of the addresses, and at each topic position any of the values.
public struct LogQuery: Hashable, Sendable {
    /// The emitting contracts; never empty.
    public let addresses: [Address]
    /// Alternatives for each position; an empty list stands for any.
    public let topics: [[Hash32]]

    /// Makes a query over at least one contract.
    public init(addresses: [Address], topics: [[Hash32]]) {
        precondition(!addresses.isEmpty, "a log query names the contracts it is about")
        self.addresses = addresses
        self.topics = topics
    }

    /// Whether `log` is one that was asked for: a node's answer is checked, not believed.
    public func matches(_ log: Log) -> Bool {
        guard addresses.contains(log.address) else { return false }
        for (position, alternatives) in topics.enumerated() where !alternatives.isEmpty {
            guard let topic = log.topic(position), alternatives.contains(topic) else { return false }
        }
        return true
    }

    /// The JSON of an `eth_getLogs` filter over the blocks `from` to `to`, both included.
    func params(from: UInt64, to: UInt64) -> [UInt8] {
        let addresses = addresses.map { "\"\($0.hex)\"" }.joined(separator: ",")
        let topics = topics.map { alternatives in
            alternatives.isEmpty ? "null" : "[" + alternatives.map { "\"\($0.hex)\"" }.joined(separator: ",") + "]"
        }
        let filter =
            #"[{"fromBlock":"\#(Hex.quantity(from))","toBlock":"\#(Hex.quantity(to))","address":[\#(addresses)],"#
            + #""topics":[\#(topics.joined(separator: ","))]}]"#
        return Array(filter.utf8)
    }
}

/// A range of blocks whose logs could not be read.
public struct LogGap: Hashable, Sendable {
    /// First block.
    public let from: UInt64
    /// Last block.
    public let to: UInt64
    /// What the endpoint said.
    public let why: String

    /// Makes a gap.
    public init(from: UInt64, to: UInt64, why: String) {
        self.from = from
        self.to = to
        self.why = why
    }
}

extension Span<UInt8> {
    /// The big-endian number in the 32 bytes from `offset`; all must be inside.
    fileprivate func word256(_ offset: Int) -> UInt256 {
        // SAFETY: the loads check their bounds, and every bit pattern is a UInt128.
        unsafe UInt256(
            high: UInt128(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt128.self)),
            low: UInt128(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset + 16, as: UInt128.self)))
    }
}

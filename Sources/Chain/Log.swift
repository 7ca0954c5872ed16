public import Ethereum

/// One event of one contract, as the node tells it.
public struct Log: Hashable, Sendable {
    /// The contract that emitted it.
    public let address: Address
    /// Up to four topics; the first names the event.
    public let topics: [Hash32]
    /// The parameters that are not indexed.
    public let data: [UInt8]
    /// Height of its block.
    public let blockNumber: UInt64
    /// Hash of its block.
    public let blockHash: Hash32
    /// Its place in the block.
    public let logIndex: UInt64

    /// Makes a log.
    public init(
        address: Address, topics: [Hash32], data: [UInt8], blockNumber: UInt64, blockHash: Hash32, logIndex: UInt64
    ) {
        self.address = address
        self.topics = topics
        self.data = data
        self.blockNumber = blockNumber
        self.blockHash = blockHash
        self.logIndex = logIndex
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
            guard position < log.topics.count, alternatives.contains(log.topics[position]) else { return false }
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

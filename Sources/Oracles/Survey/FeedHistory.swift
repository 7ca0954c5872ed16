public import Chain
public import Ethereum
import ABI

/// Past rounds of a feed, newest first.
public struct FeedHistory: Sendable {
    /// One round.
    public struct Round: Sendable {
        /// Its number, with the phase of a proxy.
        public var id: UInt256
        /// What it answered.
        public var price: Reading<ExactPrice>
        /// When it was written.
        public var updatedAt: UInt64?
    }

    /// The feed.
    public var feed: Address
    /// The rounds.
    public var rounds: [Round]

    /// The most rounds that are read.
    public static let most = 500

    /// Reads the last `count` rounds of the first contract below `source` that has rounds.
    ///
    /// - Returns: `nil` where none has. A round that cannot be read is unknown; rounds end where the phase began.
    public static func read(
        _ count: Int, of source: Address, in book: OracleBook, on snapshot: Snapshot
    ) async throws(ChainError) -> FeedHistory? {
        var found: OracleNode?
        book.forest.walk(source) { node, _, _ in
            if found == nil, let round = node.round, !round.isZero, node.kind == .proxy || node.children.isEmpty {
                found = node
            }
        }
        guard let feed = found, let last = feed.round, last.significantBits <= 80 else { return nil }
        // The number of the phase stands in the upper bits; rounds of a phase begin at one.
        let inPhase = (last & UInt256.mask(bits: 64)).asUInt64() ?? 0
        let number = min(UInt64(max(1, min(count, most))), max(1, inPhase))
        let ids = (0..<number).map { last &- UInt256($0) }
        let answers = try await snapshot.read([
            CallGroup(
                target: feed.address, selector: Selector(signature: "getRoundData(uint80)"), arguments: ids,
                returnLength: 160)
        ])
        let places = feed.price?.decimals
        return FeedHistory(
            feed: feed.address,
            rounds: ids.enumerated().map { index, id in
                let answer = answers[0].bytes(index).map { Array($0) }
                return Round(
                    id: id, price: answer.positive(1).price(decimals: places),
                    updatedAt: answer.word(3).value?.asUInt64().flatMap { $0 == 0 ? nil : $0 })
            })
    }
}

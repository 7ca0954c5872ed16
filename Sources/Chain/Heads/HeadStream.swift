public import JSONRPC

/// The blocks of a chain as they come, every one on its parent, with what is taken back.
///
/// Heads come from `newHeads` of sockets, the first that has one winning, and from polling, which begins the stream,
/// watches over the sockets and stands in for them. Every gap is closed by parent hash. Nothing runs between two calls
/// of `next`, so the consumer's pace is the stream's; a block that was not taken in time is found again by its hash.
///
/// What it does rests on what the endpoints answer and on the times of the transport's events: over a
/// ``JSONRPC/ReplaySockets`` and a ``JSONRPC/ReplayTransport`` it repeats itself.
public struct HeadStream: AsyncSequence, Sendable {
    /// What a chain is like, and how much is borne.
    public struct Options: Sendable {
        /// The chain that every source has to serve.
        public var chainId: UInt64
        /// The usual time between two blocks.
        public var blockTime: Duration
        /// How deep a reorganisation may be; what lies deeper is final.
        public var depth: Int
        /// Without a block for so long, sockets are opened anew and the stream says that it is stalled.
        public var silence: Duration
        /// How far a head's timestamp may be from the clock; nil for any.
        public var clockTolerance: Duration?
        /// So many blocks below the tip, a source is said to drift.
        public var lag: UInt64 = 3
        /// Checks a header beyond its form: an error says why it is not believed.
        public var verify: @Sendable (RPCResult) throws(ChainError) -> Void = { _ throws(ChainError) in }

        /// Options of a chain.
        public init(chainId: UInt64, blockTime: Duration, depth: Int = 64) {
            self.chainId = chainId
            self.blockTime = blockTime
            self.depth = depth
            silence = Swift.max(blockTime * 3, .seconds(15))
            clockTolerance = Swift.max(blockTime * 10, .seconds(120))
        }
    }

    private let make: @Sendable () -> HeadFollower

    /// Follows a chain; asks nothing yet.
    ///
    /// - Parameters:
    ///   - client: is polled, and asked for missing headers.
    ///   - sockets: endpoints of `newHeads`, of different operators where possible.
    ///   - transport: carries the sockets, and keeps the time.
    ///   - start: blocks that the consumer has already, ascending, the oldest of them final. Without any, the stream
    ///     begins with the newest block.
    public init(
        _ client: any RPCCalling, sockets: [Endpoint] = [], over transport: any SocketTransport,
        after start: [Block] = [], options: Options
    ) {
        make = { HeadFollower(client: client, sockets: sockets, transport: transport, start: start, options: options) }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func makeAsyncIterator() -> Iterator { Iterator(follower: make()) }

    /// Takes the events one by one.
    public struct Iterator: AsyncIteratorProtocol, Sendable {
        var follower: HeadFollower

        /// The next event; nil after a finality violation and at the end of a recording.
        ///
        /// - Throws: ``ChainError`` where the polled endpoint serves another chain, a recording does not hold what is
        ///   asked, or the task is cancelled.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(ChainError) -> ChainEvent? {
            try await follower.next()
        }
    }
}

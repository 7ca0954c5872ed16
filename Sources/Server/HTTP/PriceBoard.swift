internal import Ethereum
public import JSON
internal import Synchronization

/// What was last found of the prices of every market, for whoever asks the server.
public final class PriceBoard: Sendable {
    /// One market's prices.
    public struct Page: Sendable {
        /// The market's stream.
        public var stream: String
        /// The block at which they were read.
        public var block: UInt64
        /// Its time, seconds since 1970.
        public var timestamp: UInt64
        /// A record of each, `type` is `oracle`.
        public var prices: [JSONValue]

        /// Makes a page.
        public init(stream: String, block: UInt64, timestamp: UInt64, prices: [JSONValue]) {
            self.stream = stream
            self.block = block
            self.timestamp = timestamp
            self.prices = prices
        }
    }

    /// Whether anybody asks independent sources at all.
    let isAsked: Bool
    private let state = Mutex<(version: UInt64, pages: [Page])>((0, []))

    /// - Parameter isAsked: whether the network names sources to compare prices with.
    public init(isAsked: Bool) { self.isAsked = isAsked }

    /// Replaces what was known.
    public func take(_ pages: [Page]) {
        state.withLock { $0 = ($0.version &+ 1, pages) }
    }

    /// The newest, with a number that changes with it; zero before there is any.
    var newest: (version: UInt64, pages: [Page]) { state.withLock { $0 } }
}

extension HTTPDesk {
    /// The prices of the streams that the caller may hear.
    func oracles(
        _ target: RequestTarget, _ caller: Caller, unless tag: String?
    ) throws(HTTPRefusal) -> HTTPAnswer {
        guard prices.isAsked else {
            throw HTTPRefusal(
                status: 501, what: "no independent source of prices is known here",
                expected: "a network file with priceSources")
        }
        let verdict = try target.word("verdict", of: ["ok", "suspect", "reject", "unknown"])
        let asset = target.query["asset"]?.lowercased()
        let wanted = SinkFilter(streams: try target.list("stream") ?? ["*"])
        // A stream that is none, or is not the caller's to hear, is refused as everywhere.
        _ = try FeedReader(books: books, caller: caller, epoch: epoch).books(target)
        let (version, pages) = prices.newest
        guard version > 0 else {
            throw HTTPRefusal(
                status: 503, what: "the sources were not read yet", expected: "an answer within seconds",
                headers: ["Retry-After": "1"])
        }
        let seen = pages.filter { caller.streams.has($0.stream) && wanted.has($0.stream) }
        let text = "\(epoch) \(version) " + seen.map(\.stream).joined(separator: " ")
        let etag = "\"\(Keccak256.hash(text.utf8).hex.dropFirst(2).prefix(32))\""
        guard !FeedReader.matches(tag, etag) else {
            return HTTPAnswer(status: 304, headers: ["ETag": etag], parts: [])
        }
        let records = seen.flatMap(\.prices).filter { record in
            if let verdict, record["verdict"]?.string != verdict { return false }
            guard let asset else { return true }
            return record["asset"]?.string?.lowercased() == asset || record["symbol"]?.string?.lowercased() == asset
        }
        let answer: JSONValue = [
            "v": 1,
            "streams": .array(
                seen.map { page in
                    [
                        "stream": .string(page.stream),
                        "block": ["number": .integer(page.block), "timestamp": .integer(page.timestamp)],
                    ]
                }),
            "count": .integer(records.count), "records": .array(records),
        ]
        return HTTPAnswer(headers: ["ETag": etag], parts: [answer.serialized()])
    }
}

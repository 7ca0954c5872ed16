public import Ethereum
import JSON
import Networks

/// What is published of a chain's price feeds and cannot be read from it.
public struct FeedFacts: Sendable {
    /// One feed.
    public struct Feed: Hashable, Sendable {
        /// Seconds after which an update is due.
        public var heartbeat: Int?
        /// The deviation that triggers an update, in basis points.
        public var deviationBps: Int?
        /// What its network calls it, such as `ETH / USD`.
        public var name: String?
    }

    /// Where the chain tells whether its sequencer is up; `nil` where it has none that is known.
    public var sequencer: Address?
    private var feeds: [Address: Feed]

    /// No facts.
    public init() { feeds = [:] }

    /// The published facts of one chain.
    public init(chainId: UInt64) {
        self.init()
        guard let file = Self.file else { return }
        sequencer = file["sequencers"]?["\(chainId)"]?.string.flatMap { Address(hex: $0) }
        guard let published = file["feeds"]?["\(chainId)"]?.object else { return }
        for (text, facts) in published.members {
            guard let address = Address(hex: text), let facts = facts.array, facts.count == 3 else { continue }
            feeds[address] = Feed(heartbeat: facts[0].int, deviationBps: facts[1].int, name: facts[2].string)
        }
    }

    /// What is published of a feed.
    public func facts(of feed: Address) -> Feed? { feeds[feed] }

    /// Says something of a feed that is not published.
    public mutating func add(_ feed: Feed, for address: Address) { feeds[address] = feed }

    private static let file: JSONValue? = {
        do throws(JSONError) {
            return try JSONValue(parsing: NetworkCatalog.feeds, limits: .file)
        } catch {
            return nil
        }
    }()
}

/// What roots are called: the same feed behind several contracts is one root.
enum RootNames {
    /// A feed of a network that names what it prices, else the contract that holds its answers.
    ///
    /// Standard and secondary proxies, and the aggregators behind them, share one set of nodes for `ETH / USD`.
    static func feed(
        _ feed: Address, provider: String, description: String?, aggregator: Address?
    ) -> OracleRoot {
        if let description, description.contains(" / "), provider == "chainlink" {
            let name = description.split(separator: " ").joined(separator: " ").prefix(64)
            return OracleRoot(provider, String(name))
        }
        return OracleRoot(provider, aggregator ?? feed)
    }
}

public import Chain
public import Ethereum
import Networks

/// Everything that was read about prices at one block.
public struct OracleBook: Sendable {
    /// Whether the chain's sequencer is up, as the chain tells.
    public struct Sequencer: Sendable {
        /// Whether it is down.
        public var isDown: Bool
        /// When that began, seconds since 1970; zero where the feed was never set.
        public var since: UInt64
    }

    /// One source with its price in US dollars.
    public struct Reference: Sendable {
        /// What the source says.
        public var reading: SourceReading
        /// Its price in US dollars, converted where its quote is something else.
        public var dollars: Reading<ExactPrice>
        /// The roots of what the quote was converted by.
        public var numeraire: Set<OracleRoot> = []
    }

    /// The block.
    public var block: Block
    /// What stands behind the protocols' prices.
    public var forest: OracleForest
    /// The sources of each asset, in the order of the network file.
    public var references: [Address: [Reference]]
    /// The sequencer; `nil` where the chain has none that is known, unknown where it did not answer.
    public var sequencer: Reading<Sequencer>?
    /// What is published of the chain's feeds.
    public var facts: FeedFacts
    /// What the nodes of aggregators reported, the newest round first; empty where nobody asked.
    public var reports: [Address: [OCRTransmissionEvent]] = [:]
    /// Tokens by symbol, for currencies that are named and not spelled out.
    public var symbols: [String: Address] = [:]
    /// What pushing the pools behind a market's prices costs, by asset; empty where prices rest on none.
    public var costs: [Address: [AttackCost]] = [:]
    /// Why a price that rests on pools has no cost, by asset.
    public var costReasons: [Address: String] = [:]
    /// The pools that the network file names, as far as they were read.
    var pools = PoolBook()

    /// The price of an asset in US dollars: the lower median of what its market sources say; `nil` where none does.
    public func dollars(of asset: Address) -> ExactPrice? {
        let prices = (references[asset] ?? [])
            .filter { $0.reading.evidence != .rate }
            .compactMap(\.dollars.value).sorted()
        return prices.isEmpty ? nil : prices[(prices.count - 1) / 2]
    }
}

extension OracleBook {
    /// Converts readings into references, each through the price of its own quote.
    ///
    /// - Parameter symbols: tokens by symbol, for quotes such as `ETH`.
    mutating func convert(_ readings: [SourceReading], symbols: [String: Address]) {
        var conversion = Conversion(readings: readings, symbols: symbols)
        references = [:]
        for (index, reading) in readings.enumerated() {
            let converted = conversion.dollars(of: index, path: [reading.configuration.asset])
            references[reading.configuration.asset, default: []].append(
                Reference(reading: reading, dollars: converted.price, numeraire: converted.roots))
        }
    }
}

/// Finds the way from each source's quote to US dollars; bounded, and never around in a circle.
private struct Conversion {
    let readings: [SourceReading]
    let symbols: [String: Address]
    private let byAsset: [Address: [Int]]
    private static let deepest = 4

    init(readings: [SourceReading], symbols: [String: Address]) {
        self.readings = readings
        self.symbols = symbols
        byAsset = Dictionary(grouping: readings.indices, by: { readings[$0].configuration.asset })
    }

    mutating func dollars(
        of index: Int, path: [Address]
    ) -> (price: Reading<ExactPrice>, roots: Set<OracleRoot>) {
        let reading = readings[index]
        guard let price = reading.price.value else { return (reading.price, []) }
        let quote: Address
        switch reading.configuration.quote {
        case .named("USD"): return (.known(price), [])
        case .named(let name):
            guard let token = symbols[name] ?? symbols["W" + name] else {
                return (.unknown(.failed("no price of \(name) is known to convert it by")), [])
            }
            quote = token
        case .asset(let token): quote = token
        }
        guard path.count < Self.deepest, !path.contains(quote), let rate = best(quote, path: path + [quote]) else {
            return (.unknown(.failed("its quote \(quote) has no price of its own")), [])
        }
        guard let converted = price.times(rate.price) else {
            return (.unknown(.malformed("the product with its quote's price is no price")), [])
        }
        return (.known(converted), rate.roots)
    }

    /// The lower median of the quote's own market sources, with what it rests on.
    private mutating func best(
        _ asset: Address, path: [Address]
    ) -> (price: ExactPrice, roots: Set<OracleRoot>)? {
        var found: [(price: ExactPrice, roots: Set<OracleRoot>)] = []
        for index in byAsset[asset] ?? [] where readings[index].evidence != .rate {
            let converted = dollars(of: index, path: path)
            if let price = converted.price.value {
                found.append((price, readings[index].roots.union(converted.roots)))
            }
        }
        found.sort { $0.price < $1.price }
        return found.isEmpty ? nil : found[(found.count - 1) / 2]
    }
}

public import Chain
import Ethereum
import JSONRPC
public import Lending
public import Networks

/// Reads the sources that a network file names, and what stands behind the protocols' own prices, at one block.
///
/// Everything is asked together, in a few rounds: a round asks what the one before it named.
public struct OracleSurvey: Sendable {
    /// How much is read.
    public struct Options: Sendable {
        /// Rounds of questions; each is one exchange where the chain has a multicall.
        public var rounds: Int
        /// Who asks the venues that the file names; `nil` leaves them out.
        public var venues: VenueReader?

        /// Makes options; three rounds see a cap, the feed under it and the aggregator under that.
        public init(rounds: Int = 3, venues: VenueReader? = nil) {
            self.rounds = rounds
            self.venues = venues
        }
    }

    let network: Network
    let snapshot: Snapshot
    let options: Options

    /// A survey of `network`'s sources at `snapshot`'s block.
    public init(of network: Network, on snapshot: Snapshot, options: Options = Options()) {
        self.network = network
        self.snapshot = snapshot
        self.options = options
    }

    /// What is said about the prices of these assets, in as many exchanges as there are rounds.
    ///
    /// - Throws: where the endpoint answers for another block; a source that fails is unknown and harms no other.
    public func read(_ assets: [PricedAsset]) async throws(ChainError) -> OracleBook {
        var facts = FeedFacts(chainId: snapshot.chainId)
        facts.sequencer = network.sequencerFeed ?? facts.sequencer
        for source in network.priceSources {
            guard let feed = source.contracts["feed"], source.heartbeat != nil || source.deviationBps != nil else {
                continue
            }
            facts.add(
                FeedFacts.Feed(heartbeat: source.heartbeat, deviationBps: source.deviationBps, name: nil), for: feed)
        }
        let symbols = symbols(assets)
        let wanted = wanted(assets, symbols)
        // What is signed is needed before the chain is asked whom it believes.
        let updates = await signedUpdates(wanted)
        var rounds = SurveyRounds(
            sources: wanted, updates: updates, facts: facts, tops: tops(assets), limits: .init(), block: snapshot.block)
        async let venues = venueReadings(wanted)
        for _ in 0..<max(1, options.rounds) {
            let questions = rounds.next()
            guard !questions.isEmpty else { break }
            let answers = try await snapshot.read(together: questions.groups, and: questions.alone)
            rounds.take(answers.groups, answers.calls)
        }
        var book = OracleBook(
            block: snapshot.block, forest: rounds.forest, references: [:], sequencer: rounds.sequencer, facts: facts)
        book.symbols = symbols
        book.pools = rounds.pools
        var readings = rounds.readings
        for (index, reading) in await venues { readings[index] = reading }
        book.convert(readings.compactMap(\.self), symbols: symbols)
        return book
    }

    /// Says what pushing the pools behind a market's own prices costs, and what that would bring from these positions.
    ///
    /// Nothing is asked for it: the pools were read in the rounds of ``read(_:)``.
    public func setCosts(
        of market: any LendingMarket, _ assets: [PricedAsset], _ positions: [Position], in book: inout OracleBook
    ) {
        let description = PriceDescription(book: book)
        let pools = PoolCosts(assets.map { description.describe($0) }, of: network, in: book)
        book.costs = [:]
        book.costReasons = pools.reasons
        let extraction = Extraction(market: market, positions: positions)
        for entry in pools.entries {
            let asset = entry.asset.asset
            let found = entry.costs(in: book, blockTime: network.blockTime) {
                extraction.most(entry.asset, movedBy: $0)
            }
            if found.isEmpty {
                book.costReasons[asset] = "what the pool's tokens are worth, or their decimals, is not known"
            } else {
                // A price made by several pools is pushed at the cheapest.
                book.costs[asset, default: []] += found
                book.costReasons[asset] = nil
            }
        }
    }

    /// The contracts that the market names as sources of its prices, each once.
    private func tops(_ assets: [PricedAsset]) -> [Address] {
        var seen: Set<Address> = []
        return assets.compactMap { asset in
            guard asset.source.kind == .feed, let address = asset.source.address, seen.insert(address).inserted else {
                return nil
            }
            return address
        }
    }

    private func symbols(_ assets: [PricedAsset]) -> [String: Address] {
        var symbols: [String: Address] = [:]
        for asset in network.assets { symbols[asset.symbol] = symbols[asset.symbol] ?? asset.address }
        for asset in assets {
            if let symbol = asset.symbol { symbols[symbol] = symbols[symbol] ?? asset.asset }
        }
        return symbols
    }

    /// The sources of the assets, and of whatever their prices have to be converted by.
    private func wanted(_ assets: [PricedAsset], _ symbols: [String: Address]) -> [PriceSourceConfiguration] {
        var tokens = Set(assets.map(\.asset))
        for asset in assets where asset.currency != "USD" {
            if let currency = asset.currencyAsset ?? symbols[asset.currency] ?? symbols["W" + asset.currency] {
                tokens.insert(currency)
            }
        }
        var grew = true
        while grew {
            grew = false
            for source in network.priceSources where tokens.contains(source.asset) {
                switch source.quote {
                case .asset(let quote): grew = tokens.insert(quote).inserted || grew
                case .named("USD"): break
                case .named(let name):
                    if let token = symbols[name] ?? symbols["W" + name] { grew = tokens.insert(token).inserted || grew }
                }
            }
        }
        return network.priceSources.filter { source in
            tokens.contains(source.asset) && (options.venues != nil || !VenueReader.isOffChain(source))
        }
    }

    private func signedUpdates(_ sources: [PriceSourceConfiguration]) async -> [Int: Reading<[UInt8]>] {
        let places = sources.indices.filter { sources[$0].kind == "hermes" }
        guard let venues = options.venues, !places.isEmpty else { return [:] }
        let updates = await venues.updates(of: places.map { sources[$0] })
        return Dictionary(zip(places, updates), uniquingKeysWith: { first, _ in first })
    }

    private func venueReadings(_ sources: [PriceSourceConfiguration]) async -> [(Int, SourceReading)] {
        guard let venues = options.venues else { return [] }
        let places = sources.indices.filter { VenueReader.isVenue(sources[$0]) }
        return Array(zip(places, await venues.read(places.map { sources[$0] }, at: snapshot.block)))
    }
}

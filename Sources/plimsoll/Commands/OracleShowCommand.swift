import ArgumentParser
import Chain
import Ethereum
import JSON
import Lending
import Networks
import Oracles
import Protocols

/// `plimsoll oracle show`, or without the word: every price that the markets rely on, beside every independent source.
struct OracleShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows every price that the markets rely on, beside every independent source.",
        discussion: """
            Sources are those of priceSources in the network file. A verdict is ok, unknown (nothing independent was \
            read), suspect or reject; the reasons stand beside it.
            """)

    @Argument(help: ArgumentHelp("Symbols or addresses; every asset where none is given.", valueName: "asset"))
    var assets: [String] = []

    @Option(help: ArgumentHelp("Only these markets.", valueName: "market"))
    var market: [String] = []

    @Flag(help: "Show the contracts that each price is made by, down to its roots.")
    var tree = false

    @Option(help: ArgumentHelp("Show the last N rounds of the protocol's own feeds.", valueName: "n"))
    var history: Int?

    @Option(
        help: ArgumentHelp(
            "First look at so many blocks before, so that what needs a past can be seen: jumps, missed updates.",
            valueName: "blocks"))
    var lookBack = 0

    @Option(
        help: ArgumentHelp(
            "Also read what the single nodes behind the feeds reported in so many blocks.", valueName: "blocks"))
    var reports: UInt64?

    @Flag(help: "Also ask the venues that the network file names under priceSources.")
    var cex = false

    @Option(help: ArgumentHelp("The same as --block.", valueName: "block"))
    var atBlock: BlockChoice?

    @OptionGroup var chain: ChainOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let history, history < 1 || history > FeedHistory.most {
            throw ValidationError("--history: expected a number from 1 to \(FeedHistory.most), got \(history)")
        }
        if !(0...Self.farthest).contains(lookBack) {
            throw ValidationError("--look-back: expected a number from 0 to \(Self.farthest), got \(lookBack)")
        }
    }

    /// So many blocks a full node keeps the state of.
    private static let farthest = 126

    /// One asset of one market with what was found about it.
    struct Line {
        let market: MarketID
        let assessment: AssetAssessment
        var history: FeedHistory?
    }

    func run() async throws {
        let session = try RPCSession(chain, environment: Environment.current)
        let configurations = try session.network.markets(market)
        let snapshot = try await session.snapshot(at: (atBlock ?? chain.block).selector, path: nil)
        var monitor = OracleMonitor(thresholds: session.thresholds, looksAgain: lookBack > 0)
        var listings: [[Account]] = []
        for configuration in configurations {
            let market = try await ProtocolRegistry.open(configuration, of: session.network, on: snapshot)
            listings.append(try await market.listings(on: snapshot))
        }
        for distance in (1...max(1, UInt64(lookBack))).reversed()
        where lookBack > 0 && distance <= snapshot.block.number {
            let past = try await session.snapshot(at: .number(snapshot.block.number - distance), path: nil)
            _ = try await OracleReview.read(
                open(configurations, listings, session, past).map { ($0.market, $0.assets, []) }, of: session, on: past,
                rounds: 4, asksVenues: false, by: &monitor)
        }
        let opened = try await open(configurations, listings, session, snapshot)
        let silent = opened.filter(\.isSilent).map(\.market.id.deployment)
        for text in assets where !opened.contains(where: { $0.assets.contains { Self.names($0, text) } }) {
            throw CommandStop(.usage, "no market prices \(text)")
        }
        let review = try await OracleReview.read(
            opened.map { ($0.market, $0.assets, []) }, of: session, on: snapshot, rounds: tree ? 10 : 4,
            asksVenues: cex, reports: reports, by: &monitor)
        var lines = review.markets.flatMap { market in
            market.assessments.map { Line(market: market.id, assessment: $0) }
        }
        if let history {
            for index in lines.indices {
                guard let source = lines[index].assessment.asset.source.address else { continue }
                lines[index].history = try await FeedHistory.read(
                    history, of: source, in: review.book, on: snapshot)
            }
        }
        try session.finish(milliseconds: session.milliseconds)
        try OraclePrinter(output: output, tree: tree, session: session).write(lines, review.book)
        guard silent.isEmpty, lines.allSatisfy({ $0.assessment.price != nil }) else {
            let what = silent.isEmpty ? "a price cannot be read" : "\(silent.joined(separator: ", ")) list no prices"
            throw CommandStop(.partial, "\(what); the records say why")
        }
    }

    /// The markets at one block, with the prices that are to be shown.
    private func open(
        _ configurations: [MarketConfiguration], _ listings: [[Account]], _ session: RPCSession, _ snapshot: Snapshot
    ) async throws -> [(market: any LendingMarket, assets: [PricedAsset], isSilent: Bool)] {
        var opened: [(market: any LendingMarket, assets: [PricedAsset], isSilent: Bool)] = []
        for (configuration, listings) in zip(configurations, listings) {
            let market = try await ProtocolRegistry.open(configuration, of: session.network, on: snapshot)
            let assets = try await market.pricedAssets(in: listings, on: snapshot)
            opened.append((market, assets.filter(isWanted), assets.isEmpty))
        }
        return opened
    }

    private func isWanted(_ asset: PricedAsset) -> Bool {
        assets.isEmpty || assets.contains { Self.names(asset, $0) }
    }

    /// Whether a text of the command line means this asset.
    private static func names(_ asset: PricedAsset, _ text: String) -> Bool {
        if text.hasPrefix("0x"), let address = Address(hex: text) { return asset.asset == address }
        return asset.symbol?.lowercased() == text.lowercased()
    }
}

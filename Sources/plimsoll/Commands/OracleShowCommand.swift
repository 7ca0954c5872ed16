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
    }

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
        var opened: [(market: any LendingMarket, assets: [PricedAsset])] = []
        var silent: [String] = []
        for configuration in configurations {
            let market = try await ProtocolRegistry.open(configuration, of: session.network, on: snapshot)
            let priced = market.pricedAssets(of: [])
            if priced.isEmpty { silent.append(configuration.id) }
            opened.append((market, priced.filter(isWanted)))
        }
        for text in assets where !opened.contains(where: { $0.assets.contains { Self.names($0, text) } }) {
            throw CommandStop(.usage, "no market prices \(text)")
        }
        let review = try await OracleReview.read(
            opened, of: session, on: snapshot, rounds: tree ? 10 : 4, asksVenues: cex)
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

    private func isWanted(_ asset: PricedAsset) -> Bool {
        assets.isEmpty || assets.contains { Self.names(asset, $0) }
    }

    /// Whether a text of the command line means this asset.
    private static func names(_ asset: PricedAsset, _ text: String) -> Bool {
        if text.hasPrefix("0x"), let address = Address(hex: text) { return asset.asset == address }
        return asset.symbol?.lowercased() == text.lowercased()
    }
}

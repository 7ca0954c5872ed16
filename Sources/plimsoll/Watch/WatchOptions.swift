import ArgumentParser
import Chain
import JSONRPC
import Keeper
import Logging
import Networks
import Server

/// What is followed and how: `plimsoll watch` and `plimsoll serve` share it.
struct WatchOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("Markets of the network; all where none is given.", valueName: "market"))
    var markets: [String] = []

    @Option(help: ArgumentHelp("An endpoint that announces heads over a WebSocket; repeatable.", valueName: "url"))
    var ws: [String] = []

    @Option(help: ArgumentHelp("How far above the line a position is watched, in basis points.", valueName: "bps"))
    var near = 500

    @Option(help: ArgumentHelp("Stop after so many blocks.", valueName: "n"))
    var blocks: Int?

    @Option(help: ArgumentHelp("First repeat what came after this message, <stream>:<seq>.", valueName: "token"))
    var resume: [String] = []

    @Flag(help: "Also ask the venues that the network file names under priceSources, every ten seconds.")
    var cex = false

    @OptionGroup var service: ServiceOptions
    @OptionGroup var chain: ChainOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (0...100_000).contains(near) else { throw ValidationError("--near: expected 0 to 100000, got \(near)") }
        if let blocks, blocks < 1 { throw ValidationError("--blocks: expected a number from 1, got \(blocks)") }
        if chain.record != nil || chain.replay != nil {
            throw ValidationError("--record and --replay are not for watch: scan records one block")
        }
        guard output.format != .csv && output.format != .json else {
            throw ValidationError("--format: watch writes ndjson or table")
        }
        for url in ws where Self.socket(url) == nil {
            throw ValidationError("--ws: expected a ws:// or wss:// URL with a host")
        }
    }

    /// Follows the chain; stdout is told, or a server in its place.
    ///
    /// - Parameter server: makes it, with the board that holds what is found of prices.
    func follow(_ server: ((RPCSession, ServiceFile, PriceBoard, Logger) throws -> any FeedConsumer)?) async throws {
        let environment = Environment.current
        let session = try RPCSession(chain, environment: environment)
        let sockets = try ws.compactMap(Self.socket).map { try Endpoint(url: $0) }
        let folder = try WatchFolder(chain.stateDirectory(environment))
        let state = try StateStore(folder.path, chainId: session.network.chainId)
        session.recall { state.limits(of: $0) }
        let log = Logger(label: "plimsoll", level: output.effectiveLogLevel, progress: nil)
        if folder.isTemporary {
            log.notice("without --state, numbers begin anew with every run and nobody can resume")
        }
        let service = try service.read(environment)
        let board = PriceBoard(isAsked: !session.network.priceSources.isEmpty)
        var consumers: [any FeedConsumer] = []
        if let server {
            consumers.append(try server(session, service, board, log))
        } else if !service.isQuiet {
            consumers.append(WatchPrinter(isTable: output.effectiveFormat == .table, resuming: resume))
        }
        let sinks = try SinkHost(service.sinks, folder: folder.path + "/sinks", clock: { unixSeconds() }, log: log)
        let run = WatchRun(
            session: session, state: state, folder: folder.path, sockets: sockets,
            markets: try session.network.markets(markets), near: near, mostBlocks: blocks,
            heartbeat: service.heartbeat, consumers: consumers + [sinks], asksVenues: cex, board: board, log: log)
        try await run.run()
    }

    /// The same URL as its handshake needs it; nil where it is none.
    private static func socket(_ url: String) -> String? {
        for (scheme, plain) in [("wss://", "https://"), ("ws://", "http://")] where url.hasPrefix(scheme) {
            let rest = url.dropFirst(scheme.count)
            return rest.isEmpty ? nil : plain + rest
        }
        return nil
    }
}

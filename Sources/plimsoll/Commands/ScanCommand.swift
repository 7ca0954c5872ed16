import ArgumentParser
import Chain
import Ethereum
import Keeper
import Lending
import Logging
import Networks
import Protocols
import Risk

/// `plimsoll scan`: one pass at one pinned block.
struct ScanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan", abstract: "Finds every borrower and shows who is closest to liquidation.")

    @Argument(help: ArgumentHelp("Markets of the network; all where none is given.", valueName: "market"))
    var markets: [String] = []

    @OptionGroup var scan: ScanOptions
    @OptionGroup var chain: ChainOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let environment = Environment.current
        let session = try RPCSession(chain, environment: environment)
        // A recording has to hold everything that a replay, which remembers nothing, will ask for.
        let path = chain.record == nil ? chain.stateDirectory(environment) : nil
        let state = try StateStore(path, chainId: session.network.chainId)
        session.recall { state.limits(of: $0) }
        let run = ScanRun(
            session: session, state: state, verification: chain.verify, scan: scan, output: output,
            environment: environment)
        try await run.run(
            markets: try session.network.markets(markets), selector: chain.block.selector,
            path: scan.readPath.map(\.path))
    }
}

/// A scan with its printing; what `scan` and `demo` share.
struct ScanRun {
    let session: RPCSession
    let state: StateStore
    var verification = VerificationLevel.none
    let scan: ScanOptions
    let output: OutputOptions
    let environment: [String: String]

    func run(markets: [MarketConfiguration], selector: BlockSelector, path: ReadPath?) async throws {
        let progress = ProgressBar.standardError(isQuiet: output.quiet, environment: environment)
        defer { progress.clear() }
        let log = Logger(label: "plimsoll", level: output.effectiveLogLevel, progress: progress)
        var outcome: ScanOutcome
        do {
            outcome = try await ScanPass(
                markets: markets, accounts: scan.account, all: scan.all, session: session, selector: selector,
                path: path, verification: verification, asksVenues: scan.cex, state: state, progress: progress
            ).run()
        } catch {
            // What was recorded up to a failure is what somebody will want to look at.
            try session.finish(milliseconds: session.milliseconds)
            throw error
        }
        state.keep(session.limits)
        // Read with the scan, at its block: what is asked of other prices asks nothing of a node.
        let exits = scan.shock == nil ? WhatIf.Exits.none("") : try await exits(outcome)
        var rounds: [String: [PricePoint]] = [:]
        if let count = scan.rounds { rounds = try await FeedRounds.read(count, outcome, of: session.network) }
        let milliseconds = session.milliseconds
        try session.finish(milliseconds: milliseconds)
        if let shock = scan.shock {
            let began = ContinuousClock.now
            outcome.whatIf = try WhatIf(shock, on: &outcome, exits: exits)
            let took = ContinuousClock.now - began
            log.info(
                "what-if",
                metadata: [
                    "positions": "\(outcome.markets.reduce(0) { $0 + $1.reading.positions.count })",
                    "microseconds": "\(took / .microseconds(1))",
                ])
        }
        // Of prices that somebody asks about nothing is remembered.
        try RiskReview(
            state: scan.shock == nil ? state : StateStore(), candles: scan.candles, rounds: rounds
        ).review(&outcome)
        let positions = await DistanceMeasure(outcome).measured(try selected(outcome))
        try ScanPrinter(output: output, environment: environment).write(
            positions, outcome, session: session, milliseconds: milliseconds)
        for notice in outcome.notices { log.notice("\(notice)") }
        for complaint in outcome.complaints { log.warning("\(complaint)") }
        guard outcome.isComplete else { throw CommandStop(.partial, "the scan is incomplete; its records are printed") }
    }

    /// The pools of the network file at the scan's block, or why there are none.
    private func exits(_ outcome: ScanOutcome) async throws -> WhatIf.Exits {
        let pools = try await ExitPools.read(session.network, on: outcome.snapshot)
        guard !pools.isEmpty else {
            return .none(
                ExitPools.areNamed(by: session.network)
                    ? "no pool that the network file names answered"
                    : "the network file names no pool to sell through")
        }
        let legs = outcome.markets.flatMap { $0.reading.positions.prefix(1_000) }.flatMap { $0.collateral + $0.debt }
        return .book(ExitPools.book(session.network, pools, legs))
    }

    /// The positions to print, in their order.
    private func selected(_ outcome: ScanOutcome) throws -> [Position] {
        var positions = outcome.markets.flatMap(\.reading.positions)
        if let maxHealth = scan.maxHealth {
            let limit = try maxHealth.scaled(to: 18, .down)
            // What is unknown is never filtered away.
            positions = positions.filter { $0.hfProtocol.map { $0 <= limit } ?? true }
        }
        if let minDebt = scan.minDebt {
            positions = try positions.filter { position in
                guard let debt = position.debtValue, position.valueUnit.symbol == "USD" else { return true }
                return try debt >= minDebt.scaled(to: position.valueUnit.decimals, .up)
            }
        }
        positions = scan.sort.order.sorted(positions)
        if let top = scan.top { positions = Array(positions.prefix(top)) }
        return positions
    }
}

extension Logger {
    /// A logger that writes to stderr.
    init(label: String, level: Logger.Level, progress: ProgressBar?) {
        self.init(label: label) { _ in StandardErrorLog(logLevel: level, progress: progress) }
    }
}

extension BlockChoice {
    /// The same choice as the chain module names it.
    var selector: BlockSelector {
        switch self {
        case .latest: .latest
        case .safe: .safe
        case .finalized: .finalized
        case .number(let number): .number(number)
        case .hash(let text): Hash32(hex: text).map { .hash($0) } ?? .latest
        }
    }
}

extension SortOrder {
    /// The same order as the risk module names it.
    var order: Order {
        switch self {
        case .urgency: .urgency
        case .borrower: .borrower
        case .keeper: .keeper
        case .lender: .lender
        case .distance: .distance
        case .health: .health
        case .debt: .debt
        }
    }
}

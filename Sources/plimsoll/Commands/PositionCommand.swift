import ArgumentParser
import Chain
import Ethereum
import JSON
import Lending
import Networks
import Oracles
import Protocols
import Risk

/// `plimsoll position`: one account in every configured market, with the working shown.
struct PositionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "position", abstract: "Shows one account in every market, with each step of the computation.")

    @Argument(help: "The account.", transform: ScanOptions.address)
    var account: Address

    @Flag(help: "Also ask the venues that the network file names under priceSources.")
    var cex = false

    @OptionGroup var chain: ChainOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let session = try RPCSession(chain, environment: Environment.current)
        let snapshot = try await session.snapshot(at: chain.block.selector, path: nil)
        let (markets, found, refused) = try await Self.work(Account(account), session.network, on: snapshot)
        let review = try await OracleReview.read(
            markets, found.map { $0.map(\.position) }, of: session, on: snapshot, rounds: 3, asksVenues: cex)
        var workings: [Working] = []
        for (index, ofMarket) in found.enumerated() {
            for var working in ofMarket {
                working.position.oracle = review?.findings(for: working.position, in: index)
                workings.append(measured(working, in: markets[index], review))
            }
        }
        try session.finish(milliseconds: session.milliseconds)
        try write(workings)
        guard refused.isEmpty else {
            throw CommandStop(
                .partial, refused.map { "\($0.deployment) was not read: \($0.error)" }.joined(separator: "; "))
        }
        guard workings.allSatisfy({ !$0.position.isUnknown && $0.position.match != .differs }) else {
            throw CommandStop(
                .partial, "not everything about \(account) is known, or the contract disagrees; the records say why")
        }
    }

    /// With how far it is from its line, and how likely it is to get there; nothing is asked for it.
    private func measured(_ working: Working, in market: any LendingMarket, _ review: OracleReview?) -> Working {
        var working = working
        let assets = market.pricedAssets(of: [working.position])
        let shared = Set(market.contracts.map(\.address))
        let roots =
            review.map { PriceRoots(of: assets, in: $0.book.forest, besides: shared) }
            ?? PriceRoots(of: assets, besides: shared)
        let position = DistanceFinder(market, roots: roots).measured(working.position)
        working.position = position
        working.position.risk = RiskBook(roots: roots).assess(
            position, drift: InterestClock(market).drift(of: position), units: UnitPrices(from: [position]))
        return working
    }

    /// The account in every market of the network, read in step; and the markets that are not what the network file says.
    private static func work(
        _ account: Account, _ network: Network, on snapshot: Snapshot
    ) async throws -> (
        markets: [any LendingMarket], workings: [[Working]], refused: [(deployment: String, error: LendingError)]
    ) {
        typealias Outcome = (market: any LendingMarket, workings: [Working])
        let configurations = network.markets
        let results = await ReadRounds.run(configurations.count, on: snapshot) { index, snapshot in
            do throws(LendingError) {
                let market = try await ProtocolRegistry.open(configurations[index], of: network, on: snapshot)
                var workings: [Working] = []
                let accounts = try await market.expand([account], on: snapshot)
                for account in accounts where market.isAccount(account) {
                    workings.append(try await market.work(account, among: accounts, on: snapshot))
                }
                return Result<Outcome, LendingError>.success((market, workings))
            } catch {
                return .failure(error)
            }
        }
        var markets: [any LendingMarket] = []
        var workings: [[Working]] = []
        var refused: [(deployment: String, error: LendingError)] = []
        for (configuration, result) in zip(configurations, results) {
            switch result {
            case .success(let outcome):
                markets.append(outcome.market)
                workings.append(outcome.workings)
            case .failure(let error):
                guard error.isAboutOneMarket, configurations.count > 1 else { throw error }
                refused.append((configuration.id, error))
            }
        }
        if workings.isEmpty, let first = refused.first { throw first.error }
        return (markets, workings, refused)
    }

    private func write(_ workings: [Working]) throws {
        var buffer = OutputBuffer.standardOutput()
        switch output.effectiveFormat {
        case .table:
            let terminal = output.terminal(Environment.current)
            for working in workings { try buffer.append(WorkingText.text(working, terminal: terminal)) }
        case .ndjson:
            for working in workings { try buffer.append(Self.record(working).serialized() + [UInt8(ascii: "\n")]) }
        case .json:
            try buffer.append(JSONValue.array(workings.map(Self.record)).serialized() + [UInt8(ascii: "\n")])
        case .csv:
            try buffer.append(CSVWriter.row(["deployment", "subject", "name", "formula", "value", "unit"]))
            for working in workings {
                for step in working.steps {
                    try buffer.append(
                        CSVWriter.row([
                            working.position.market.deployment, step.subject, step.name, step.formula,
                            step.value.description, step.unit,
                        ]))
                }
            }
        }
        try buffer.flush()
    }

    /// The position's record with its steps under `working`.
    private static func record(_ working: Working) -> JSONValue {
        let steps = working.steps.map { step -> JSONValue in
            [
                "subject": .string(step.subject), "name": .string(step.name), "formula": .string(step.formula),
                "inputs": .array(
                    step.inputs.map { ["name": .string($0.name), "value": .string($0.value.description)] }),
                "value": .string(step.value.description), "unit": .string(step.unit),
            ]
        }
        let record = PositionRecord(working.position).json
        let members = record.object.map { Array($0.members) } ?? []
        return .object(JSONObject(members + [("working", .array(steps))]))
    }
}

/// The working of a position for people.
enum WorkingText {
    static func text(_ working: Working, terminal: Terminal) -> String {
        let position = working.position
        var lines = [
            TextStyle.bold.apply(
                "\(position.market.deployment) (\(position.market.protocol)): \(position.account.address.checksummed) at block \(FixedPointText.grouped(position.block.number))",
                color: terminal.color)
        ]
        for step in working.steps {
            lines.append("  \(DisplayText.sanitized(step.subject)): \(step.name) = \(step.formula)")
            for input in step.inputs { lines.append("      \(input.name) = \(input.value)") }
            lines.append("      → \(step.value) \(step.unit)")
        }
        let health = position.hfProtocol.map { FixedPointText.health($0) } ?? "?"
        lines.append(
            "  health factor \(health), contract \(position.hfOnchain.map(FixedPointText.health) ?? "?"), match \(position.match.rawValue), "
                + "liquidatable: \(position.liquidatable.map { $0 ? "yes" : "no" } ?? "unknown")")
        for unknown in position.unknown where unknown.field == "liquidatable" {
            lines.append("  unknown: \(DisplayText.sanitized(unknown.reason))")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

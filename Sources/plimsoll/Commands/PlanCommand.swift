import ArgumentParser
import Chain
import Ethereum
import JSON
import Keeper
import Lending
import Networks
import Protocols

/// `plimsoll plan`: what may be sent to liquidate one account, sized, encoded and tried at the pinned block.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Plans the liquidation of one account: ready-to-send calls, tried first.")

    @Argument(help: "The account.", transform: ScanOptions.address)
    var account: Address

    @Option(help: ArgumentHelp("Only this market; repeat it for more.", valueName: "id"))
    var market: [String] = []

    @Option(help: "What the plans are for.")
    var policy = Policy.profit

    @Option(
        help: ArgumentHelp("Wei for one unit of gas; the block's base fee where it is not given.", valueName: "wei"))
    var fee: UInt64?

    @Option(
        help: "Who will send the plans: some calls name who receives, and have no data otherwise.",
        transform: ScanOptions.address)
    var sender: Address?

    @Flag(help: "Do not try the plans: they say so, and are trusted less.")
    var noSimulation = false

    @OptionGroup var chain: ChainOptions
    @OptionGroup var output: OutputOptions

    /// What plans are for, as it is named on the command line.
    enum Policy: String, CaseIterable, ExpressibleByArgument {
        case profit
        case safety
        case badDebt = "bad_debt"

        var meaning: LiquidationPlan.Policy {
            switch self {
            case .profit: .profit
            case .safety: .safety
            case .badDebt: .badDebt
            }
        }
    }

    func run() async throws {
        let session = try RPCSession(chain, environment: Environment.current)
        for id in market where session.network.market(id) == nil {
            throw CommandStop(.usage, "--market: \(session.network.name) has no market \(id)")
        }
        let configurations = session.network.markets.filter { market.isEmpty || market.contains($0.id) }
        let snapshot = try await session.snapshot(at: chain.block.selector, path: nil)
        let (positions, refused) = try await plan(configurations, session.network, on: snapshot)
        try session.finish(milliseconds: session.milliseconds)
        try write(positions)
        guard refused.isEmpty else {
            throw CommandStop(
                .partial, refused.map { "\($0.deployment) was not read: \($0.error)" }.joined(separator: "; "))
        }
        guard positions.allSatisfy({ !$0.isUnknown && $0.match != .differs }) else {
            throw CommandStop(
                .partial, "not everything about \(account) is known, or the contract disagrees; the records say why")
        }
    }

    /// The account's positions with debt in these markets, with their plans.
    private func plan(
        _ configurations: [MarketConfiguration], _ network: Network, on snapshot: Snapshot
    ) async throws -> (positions: [Position], refused: [(deployment: String, error: LendingError)]) {
        typealias Outcome = (market: any LendingMarket, positions: [Position])
        let results = await ReadRounds.run(configurations.count, on: snapshot) {
            [account = Account(account)] index, snapshot in
            do throws(LendingError) {
                let market = try await ProtocolRegistry.open(configurations[index], of: network, on: snapshot)
                let accounts = try await market.expand([account], on: snapshot)
                let reading = try await market.read(accounts, debtless: false, known: AccountRows(), on: snapshot)
                return Result<Outcome, LendingError>.success((market, reading.positions))
            } catch {
                return .failure(error)
            }
        }
        let pools = try await ExitPools.read(network, on: snapshot)
        var positions: [Position] = []
        var refused: [(deployment: String, error: LendingError)] = []
        for (configuration, result) in zip(configurations, results) {
            switch result {
            case .success(let outcome):
                let planner = LiquidationPlanner(outcome.market, policy: policy.meaning, sender: sender)
                var planned = outcome.positions.map { planner.exiting(planner.planned($0), through: pools) }
                if !noSimulation {
                    let trials = PlanTrials(on: snapshot, gasPrice: fee.map { UInt256($0) })
                    planned = try await trials.tried(
                        planned, native: NativePrice.of(network, in: outcome.market, planned))
                }
                positions += planned
            case .failure(let error):
                guard error.isAboutOneMarket, configurations.count > 1 else { throw error }
                refused.append((configuration.id, error))
            }
        }
        if positions.isEmpty, refused.count == configurations.count, let first = refused.first { throw first.error }
        return (positions, refused)
    }

    private func write(_ positions: [Position]) throws {
        var buffer = OutputBuffer.standardOutput()
        switch output.effectiveFormat {
        case .table:
            let terminal = output.terminal(Environment.current)
            if positions.isEmpty { try buffer.append("\(account.checksummed) owes nothing in these markets\n") }
            for position in positions { try buffer.append(PlanText.text(position, terminal: terminal)) }
        case .ndjson:
            for position in positions {
                try buffer.append(PositionRecord(position).json.serialized() + [UInt8(ascii: "\n")])
            }
        case .json:
            let records = JSONValue.array(positions.map { PositionRecord($0).json })
            try buffer.append(records.serialized() + [UInt8(ascii: "\n")])
        case .csv:
            try buffer.append(
                CSVWriter.row([
                    "deployment", "account", "size", "debtAsset", "collateralAsset", "repay", "seize", "gross", "sim",
                    "to", "data",
                ]))
            for position in positions {
                for plan in position.plans ?? [] {
                    for (step, call) in plan.steps.flatMap({ step in step.calls.map { (step, $0) } }) {
                        let data = call.made(by: plan.sender).map { Hex.encode($0.data) } ?? ""
                        try buffer.append(
                            CSVWriter.row([
                                position.market.deployment, position.account.address.checksummed, plan.size.rawValue,
                                plan.pair.debtAsset.checksummed, plan.pair.collateralAsset.checksummed,
                                step.repay.description, step.seize.description, step.gross.description,
                                PlanText.trial(plan), call.call.target.checksummed, data,
                            ]))
                    }
                }
            }
        }
        try buffer.flush()
    }
}

/// What the native token is worth in a market's base units, by the market's own oracle.
enum NativePrice {
    /// The price of the token whose symbol is the native asset's with a W before it; `nil` where there is none.
    static func of(_ network: Network, in market: any LendingMarket, _ positions: [Position]) -> UInt256? {
        let wrapped = "W" + network.nativeSymbol
        return market.pricedAssets(of: positions).first {
            $0.symbol?.uppercased() == wrapped.uppercased() && $0.decimals == 18
        }?.priceRaw
    }
}

/// The plans of a position for people.
enum PlanText {
    static func text(_ position: Position, terminal: Terminal) -> String {
        let name = position.market.deployment
        var lines = [
            TextStyle.bold.apply(
                "\(name) (\(position.market.protocol)): \(position.account.address.checksummed) at block "
                    + FixedPointText.grouped(position.block.number), color: terminal.color),
            "  health factor \(position.hfProtocol.map { FixedPointText.health($0) } ?? "?"), liquidatable: "
                + (position.liquidatable.map { $0 ? "yes" : "no" } ?? "unknown"),
        ]
        for plan in position.plans ?? [] {
            lines.append(
                "  \(plan.size.rawValue): repay \(amount(plan.repay, plan.pair.debtAsset, position.debt)), "
                    + "receive \(amount(plan.seize, plan.seizeAsset, position.collateral)), "
                    + "gross \(plan.gross) base units, \(trial(plan))")
            for call in plan.calls {
                let value = call.value.isZero ? "" : ", \(call.value) wei"
                let data = call.made(by: plan.sender).map { Hex.encode($0.data) }
                lines.append("      to \(call.call.target.checksummed)\(value)  \(call.function)")
                lines.append("      \(data ?? "no data: it names who receives; say it with --sender")")
            }
        }
        for unknown in position.unknown where unknown.field == "plans" {
            lines.append("  no plan: \(DisplayText.sanitized(unknown.reason))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What became of the trial, in words.
    static func trial(_ plan: LiquidationPlan) -> String {
        guard let simulation = plan.simulation else { return "not simulated" }
        return simulation.ok ? "simulated" : DisplayText.sanitized(simulation.revert ?? "the simulation failed")
    }

    private static func amount(_ amount: UInt256, _ asset: Address, _ legs: [Leg]) -> String {
        let leg = legs.first { $0.asset == asset }
        return "\(amount) \(DisplayText.sanitized(leg?.symbol ?? asset.checksummed))"
    }
}

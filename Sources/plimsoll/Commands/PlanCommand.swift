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
        commandName: "plan", abstract: "Plans the liquidation of accounts: ready-to-send calls, tried first.")

    @Argument(help: "The accounts; sizes of several are chosen together.", transform: ScanOptions.address)
    var accounts: [Address]

    @Option(help: ArgumentHelp("Only this market; repeat it for more.", valueName: "id"))
    var market: [String] = []

    @Option(help: "What the plans are for.")
    var policy = Policy.profit

    @Option(
        help: ArgumentHelp(
            "Wei for one unit of gas; the next block's base fee where it is not given.", valueName: "wei"))
    var fee: UInt64?

    @Flag(help: "The sender holds what is repaid: no flash loan is priced.")
    var inventory = false

    @Option(
        help: "Who will send the plans: some calls name who receives, and have no data otherwise.",
        transform: ScanOptions.address)
    var sender: Address?

    @Flag(help: "Also ask the venues, and the servers of signed prices, that the network file names.")
    var cex = false

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
        let agreed = try await session.pin(chain.block.selector)
        let snapshot = try await session.snapshot(
            of: agreed, at: chain.block.selector, preferring: agreed?.holders.first, path: nil
        ).snapshot
        let witnesses = await session.witnesses(of: agreed, besides: [snapshot.endpointName])
        let (positions, refused) = try await plan(configurations, session, on: snapshot, witnesses)
        try session.finish(milliseconds: session.milliseconds)
        try write(positions)
        guard refused.isEmpty else {
            throw CommandStop(
                .partial, refused.map { "\($0.deployment) was not read: \($0.error)" }.joined(separator: "; "))
        }
        guard positions.allSatisfy({ !$0.isUnknown && $0.match != .differs }) else {
            throw CommandStop(
                .partial, "not everything about the accounts is known, or the contract disagrees; the records say why")
        }
    }

    /// The accounts' positions with debt in these markets, with their plans.
    private func plan(
        _ configurations: [MarketConfiguration], _ session: RPCSession, on snapshot: Snapshot,
        _ witnesses: [Snapshot]
    ) async throws -> (positions: [Position], refused: [(deployment: String, error: LendingError)]) {
        typealias Outcome = (market: any LendingMarket, reading: MarketReading)
        let network = session.network
        var asked: Set<Address> = []
        let accounts = self.accounts.filter { asked.insert($0).inserted }.map { Account($0) }
        let results = await ReadRounds.run(configurations.count, on: snapshot) { index, snapshot in
            do throws(LendingError) {
                let market = try await ProtocolRegistry.open(configurations[index], of: network, on: snapshot)
                let expanded = try await market.expand(accounts, on: snapshot)
                let reading = try await market.read(expanded, debtless: false, known: AccountRows(), on: snapshot)
                return Result<Outcome, LendingError>.success((market, reading))
            } catch {
                return .failure(error)
            }
        }
        var outcomes: [(market: any LendingMarket, positions: [Position])] = []
        var refused: [(deployment: String, error: LendingError)] = []
        for (configuration, result) in zip(configurations, results) {
            switch result {
            case .success(let (market, reading)):
                let confirmed = await PlanWitnesses(
                    snapshots: witnesses, network: network, first: snapshot.endpointName
                )
                .confirmed(reading, configuration)
                outcomes.append((market, confirmed))
            case .failure(let error):
                guard error.isAboutOneMarket, configurations.count > 1 else { throw error }
                refused.append((configuration.id, error))
            }
        }
        if outcomes.isEmpty, let first = refused.first { throw first.error }
        // What a plan is worth hangs on what its prices are.
        let review = try await OracleReview.read(
            outcomes.map(\.market), outcomes.map(\.positions), of: session, on: snapshot, rounds: 3, asksVenues: cex)
        for index in outcomes.indices {
            for place in outcomes[index].positions.indices {
                outcomes[index].positions[place].oracle = review?.findings(
                    for: outcomes[index].positions[place], in: index)
            }
        }
        let desk = PlanDesk(
            network: network, snapshot: snapshot, policy: policy.meaning, sender: sender, fee: fee.map { UInt256($0) },
            holdsInventory: inventory, tries: !noSimulation)
        return (try await desk.planned(outcomes), refused)
    }

    private func write(_ positions: [Position]) throws {
        var buffer = OutputBuffer.standardOutput()
        switch output.effectiveFormat {
        case .table:
            let terminal = output.terminal(Environment.current)
            for account in accounts where !positions.contains(where: { $0.account.address == account }) {
                try buffer.append("\(account.checksummed) owes nothing in these markets\n")
            }
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

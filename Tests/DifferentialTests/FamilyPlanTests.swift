import Chain
import Ethereum
import Foundation
import JSON
import JSONRPC
import Keeper
import Lending
import Networks
import Protocols
import TestSupport
import Testing

/// Plans of every family but Aave's V2 and V3, sent as transactions to contracts of ours that do what the real ones do.
///
/// `PLIMSOLL_LIQUIDATIONS` is how many plans each chain sends.
@Suite(.serialized) struct FamilyPlanTests {
    private static let liquidator = Address(a: 0x1111_2222_3333_4444, b: 0x5555_6666_7777_8888, c: 0x9999_aaaa)
    private static let wanted =
        ProcessInfo.processInfo.environment["PLIMSOLL_LIQUIDATIONS"].flatMap { Int($0) } ?? 40

    /// A chain, how its prices move, and what becomes of an argument that is larger by one.
    struct World: Sendable, CustomTestStringConvertible {
        var name: String
        var module: String
        var arguments: [String] = []
        /// The word of the call behind the selector that says how much.
        var word: Int
        var clips = false
        var testDescription: String { name }
    }

    static let worlds = [
        World(name: "comet 3.0", module: "cometchain", arguments: ["--generation", "0", "--seed", "4"], word: 2),
        World(name: "comet 3.2", module: "cometchain", arguments: ["--generation", "2", "--seed", "5"], word: 2),
        World(
            name: "compound", module: "devchain.compound",
            arguments: ["--kind", "truncating", "--time-based", "--seed", "6"], word: 1),
        World(
            name: "compound, first", module: "devchain.compound",
            arguments: ["--kind", "half-up", "--early", "--seed", "7"], word: 1),
        World(
            name: "isolated pools", module: "devchain.compound", arguments: ["--kind", "isolated", "--seed", "8"],
            word: 1),
        World(
            name: "pools of Venus", module: "devchain.compound", arguments: ["--kind", "venus", "--seed", "9"], word: 1),
        World(
            name: "Venus' liquidator", module: "devchain.compound",
            arguments: ["--kind", "venus", "--alone", "--seed", "12"], word: 2),
        World(
            name: "aave 4", module: "devchain.aave4", arguments: ["--seed", "10"], word: 3, clips: true
        ),
        World(name: "morpho, also early", module: "morphochain", arguments: ["--seed", "11"], word: 2),
    ]

    /// Each trial and each transaction succeeds, pays and receives to the unit what the record says; one more of the
    /// argument is refused, or makes no difference where the contract clips; and what is predicted of the account is
    /// what a fresh reading finds.
    @Test(arguments: worlds) func plansAreWhatTheContractsDo(world: World) async throws {
        let file = NSTemporaryDirectory() + "plimsoll-family-\(UUID().uuidString).json"
        let node = try DevChain(
            world.arguments + ["--borrowers", "150", "--network-out", file], module: world.module)
        let network = try NetworkCatalog().network(file)
        var seed = Seed(0xFA31).generator
        var tally = Tally()
        var round = 0
        while (tally.executed < Self.wanted || round < 4) && round < 24 {
            round += 1
            try await movePrices(node, world, &seed)
            if world.module == "devchain.compound", round.isMultiple(of: 2) {
                // Markets without cash: what is seized there cannot be redeemed.
                for market in 0..<6 where Bool.random(using: &seed) {
                    try await node.call("dev_set", ["market": .integer(market), "drain": true])
                }
            }
            let longest = world.arguments.contains("--time-based") ? 3_000_000 : 5_000
            try await node.call(
                "dev_mine", ["blocks": 1, "seconds": .integer(Int.random(in: 12..<longest, using: &seed))])
            try await run(node, network, world, &tally)
        }
        print("plans of \(world.name): \(tally)")
        #expect(tally.executed >= min(Self.wanted, 10), "\(tally)")
        #expect(tally.larger > 0, "\(tally)")
        #expect(tally.predicted > 0, "\(tally)")
        if world.module == "devchain.compound" { #expect(tally.native > 0 && tally.kept > 0, "\(tally)") }
        if world.module == "morphochain" { #expect(tally.early > 0, "\(tally)") }
    }

    struct Tally: CustomStringConvertible {
        var executed = 0
        var larger = 0
        var predicted = 0
        var early = 0
        var native = 0
        var redeemed = 0
        var accruing = 0
        var kept = 0
        var untried: [String: Int] = [:]
        var refused: [String: Int] = [:]
        var description: String {
            "executed \(executed), one more \(larger), predicted \(predicted), early \(early), native \(native), "
                + "redeemed \(redeemed), accruing first \(accruing), kept \(kept), untried \(untried), no plan \(refused)"
        }
    }

    private func movePrices(_ node: DevChain, _ world: World, _ seed: inout SeededGenerator) async throws {
        func factor() -> Int { Int.random(in: 650..<1_300, using: &seed) }
        switch world.module {
        case "cometchain":
            for asset in try await node.call("dev_info")["assets"]?.array ?? [] {
                guard let symbol = asset["symbol"]?.string, symbol != "BASE",
                    let price = asset["price"]?.string.flatMap({ UInt256($0) })
                else { continue }
                let moved = try max((price * UInt256(UInt64(factor()))).divided(by: 1_000, .down), .one)
                try await node.call(
                    "dev_setPrice", ["asset": .string(symbol), "price": .string(moved.description)])
            }
        case "devchain.compound":
            try await node.call("dev_step", ["n": 25, "seed": .integer(Int.random(in: 0..<1_000, using: &seed))])
            for market in 0..<6 {
                try await node.call("dev_set", ["market": .integer(market), "factor": .integer(factor())])
            }
        case "devchain.aave4":
            for reserve in try await node.call("dev_info")["reserves"]?.array ?? [] {
                guard let id = reserve["id"]?.int, let price = reserve["price"]?.string.flatMap({ Int($0) }) else {
                    continue
                }
                try await node.call(
                    "dev_setPrice",
                    ["reserve": .integer(id), "price": .string("\(max(1, price / 1_000 * factor()))")])
            }
        default:
            try await node.call("dev_step", ["n": 30, "seed": .integer(Int.random(in: 0..<1_000, using: &seed))])
        }
    }

    private func open(
        _ node: DevChain, _ network: Network
    ) async throws -> (market: any LendingMarket, snapshot: Snapshot) {
        let client = try RPCClient(endpoint: Endpoint(url: node.url), transport: CurlTransport())
        let snapshot = try await Snapshot(of: client, chainId: 31337, at: .latest, multicall: network.multicall3)
        return (try await ProtocolRegistry.open(network.markets[0], of: network, on: snapshot), snapshot)
    }

    private func run(_ node: DevChain, _ network: Network, _ world: World, _ tally: inout Tally) async throws {
        let (market, snapshot) = try await open(node, network)
        let keys = try #require(try await node.call("dev_truth")["accounts"]?.object).members.map(\.0)
        let addresses = Set(keys.compactMap { Address(hex: $0.suffix(42)) }).sorted()
        let accounts = try await market.expand(addresses.map { Account($0) }, on: snapshot)
        let reading = try await market.read(accounts, debtless: false, known: AccountRows(), on: snapshot)
        let planner = LiquidationPlanner(market, policy: .profit)
        var positions: [Position] = []
        for position in reading.positions where position.liquidatable == true || market.isOpenEarly(position) {
            let planned = planner.planned(position)
            if planned.plans?.isEmpty == false {
                positions.append(planned)
            } else {
                let reason = planned.unknown.first { $0.field == "plans" }?.reason ?? ""
                #expect(!reason.isEmpty, "neither a plan nor a reason: \(planned.account)")
                tally.refused[reason, default: 0] += 1
            }
        }
        positions = Array(positions.prefix(20))
        positions = try await PlanTrials(on: snapshot, gasPrice: 1).tried(positions, native: 1)
        var groups: [JSONValue] = []
        var checks: [(plan: LiquidationPlan, isLarger: Bool)] = []
        for position in positions {
            for plan in (position.plans ?? []).prefix(3) {
                if let simulation = plan.simulation {
                    #expect(simulation.ok, "\(world.name): \(simulation.revert ?? "") of \(plan)")
                } else {
                    tally.untried[plan.unknown.first { $0.field == "sim" }?.reason ?? "", default: 0] += 1
                }
                guard let step = plan.steps.first, step.value < 100_000_000_000_000_000_000_000 else { continue }
                groups.append(group(plan, step.main))
                checks.append((plan, false))
                guard let larger = larger(step, world) else { continue }
                groups.append(group(plan, larger))
                checks.append((plan, true))
            }
        }
        guard !groups.isEmpty else { return }
        let answers = try await node.call("dev_execute", ["groups": .array(groups)]).array ?? []
        #expect(answers.count == checks.count)
        for (check, answer) in zip(checks, answers) { try judge(check.plan, check.isLarger, answer, world, &tally) }
        let candidates = positions.filter { $0.plans?.first?.calls.allSatisfy { $0.value.isZero } == true }
        let early = candidates.first { $0.liquidatable == false }
        guard let position = early ?? candidates.first, let plan = position.plans?.first else { return }
        try await predict(node, network, market, position, plan, world, &tally)
    }

    /// The main call with one more of what it is given; `nil` for calls that take no amount.
    private func larger(_ step: LiquidationQuote, _ world: World) -> LiquidationCall? {
        guard !step.repay.isZero else { return nil }
        var call = step.main
        if !call.value.isZero {
            guard step.repay == step.maxRepay else { return nil }
            call.value = call.value.addingOrMax(.one)
            return call
        }
        var data = call.call.data
        let start = 4 + 32 * world.word
        guard data.count >= start + 32 else { return nil }
        var more = step.maxRepay.addingOrMax(.one)
        if world.module == "morphochain" {
            guard step.spender != step.pair.debtAsset, step.pair.debtKey != nil else { return nil }
            more = step.repayArg.addingOrMax(.one)
        }
        data.replaceSubrange(start..<start + 32, with: more.bigEndianBytes)
        call.call = Call(target: call.call.target, data: data)
        return call
    }

    private func group(_ plan: LiquidationPlan, _ main: LiquidationCall) -> JSONValue {
        let sender = Self.liquidator.hex
        let debt = plan.pair.debtAsset.hex
        let step = plan.steps[0]
        let approve: [UInt8] = [0x09, 0x5e, 0xa7, 0xb3] + step.spender.word.bigEndianBytes + UInt256.max.bigEndianBytes
        var transactions: [JSONValue] = []
        if plan.pair.debtAsset != .native {
            transactions.append(
                ["from": .string(sender), "to": .string(debt), "data": .string(Hex.encode(approve))])
        }
        for call in step.before + [main] + step.after {
            guard let made = call.made(by: Self.liquidator) else { continue }
            transactions.append([
                "from": .string(sender), "to": .string(made.target.hex), "data": .string(Hex.encode(made.data)),
                "value": .string(call.value.hex),
            ])
        }
        let funds = plan.repay.addingOrMax(plan.repay).addingOrMax(.one)
        return [
            "fund": [[.string(debt), .string(sender), .string(funds.description)]],
            "watch": [[.string(debt), .string(sender)], [.string(plan.seizeAsset.hex), .string(sender)]],
            "transactions": .array(transactions),
        ]
    }

    private func judge(
        _ plan: LiquidationPlan, _ isLarger: Bool, _ answer: JSONValue, _ world: World, _ tally: inout Tally
    ) throws {
        let outcomes = (answer["receipts"]?.array ?? []).map { $0["ok"]?.bool == true }
        if isLarger, !world.clips {
            #expect(!outcomes.allSatisfy { $0 }, "\(world.name): one more is not refused: \(plan)")
            tally.larger += 1
            return
        }
        #expect(outcomes.allSatisfy { $0 }, "\(world.name): \(answer) of \(plan)")
        func balances(_ name: String) throws -> [UInt256] {
            try (answer[name]?.array ?? []).map { try #require($0.string.flatMap { UInt256($0) }) }
        }
        let before = try balances("before")
        let after = try balances("after")
        // The chain's native market pays in a token that stands for ether.
        if plan.pair.debtAsset == plan.seizeAsset, plan.seizeAsset != .native {
            let gained = try before[0] + plan.seize - plan.repay
            #expect(after[0] == gained, "\(world.name): \(plan)")
        } else {
            let paid = before[0].subtractingOrZero(after[0])
            // Where all of the collateral goes, what is asked beyond the most may round up by one unit, and no more.
            #expect(paid == plan.repay || isLarger && paid == plan.repay.addingOrMax(.one), "\(world.name): \(plan)")
            if plan.seizeAsset != .native {
                #expect(after[1].subtractingOrZero(before[1]) == plan.seize, "\(world.name): \(plan)")
            }
        }
        if isLarger {
            tally.larger += 1
            return
        }
        tally.executed += 1
        let step = plan.steps[0]
        if step.function.hasPrefix("preLiquidate") { tally.early += 1 }
        if !step.value.isZero { tally.native += 1 }
        if step.after.contains(where: { $0.function.hasPrefix("redeem") }) { tally.redeemed += 1 }
        if step.seizeAsset != step.pair.collateralAsset { tally.kept += 1 }
        if step.before.contains(where: { $0.function.hasPrefix("accrue") }) { tally.accruing += 1 }
    }

    /// Sends one plan for good, and reads the account again.
    private func predict(
        _ node: DevChain, _ network: Network, _ before: any LendingMarket, _ position: Position,
        _ plan: LiquidationPlan, _ world: World, _ tally: inout Tally
    ) async throws {
        let predicted = try #require(before.position(position, after: plan.steps[0]), "\(world.name): \(plan)")
        let group = group(plan, plan.steps[0].main)
        try await node.call("dev_execute", ["groups": .array([group]), "keep": true])
        let (market, snapshot) = try await open(node, network)
        let expanded = try await market.expand([Account(position.account.address)], on: snapshot)
        let reading = try await market.read(expanded, debtless: true, known: AccountRows(), on: snapshot)
        let found = reading.positions.first {
            $0.account == position.account && $0.market.market == position.market.market
        }
        guard let found else {
            #expect(predicted.debt.isEmpty, "\(world.name): the account is gone")
            tally.predicted += 1
            return
        }
        #expect(found.match == .equal, "\(world.name): \(found.unknown)")
        func held(_ legs: [Leg]) -> [UInt256] { legs.map(\.raw).filter { !$0.isZero } }
        #expect(found.hfProtocol == predicted.hfProtocol, "\(world.name): \(plan)")
        #expect(held(found.collateral) == held(predicted.collateral), "\(world.name): \(plan)")
        #expect(found.debtValue == predicted.debtValue, "\(world.name): \(plan)")
        #expect(found.liquidatable == predicted.liquidatable, "\(world.name): \(plan)")
        if let principal = predicted.details["principal"] { #expect(found.details["principal"] == principal) }
        tally.predicted += 1
    }
}

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

/// Plans, sent as transactions to the real contracts in a block of the pinned block's own time.
@Suite(.serialized) struct LiquidationExecutionTests {
    private static let liquidator: Address = Address(a: 0x1111_2222_3333_4444, b: 0x5555_6666_7777_8888, c: 0x9999_aaaa)

    /// How many plans each version sends; all three together 60, unless the environment asks for more.
    private static let wanted =
        (ProcessInfo.processInfo.environment["PLIMSOLL_LIQUIDATIONS"].flatMap { Int($0) } ?? 60) / 3

    /// Each transaction succeeds, pays and receives to the wei what the record says, and no larger repay is accepted.
    ///
    /// These pools clip what is asked beyond the most: a larger argument then moves exactly the same. Of two steps, a
    /// first one larger by one heals the account, and the second is refused.
    @Test(arguments: ["3.2", "3.0", "2.0"])
    func plansAreWhatTheContractsDo(version: String) async throws {
        let file = NSTemporaryDirectory() + "plimsoll-liquidate-\(UUID().uuidString).json"
        let node = try DevChain(["--rules", version, "--seed", "23", "--borrowers", "250", "--network-out", file])
        let network = try NetworkCatalog().network(file)
        var seed = Seed(0x11D8).generator
        var tally = Tally()
        var round = 0
        while tally.executed < Self.wanted, round < 60 {
            round += 1
            try await movePrices(node, &seed)
            try await run(node, network, version, &tally, most: Self.wanted - tally.executed)
        }
        print("liquidations \(version): \(tally)")
        #expect(tally.executed >= Self.wanted, "\(tally)")
        #expect(tally.larger > 0, "\(tally)")
        #expect(tally.twoStep > 0, "\(tally)")
    }

    struct Tally: CustomStringConvertible {
        var executed = 0
        var larger = 0
        var twoStep = 0
        var overstepped = 0
        var refused = 0
        var description: String {
            "executed \(executed), also with a larger repay \(larger), two-step \(twoStep), of these with one more in "
                + "step 1 \(overstepped), refused in trial and execution \(refused)"
        }
    }

    private func movePrices(_ node: DevChain, _ seed: inout SeededGenerator) async throws {
        let info = try await node.call("dev_info")
        for reserve in info["reserves"]?.array ?? [] where Int.random(in: 0..<3, using: &seed) != 0 {
            guard let symbol = reserve["symbol"]?.string, let price = reserve["price"]?.string.flatMap({ UInt256($0) })
            else { continue }
            let factor = UInt256(UInt64.random(in: 700..<1_300, using: &seed))
            let moved = try max((price * factor).divided(by: 1_000, .down), .one)
            // A reserve that is the base currency has no feed.
            _ = try? await node.call(
                "dev_setPrice", ["asset": .string(symbol), "price": .string(moved.description)])
        }
        // The block that the plans' own replace.
        try await node.call("dev_mine", ["blocks": 1, "seconds": .integer(Int.random(in: 12..<5_000, using: &seed))])
    }

    private func run(
        _ node: DevChain, _ network: Network, _ version: String, _ tally: inout Tally, most: Int
    ) async throws {
        let client = try RPCClient(endpoint: Endpoint(url: node.url), transport: CurlTransport())
        let snapshot = try await Snapshot(of: client, chainId: 31337, at: .latest, multicall: network.multicall3)
        let market = try await ProtocolRegistry.open(network.markets[0], of: network, on: snapshot)
        let accounts = try await node.truth().keys.sorted().compactMap { Address(hex: $0) }.map { Account($0) }
        let reading = try await market.read(accounts, debtless: false, known: AccountRows(), on: snapshot)
        let planner = LiquidationPlanner(market, policy: .profit)
        var positions = reading.positions.filter { $0.liquidatable == true }.map { planner.planned($0) }
        positions = Array(positions.filter { $0.plans?.isEmpty == false }.prefix(max(5, min(most, 80))))
        positions = try await PlanTrials(on: snapshot, gasPrice: nil).tried(positions, native: nil)
        var groups: [JSONValue] = []
        var checks: [(LiquidationPlan, Kind)] = []
        for position in positions {
            // The best, and whatever was sized in another way.
            let plans = position.plans ?? []
            let chosen = plans.prefix(1) + plans.dropFirst().filter { $0.size != .most }.prefix(1)
            for plan in chosen {
                for (kind, data) in variants(plan) {
                    groups.append(group(plan, data))
                    checks.append((plan, kind))
                }
            }
        }
        guard !groups.isEmpty else { return }
        let answers = try await node.call("dev_execute", ["groups": .array(groups)]).array ?? []
        #expect(answers.count == checks.count)
        for ((plan, kind), answer) in zip(checks, answers) { try judge(plan, kind, answer, version, &tally) }
    }

    private enum Kind { case asPlanned, larger, firstStepLarger }

    /// The plan's calls, and those with one more.
    private func variants(_ plan: LiquidationPlan) -> [(Kind, [[UInt8]])] {
        let data = plan.steps.map(\.call.data)
        var found: [(Kind, [[UInt8]])] = [(.asPlanned, data)]
        if let last = plan.steps.last, last.repay == last.maxRepay {
            found.append((.larger, data.dropLast() + [covering(last.repay.addingOrMax(.one), data[data.count - 1])]))
        }
        let bound = plan.steps.count - 2
        if bound >= 0, plan.steps[bound].repayArg != .max {
            var more = data
            more[bound] = covering(plan.steps[bound].repay.addingOrMax(.one), data[bound])
            found.append((.firstStepLarger, more))
        }
        return found
    }

    /// The same call with another amount, the fourth argument.
    private func covering(_ amount: UInt256, _ data: [UInt8]) -> [UInt8] {
        Array(data[..<100]) + amount.bigEndianBytes + Array(data[132...])
    }

    private func group(_ plan: LiquidationPlan, _ steps: [[UInt8]]) -> JSONValue {
        let debt = plan.pair.debtAsset.hex
        let sender = Self.liquidator.hex
        let spender = plan.steps[0].spender
        let approve: [UInt8] = [0x09, 0x5e, 0xa7, 0xb3] + spender.word.bigEndianBytes + UInt256.max.bigEndianBytes
        let calls = [(plan.pair.debtAsset, approve)] + steps.map { (spender, $0) }
        return [
            "fund": [[.string(debt), .string(sender), .string(plan.repay.addingOrMax(plan.repay).description)]],
            "watch": [
                [.string(debt), .string(sender)], [.string(plan.pair.collateralAsset.hex), .string(sender)],
            ],
            "transactions": .array(
                calls.map { to, data in
                    ["from": .string(sender), "to": .string(to.hex), "data": .string(Hex.encode(data))]
                }),
        ]
    }

    private func judge(
        _ plan: LiquidationPlan, _ kind: Kind, _ answer: JSONValue, _ version: String, _ tally: inout Tally
    ) throws {
        let simulation = try #require(plan.simulation, "\(version): \(plan.unknown)")
        let outcomes = (answer["receipts"]?.array ?? []).map { $0["ok"]?.bool == true }
        guard simulation.ok else {
            // Such as a sentinel that holds liquidations back: the trial says what the chain does.
            #expect(simulation.paid == nil, "\(version): paid \(simulation.paid ?? 0), \(plan)")
            #expect(!outcomes.allSatisfy { $0 }, "\(version): \(simulation.revert ?? "")")
            tally.refused += 1
            return
        }
        if kind == .firstStepLarger {
            #expect(outcomes.last == false, "\(version): one more in step 1 leaves it liquidatable: \(plan)")
            tally.overstepped += 1
            return
        }
        #expect(outcomes.allSatisfy { $0 }, "\(version): \(answer) of \(plan)")
        func balances(_ name: String) throws -> [UInt256] {
            try (answer[name]?.array ?? []).map { try #require($0.string.flatMap { UInt256($0) }) }
        }
        let before = try balances("before")
        let after = try balances("after")
        if plan.pair.debtAsset == plan.pair.collateralAsset {
            let gained = try before[0] + plan.seize - plan.repay
            #expect(after[0] == gained, "\(version): \(plan)")
        } else {
            #expect(before[0].subtractingOrZero(after[0]) == plan.repay, "\(version): \(plan)")
            #expect(after[1].subtractingOrZero(before[1]) == plan.seize, "\(version): \(plan)")
        }
        switch kind {
        case .asPlanned:
            tally.executed += 1
            if plan.steps.count > 1 { tally.twoStep += 1 }
        case .larger: tally.larger += 1
        case .firstStepLarger: break
        }
    }
}

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

/// Plans as the program prints them, and those of families whose chains take no transactions of ours.
@Suite(.serialized) struct PlanDifferentialTests {
    /// A singleton of ours, in Vyper: every plan passes its trial to the wei, and with one more of its argument, which
    /// nothing clips here, the call reverts.
    @Test(arguments: [3, 8])
    func plansOfMorphoBluePass(seed: Int) async throws {
        let file = NSTemporaryDirectory() + "plimsoll-plan-\(UUID().uuidString).json"
        let node = try DevChain(
            ["--seed", "\(seed)", "--borrowers", "250", "--network-out", file], module: "morphochain")
        let network = try NetworkCatalog().network(file)
        let client = try RPCClient(endpoint: Endpoint(url: node.url), transport: CurlTransport())
        let snapshot = try await Snapshot(of: client, chainId: 31337, at: .latest, multicall: network.multicall3)
        let market = try await ProtocolRegistry.open(network.markets[0], of: network, on: snapshot)
        let keys = (try await node.truth(of: "accounts")).sorted()
        let addresses = Set(keys.compactMap { Address(hex: $0.suffix(42)) }).sorted()
        let accounts = try await market.expand(addresses.map { Account($0) }, on: snapshot)
        let reading = try await market.read(accounts, debtless: false, known: AccountRows(), on: snapshot)
        let planner = LiquidationPlanner(market, policy: .badDebt)
        var positions = reading.positions.filter { $0.liquidatable == true && $0.market.market != nil }
            .map { planner.planned($0) }
        // Whose collateral is gone has nothing to seize, and the record says so.
        #expect(positions.allSatisfy { $0.plans?.isEmpty == false || $0.unknown.contains { $0.field == "plans" } })
        positions = Array(positions.filter { $0.plans?.isEmpty == false }.prefix(60))
        positions = try await PlanTrials(on: snapshot, gasPrice: 1).tried(positions, native: 1)
        #expect(positions.count > 5)
        var clears = 0
        for position in positions {
            let plan = try #require(position.plans?.first)
            #expect(plan.simulation?.ok == true, "\(plan.simulation?.revert ?? "") \(plan.unknown)")
            #expect((plan.cost?.gasUsed ?? 0) > 21_000, "\(plan.unknown)")
            if plan.steps[0].rest.debt.isZero { clears += 1 }
            let slot = try #require(try await snapshot.balanceSlots(of: [plan.pair.debtAsset])[0].value)
            var data = plan.steps[0].call.data
            // The seventh word is what is seized, the eighth the shares.
            let word = plan.steps[0].repayArg == UInt256(bigEndian: data[228..<260]) ? 228 : 196
            data.replaceSubrange(word..<word + 32, with: try (plan.steps[0].repayArg + .one).bigEndianBytes)
            let approve: [UInt8] =
                [0x09, 0x5e, 0xa7, 0xb3] + plan.steps[0].spender.word.bigEndianBytes + UInt256.max.bigEndianBytes
            let answers = try await snapshot.run([
                FundedCalls(
                    [
                        Call(target: plan.pair.debtAsset, data: approve),
                        Call(target: plan.steps[0].spender, data: data),
                    ],
                    funds: [(slot, plan.repay.addingOrMax(plan.repay))])
            ])[0]
            guard case .known = answers[0], case .unknown(.reverted) = answers[1] else {
                Issue.record("one more is not refused: \(answers) of \(plan)")
                continue
            }
        }
        #expect(clears > 0)
    }

    /// `plimsoll plan` and the plans of a scan; a recorded session answers with the same bytes.
    @Test func theProgramsPlans() async throws {
        let file = NSTemporaryDirectory() + "plimsoll-plan-\(UUID().uuidString).json"
        let node = try DevChain(["--rules", "3.2", "--seed", "23", "--borrowers", "200", "--network-out", file])
        for reserve in try await node.call("dev_info")["reserves"]?.array ?? [] {
            guard let symbol = reserve["symbol"]?.string, symbol == "WETH" || symbol == "WBTC",
                let price = reserve["price"]?.string.flatMap({ UInt256($0) })
            else { continue }
            let moved = try (price * 7).divided(by: 10, .down).description
            try await node.call("dev_setPrice", ["asset": .string(symbol), "price": .string(moved)])
        }
        let scan = try node.scan()
        let opportunities = scan.positions.filter { $0.value["type"]?.string == "opportunity" }
        #expect(opportunities.count > 3)
        for (account, record) in opportunities {
            let plans = record["plans"]?.array ?? []
            #expect(!plans.isEmpty, "\(account)")
            #expect(plans.allSatisfy { $0["sim"]?.isNull == true && ($0["confidence"]?["bps"]?.int ?? 9_999) <= 5_000 })
        }
        let recording = NSTemporaryDirectory() + "plimsoll-plan-\(UUID().uuidString).rec"
        for account in opportunities.keys.sorted().prefix(3) {
            let arguments = ["plan", account, "--network", node.networkFile, "--format", "ndjson", "--no-state"]
            let live = try BuiltProgram.run(arguments + ["--record", recording])
            #expect(live.status == 0, "\(live.errors)")
            let replayed = try BuiltProgram.run(arguments + ["--replay", recording])
            #expect(replayed.lines == live.lines && replayed.status == 0, "\(replayed.errors)")
            let record = try JSONValue(parsing: Array(try #require(live.lines.first).utf8))
            let plan = try #require(record["plans"]?.array?.first)
            #expect(plan["sim"]?["ok"]?.bool == true, "\(plan["sim"] ?? .null)")
            #expect(plan["sim"]?["balanceDelta"]?["collateralAssetReceived"]?.string == plan["seize"]?.string)
            #expect(plan["gasUsed"]?.string.flatMap { UInt256($0) } ?? 0 > 100_000)
            #expect(plan["net"]?["wei"]?.string != nil, "\(plan["unknown"] ?? .null)")
            #expect(plan["steps"]?.array?.first?["decoded"]?["args"]?["user"]?.string?.lowercased() == account)
            let untried = try BuiltProgram.run(arguments + ["--no-simulation"])
            let other = try JSONValue(parsing: Array(try #require(untried.lines.first).utf8))
            #expect(other["plans"]?.array?.first?["sim"]?.isNull == true)
        }
        let nobody = try BuiltProgram.run(
            ["plan", "0x00000000000000000000000000000000000000aa", "--network", node.networkFile, "--format", "ndjson"])
        #expect(nobody.status == 0 && nobody.lines.filter { !$0.isEmpty }.isEmpty, "\(nobody.errors)")
        let unknown = try BuiltProgram.run(
            [
                "plan", "0x00000000000000000000000000000000000000aa", "--network", node.networkFile, "--market", "none",
            ])
        #expect(unknown.status == 64)
    }
}

extension DevChain {
    /// The keys of a member of the chain's truth.
    fileprivate func truth(of member: String) async throws -> [String] {
        let answer = try await call("dev_truth")
        return try #require(answer[member]?.object).members.map { $0.0 }
    }
}

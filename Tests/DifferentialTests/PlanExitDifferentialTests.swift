import Chain
import Ethereum
import Foundation
import JSON
import JSONRPC
import TestSupport
import Testing

/// What is left of plans, against the contracts: exits executed, loans, and fees for data.
@Suite(.serialized) struct PlanExitDifferentialTests {
    private static let liquidator = Address(a: 0x1111_2222_3333_4444, b: 0x5555_6666_7777_8888, c: 0x9999_aaaa)

    /// The liquidation and the sale, as transactions in a block of the pinned one's time: the pair gives what was
    /// expected and not one unit more, and what the sender keeps is what the record says before gas.
    @Test func liquidatedAndSold() async throws {
        let node = try DevChain(["--rules", "3.2", "--seed", "23", "--borrowers", "120"])
        for reserve in try await node.call("dev_info")["reserves"]?.array ?? [] {
            guard let symbol = reserve["symbol"]?.string, symbol == "WETH" || symbol == "WBTC",
                let price = reserve["price"]?.string.flatMap({ UInt256($0) })
            else { continue }
            let moved = try (price * 7).divided(by: 10, .down).description
            try await node.call("dev_setPrice", ["asset": .string(symbol), "price": .string(moved)])
        }
        var files: [String: String] = [:]
        var executed = 0
        var shallow = 0
        for (account, record) in try node.scan().positions.sorted(by: { $0.key < $1.key })
        where record["type"]?.string == "opportunity" && (executed < 6 || shallow == 0) {
            guard let pair = record["plans"]?.array?.first?["pair"], let debt = pair["debtAsset"]?.string,
                let collateral = pair["collateralAsset"]?.string, debt != collateral,
                let repay = record["plans"]?.array?.first?["repay"]?.string.flatMap({ UInt256($0) }),
                let seize = record["plans"]?.array?.first?["seize"]?.string.flatMap({ UInt256($0) }),
                let bonus = record["plans"]?.array?.first?["bonusBps"]?.int
            else { continue }
            let key = [debt, collateral].sorted().joined()
            if files[key] == nil {
                // At the oracle's price: what is repaid, and the bonus.
                let worth = try (repay * UInt256(UInt64(10_000 + bonus))).divided(by: 10_000, .down)
                files[key] = try await deploy(debt, collateral, worth, seize, files.count, node)
            }
            guard let file = files[key] else { continue }
            try await node.call("dev_mine", ["blocks": 1, "seconds": 12])
            let arguments = ["plan", account, "--network", file, "--format", "ndjson", "--no-state"]
            let run = try BuiltProgram.run(arguments)
            #expect(run.status == 0, "\(run.errors)")
            let now = try JSONValue(parsing: Array(try #require(run.lines.first).utf8))
            let plans = (now["plans"]?.array ?? []).filter { $0["exit"]?["pools"]?.array?.count == 1 }
            for plan in plans where plan["pair"] == pair {
                try await execute(plan, node)
                try judge(plan, now)
                executed += 1
                if plan["size"]?.string == "exit-optimum" { shallow += 1 }
            }
            // Who holds the asset pays nobody for it.
            let held = try BuiltProgram.run(arguments + ["--inventory"])
            let other = try JSONValue(parsing: Array(try #require(held.lines.first).utf8))
            #expect(other["plans"]?.array?.allSatisfy { $0["flash"]?.isNull == true } == true)
        }
        #expect(executed >= 6 && shallow > 0, "\(executed) executed, \(shallow) of the size that earns most")
    }

    /// Through a pool of ticks: the program's `expectedOut` is what the pool then gives.
    @Test func soldThroughTicks() async throws {
        let node = try DevChain(["--rules", "3.0", "--seed", "23", "--borrowers", "120"])
        for reserve in try await node.call("dev_info")["reserves"]?.array ?? [] {
            guard let symbol = reserve["symbol"]?.string, symbol == "WETH" || symbol == "WBTC",
                let price = reserve["price"]?.string.flatMap({ UInt256($0) })
            else { continue }
            let moved = try (price * 7).divided(by: 10, .down).description
            try await node.call("dev_setPrice", ["asset": .string(symbol), "price": .string(moved)])
        }
        var sold = 0
        for (account, record) in try node.scan().positions.sorted(by: { $0.key < $1.key })
        where record["type"]?.string == "opportunity" && sold < 3 {
            guard let first = record["plans"]?.array?.first, let pair = first["pair"],
                let debt = pair["debtAsset"]?.string, let collateral = pair["collateralAsset"]?.string,
                debt != collateral, let repay = first["repay"]?.string.flatMap({ UInt256($0) }),
                let seize = first["seize"]?.string.flatMap({ UInt256($0) })
            else { continue }
            let isFirst = collateral.lowercased() < debt.lowercased()
            let worth = try (repay * 21).divided(by: 20, .down)
            let (one, two) = isFirst ? (seize, worth) : (worth, seize)
            guard two.significantBits < 100, one.significantBits < 100 else { continue }
            let root = try UInt256.mulDiv(two, UInt256.one << 128, one, .down).squareRoot() << 32
            let liquidity = try (one * two).squareRoot() * 40
            let options: JSONValue = [
                "kind": "v3", "token0": .string(isFirst ? collateral : debt),
                "token1": .string(isFirst ? debt : collateral), "sqrtPriceX96": .string(root.description),
                "positions": [[-887_220, 887_220, .string(liquidity.description)]],
            ]
            guard let made = try? await node.call("dev_deployPool", options), let pool = made["pool"]?.string else {
                continue
            }
            let file = try network(collateral, debt, "uniswap-v3", .string(pool), node)
            let run = try BuiltProgram.run(
                ["plan", account, "--network", file, "--format", "ndjson", "--no-state"])
            let now = try JSONValue(parsing: Array(try #require(run.lines.first, "\(run.errors)").utf8))
            let plan = try #require(
                now["plans"]?.array?.first { $0["exit"]?["kinds"]?.array == ["uniswap-v3"] && $0["pair"] == pair })
            let amounts = try await node.call(
                "dev_swap",
                [
                    "pool": .string(pool), "amount": plan["seize"] ?? .null,
                    "direction": isFirst ? "0to1" : "1to0",
                ])["amounts"]?.array
            #expect(amounts?[isFirst ? 1 : 0].string == plan["exit"]?["expectedOut"]?.string.map { "-" + $0 })
            // Who trades in a pool cannot borrow from it.
            #expect(plan["flash"]?["lender"]?.string.map { $0.lowercased() != pool.lowercased() } ?? true)
            sold += 1
        }
        #expect(sold == 3)
    }

    /// The chain's network file with a source of prices more.
    private func network(
        _ asset: String, _ quote: String, _ kind: String, _ pool: JSONValue, _ node: DevChain
    ) throws -> String {
        let text = try String(contentsOfFile: node.networkFile, encoding: .utf8)
        var network = try #require(JSONValue(parsing: Array(text.utf8)).object)
        let source: JSONValue = [
            "asset": .string(asset), "quote": .string(quote), "kind": .string(kind), "contracts": ["pool": pool],
        ]
        network["priceSources"] = .array((network["priceSources"]?.array ?? []) + [source])
        let file = NSTemporaryDirectory() + "plimsoll-exit-\(UUID().uuidString).json"
        try Data(JSONValue.object(network).serialized()).write(to: URL(fileURLWithPath: file))
        return file
    }

    /// A pair in which a sale of all costs several per cent, and a network file that names it.
    private func deploy(
        _ debt: String, _ collateral: String, _ worth: UInt256, _ seize: UInt256, _ number: Int, _ node: DevChain
    ) async throws -> String? {
        let depth: UInt256 = number.isMultiple(of: 2) ? 15 : 400
        let amounts: [String: UInt256] = [
            collateral.lowercased(): try seize * depth, debt.lowercased(): try worth * depth,
        ]
        let sorted = amounts.keys.sorted()
        guard amounts.values.allSatisfy({ $0.significantBits < 110 && $0 > 1_000_000 }) else { return nil }
        let options: JSONValue = [
            "kind": "v2", "token0": .string(sorted[0]), "token1": .string(sorted[1]),
            "amount0": .string((amounts[sorted[0]] ?? .zero).description),
            "amount1": .string((amounts[sorted[1]] ?? .zero).description),
        ]
        guard let made = try? await node.call("dev_deployPool", options), let pool = made["pool"] else { return nil }
        return try network(collateral, debt, "uniswap-v2", pool, node)
    }

    private func execute(_ plan: JSONValue, _ node: DevChain) async throws {
        let (debt, collateral) = (
            try #require(plan["pair"]?["debtAsset"]?.string), try #require(plan["pair"]?["collateralAsset"]?.string)
        )
        let pool = try #require(plan["exit"]?["pools"]?.array?.first?.string)
        let spender = try #require(plan["spender"]?.string.flatMap { Address(hex: $0) })
        func word(_ path: JSONValue?) throws -> UInt256 { try #require(path?.string.flatMap { UInt256($0) }) }
        let (repay, seize, out) = (
            try word(plan["repay"]), try word(plan["seize"]), try word(plan["exit"]?["expectedOut"])
        )
        let sender = Self.liquidator
        let isFirst = collateral.lowercased() < debt.lowercased()
        func call(_ to: String, _ signature: String, _ words: [UInt256], _ tail: [UInt8] = []) -> JSONValue {
            let data = Selector(signature: signature).bytes + words.flatMap(\.bigEndianBytes) + tail
            return ["from": .string(sender.hex), "to": .string(to), "data": .string(Hex.encode(data))]
        }
        let poolWord = try #require(Address(hex: pool)).word
        func group(_ bought: UInt256) -> JSONValue {
            let steps = (plan["steps"]?.array ?? []).map { step -> JSONValue in
                ["from": .string(sender.hex), "to": step["to"] ?? .null, "data": step["data"] ?? .null]
            }
            let swap = call(
                pool, "swap(uint256,uint256,address,bytes)",
                [isFirst ? .zero : bought, isFirst ? bought : .zero, sender.word, 128, .zero])
            return [
                "fund": [[.string(debt), .string(sender.hex), .string(repay.description)]],
                "watch": [[.string(debt), .string(sender.hex)], [.string(collateral), .string(sender.hex)]],
                "transactions": .array(
                    [call(debt, "approve(address,uint256)", [spender.word, .max])] + steps
                        + [call(collateral, "transfer(address,uint256)", [poolWord, seize]), swap]),
            ]
        }
        let answers = try await node.call("dev_execute", ["groups": [group(out), group(try out + 1)]]).array ?? []
        #expect(answers.count == 2)
        let outcomes = answers.map { ($0["receipts"]?.array ?? []).map { $0["ok"]?.bool == true } }
        #expect(outcomes[0].allSatisfy { $0 }, "\(answers[0]) of \(plan)")
        #expect(outcomes[1].last == false && outcomes[1].dropLast().allSatisfy { $0 }, "one more was given")
        let balances = (answers[0]["after"]?.array ?? []).map { $0.string.flatMap { UInt256($0) } }
        // It had what it repaid: what it has now is what the sale brought.
        #expect(balances == [out, .zero])
    }

    /// The record's own sums.
    private func judge(_ plan: JSONValue, _ record: JSONValue) throws {
        func word(_ value: JSONValue?) throws -> UInt256 { try #require(value?.string.flatMap { UInt256($0) }) }
        func signed(_ value: JSONValue?) throws -> Int256 {
            try #require(value?.string.flatMap { Int256(decimal: $0) })
        }
        let (repay, used) = (try word(plan["repay"]), try word(plan["gasUsed"]))
        let (price, l1Fee) = (try word(plan["net"]?["gasPriceWei"]), try word(plan["l1Fee"]))
        #expect(plan["net"]?["gasPriceBasis"]?.string == "next_base_fee" && l1Fee.isZero)
        #expect(plan["sim"]?["ok"]?.bool == true, "\(plan["sim"] ?? .null)")
        let wei = try signed(plan["net"]?["wei"])
        if !wei.isNegative {
            let most = try word(plan["breakEvenGasPriceWei"])
            #expect(try most >= price && word(plan["maxBidWei"]) == wei.magnitude)
            // At the break-even price less than a unit of gas is left.
            #expect(try wei.magnitude - used * (most - price) < used)
        }
        #expect(plan["net"]?["usd1e8"]?.string == plan["net"]?["base"]?.string)
        var fee = UInt256.zero
        if let flash = plan["flash"], !flash.isNull {
            #expect(flash["asset"] == plan["pair"]?["debtAsset"] && flash["provider"]?.string == "aave-v3")
            fee = try word(flash["fee"])
            #expect(try word(flash["available"]) >= repay)
        } else {
            #expect(plan["unknown"]?.array?.contains { $0["field"]?.string == "flash" } == true)
        }
        #expect(try word(plan["exit"]?["minOut"]) > repay + fee)
        // What every null member is for.
        let reasons = (plan["unknown"]?.array ?? []).compactMap { $0["field"]?.string }
        for member in try #require(plan.object).members where member.1.isNull {
            #expect(reasons.contains { $0.hasPrefix(member.0) }, "\(member.0) is null without a reason")
        }
    }

    /// A node of a rollup: what is asked of the contract that states its fee for data, one of ours answers.
    private struct Rollup: RPCCalling {
        let base: RPCClient
        let predeploy: String
        let stand: Address
        var name: String { base.name }

        private func moved(_ request: RPCRequest) -> RPCRequest {
            let text = String(decoding: request.params, as: UTF8.self)
            guard request.method == "eth_call", text.contains("\"to\":\"\(predeploy)\"") else { return request }
            return RPCRequest(
                method: request.method,
                params: Array(text.replacingOccurrences(of: predeploy, with: stand.hex).utf8), kind: request.kind)
        }

        func call(_ request: RPCRequest) async throws(RPCError) -> RPCResult { try await base.call(moved(request)) }

        func batch(_ requests: [RPCRequest]) async throws(RPCError) -> [Result<RPCResult, RPCError>] {
            try await base.batch(requests.map { moved($0) })
        }
    }

    /// Optimism's and Scroll's oracles, Arbitrum's interface, none of them, and one that answers nonsense.
    @Test func feesForData() async throws {
        let node = try DevChain(["--borrowers", "1", "--reserves", "2", "--emodes", "0"])
        let words = { (words: [UInt256]) in Hex.encode(words.flatMap(\.bigEndianBytes)) }
        let one = try await node.call(
            "dev_canned", ["answers": ["getL1Fee(bytes)": .string(words([123_456_789]))]]
        ).text("address")
        let arbitrum = try await node.call(
            "dev_canned",
            [
                "answers": [
                    "gasEstimateL1Component(address,bool,bytes)": .string(words([1_000, 100_000_000, 30_000_000_000]))
                ]
            ]
        ).text("address")
        let nonsense = try await node.call(
            "dev_canned", ["answers": ["getL1Fee(bytes)": .string(words([1, 2]))]]
        ).text("address")
        let cases: [(String, String, UInt256?)] = [
            ("0x420000000000000000000000000000000000000f", one, 123_456_789),
            ("0x5300000000000000000000000000000000000002", one, 123_456_789),
            ("0x00000000000000000000000000000000000000c8", arbitrum, 100_000_000_000),
            ("0x00000000000000000000000000000000000000ff", one, .zero),
            ("0x420000000000000000000000000000000000000f", nonsense, nil),
            // It reverts: there is a fee, and nobody says which.
            ("0x420000000000000000000000000000000000000f", arbitrum, nil),
        ]
        let call = Call(target: Self.liquidator, data: [UInt8](repeating: 7, count: 164))
        for (predeploy, stand, fee) in cases {
            let client = Rollup(
                base: try RPCClient(endpoint: Endpoint(url: node.url), transport: CurlTransport()),
                predeploy: predeploy, stand: try #require(Address(hex: stand)))
            let snapshot = try await Snapshot(of: client, chainId: 31337, at: .latest, multicall: nil)
            let fees = try await snapshot.dataFees(of: [(call, 500_000), (call, 600_000)])
            #expect(fees.map(\.value) == [fee, fee], "\(predeploy): \(fees)")
        }
    }
}

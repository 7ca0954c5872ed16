import Ethereum
import Foundation
import JSON
import TestSupport
import Testing

/// Probabilities, distances and shocks as the program prints them, over a chain that moves.
@Suite struct RiskCommandTests {
    private func chain() throws -> DevChain {
        try DevChain([
            "--seed", "41", "--borrowers", "60", "--network-out",
            NSTemporaryDirectory() + "plimsoll-risk-\(UUID().uuidString).json",
        ])
    }

    private func scan(_ chain: DevChain, _ more: [String]) throws -> Scan {
        try Scan(
            BuiltProgram.run(
                ["scan", "--network", chain.networkFile, "--format", "ndjson", "--quiet"] + more))
    }

    private static func legs(_ record: JSONValue) -> [JSONValue] {
        let collateral = record["collateral"]?.array ?? []
        return collateral + (record["debt"]?.array ?? [])
    }

    private static func prices(_ record: JSONValue) -> [String] {
        legs(record).map { $0["priceRaw"]?.string ?? "none" }
    }

    /// Forecasts of one scan are scored by what later ones see.
    @Test func forecastsAreKeptAndScored() async throws {
        let chain = try chain()
        let state = NSTemporaryDirectory() + "plimsoll-risk-\(UUID().uuidString)"
        for step in 0..<3 {
            let scan = try scan(chain, ["--state", state])
            #expect(scan.status == 0, "\(scan.errors)")
            // Debt that is worth nothing has no line to reach.
            for position in scan.positions.values where position["debtValue"]?.string != "0" {
                #expect(position["risk"]?["p_liq"]?["24h"]?["value"]?.string != nil, "\(position["unknown"] ?? .null)")
            }
            if step < 2 { try await chain.call("dev_mine", ["blocks": 1, "seconds": 100_000]) }
        }
        let score = try BuiltProgram.run(["risk", "score", "--state", state, "--chain", "31337", "--format", "ndjson"])
        #expect(score.status == 0, "\(score.errors)")
        let reports = try score.lines.map { try JSONValue(parsing: Array($0.utf8)) }
        #expect(!reports.isEmpty)
        #expect(score.lines.joined().contains("24h"))
    }

    /// Under a shock the verdicts are the contract's comparison at the moved prices: the same that a scan finds once the
    /// prices are posted.
    @Test func aShockIsWhatAScanFindsOnceItHappened() async throws {
        let chain = try chain()
        let before = try scan(chain, ["--shock", "WETH=-30%", "--no-state"])
        #expect(before.status == 0, "\(before.errors)")
        #expect(before.positions.values.allSatisfy { $0["match"]?.string == "not_compared" })
        for position in before.positions.values {
            // Whoever can be liquidated there is planned for there, and nobody else; nothing was tried.
            let plans = position["plans"]?.array ?? []
            let refusal = position["unknown"]?.array?.first { $0["field"]?.string == "plans" }?["reason"]?.string
            let falls = position["liquidatable"]?.bool == true
            #expect(falls ? plans.isEmpty == (refusal != nil) : plans.isEmpty, "\(refusal ?? "no reason")")
            #expect(refusal.map { $0.contains("dust") || $0.contains("no collateral") } ?? true, "\(refusal ?? "")")
            #expect(plans.allSatisfy { $0["sim"] == .null && ($0["confidence"]?["bps"]?.int ?? 10_000) <= 5_000 })
        }
        let info = try await chain.call("dev_info")
        let weth = try #require(info["reserves"]?.array?.first { $0["symbol"]?.string == "WETH" })
        var shocked: String?
        for leg in before.positions.values.flatMap({ Self.legs($0) }) where leg["symbol"]?.string == "WETH" {
            shocked = leg["priceRaw"]?.string
        }
        let price = try #require(shocked)
        try await chain.call("dev_setPrice", ["asset": "WETH", "price": .string(price)])
        #expect(weth["price"]?.string != price)
        let after = try scan(chain, ["--no-state"])
        #expect(after.status == 0, "\(after.errors)")
        var compared = 0
        var fell = 0
        var planned = 0
        for (account, position) in after.positions {
            let other = try #require(before.positions[account])
            // Only the one price was moved: who holds what hangs on WETH's feed beside it moved there, and not here.
            guard Self.prices(position) == Self.prices(other) else { continue }
            compared += 1
            // Interest of the blocks between changes the last digits; the verdict only where it stands at the line.
            if other["liquidatable"]?.bool == true { fell += 1 }
            let near = try #require(position["hfProtocol"]?.string.flatMap { Double($0) }) / 1e18
            if abs(near - 1) > 0.001 { #expect(other["liquidatable"] == position["liquidatable"], "\(account)") }
            let said = try #require(other["hfProtocol"]?.string.flatMap { Double($0) }) / 1e18
            #expect(near > 1e20 || abs(said - near) < near * 1e-3, "\(account): \(said) was said, \(near) it is")
            planned += Self.samePlans(other, position)
        }
        #expect(compared > 20 && fell > 0 && planned > 0)
        let unknown = try BuiltProgram.run([
            "scan", "--network", chain.networkFile, "--no-state", "--quiet", "--shock", "NOBODY=-1%",
        ])
        #expect(unknown.status == 64)
    }

    /// `--rounds` measures volatility from what the market's own feed wrote before.
    @Test func roundsOfAFeedMeasureVolatility() async throws {
        let world = try await OracleWorld(borrowers: 40)
        let now = try await world.now()
        let price = try world.price(try world.index("WETH"))
        let last: UInt64 = 60
        var answers = OracleWorld.feed(price, at: now)
        answers["latestRoundData()"] = OracleWorld.round(price, at: now, id: UInt256(last))
        for id in 1...last {
            // One per cent up and down, every hour.
            let value = id % 2 == 0 ? price : try UInt256.mulDiv(price, 101, 100, .down)
            answers["getRoundData(uint80) 0x" + OracleWorld.word(UInt256(id))] = OracleWorld.round(
                value, at: now - (last - id) * 3_600, id: UInt256(id))
        }
        _ = try await world.canned(answers, source: "WETH")
        for (arguments, source) in [([], "default"), (["--rounds", "50"], "rounds")] as [([String], String)] {
            let scan = try world.scan([], arguments)
            #expect(scan.status == 0, "\(scan.errors)")
            let inputs = scan.positions.values.flatMap { $0["risk"]?["inputs"]?.array ?? [] }
                .filter { $0["name"]?.string == "ETH" }
            #expect(!inputs.isEmpty && inputs.allSatisfy { $0["source"]?.string == source }, "\(inputs.first ?? .null)")
            if source == "rounds" {
                #expect(inputs.allSatisfy { ($0["n"]?.int ?? 0) >= 45 }, "\(inputs.first ?? .null)")
            }
        }
        let refused = try world.scan([], ["--rounds", "1"])
        #expect(refused.status == 64)
    }

    /// How many plans of one pair and size stand in both records, alike but for interest.
    private static func samePlans(_ said: JSONValue, _ found: JSONValue) -> Int {
        var count = 0
        for plan in said["plans"]?.array ?? [] {
            let same = found["plans"]?.array?.first { $0["pair"] == plan["pair"] && $0["size"] == plan["size"] }
            guard let same, plan["size"]?.string == "max" else { continue }
            count += 1
            for member in ["repay", "seize"] {
                let (a, b) = (plan[member]?.string.flatMap { Double($0) }, same[member]?.string.flatMap { Double($0) })
                guard let a, let b else { continue }
                #expect(abs(a - b) <= max(a, b) * 1e-3, "\(member): \(a) was planned, \(b) it is")
            }
        }
        return count
    }
}

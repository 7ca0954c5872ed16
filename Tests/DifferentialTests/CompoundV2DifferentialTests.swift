import Foundation
import JSON
import TestSupport
import Testing

/// What the comptroller itself says of one account: error, liquidity and shortfall, as stored and accrued.
struct LiquidityTruth {
    let stored: [String]?
    let accrued: [String]?

    init(_ value: JSONValue) {
        func words(_ index: Int) -> [String]? {
            value.array.flatMap { $0.count == 2 ? $0[index].array?.compactMap(\.string) : nil }
        }
        stored = words(0)
        accrued = words(1)
    }

    /// Whether the comptroller gives a verdict at all.
    static func isVerdict(_ words: [String]?) -> Bool { words?.count == 3 && words?[0] == "0" }
    var isLiquidatable: Bool { accrued?[2] != "0" }
}

extension DevChain {
    /// A chain with one comptroller.
    static func compound(_ arguments: [String]) throws -> DevChain {
        let file = NSTemporaryDirectory() + "plimsoll-compound-\(UUID().uuidString).json"
        return try DevChain(arguments + ["--network-out", file], module: "devchain.compound")
    }

    /// The comptroller's answers about everybody who ever borrowed, at the head.
    func liquidity() async throws -> [String: LiquidityTruth] {
        let accounts = try #require(try await call("dev_truth")["accounts"]?.object)
        return Dictionary(
            accounts.members.map { member in (member.0.lowercased(), LiquidityTruth(member.1)) },
            uniquingKeysWith: { one, _ in one })
    }
}

/// Expects every account of the truth in the scan, with every number equal. Returns how many verdicts interest changes.
@discardableResult
func expectEqual(_ scan: Scan, _ truth: [String: LiquidityTruth], _ comment: Comment) -> Int {
    #expect(scan.positions.count == truth.count, comment)
    var mismatches = 0
    var turned = 0
    for (account, expected) in truth {
        guard let record = scan.positions[account] else {
            Issue.record("\(account) was not found (\(comment))")
            continue
        }
        guard LiquidityTruth.isVerdict(expected.stored), LiquidityTruth.isVerdict(expected.accrued) else {
            #expect(record["liquidatable"]?.isNull == true, "\(account) (\(comment))")
            continue
        }
        let details = record["details"]
        let num = record["execution"]?["hfNum"]?.string.flatMap { Integer($0) }
        let den = record["execution"]?["hfDen"]?.string.flatMap { Integer($0) }
        let (liquidity, shortfall) = Integer.differences(num, den)
        let isEqual =
            record["match"]?.string == "equal" && record["hfProtocol"]?.string == record["hfOnchain"]?.string
            && details?["liquidity"]?.string == expected.stored?[1]
            && details?["shortfall"]?.string == expected.stored?[2]
            && liquidity == expected.accrued?[1] && shortfall == expected.accrued?[2]
            && record["liquidatable"]?.bool == expected.isLiquidatable
            && ["equal", "not_compared"].contains(record["execution"]?["match"]?.string)
        if (expected.stored?[2] != "0") != expected.isLiquidatable { turned += 1 }
        if !isEqual {
            mismatches += 1
            if mismatches <= 3 {
                Issue.record(
                    "\(account): \(String(decoding: record.serialized(), as: UTF8.self)) is not \(expected)")
            }
        }
    }
    #expect(mismatches == 0, comment)
    return turned
}

/// The contracts of ours that were written from reading the real ones, and thousands of random borrowers.
///
/// `PLIMSOLL_COMPOUND_BORROWERS` says how many on each chain.
@Suite(.serialized) struct CompoundV2DifferentialTests {
    struct Chain: Sendable, CustomTestStringConvertible {
        var kind: String
        var seed: Int
        var borrowers: Int
        var options: [String] = []

        var arguments: [String] {
            let most = ProcessInfo.processInfo.environment["PLIMSOLL_COMPOUND_BORROWERS"].flatMap { Int($0) }
            return ["--kind", kind, "--seed", "\(seed)", "--borrowers", "\(most ?? borrowers)"] + options
        }
        var testDescription: String { "\(kind), seed \(seed), \(options.joined(separator: " "))" }
    }

    static let chains = [
        Chain(kind: "truncating", seed: 1, borrowers: 400),
        Chain(kind: "truncating", seed: 2, borrowers: 300, options: ["--time-based", "--reserves", "10"]),
        Chain(kind: "half-up", seed: 3, borrowers: 300, options: ["--early"]),
        Chain(kind: "half-up", seed: 4, borrowers: 200, options: ["--reserves", "9"]),
        Chain(kind: "isolated", seed: 5, borrowers: 300),
        Chain(kind: "isolated", seed: 6, borrowers: 200, options: ["--time-based"]),
        Chain(kind: "venus", seed: 7, borrowers: 300),
        Chain(kind: "venus", seed: 8, borrowers: 200, options: ["--reserves", "8"]),
    ]

    @Test(arguments: chains)
    func everyNumberIsTheContracts(chain: Chain) async throws {
        let node = try DevChain.compound(chain.arguments)
        var scan = try node.scan()
        #expect(scan.status == 0, "\(scan.errors)")
        expectEqual(scan, try await node.liquidity(), "\(chain.testDescription)")
        #expect(scan.head?["complete"]?.bool == true)
        for seed in 1...3 {
            try await node.call("dev_step", ["n": 150, "seed": .integer(seed)])
            scan = try node.scan()
            #expect(scan.status == 0, "\(scan.errors)")
            expectEqual(scan, try await node.liquidity(), "\(chain.testDescription), step \(seed)")
        }
    }

    /// Interest alone, for years: debts outgrow collateral while the stored numbers stand still.
    @Test func interestTurnsVerdicts() async throws {
        let node = try DevChain.compound(["--kind", "truncating", "--seed", "11", "--borrowers", "300", "--time-based"])
        try await node.call("dev_mine", ["blocks": 1, "seconds": .integer(3 * 365 * 86_400)])
        let scan = try node.scan()
        #expect(scan.status == 0, "\(scan.errors)")
        let turned = expectEqual(scan, try await node.liquidity(), "three years later")
        #expect(turned > 0)
    }

    @Test(arguments: ["state-override", "multicall3", "batch", "single"])
    func everyReadPathGivesTheSame(path: String) async throws {
        let node = try DevChain.compound(["--kind", "truncating", "--seed", "12", "--borrowers", "120"])
        try await node.call("dev_mine", ["blocks": 50, "seconds": 12])
        let scan = try node.scan(["--read-path", path])
        #expect(scan.status == 0, "\(scan.errors)")
        #expect(scan.head?["readPath"]?.string == path)
        expectEqual(scan, try await node.liquidity(), "\(path)")
    }

    /// No price, a price that reverts, a market that cannot accrue, a deprecated market.
    @Test func awkwardMarkets() async throws {
        let node = try DevChain.compound(["--kind", "truncating", "--seed", "13", "--borrowers", "200"])
        try await node.call("dev_set", ["market": 1, "price": "0"])
        var scan = try node.scan()
        #expect(scan.status == 75, "\(scan.errors)")
        expectEqual(scan, try await node.liquidity(), "a price of zero")
        #expect(scan.positions.values.contains { $0["liquidatable"]?.isNull == true && $0["match"]?.string == "equal" })
        let half = "57896044618658097711785492504343953926634992332820282019728792003956564819968"
        try await node.call("dev_set", ["market": 1, "price": .string(half)])
        scan = try node.scan()
        #expect(scan.status == 75, "\(scan.errors)")
        expectEqual(scan, try await node.liquidity(), "a price that reverts")
        try await node.call("dev_set", ["market": 1, "price": "1000000000000000000"])
        try await node.call("dev_set", ["market": 2, "broken": true])
        try await node.call("dev_mine", ["blocks": 30, "seconds": 12])
        scan = try node.scan()
        #expect(scan.status == 0, "\(scan.errors)")
        expectEqual(scan, try await node.liquidity(), "a rate model that reverts")
        let set = try await node.call("dev_set", ["market": 3, "deprecated": true])
        scan = try node.scan()
        let market = try #require(set["market"]?.string).lowercased()
        let owing = scan.positions.values.filter { record in
            record["details"]?["forced"]?.string?.lowercased().contains(market) == true
        }
        #expect(!owing.isEmpty)
        #expect(owing.allSatisfy { $0["liquidatable"]?.bool == true })
    }

    @Test(arguments: [
        #"{"truncateLogs":3}"#, #"{"dropLogs":0.3}"#, #"{"truncatedBody":1}"#, #"{"errorRate":1}"#,
    ])
    func aLyingEndpointIsNeverBelieved(faults: String) async throws {
        let node = try DevChain.compound(["--kind", "truncating", "--seed", "14", "--borrowers", "100"])
        let truth = try await node.liquidity()
        try await node.call("dev_setFaults", JSONValue(parsing: Array(faults.utf8)))
        let scan = try node.scan()
        #expect(scan.status == 69 || scan.status == 75, "\(faults): status \(scan.status)")
        for (account, record) in scan.positions {
            guard let liquidatable = record["liquidatable"]?.bool else { continue }
            #expect(liquidatable == truth[account]?.isLiquidatable, "\(account) (\(faults))")
        }
    }

    /// Rows that are remembered, over steps and reorganisations: the same as from nothing.
    @Test func onlyWhatChangedIsRead() async throws {
        for kind in ["truncating", "venus"] {
            let node = try DevChain.compound(["--kind", kind, "--seed", "15", "--borrowers", "150"])
            let state = NSTemporaryDirectory() + "plimsoll-state-\(UUID().uuidString)"
            func remembered() throws -> Scan {
                try Scan(
                    BuiltProgram.run([
                        "scan", "--network", node.networkFile, "--format", "ndjson", "--all", "--state", state,
                        "--quiet",
                    ]))
            }
            _ = try remembered()
            for seed in 1...4 {
                try await node.call("dev_step", ["n": 60, "seed": .integer(seed)])
                if seed == 3 { try await node.call("dev_reorg", ["depth": 3, "n": 0, "borrowers": 0, "seed": 1]) }
                let scan = try remembered()
                #expect(scan.status == 0, "\(scan.errors)")
                expectEqual(scan, try await node.liquidity(), "\(kind), step \(seed)")
                #expect(scan.head?["markets"]?.array?.first?["resumed"]?.int != nil)
            }
        }
    }

    @Test func oneAccountWithItsWorking() async throws {
        let node = try DevChain.compound(["--kind", "half-up", "--seed", "16", "--borrowers", "30"])
        for (account, expected) in try await node.liquidity().sorted(by: { $0.key < $1.key }).prefix(5) {
            let outcome = try BuiltProgram.run([
                "position", account, "--network", node.networkFile, "--format", "ndjson",
            ])
            #expect(outcome.status == 0, "\(outcome.errors)")
            let record = try JSONValue(parsing: Array(try #require(outcome.lines.first).utf8))
            #expect(record["details"]?["liquidity"]?.string == expected.stored?[1])
            #expect(record["working"]?.array?.isEmpty == false)
        }
    }
}

/// A whole number of any length, as far as a difference needs one.
private struct Integer: Comparable {
    let digits: [UInt8]

    init(_ text: String) { digits = text.utf8.map { $0 - 48 } }

    static func differences(_ one: Integer?, _ other: Integer?) -> (String?, String?) {
        guard let one, let other else { return (nil, nil) }
        return one < other ? ("0", other.minus(one)) : (one.minus(other), "0")
    }

    static func < (one: Integer, other: Integer) -> Bool {
        one.digits.count == other.digits.count
            ? one.digits.lexicographicallyPrecedes(other.digits) : one.digits.count < other.digits.count
    }

    /// A number that is not larger taken away.
    private func minus(_ other: Integer) -> String {
        var result: [UInt8] = []
        var borrow = 0
        for place in 0..<digits.count {
            var digit = Int(digits[digits.count - 1 - place]) - borrow
            if place < other.digits.count { digit -= Int(other.digits[other.digits.count - 1 - place]) }
            borrow = digit < 0 ? 1 : 0
            result.append(UInt8(digit + 10 * borrow))
        }
        while result.count > 1, result.last == 0 { result.removeLast() }
        return String(result.reversed().map { Character("\($0)") })
    }
}

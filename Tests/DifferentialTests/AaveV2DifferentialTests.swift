import Foundation
import JSON
import TestSupport
import Testing

/// Real V2 contracts, thousands of random borrowers with stable and variable debt, every number compared with the
/// pool's own.
///
/// `PLIMSOLL_AAVE_V2_CHAINS=N` adds N chains of 2,000 borrowers with seeds from 1,000.
@Suite(.serialized) struct AaveV2DifferentialTests {
    struct Chain: Sendable, CustomTestStringConvertible {
        var seed: Int
        var borrowers: Int
        var options: [String] = []

        func start() throws -> DevChain {
            try DevChain(
                [
                    "--rules", "2.0", "--seed", "\(seed)", "--borrowers", "\(borrowers)", "--network-out",
                    NSTemporaryDirectory() + "plimsoll-v2-\(seed)-\(UUID().uuidString).json",
                ] + options)
        }
        var testDescription: String { "seed \(seed), \(borrowers) borrowers \(options.joined(separator: " "))" }
    }

    /// Even seeds price in ether, odd ones in dollars.
    static let chains =
        [
            Chain(seed: 1, borrowers: 800), Chain(seed: 2, borrowers: 800),
            Chain(seed: 20_261_123, borrowers: 700), Chain(seed: 20_261_124, borrowers: 700),
            Chain(seed: 7, borrowers: 700, options: ["--wild", "--reserves", "12"]),
            Chain(seed: 8, borrowers: 700, options: ["--wild", "--reserves", "16"]),
        ] + longer

    private static let longer: [Chain] = {
        let count = ProcessInfo.processInfo.environment["PLIMSOLL_AAVE_V2_CHAINS"].flatMap { Int($0) } ?? 0
        return (0..<count).map { index in
            Chain(
                seed: 1_000 + index, borrowers: 2_000,
                options: index % 3 == 2 ? ["--wild", "--reserves", "\(8 + index % 9)"] : [])
        }
    }()

    private func scan(_ node: DevChain, state: String) throws -> Scan {
        try Scan(
            BuiltProgram.run([
                "scan", "--network", node.networkFile, "--format", "ndjson", "--all", "--state", state, "--quiet",
            ]))
    }

    @Test(arguments: chains)
    func everyNumberIsTheContracts(chain: Chain) async throws {
        let node = try chain.start()
        let state = NSTemporaryDirectory() + "plimsoll-v2-state-\(UUID().uuidString)"
        var truth = try await node.truth()
        let scan = try scan(node, state: state)
        #expect(scan.status == 0, "\(scan.errors)")
        expectEqual(scan, truth, "\(chain.testDescription)")
        #expect(scan.head?["complete"]?.bool == true)
        let unit = scan.positions.values.first?["valueUnit"]
        #expect(unit?["symbol"]?.string == (chain.seed % 2 == 0 ? "ETH" : "USD"))
        #expect(unit?["decimals"]?.int == (chain.seed % 2 == 0 ? 18 : 8))
        #expect(scan.positions.values.allSatisfy { $0["protocol"]?.string == "aave-v2" })
        // Time passes, prices move, people act, tokens are given away: again, from nothing and through the index.
        for round in 1...3 {
            try await node.call("dev_step", ["n": 60, "seed": .integer(chain.seed + round)])
            truth = try await node.truth()
            let fresh = try node.scan()
            expectEqual(fresh, truth, "\(chain.testDescription), round \(round)")
            let indexed = try self.scan(node, state: state)
            expectEqual(indexed, truth, "\(chain.testDescription), round \(round), index")
            #expect(fresh.status == 0 && indexed.status == 0, "\(fresh.errors) \(indexed.errors)")
            #expect(indexed.head?["markets"]?.array?.first?["resumed"]?.int != nil)
        }
    }

    @Test func yearsPass() async throws {
        let node = try Chain(seed: 11, borrowers: 250).start()
        for years in [1, 3, 20] {
            try await node.call("dev_mine", ["blocks": 1, "seconds": .integer(years * 365 * 86_400)])
            let scan = try node.scan()
            expectEqual(scan, try await node.truth(), "after \(years) more years")
            #expect(scan.status == 0, "\(scan.errors)")
        }
    }

    @Test(arguments: ["state-override", "multicall3", "batch", "single"])
    func everyReadPathGivesTheSame(path: String) async throws {
        let node = try Chain(seed: 3, borrowers: 150).start()
        let scan = try node.scan(["--read-path", path])
        #expect(scan.status == 0, "\(scan.errors)")
        #expect(scan.head?["readPath"]?.string == path)
        expectEqual(scan, try await node.truth(), "\(path)")
    }

    @Test func theWorkingEndsInTheContractsNumber() async throws {
        let node = try Chain(seed: 10, borrowers: 40).start()
        let truth = try await node.truth()
        var stable = 0
        for (account, expected) in truth.sorted(by: { $0.key < $1.key }).prefix(20) {
            let outcome = try BuiltProgram.run([
                "position", account, "--network", node.networkFile, "--format", "ndjson",
            ])
            #expect(outcome.status == 0, "\(outcome.errors)")
            let record = try JSONValue(parsing: Array(try #require(outcome.lines.first).utf8))
            #expect(record["hfProtocol"]?.string == expected.health)
            let working = record["working"]?.array ?? []
            #expect(working.last?["value"]?.string == expected.health || expected.debt == "0")
            stable += working.count { $0["name"]?.string == "stable debt" }
        }
        #expect(stable > 0)
    }

    /// The pool stops as a whole: numbers stay what they are, and every leg says that nothing can be liquidated.
    @Test func aPausedPool() async throws {
        let node = try Chain(seed: 12, borrowers: 60).start()
        let before = try node.scan()
        let legs = { (scan: Scan) in
            scan.positions.values.flatMap { ($0["collateral"]?.array ?? []) + ($0["debt"]?.array ?? []) }
        }
        #expect(
            legs(before).allSatisfy { $0["paused"]?.bool == false }
                && legs(before).contains { $0["frozen"]?.bool == true })
        try await node.call(
            "dev_send", ["contract": "configurator", "function": "setPoolPause", "arguments": [true]])
        let scan = try node.scan()
        expectEqual(scan, try await node.truth(), "paused")
        #expect(legs(scan).allSatisfy { $0["paused"]?.bool == true })
    }

    /// A source without an answer: whoever uses the asset is unknown, everybody else is not touched.
    @Test(arguments: ["reverting", "zero"])
    func aSourceWithoutAnAnswer(kind: String) async throws {
        let node = try Chain(seed: 13, borrowers: 80).start()
        let asset = try #require(try await node.call("dev_info")["reserves"]?.array?[1]["asset"]?.string)
        if kind == "zero" {
            try await node.call("dev_setPrice", ["asset": .string(asset), "price": "0"])
        } else {
            let pool = try #require(node.info["pool"]?.string)
            let done = try await node.call(
                "dev_send",
                [
                    "contract": "oracle", "function": "setAssetSources",
                    "arguments": [[.string(asset)], [.string(pool)]],
                ])
            #expect(done["succeeded"]?.bool == true)
        }
        let truth = try await node.truth()
        let scan = try node.scan()
        #expect(scan.status == 75)
        expectEqual(scan, truth, "\(kind)")
        #expect(truth.values.contains { !$0.isKnown } && truth.values.contains { $0.isKnown })
    }

    /// The fallback answers zero for an asset whose source does: the pool believes it, and so the number is the pool's.
    @Test func aPriceOfZero() async throws {
        let node = try Chain(seed: 14, borrowers: 80).start()
        let info = try await node.call("dev_info")
        let asset = try #require(info["reserves"]?.array?[1]["asset"]?.string)
        let fallback = try #require(info["addresses"]?["zeroOracle"]?.string)
        try await node.call(
            "dev_send", ["contract": "oracle", "function": "setFallbackOracle", "arguments": [.string(fallback)]])
        try await node.call("dev_setPrice", ["asset": .string(asset), "price": "0"])
        let scan = try node.scan()
        expectEqual(scan, try await node.truth(), "zero")
        // Whoever owes something that counts nothing is not just healthy: the record says so.
        let owing = scan.positions.values.filter { record in
            record["debt"]?.array?.contains { $0["asset"]?.string?.lowercased() == asset } == true
        }
        #expect(!owing.isEmpty)
        #expect(owing.allSatisfy { $0["details"]?["zeroPrices"]?.array?.count == 1 })
    }

    @Test func nobodyBorrowed() async throws {
        let node = try Chain(seed: 15, borrowers: 0).start()
        let scan = try node.scan()
        #expect(scan.status == 0, "\(scan.errors)")
        #expect(scan.positions.isEmpty && scan.head?["complete"]?.bool == true)
    }

    /// A V3 market under the name of a V2 one, and the other way round, are refused in words.
    @Test(arguments: ["2.0", "3.2"])
    func theOtherGenerationIsRefused(rules: String) async throws {
        let node = try DevChain([
            "--rules", rules, "--seed", "16", "--borrowers", "5", "--network-out",
            NSTemporaryDirectory() + "plimsoll-other-\(UUID().uuidString).json",
        ])
        let text = try String(contentsOfFile: node.networkFile, encoding: .utf8)
        let (own, other) = rules == "2.0" ? ("aave-v2", "aave-v3") : ("aave-v3", "aave-v2")
        let file = NSTemporaryDirectory() + "plimsoll-\(UUID().uuidString).json"
        try text.replacingOccurrences(of: own, with: other).write(toFile: file, atomically: true, encoding: .utf8)
        let outcome = try BuiltProgram.run(["scan", "--network", file, "--no-state"])
        #expect(outcome.status != 0 && outcome.output.isEmpty)
        #expect(outcome.errors.contains(rules == "2.0" ? "getPool()" : "getLendingPool()"), "\(outcome.errors)")
    }
}

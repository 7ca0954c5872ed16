import Ethereum
import Foundation
import JSON
import TestSupport
import Testing

/// A spoke and two hubs of ours, random borrowers, every number compared with the spoke's own.
///
/// `PLIMSOLL_V4_BORROWERS` is how many borrowers the large chain has.
@Suite(.serialized) struct AaveV4DifferentialTests {
    private func chain(_ seed: Int, _ borrowers: Int, _ options: [String] = []) throws -> DevChain {
        try DevChain(
            [
                "--seed", "\(seed)", "--borrowers", "\(borrowers)", "--network-out",
                NSTemporaryDirectory() + "plimsoll-v4-\(UUID().uuidString).json",
            ] + options, module: "devchain.aave4")
    }

    /// The spoke's seven words about everybody who ever borrowed; none where it reverts.
    private func truth(_ chain: DevChain) async throws -> [String: [String]] {
        let accounts = try #require(try await chain.call("dev_truth")["accounts"]?.object)
        var truths: [String: [String]] = [:]
        for (account, words) in accounts.members {
            truths[account.lowercased()] = (words.array ?? []).compactMap(\.string)
        }
        return truths
    }

    /// Every account of the truth with every number equal; how many were compared.
    @discardableResult
    private func expectEqual(_ scan: Scan, _ truth: [String: [String]], _ comment: Comment) -> Int {
        var compared = 0
        var mismatches = 0
        #expect(scan.positions.count == truth.count, comment)
        for (account, words) in truth {
            guard let record = scan.positions[account] else {
                Issue.record("\(account) was not found (\(comment))")
                continue
            }
            guard words.count == 7 else {
                #expect(record["liquidatable"]?.isNull == true, "\(account) (\(comment))")
                continue
            }
            compared += 1
            let details = record["details"]
            let isEqual =
                details?["riskPremiumBps"]?.string == words[0] && details?["avgCollateralFactor"]?.string == words[1]
                && record["hfProtocol"]?.string == words[2] && record["hfOnchain"]?.string == words[2]
                && record["collateralValue"]?.string == words[3]
                && details?["totalDebtValueRay"]?.string == words[4] && record["match"]?.string == "equal"
                && record["liquidatable"]?.bool == (words[2].count < 19)
            if !isEqual {
                mismatches += 1
                if mismatches <= 3 {
                    Issue.record("\(account): \(String(decoding: record.serialized(), as: UTF8.self)) is not \(words)")
                }
            }
        }
        #expect(mismatches == 0, comment)
        return compared
    }

    private func expectCovered(_ scan: Scan, _ comment: Comment) {
        #expect(scan.head?["complete"]?.bool == true, comment)
        let coverage = scan.head?["markets"]?.array?.first?["coverage"]?.array ?? []
        #expect(coverage.contains { $0["unit"]?.string == "drawnShares" }, comment)
        for residual in coverage { #expect(residual["residual"]?.string == "0", comment) }
    }

    static let chains: [(seed: Int, borrowers: Int, reserves: Int)] = [(1, 150, 6), (20_261_123, 150, 9), (5, 120, 4)]

    @Test(arguments: 0..<3)
    func everyNumberIsTheContracts(index: Int) async throws {
        let (seed, borrowers, reserves) = Self.chains[index]
        let node = try chain(seed, borrowers, ["--reserves", "\(reserves)"])
        for step in 0..<3 {
            if step > 0 { try await node.call("dev_step", ["n": 60, "seed": .integer(seed + step)]) }
            let truth = try await truth(node)
            let scan = try node.scan()
            #expect(scan.status == 0, "seed \(seed): \(scan.errors)")
            expectEqual(scan, truth, "seed \(seed), step \(step)")
            expectCovered(scan, "seed \(seed), step \(step)")
        }
        // Years without anybody's doing.
        try await node.call("dev_mine", ["blocks": 1, "seconds": .integer(4 * 365 * 86_400)])
        let truth = try await truth(node)
        let scan = try node.scan()
        #expect(expectEqual(scan, truth, "seed \(seed), years later") > 0)
    }

    @Test func thousandsOfBorrowers() async throws {
        let text = ProcessInfo.processInfo.environment["PLIMSOLL_V4_BORROWERS"]
        let node = try chain(77, text.flatMap { Int($0) } ?? 300, ["--reserves", "8"])
        let truth = try await truth(node)
        let scan = try node.scan()
        #expect(scan.status == 0, "\(scan.errors)")
        let compared = expectEqual(scan, truth, "seed 77")
        expectCovered(scan, "seed 77")
        print("Aave V4: \(compared) positions compared, seed 77")
    }

    @Test(arguments: ["state-override", "multicall3", "batch", "single"])
    func everyReadPathGivesTheSame(path: String) async throws {
        let node = try chain(3, 60)
        let scan = try node.scan(["--read-path", path])
        #expect(scan.status == 0 && scan.head?["readPath"]?.string == path, "\(scan.errors)")
        expectEqual(scan, try await truth(node), "\(path)")
    }

    /// Where storage is not to be had, or is laid out in another way, the spoke's functions are asked.
    @Test(arguments: [1, 2]) func functionsGiveWhatStorageGives(storage: Int) async throws {
        let node = try chain(4, 60, ["--storage", "\(storage)", "--reserves", "5"])
        let outcome = try BuiltProgram.run([
            "scan", "--network", node.networkFile, "--format", "ndjson", "--all", "--no-state", "--log-level", "notice",
        ])
        let scan = try Scan(outcome)
        #expect(scan.status == 0, "\(scan.errors)")
        expectEqual(scan, try await truth(node), "storage \(storage)")
        expectCovered(scan, "storage \(storage)")
        #expect(outcome.errors.contains("read again") == (storage == 2), "\(scan.errors)")
    }

    @Test func onlyWhatChangedIsRead() async throws {
        let node = try chain(6, 100)
        let state = NSTemporaryDirectory() + "plimsoll-v4-state-\(UUID().uuidString)"
        func remembered() throws -> Scan {
            try Scan(
                BuiltProgram.run([
                    "scan", "--network", node.networkFile, "--format", "ndjson", "--all", "--state", state, "--quiet",
                ]))
        }
        #expect(try remembered().status == 0)
        for seed in 1...5 {
            try await node.call("dev_step", ["n": 40, "seed": .integer(seed)])
            let scan = try remembered()
            #expect(scan.status == 0, "\(scan.errors)")
            #expect(scan.head?["markets"]?.array?.first?["resumed"]?.int != nil)
            expectEqual(scan, try await truth(node), "after step \(seed)")
            #expect(!scan.errors.contains("read again"), "\(scan.errors)")
        }
    }

    @Test func aFeedWithoutAPriceConcernsItsUsersAlone() async throws {
        let node = try chain(8, 80)
        try await node.call("dev_setPrice", ["reserve": 2, "price": 0])
        let truth = try await truth(node)
        let scan = try node.scan()
        #expect(scan.status == 75)
        let compared = expectEqual(scan, truth, "no price")
        #expect(compared > 0 && compared < truth.count)
    }

    @Test func anotherRevisionIsRefused() throws {
        let node = try chain(9, 1, ["--revision", "2"])
        let outcome = try BuiltProgram.run(["scan", "--network", node.networkFile, "--no-state"])
        #expect(outcome.status != 0 && outcome.output.isEmpty)
        #expect(outcome.errors.contains("SPOKE_REVISION 2") && outcome.errors.contains("expected SPOKE_REVISION 1"))
    }

    @Test func theWorkingEndsInTheSameHealth() async throws {
        let node = try chain(10, 30)
        for (account, words) in try await truth(node).sorted(by: { $0.key < $1.key }).prefix(6) {
            let outcome = try BuiltProgram.run([
                "position", account, "--network", node.networkFile, "--format", "ndjson",
            ])
            #expect(outcome.status == 0, "\(outcome.errors)")
            let record = try JSONValue(parsing: Array(try #require(outcome.lines.first).utf8))
            #expect(record["hfProtocol"]?.string == words[2])
            #expect(record["working"]?.array?.last?["value"]?.string == words[2])
        }
    }
}

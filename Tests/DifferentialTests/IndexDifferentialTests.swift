import Foundation
import Index
import JSON
import Lending
import TestSupport
import Testing

/// What is remembered between runs: never anything else than what a run from nothing finds.
///
/// `PLIMSOLL_REORGS=all` tries every depth from 1 to 64, `PLIMSOLL_KILLS` says how often a run is killed.
@Suite(.serialized) struct IndexDifferentialTests {
    private func chain(_ rules: String, _ seed: Int, _ borrowers: Int) throws -> DevChain {
        try DevChain([
            "--rules", rules, "--seed", "\(seed)", "--borrowers", "\(borrowers)", "--network-out",
            NSTemporaryDirectory() + "plimsoll-index-\(UUID().uuidString).json",
        ])
    }

    private func folder() -> String { NSTemporaryDirectory() + "plimsoll-state-\(UUID().uuidString)" }

    private func arguments(_ chain: DevChain, _ state: String) -> [String] {
        ["scan", "--network", chain.networkFile, "--format", "ndjson", "--all", "--state", state, "--quiet"]
    }

    private func scan(_ chain: DevChain, _ state: String) throws -> Scan {
        try Scan(BuiltProgram.run(arguments(chain, state)))
    }

    private func borrowers(_ state: String) throws -> [String: [Account: UInt64]] {
        try Index(in: StateDirectory(state), chainId: 31_337).borrowers()
    }

    /// The remembered index against one from nothing, and the positions of both.
    private func expectSame(_ chain: DevChain, _ state: String, _ comment: Comment) throws {
        let scan = try scan(chain, state)
        #expect(scan.status == 0, "\(comment): \(scan.errors)")
        let fresh = folder()
        let expected = try self.scan(chain, fresh)
        #expect(expected.status == 0, "\(comment): \(expected.errors)")
        let isSame = scan.facts == expected.facts
        #expect(isSame, "\(comment): other positions than from nothing")
        let isSameIndex = try borrowers(state) == borrowers(fresh)
        #expect(isSameIndex, "\(comment): another index than from nothing")
        #expect(scan.head?["complete"]?.bool == true)
    }

    @Test(arguments: ["3.0", "3.2"])
    func onlyWhatChangedIsRead(rules: String) async throws {
        let chain = try chain(rules, 31, 200)
        let state = folder()
        let first = try scan(chain, state)
        #expect(first.status == 0, "\(first.errors)")
        let again = try scan(chain, state)
        let isSame = again.positions == first.positions
        #expect(isSame)
        #expect(try #require(again.head?["httpRequests"]?.int) <= 12)
        for seed in 1...4 {
            try await chain.call("dev_step", ["n": 30, "seed": .integer(seed)])
            let truth = try await chain.truth()
            let later = try scan(chain, state)
            #expect(later.status == 0, "\(later.errors)")
            #expect(try #require(later.head?["httpRequests"]?.int) <= 16)
            #expect(later.head?["markets"]?.array?.first?["resumed"]?.int != nil)
            expectEqual(later, truth, "after step \(seed) under \(rules)")
        }
        try expectSame(chain, state, "in the end")
    }

    @Test func reorganisationsOfEveryDepth() async throws {
        let chain = try chain("3.2", 32, 40)
        try await chain.call("dev_mine", ["blocks": 70, "seconds": 12])
        let state = folder()
        try expectSame(chain, state, "at first")
        let isAll = ProcessInfo.processInfo.environment["PLIMSOLL_REORGS"] == "all"
        for depth in isAll ? Array(1...64) : [1, 2, 3, 7, 20, 64] {
            let reorg = try await chain.call(
                "dev_reorg", ["depth": .integer(depth), "n": 6, "seed": .integer(depth)])
            #expect(reorg["onlyNew"]?.array?.isEmpty == false)
            try expectSame(chain, state, "a reorganisation of \(depth) blocks")
        }
    }

    /// The chain changes while the logs are read: the run goes on with the new side, or says that it could not.
    @Test func reorganisationsWhileIndexing() async throws {
        let chain = try chain("3.2", 33, 40)
        try await chain.call("dev_mine", ["blocks": 70, "seconds": 12])
        let state = folder()
        for (index, depth) in [3, 40, 64, 1, 12].enumerated() {
            try await chain.call("dev_setFaults", ["latencyMs": 20, "rangeLimit": 4])
            let process = try BuiltProgram.start(arguments(chain, state))
            try await Task.sleep(for: .milliseconds(120 + 90 * index))
            try await chain.call("dev_reorg", ["depth": .integer(depth), "n": 5, "seed": .integer(depth + 100)])
            let status = process.wait()
            #expect([0, 69, 75].contains(status))
            try await chain.call("dev_clearFaults")
            try expectSame(chain, state, "a reorganisation of \(depth) blocks during a run")
        }
    }

    @Test func killsLoseNothing() async throws {
        let chain = try chain("3.2", 34, 60)
        // Most blocks are settled, so that pages are committed one by one.
        try await chain.call("dev_mine", ["blocks": 300, "seconds": 12])
        let kills = ProcessInfo.processInfo.environment["PLIMSOLL_KILLS"].flatMap { Int($0) } ?? 25
        var random = Seed(77).generator
        var state = folder()
        var resumed = 0
        var killed = 0
        while killed < kills {
            try await chain.call("dev_setFaults", ["latencyMs": 4, "rangeLimit": 5])
            let process = try BuiltProgram.start(arguments(chain, state))
            try await Task.sleep(for: .milliseconds(Int.random(in: 20...450, using: &random)))
            if process.kill() { killed += 1 }
            try await chain.call("dev_clearFaults")
            // Now and then a run to the end: nobody is missing, nobody twice, and nothing was begun from nothing.
            guard killed % 5 == 0 else { continue }
            let before = try borrowers(state)
            let scan = try scan(chain, state)
            #expect(scan.status == 0, "\(scan.errors)")
            if !before.isEmpty {
                resumed += 1
                #expect(scan.head?["markets"]?.array?.first?["resumed"]?.int != nil)
            }
            try expectSame(chain, state, "after \(killed) kills")
            state = folder()
        }
        #expect(resumed > 0)
    }

    @Test func aSecondProcessIsRefused() async throws {
        let chain = try chain("3.2", 35, 20)
        let state = folder()
        try await chain.call("dev_setFaults", ["latencyMs": 200])
        let first = try BuiltProgram.start(arguments(chain, state))
        try await Task.sleep(for: .milliseconds(400))
        let second = try BuiltProgram.run(arguments(chain, state))
        #expect(second.status == 74 && second.output.isEmpty)
        #expect(second.errors.contains("in use by another process"))
        #expect(first.wait() == 0)
        try await chain.call("dev_clearFaults")
        #expect(try scan(chain, state).status == 0)
    }

    @Test func aDamagedIndexIsBuiltAnew() async throws {
        let chain = try chain("3.2", 36, 30)
        let state = folder()
        let first = try scan(chain, state)
        let file = URL(filePath: state + "/chain-31337.sqlite")
        var bytes = [UInt8](try Data(contentsOf: file))
        for place in stride(from: 4_096, to: bytes.count, by: 97) { bytes[place] ^= 0x5A }
        try Data(bytes).write(to: file)
        let outcome = try BuiltProgram.run(
            arguments(chain, state).filter { $0 != "--quiet" } + ["--log-level", "notice"])
        let again = try Scan(outcome)
        #expect(again.status == 0, "\(again.errors)")
        #expect(again.errors.contains("set aside"))
        let isSame = again.positions == first.positions
        #expect(isSame)
    }

    /// A borrower who was left out of the logs is found, because the debt of the market says that somebody is missing.
    @Test func whoIsMissingIsFound() async throws {
        let chain = try chain("3.2", 37, 150)
        let truth = try await chain.truth()
        try await chain.call("dev_setFaults", ["truncateLogs": 40])
        let state = folder()
        let scan = try scan(chain, state)
        #expect(scan.status == 0 || scan.status == 75)
        if scan.status == 0 { expectEqual(scan, truth, "after the audit") }
        expectNoWrongVerdict(scan, truth, "after the audit")
        try await chain.call("dev_clearFaults")
        try expectSame(chain, state, "once the endpoint is honest again")
    }
}

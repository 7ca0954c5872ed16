import Ethereum
import Foundation
import JSON
import TestSupport
import Testing

/// A singleton of ours that does what the real one does in the same storage, random accounts, every number compared.
@Suite(.serialized) struct MorphoBlueDifferentialTests {
    struct Chain: Sendable, CustomTestStringConvertible {
        var seed: Int
        var accounts: Int
        var options: [String] = []

        func start() throws -> DevChain {
            let file = NSTemporaryDirectory() + "plimsoll-morpho-\(seed)-\(UUID().uuidString).json"
            return try DevChain(
                ["--seed", "\(seed)", "--borrowers", "\(accounts)", "--network-out", file] + options,
                module: "morphochain")
        }
        var testDescription: String { "seed \(seed), \(accounts) accounts \(options.joined(separator: " "))" }
    }

    /// `PLIMSOLL_MORPHO_BORROWERS` adds a chain of so many.
    static let chains: [Chain] = {
        let wanted = ProcessInfo.processInfo.environment["PLIMSOLL_MORPHO_BORROWERS"].flatMap { Int($0) }
        let large = wanted.map { [Chain(seed: 99, accounts: $0, options: ["--markets", "40"])] } ?? []
        return small + large
    }()

    private static let small = [
        Chain(seed: 1, accounts: 400), Chain(seed: 2, accounts: 400, options: ["--markets", "30"]),
        Chain(seed: 3, accounts: 300, options: ["--pause", "94608000"]),
        Chain(seed: 4, accounts: 300, options: ["--plain", "--pause", "86400"]),
    ]

    struct Outcome {
        var status: Int32
        var errors: String
        var positions: [String: JSONValue] = [:]
        var head: JSONValue?
    }

    static func scan(_ node: DevChain, _ arguments: [String] = ["--no-state"]) throws -> Outcome {
        let run = try BuiltProgram.run(
            ["scan", "--network", node.networkFile, "--format", "ndjson", "--quiet"] + arguments)
        var outcome = Outcome(status: run.status, errors: run.errors)
        for line in run.lines {
            let record = try JSONValue(parsing: Array(line.utf8))
            if record["type"]?.string == "head" {
                outcome.head = record
                continue
            }
            let market = try #require(record["market"]?.string)
            let account = try #require(record["account"]?.string).lowercased()
            #expect(outcome.positions.updateValue(record, forKey: "\(market)/\(account)") == nil, "printed twice")
        }
        return outcome
    }

    static func expectEqual(
        _ outcome: Outcome, _ truth: JSONValue, _ comment: Comment, all: Bool = false
    ) throws {
        let accounts = ((truth["accounts"]?.object?.members).map { Array($0) } ?? []).filter {
            all || $0.1.array?[0].string != "0"
        }
        #expect(Set(outcome.positions.keys) == Set(accounts.map { $0.0 }), comment)
        var mismatches = 0
        for (key, value) in accounts {
            guard let record = outcome.positions[key], let facts = value.array, facts.count == 6 else { continue }
            let market = key.prefix(66)
            let isIndebted = facts[0].string != "0"
            let isLiquidatable = isIndebted && facts[4].bool == false
            var isEqual =
                record["hfDen"]?.string == facts[2].string && record["hfNum"]?.string == facts[3].string
                && record["match"]?.string == "equal" && record["liquidatable"]?.bool == isLiquidatable
                && record["accountId"]?.isNull == true
                && record["details"]?["oracle"]?["isRecomputed"]?.bool != false
                && record["details"]?["oracle"]?["price"]?.string == truth["markets"]?[String(market)]?["price"]?.string
            if isIndebted { isEqual = isEqual && record["debt"]?.array?.first?["raw"]?.string == facts[0].string }
            if facts[1].string != "0" {
                isEqual = isEqual && record["collateral"]?.array?.first?["raw"]?.string == facts[1].string
            }
            if let window = facts[5].array, let said = record["details"]?["preLiquidation"]?.array?.first {
                isEqual = isEqual && said["isOpen"]?.bool == window[0].bool
                // The contract needs the borrower's leave besides.
                let works = said["authorized"]?.bool == true && said["isExecutable"]?.bool == true
                isEqual = isEqual && works == window[1].bool
            }
            if !isEqual {
                mismatches += 1
                if mismatches <= 3 {
                    Issue.record("\(key): \(String(decoding: record.serialized(), as: UTF8.self)) is not \(facts)")
                }
            }
        }
        print("\(comment): \(accounts.count) positions, \(mismatches) mismatches")
        #expect(mismatches == 0, comment)
        for residual in outcome.head?["markets"]?.array?.first?["coverage"]?.array ?? [] {
            #expect(residual["residual"]?.string == "0", "\(comment): \(residual)")
        }
    }

    @Test(arguments: chains)
    func everyNumberIsTheContracts(chain: Chain) async throws {
        let node = try chain.start()
        var outcome = try Self.scan(node)
        #expect(outcome.status == 0, "\(outcome.errors)")
        try Self.expectEqual(outcome, try await node.call("dev_truth"), "\(chain.testDescription)")
        try await node.call("dev_step", ["n": 80, "seed": .integer(chain.seed)])
        outcome = try Self.scan(node, ["--no-state", "--all"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        try Self.expectEqual(
            outcome, try await node.call("dev_truth"), "\(chain.testDescription), later", all: true)
    }

    @Test(arguments: ["state-override", "multicall3", "batch", "single"])
    func everyReadPathGivesTheSame(path: String) async throws {
        let node = try Chain(seed: 5, accounts: 120).start()
        let outcome = try Self.scan(node, ["--no-state", "--read-path", path])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.head?["readPath"]?.string == path)
        try Self.expectEqual(outcome, try await node.call("dev_truth"), "\(path)")
    }

    @Test(arguments: [
        #"{"dropOverride":true,"noMulticall":true}"#, #"{"rangeLimit":5,"rangeLimitText":"alchemy"}"#,
        #"{"returnCap":4000,"returnCapText":"erigon"}"#, #"{"callGasCap":3000000}"#, #"{"dropBatchMembers":0.05}"#,
        #"{"errorRate":0.1}"#,
    ])
    func anAwkwardEndpointChangesNothing(faults: String) async throws {
        let node = try Chain(seed: 6, accounts: 100).start()
        let truth = try await node.call("dev_truth")
        try await node.call("dev_setFaults", JSONValue(parsing: Array(faults.utf8)))
        let outcome = try Self.scan(node)
        #expect(outcome.status == 0, "\(faults): \(outcome.errors)")
        try Self.expectEqual(outcome, truth, "\(faults)")
    }

    /// Through the index: what changed is read, what did not is remembered, and a second scan says the same.
    @Test func theIndexChangesNothing() async throws {
        let node = try Chain(seed: 7, accounts: 200).start()
        let state = NSTemporaryDirectory() + "plimsoll-morpho-\(UUID().uuidString)"
        defer { removeDirectory(state) }
        for round in 0..<4 {
            let outcome = try Self.scan(node, ["--state", state])
            #expect(outcome.status == 0, "\(outcome.errors)")
            try Self.expectEqual(outcome, try await node.call("dev_truth"), "round \(round)")
            if round == 1 { try await node.call("dev_reorg", ["depth": 3, "n": 20, "seed": 9]) }
            try await node.call("dev_step", ["n": 40, "seed": .integer(round)])
        }
    }

    private func removeDirectory(_ path: String) {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            print("\(path) stays: \(error)")
        }
    }

    @Test func anOracleThatRevertsLeavesTheVerdictOpen() async throws {
        let node = try Chain(seed: 8, accounts: 120).start()
        let broken = try await node.call("dev_setPrice", ["market": 0, "broken": true])
        let id = try #require(broken["id"]?.string)
        let outcome = try Self.scan(node)
        #expect(outcome.status == 75)
        var seen = 0
        for (key, record) in outcome.positions where key.hasPrefix(id) {
            seen += 1
            #expect(record["liquidatable"]?.isNull == true)
            #expect(record["unknown"]?.array?.contains { $0["reason"]?.string?.contains("stale") == true } == true)
            #expect(record["hfDen"]?.string != nil, "the debt is known")
        }
        #expect(seen > 0)
        for (key, record) in outcome.positions where !key.hasPrefix(id) {
            #expect(record["liquidatable"]?.bool != nil)
        }
        // A price of zero is a price.
        try await node.call("dev_setPrice", ["market": 0, "factor": 0])
        let free = try Self.scan(node)
        #expect(free.status == 0, "\(free.errors)")
        for (key, record) in free.positions where key.hasPrefix(id) { #expect(record["liquidatable"]?.bool == true) }
    }

    /// An address alone finds its positions in every market of the singleton.
    @Test func anAddressIsFoundInEveryMarket() async throws {
        let node = try Chain(seed: 9, accounts: 150).start()
        let truth = try await node.call("dev_truth")
        var markets: [String: [String]] = [:]
        let known = (truth["accounts"]?.object?.members).map { Array($0) } ?? []
        for (key, value) in known {
            guard value.array?[0].string != "0" || value.array?[1].string != "0" else { continue }
            markets[String(key.dropFirst(67)), default: []].append(String(key.prefix(66)))
        }
        let busy = try #require(markets.max { ($0.value.count, $0.key) < ($1.value.count, $1.key) })
        #expect(busy.value.count > 1)
        let scan = try Self.scan(node, ["--no-state", "--account", busy.key])
        #expect(scan.status == 0, "\(scan.errors)")
        let owing = Set(busy.value.map { "\($0)/\(busy.key)" })
        #expect(owing.isSubset(of: scan.positions.keys))
        // Collateral that never secured a debt is found as well.
        for (key, record) in scan.positions where !owing.contains(key) { #expect(record["hfDen"]?.string == "0") }
        let run = try BuiltProgram.run(["position", busy.key, "--network", node.networkFile, "--format", "ndjson"])
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.lines.count == scan.positions.count)
        for line in run.lines {
            let record = try JSONValue(parsing: Array(line.utf8))
            let market = try #require(record["market"]?.string)
            let facts = truth["accounts"]?["\(market)/\(busy.key)"]?.array
            #expect(record["hfDen"]?.string == facts?[2].string ?? "0")
            #expect(record["working"]?.array?.isEmpty == false)
            let account = try #require(record["account"]?.string)
            let key: JSONValue = [
                .integer(31_337), "morpho-blue", "blue", .string(market), .string(account),
            ]
            #expect(record["id"]?.string == Keccak256.hash(key.serialized()).hex)
        }
    }

    @Test func chosenMarketsAreReadAlone() async throws {
        let node = try Chain(seed: 10, accounts: 100).start()
        let truth = try await node.call("dev_truth")
        let ids = (node.info["markets"]?.array ?? []).compactMap(\.string).sorted().prefix(2)
        let text = try String(contentsOfFile: node.networkFile, encoding: .utf8)
        let list = ids.map { "\"\($0)\"" }.joined(separator: ",")
        let file = NSTemporaryDirectory() + "plimsoll-morpho-\(UUID().uuidString).json"
        let protocolText = "\"protocol\": \"morpho-blue\","
        #expect(text.contains(protocolText))
        try text.replacingOccurrences(of: protocolText, with: protocolText + " \"markets\": [\(list)],")
            .write(toFile: file, atomically: true, encoding: .utf8)
        let run = try BuiltProgram.run(
            ["scan", "--network", file, "--format", "ndjson", "--no-state", "--quiet"])
        #expect(run.status == 0, "\(run.errors)")
        var seen: Set<String> = []
        for line in run.lines {
            let record = try JSONValue(parsing: Array(line.utf8))
            guard let market = record["market"]?.string, let account = record["account"]?.string else { continue }
            seen.insert("\(market)/\(account.lowercased())")
        }
        let expected = ((truth["accounts"]?.object?.members).map { Array($0) } ?? []).filter { key, value in
            ids.contains(String(key.prefix(66))) && value.array?[0].string != "0"
        }
        #expect(seen == Set(expected.map { $0.0 }))
    }

    @Test func twoEndpointsConfirmEveryNumber() async throws {
        let node = try Chain(seed: 11, accounts: 100, options: ["--endpoints", "2"]).start()
        let outcome = try Self.scan(node, ["--no-state", "--quorum", "2"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        try Self.expectEqual(outcome, try await node.call("dev_truth"), "quorum")
    }

    @Test func aReplayIsTheSameToTheByte() async throws {
        let node = try Chain(seed: 12, accounts: 80).start()
        let file = NSTemporaryDirectory() + "plimsoll-\(UUID().uuidString).transcript"
        let arguments = ["scan", "--network", node.networkFile, "--format", "ndjson", "--all", "--no-state", "--quiet"]
        let live = try BuiltProgram.run(arguments + ["--record", file])
        #expect(live.status == 0, "\(live.errors)")
        let replay = try BuiltProgram.run(arguments + ["--replay", file])
        #expect(replay.output == live.output)
    }

    /// Nothing that storage proves contradicts a position; its price is what the oracle computes, and not proven.
    @Test func storageProofsContradictNothing() async throws {
        let node = try Chain(seed: 13, accounts: 40).start()
        let outcome = try Self.scan(node, ["--no-state", "--verify", "state"])
        #expect(outcome.status == 0 || outcome.status == 75, "\(outcome.errors)")
        for record in outcome.positions.values {
            #expect(record["match"]?.string == "equal")
            #expect(record["liquidatable"]?.bool != nil, "\(String(decoding: record.serialized(), as: UTF8.self))")
        }
    }
}

import Foundation
import JSON
import TestSupport
import Testing

/// A contract of ours that does what every generation of Comet does, random accounts, every number compared.
@Suite(.serialized) struct CompoundV3DifferentialTests {
    struct Chain: Sendable, CustomTestStringConvertible {
        var generation: Int
        var seed: Int
        var accounts: Int
        var options: [String] = []

        func start() throws -> DevChain {
            let file = NSTemporaryDirectory() + "plimsoll-comet-\(generation)-\(seed)-\(UUID().uuidString).json"
            return try DevChain(
                [
                    "--generation", "\(generation)", "--seed", "\(seed)", "--borrowers", "\(accounts)", "--network-out",
                    file,
                ]
                    + options, module: "cometchain")
        }
        var testDescription: String {
            "generation \(generation), seed \(seed), \(accounts) accounts \(options.joined(separator: " "))"
        }
    }

    static let chains = [
        Chain(generation: 0, seed: 1, accounts: 400), Chain(generation: 0, seed: 21, accounts: 300),
        Chain(generation: 1, seed: 2, accounts: 400, options: ["--assets", "24"]),
        Chain(generation: 1, seed: 22, accounts: 300), Chain(generation: 2, seed: 3, accounts: 400),
        Chain(generation: 2, seed: 23, accounts: 300, options: ["--assets", "19"]),
    ]

    /// What the Comet says of everybody who owes.
    struct Truth {
        var accounts: [String: JSONValue]
        var sales: [String: JSONValue]
        var reserves: String?
    }

    static func truth(_ node: DevChain) async throws -> Truth {
        let answer = try await node.call("dev_truth")
        func members(_ name: String) -> [String: JSONValue] {
            var found: [String: JSONValue] = [:]
            for (key, value) in (answer[name]?.object ?? JSONObject()).members { found[key.lowercased()] = value }
            return found
        }
        return Truth(
            accounts: members("accounts"), sales: members("sales"), reserves: answer["reserves"]?.string)
    }

    struct Outcome {
        var status: Int32
        var errors: String
        var positions: [String: JSONValue] = [:]
        var sales: [String: JSONValue] = [:]
        var head: JSONValue?
    }

    static func scan(_ node: DevChain, _ arguments: [String] = ["--no-state"]) throws -> Outcome {
        let run = try BuiltProgram.run(
            ["scan", "--network", node.networkFile, "--format", "ndjson", "--quiet"] + arguments)
        var outcome = Outcome(status: run.status, errors: run.errors)
        for line in run.lines {
            let record = try JSONValue(parsing: Array(line.utf8))
            #expect(outcome.head == nil, "something follows the head")
            if record["type"]?.string == "head" {
                outcome.head = record
            } else if record["kind"]?.string == "buy_collateral" {
                outcome.sales[try #require(record["collateral"]?["asset"]?.string).lowercased()] = record
            } else {
                outcome.positions[try #require(record["account"]?.string).lowercased()] = record
            }
        }
        return outcome
    }

    static func expectEqual(
        _ outcome: Outcome, _ truth: Truth, _ comment: Comment, comparesExecution: Bool = true
    ) {
        #expect(Set(outcome.positions.keys) == Set(truth.accounts.keys), comment)
        var mismatches = 0
        for (account, expected) in truth.accounts {
            guard let record = outcome.positions[account], let facts = expected.array, facts.count == 4 else {
                continue
            }
            let execution = record["execution"]
            let isEqual =
                record["details"]?["principal"]?.string == facts[0].string
                && (record["hfNum"]?.uint ?? "" < record["hfDen"]?.uint ?? "") == facts[1].bool
                && record["debt"]?.array?.first?["amount"]?.string == facts[2].string
                && record["liquidatable"]?.bool == facts[3].bool && record["match"]?.string == "equal"
                && execution?["liquidatable"]?.bool == facts[3].bool
                && execution?["match"]?.string == (comparesExecution ? "equal" : "not_compared")
            if !isEqual {
                mismatches += 1
                if mismatches <= 3 {
                    Issue.record("\(account): \(String(decoding: record.serialized(), as: UTF8.self)) is not \(facts)")
                }
            }
        }
        #expect(mismatches == 0, comment)
        #expect(Set(outcome.sales.keys) == Set(truth.sales.keys), comment)
        for (asset, expected) in truth.sales {
            guard let sale = outcome.sales[asset], let facts = expected.array else { continue }
            #expect(sale["match"]?.string == "equal", "\(asset) (\(comment)): \(sale)")
            #expect(sale["collateralReserves"]?.string == facts[0].string, comment)
            #expect(sale["reserves"]?.string == truth.reserves, comment)
            let quote = sale["quotes"]?.array?.last
            #expect(quote?["collateralAmount"]?.string == facts[1].string, comment)
            #expect(quote?["onchain"]?.string == facts[1].string, comment)
        }
        let coverage = outcome.head?["markets"]?.array?.first?["coverage"]?.array?.first
        #expect(coverage?["residual"]?.string == "0", comment)
    }

    @Test(arguments: chains)
    func everyNumberIsTheContracts(chain: Chain) async throws {
        let node = try chain.start()
        for round in 0..<3 {
            let truth = try await Self.truth(node)
            let outcome = try Self.scan(node)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.head?["complete"]?.bool == true)
            Self.expectEqual(outcome, truth, "\(chain.testDescription), round \(round)")
            try await node.call("dev_step", ["n": 40, "seed": .integer(chain.seed + round)])
            try await node.call("evm_mine", [.integer(round == 0 ? 12 : 40 * 86_400)])
        }
    }

    @Test(arguments: ["state-override", "multicall3", "batch", "single"])
    func everyReadPathGivesTheSame(path: String) async throws {
        let node = try Chain(generation: 1, seed: 4, accounts: 80).start()
        let outcome = try Self.scan(node, ["--no-state", "--read-path", path])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let several = path == "state-override" || path == "multicall3"
        Self.expectEqual(outcome, try await Self.truth(node), "\(path)", comparesExecution: several)
    }

    @Test(arguments: [
        #"{"noStateOverride":true}"#, #"{"batchLimit":7}"#, #"{"rangeLimit":5,"rangeLimitText":"alchemy"}"#,
        #"{"dropBatchMembers":0.05}"#, #"{"errorRate":0.1}"#,
    ])
    func anAwkwardEndpointChangesNothing(faults: String) async throws {
        let node = try Chain(generation: 1, seed: 5, accounts: 80).start()
        let truth = try await Self.truth(node)
        try await node.call("dev_setFaults", JSONValue(parsing: Array(faults.utf8)))
        let outcome = try Self.scan(node)
        #expect(outcome.status == 0, "\(outcome.errors)")
        Self.expectEqual(outcome, truth, "\(faults)")
    }

    /// What is remembered of collateral is used, and debts that change without an event are seen all the same.
    @Test(arguments: [0, 2])
    func theIndexForgetsNothing(generation: Int) async throws {
        let node = try Chain(generation: generation, seed: 6, accounts: 120).start()
        let state = NSTemporaryDirectory() + "plimsoll-comet-state-\(UUID().uuidString)"
        for round in 0..<5 {
            let outcome = try Self.scan(node, ["--state", state])
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.head?["notices"]?.array?.isEmpty == true, "\(outcome.head?["notices"] ?? .null)")
            Self.expectEqual(outcome, try await Self.truth(node), "generation \(generation), round \(round)")
            try await node.call("dev_step", ["n": 60, "seed": .integer(round)])
        }
    }

    /// A feed that reverts, or says something that is no price, leaves those unknown whose verdict needs it.
    @Test func aBrokenFeedIsUnknownAndNotZero() async throws {
        let node = try Chain(generation: 1, seed: 7, accounts: 120, options: ["--assets", "4"]).start()
        for (price, isBroken) in [(1, true), (0, false), (-5, false)] {
            let info = try await node.call("dev_info")
            let asset = try #require(info["assets"]?.array?[2]["symbol"]?.string)
            try await node.call(
                "dev_setPrice", ["asset": .string(asset), "price": .integer(price), "broken": .bool(isBroken)])
            let outcome = try Self.scan(node)
            #expect(outcome.status == 75)
            let truth = try await Self.truth(node)
            var unknown = 0
            for (account, expected) in truth.accounts {
                let facts = try #require(expected.array)
                let record = try #require(outcome.positions[account])
                if let said = record["liquidatable"]?.bool {
                    #expect(said == facts[3].bool, "\(account)")
                } else {
                    unknown += 1
                    #expect(facts[3].bool == nil, "\(account) is not known: \(record["unknown"] ?? .null)")
                }
            }
            #expect(unknown > 0)
        }
    }

    @Test func oneAccountWithItsWorking() async throws {
        let node = try Chain(generation: 1, seed: 8, accounts: 40).start()
        let truth = try await Self.truth(node)
        for account in truth.accounts.keys.sorted().prefix(5) {
            let run = try BuiltProgram.run([
                "position", account, "--network", node.networkFile, "--format", "ndjson",
            ])
            #expect(run.status == 0, "\(run.errors)")
            let record = try JSONValue(parsing: Array(try #require(run.lines.first).utf8))
            let last = record["working"]?.array?.last
            #expect(last?["value"]?.string == record["execution"]?["hfProtocol"]?.string)
        }
    }
}

extension JSONValue {
    /// A decimal string padded so that strings compare as numbers.
    fileprivate var uint: String? {
        string.map { String(repeating: "0", count: max(0, 80 - $0.count)) + $0 }
    }
}

import Foundation
import JSON
import TestSupport
import Testing

/// The real contracts, thousands of random borrowers, every number compared with the pool's own.
@Suite(.serialized) struct AaveDifferentialTests {
    struct Chain: Sendable, CustomTestStringConvertible {
        var rules: String
        var seed: Int
        var borrowers: Int
        var options: [String] = []

        var arguments: [String] {
            ["--rules", rules, "--seed", "\(seed)", "--borrowers", "\(borrowers)", "--network-out", file] + options
        }
        var file: String { NSTemporaryDirectory() + "plimsoll-\(rules)-\(seed)-\(borrowers)-\(UUID().uuidString).json" }
        var testDescription: String {
            "rules \(rules), seed \(seed), \(borrowers) borrowers \(options.joined(separator: " "))"
        }
    }

    static let chains = [
        Chain(rules: "3.0", seed: 1, borrowers: 1_000),
        Chain(rules: "3.0", seed: 20_261_123, borrowers: 900),
        Chain(rules: "3.0", seed: 7, borrowers: 800, options: ["--wild", "--reserves", "12"]),
        Chain(rules: "3.2", seed: 2, borrowers: 1_000),
        Chain(rules: "3.2", seed: 20_261_124, borrowers: 900),
        Chain(rules: "3.2", seed: 8, borrowers: 800, options: ["--wild", "--reserves", "14", "--emodes", "4"]),
    ]

    @Test(arguments: chains)
    func everyNumberIsTheContracts(chain: Chain) async throws {
        let node = try DevChain(chain.arguments)
        var truth = try await node.truth()
        let scan = try node.scan()
        #expect(scan.status == 0, "\(scan.errors)")
        expectEqual(scan, truth, "\(chain.testDescription)")
        #expect(scan.head?["complete"]?.bool == true)
        // Time passes, prices move, people act: the same again at a later head.
        try await node.call("dev_step", ["n": 60, "seed": .integer(chain.seed)])
        truth = try await node.truth()
        let later = try node.scan()
        #expect(later.status == 0, "\(later.errors)")
        expectEqual(later, truth, "\(chain.testDescription), later")
    }

    @Test(arguments: ["state-override", "multicall3", "batch", "single"], ["3.0", "3.2"])
    func everyReadPathGivesTheSame(path: String, rules: String) async throws {
        let chain = Chain(rules: rules, seed: 3, borrowers: 250)
        let node = try DevChain(chain.arguments)
        let scan = try node.scan(["--read-path", path])
        #expect(scan.status == 0, "\(scan.errors)")
        #expect(scan.head?["readPath"]?.string == path)
        expectEqual(scan, try await node.truth(), "\(path) on \(rules)")
    }

    /// What an endpoint may do without giving a wrong answer: the result is the same as from a good one.
    @Test(arguments: [
        #"{"noStateOverride":true}"#, #"{"dropOverride":true,"noMulticall":true}"#, #"{"noBatch":true}"#,
        #"{"noEip1898":true}"#, #"{"shuffleBatch":true,"stringIds":true}"#, #"{"batchLimit":7}"#,
        #"{"rangeLimit":5,"rangeLimitText":"alchemy"}"#, #"{"rangeLimit":3,"rangeLimitText":"ankr"}"#,
        #"{"resultLimit":10,"resultLimitText":"infura"}"#, #"{"resultLimit":1,"resultLimitText":"reth"}"#,
        #"{"returnCap":4000,"returnCapText":"erigon"}"#, #"{"callGasCap":3000000}"#, #"{"dropBatchMembers":0.05}"#,
        #"{"errorRate":0.1}"#,
    ])
    func anAwkwardEndpointChangesNothing(faults: String) async throws {
        let node = try DevChain(Chain(rules: "3.2", seed: 4, borrowers: 120).arguments)
        let truth = try await node.truth()
        try await node.call("dev_setFaults", JSONValue(parsing: Array(faults.utf8)))
        let scan = try node.scan()
        #expect(scan.status == 0, "\(scan.errors)")
        expectEqual(scan, truth, "\(faults)")
    }

    /// What an endpoint may do wrong: the scan ends in 69 or 75, and no verdict is wrong.
    @Test(arguments: [
        #"{"truncateLogs":3}"#, #"{"dropLogs":0.3}"#, #"{"htmlBody":1}"#, #"{"truncatedBody":1}"#,
        #"{"deepJson":100000}"#,
        #"{"wrongIds":1}"#, #"{"errorRate":1}"#, #"{"wrongHead":1}"#,
    ])
    func aLyingEndpointIsNeverBelieved(faults: String) async throws {
        let node = try DevChain(Chain(rules: "3.2", seed: 5, borrowers: 120).arguments)
        let truth = try await node.truth()
        try await node.call("dev_setFaults", JSONValue(parsing: Array(faults.utf8)))
        let scan = try node.scan()
        #expect(scan.status == 69 || scan.status == 75, "\(faults): status \(scan.status)")
        expectNoWrongVerdict(scan, truth, "\(faults)")
    }

    @Test func aReplayIsTheSameToTheByte() async throws {
        let node = try DevChain(Chain(rules: "3.2", seed: 6, borrowers: 150).arguments)
        let file = NSTemporaryDirectory() + "plimsoll-\(UUID().uuidString).transcript"
        let arguments = ["scan", "--network", node.networkFile, "--format", "ndjson", "--all", "--no-state", "--quiet"]
        let live = try BuiltProgram.run(arguments + ["--record", file])
        #expect(live.status == 0, "\(live.errors)")
        try await node.call("dev_step", ["n": 5, "seed": 1])
        let replay = try BuiltProgram.run(arguments + ["--replay", file])
        #expect(replay.status == 0, "\(replay.errors)")
        #expect(replay.output == live.output)
        let recording = try Data(contentsOf: URL(filePath: file))
        #expect(recording.range(of: Data("127.0.0.1".utf8)) == nil)
    }

    @Test func networkFileMistakesAreRefused() async throws {
        let node = try DevChain(Chain(rules: "3.2", seed: 9, borrowers: 10).arguments)
        let text = try String(contentsOfFile: node.networkFile, encoding: .utf8)
        func status(_ from: String, _ to: String) throws -> (Int32, String) {
            #expect(text.contains(from))
            let file = NSTemporaryDirectory() + "plimsoll-\(UUID().uuidString).json"
            try text.replacingOccurrences(of: from, with: to).write(toFile: file, atomically: true, encoding: .utf8)
            let outcome = try BuiltProgram.run(["scan", "--network", file, "--no-state"])
            #expect(outcome.output.isEmpty)
            return (outcome.status, outcome.errors)
        }
        let wrongChain = try status("31337", "31338")
        #expect(wrongChain.0 == 78)
        #expect(wrongChain.1.contains("31337") && wrongChain.1.contains("31338"))
        let provider = try #require(node.info["poolAddressesProvider"]?.string)
        let noCode = try status(provider, "0x00000000000000000000000000000000000000aa")
        #expect(noCode.0 == 78)
        #expect(noCode.1.contains("0x00000000000000000000000000000000000000AA"))
        let unreachable = try status(node.url, "http://127.0.0.1:9")
        #expect(unreachable.0 == 69)
    }

    @Test func oneAccountWithItsWorking() async throws {
        let node = try DevChain(Chain(rules: "3.0", seed: 10, borrowers: 40).arguments)
        let truth = try await node.truth()
        for (account, expected) in truth.sorted(by: { $0.key < $1.key }).prefix(10) {
            let outcome = try BuiltProgram.run([
                "position", account, "--network", node.networkFile, "--format", "ndjson",
            ])
            #expect(outcome.status == 0, "\(outcome.errors)")
            let record = try JSONValue(parsing: Array(try #require(outcome.lines.first).utf8))
            #expect(record["hfProtocol"]?.string == expected.health)
            #expect(record["working"]?.array?.isEmpty == false || expected.debt == "0")
        }
    }
}

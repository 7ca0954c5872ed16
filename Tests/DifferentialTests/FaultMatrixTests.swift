import Foundation
import JSON
import TestSupport
import Testing

/// Everything that a provider may do wrong, at one endpoint of three and at the only one.
///
/// `PLIMSOLL_MATRIX_SEEDS` says how many seeds each case is run with; cases that wait for time-outs run with fewer.
@Suite(.serialized) struct FaultMatrixTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var faults: String
        /// Whether a run takes seconds.
        var isSlow = false
        /// Whether a lone endpoint tells of another block, about which it is right.
        var isElsewhere = false
        /// Whether a lone endpoint contradicts nothing but a proof: its lie is consistent.
        var needsProof = false

        var testDescription: String { name }
    }

    static let borrow = "0xb3d084820fb1a9decffb176436bd02558d15fac9b0ddfed8c465bc7359d7dce0"

    static let cases = [
        Case(name: "30 % errors", faults: #"{"errorRate":0.3}"#),
        Case(name: "429 with hints", faults: #"{"rateLimit":2}"#, isSlow: true),
        Case(name: "logs cut without an error", faults: #"{"truncateLogs":3}"#),
        Case(name: "log range of 1", faults: #"{"rangeLimit":1}"#),
        Case(name: "log range of 7", faults: #"{"rangeLimit":7}"#),
        Case(name: "log range of 10,000", faults: #"{"rangeLimit":10000}"#),
        Case(name: "1 result", faults: #"{"resultLimit":1}"#),
        Case(name: "10 results", faults: #"{"resultLimit":10}"#),
        Case(name: "10,000 results", faults: #"{"resultLimit":10000}"#),
        Case(name: "batch members dropped", faults: #"{"dropBatchMembers":0.3}"#),
        Case(name: "batch members twice", faults: #"{"duplicateBatchMembers":0.3}"#),
        Case(name: "slow body", faults: #"{"slowBody":200}"#, isSlow: true),
        Case(name: "body of 5 GB", faults: #"{"hugeBody":5}"#),
        Case(name: "deep JSON", faults: #"{"deepJson":100000}"#),
        Case(name: "wrong ids", faults: #"{"wrongIds":1}"#),
        Case(name: "swapped ids", faults: #"{"swapIds":1}"#),
        Case(name: "wrong chain", faults: #"{"wrongChain":true}"#),
        Case(name: "stale head", faults: #"{"staleHead":9}"#, isElsewhere: true),
        Case(name: "one storage value in twenty lies", faults: #"{"lieStorage":{"slots":0.05}}"#, needsProof: true),
        Case(name: "a storage value lies", faults: #"{"lieStorage":{"slots":0.01}}"#, needsProof: true),
        Case(name: "a log left out", faults: #"{"omitLog":{"topic0":"\#(borrow)"}}"#),
        Case(name: "a log altered", faults: #"{"lieLog":{"topic0":"\#(borrow)"}}"#),
        Case(name: "a log twice", faults: #"{"dupLog":{"topic0":"\#(borrow)"}}"#),
        Case(name: "a header altered", faults: #"{"lieHeader":true}"#),
        Case(name: "a chain of its own", faults: #"{"lieBlockHash":5}"#, isElsewhere: true),
        Case(name: "garbage", faults: #"{"garbage":1}"#, isSlow: true),
        Case(name: "a compressed bomb", faults: #"{"gzipBomb":true}"#),
        Case(name: "connections dropped", faults: #"{"dropConnection":0.3}"#),
        Case(name: "no connection", faults: #"{"dropConnection":1}"#, isSlow: true),
    ]

    /// One chain for all cases: it does not change.
    struct World: Sendable {
        let chain: DevChain
        let clean: [String: JSONValue]
        let cleanBorrowers: [String: JSONValue]
        let endpoints: [String]

        init() throws {
            chain = try DevChain([
                "--rules", "3.2", "--seed", "5", "--borrowers", "60", "--endpoints", "3", "--network-out",
                NSTemporaryDirectory() + "plimsoll-matrix-\(UUID().uuidString).json",
            ])
            let scan = try chain.scan()
            #expect(scan.status == 0, "\(scan.errors)")
            clean = scan.positions
            cleanBorrowers = scan.borrowers
            endpoints = chain.info["endpoints"]?.array?.compactMap(\.string) ?? []
        }
    }

    private static let world = Result { try World() }

    private func seeds(_ fault: Case) -> [Int] {
        let asked = ProcessInfo.processInfo.environment["PLIMSOLL_MATRIX_SEEDS"].flatMap { Int($0) } ?? 2
        return Array(1...max(1, fault.isSlow ? asked / 20 : asked))
    }

    @Test(arguments: cases)
    func nothingIsWrong(fault: Case) async throws {
        let world = try Self.world.get()
        #expect(world.clean.count == 60 && world.endpoints.count == 3)
        for seed in seeds(fault) {
            let bad = seed % 3
            try await world.chain.call("dev_clearFaults")
            var faults = try JSONValue(parsing: Array(fault.faults.utf8)).object.map { Array($0.members) } ?? []
            faults += [("seed", .integer(seed)), ("endpoint", .integer(bad))]
            try await world.chain.call("dev_setFaults", .object(JSONObject(faults)))
            let three = try world.chain.scan()
            #expect(three.status == 0, "\(fault.name), seed \(seed): \(three.errors)")
            let isSame = three.positions == world.clean
            #expect(isSame, "\(fault.name), seed \(seed): other positions")

            let proof = fault.needsProof ? ["--verify", "state"] : []
            let alone = try world.chain.scan(["--rpc", world.endpoints[bad]] + proof)
            #expect([0, 69, 75, 78].contains(alone.status), "\(fault.name), seed \(seed): \(alone.errors)")
            if alone.status == 0, !fault.isElsewhere {
                // Nothing shows that an account is missing which owes nothing.
                let isRight = fault.needsProof || alone.borrowers == world.cleanBorrowers
                #expect(isRight, "\(fault.name), seed \(seed): complete, and other positions")
            }
            guard !fault.isElsewhere else { continue }
            for (account, record) in alone.positions {
                let verdict = record["liquidatable"]?.bool
                let truth = world.clean[account]?["liquidatable"]?.bool
                #expect(record["verified"]?.array?.contains("state") == true || !fault.needsProof || verdict == nil)
                #expect(verdict == nil || truth == nil || verdict == truth, "\(fault.name), seed \(seed): \(account)")
            }
        }
        try await world.chain.call("dev_clearFaults")
    }

    /// What is proven is not believed from anybody: the liar is named, kept away, and what it said is kept.
    @Test(arguments: ["omitLog", "lieLog"])
    func aLieAboutLogsIsProven(lie: String) async throws {
        let world = try Self.world.get()
        try await world.chain.call("dev_clearFaults")
        try await world.chain.call(
            "dev_setFaults",
            [lie: ["topic0": .string(Self.borrow)], "seed": 3, "endpoint": 0])
        let state = NSTemporaryDirectory() + "plimsoll-\(UUID().uuidString)"
        let arguments = [
            "scan", "--network", world.chain.networkFile, "--format", "ndjson", "--all", "--verify", "logs", "--state",
            state,
        ]
        let alone = try BuiltProgram.run(arguments + ["--rpc", world.endpoints[0]])
        #expect(alone.status == 69 && alone.output.isEmpty, "\(alone.errors)")
        let evidence = try FileManager.default.contentsOfDirectory(atPath: state + "/evidence")
        #expect(evidence.count == 1)
        let three = try Scan(BuiltProgram.run(arguments + ["--log-level", "notice"]))
        #expect(three.status == 0, "\(three.errors)")
        #expect(three.head?["verification"]?["logs"]?.bool == true)
        #expect(three.positions.values.allSatisfy { $0["verified"]?.array?.contains("logs") == true })
        try await world.chain.call("dev_clearFaults")
    }

    @Test func disagreementIsAState() async throws {
        let world = try Self.world.get()
        try await world.chain.call("dev_clearFaults")
        try await world.chain.call(
            "dev_setFaults", ["lieStorage": ["slots": .number("0.02")], "seed": 3, "endpoint": 0])
        let two = try world.chain.scan(["--rpc", world.endpoints[1], "--rpc", world.endpoints[0]])
        #expect(two.status == 75)
        let unknown = two.positions.filter { $0.value["liquidatable"]?.isNull == true }
        #expect(!unknown.isEmpty && unknown.count < world.clean.count)
        for (_, record) in unknown {
            let reasons = record["unknown"]?.array?.compactMap { $0["reason"]?.string } ?? []
            #expect(
                reasons.contains {
                    $0.contains("endpoints disagree") && ($0.contains(" answers 0x") || $0.contains(" has "))
                })
        }
        #expect(try world.chain.scan(["--quorum", "4"]).status == 69)
        #expect(try world.chain.scan(["--quorum", "2", "--rpc", world.endpoints[0]]).status == 69)
        try await world.chain.call("dev_clearFaults")
        let all = try world.chain.scan(["--quorum", "3"])
        #expect(all.status == 0 && all.head?["confirmedBy"]?.array?.count == 2)
    }
}

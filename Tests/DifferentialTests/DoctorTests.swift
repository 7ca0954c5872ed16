import Foundation
import JSON
import TestSupport
import Testing

/// The built program against the development chain and its faults.
@Suite(.serialized) struct DoctorTests {
    private struct Outcome {
        let status: Int32
        let errors: String
        let endpoints: [JSONValue]
        let whole: JSONValue

        init(_ outcome: BuiltProgram.Outcome) throws {
            status = outcome.status
            errors = outcome.errors
            let records = try outcome.lines.map { try JSONValue(parsing: Array($0.utf8)) }
            endpoints = records.filter { $0["type"]?.string == "endpoint" }
            whole = try #require(records.last)
            #expect(whole["type"]?.string == "doctor")
            #expect(whole["status"]?.int == Int(outcome.status))
        }

        func works(_ capability: String) -> Bool? { endpoints.first?["capabilities"]?[capability]?["works"]?.bool }

        /// Severity and place of each finding.
        var findings: [String] {
            (whole["findings"]?.array ?? []).map { "\($0["severity"]?.string ?? "") \($0["pointer"]?.string ?? "")" }
        }
    }

    private func chain(_ options: [String] = []) throws -> DevChain {
        let file = NSTemporaryDirectory() + "plimsoll-doctor-\(UUID().uuidString).json"
        return try DevChain(["--rules", "3.2", "--seed", "2", "--borrowers", "12", "--network-out", file] + options)
    }

    private func doctor(_ file: String, _ arguments: [String] = []) throws -> Outcome {
        try Outcome(
            BuiltProgram.run(["doctor", "--network", file, "--format", "ndjson", "--quiet"] + arguments))
    }

    /// The file with its text changed, at another path.
    private func edited(_ node: DevChain, _ change: (inout String) -> Void) throws -> String {
        var text = try String(contentsOfFile: node.networkFile, encoding: .utf8)
        let before = text
        change(&text)
        #expect(text != before)
        let file = NSTemporaryDirectory() + "plimsoll-doctor-\(UUID().uuidString).json"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        return file
    }

    @Test func aHealthyNodeIsDescribed() throws {
        let node = try chain()
        let outcome = try doctor(node.networkFile)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let endpoint = try #require(outcome.endpoints.first)
        #expect(endpoint["usable"]?.bool == true)
        #expect(endpoint["client"]?.string?.hasPrefix("plimsoll-devchain") == true)
        #expect(endpoint["head"]?["number"]?.uint64 == node.info["head"]?.uint64)
        #expect(endpoint["batchSize"]?["passed"]?.int == 1_000)
        #expect(endpoint["returnBytes"]?["passed"]?.int == 1_000_000)
        for name in [
            "batch", "blockByHash", "stateOverride", "simulate", "blockReceipts", "logsByBlockHash", "archive",
        ] {
            #expect(outcome.works(name) == true, "\(name)")
        }
        #expect(outcome.works("proof") == false)
        #expect(outcome.findings.isEmpty)
        #expect(outcome.whole["block"]?["number"]?.uint64 == node.info["head"]?.uint64)
    }

    @Test func limitsAreFound() async throws {
        let node = try chain()
        try await node.call("dev_mine", ["blocks": 400, "seconds": 12])
        try await node.call(
            "dev_setFaults",
            JSONValue(
                parsing: Array(
                    #"{"batchLimit":20,"rangeLimit":70,"rangeLimitText":"geth","returnCap":100000,"noBlockReceipts":true}"#
                        .utf8)))
        let outcome = try doctor(node.networkFile)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let endpoint = try #require(outcome.endpoints.first)
        #expect(endpoint["batchSize"]?["refused"]?.int == 50)
        #expect(endpoint["batchSize"]?["passed"]?.int == 12)
        #expect(endpoint["logRange"]?["passed"]?.int == 70)
        #expect(endpoint["returnBytes"]?["passed"]?.int == 100_000)
        #expect(endpoint["returnBytes"]?["refused"]?.int == 100_001)
        #expect(outcome.works("blockReceipts") == false)
        #expect(outcome.works("archive") == false)
        #expect((endpoint["advice"]?.array?.count ?? 0) >= 3)
    }

    @Test func whatIsNotOfferedIsSaid() async throws {
        let node = try chain()
        for (fault, capability) in [
            ("noBatch", "batch"), ("noEip1898", "blockByHash"), ("noStateOverride", "stateOverride"),
            ("dropOverride", "stateOverride"),
        ] {
            try await node.call("dev_setFaults", JSONValue(parsing: Array(#"{"\#(fault)":true}"#.utf8)))
            let outcome = try doctor(node.networkFile)
            #expect(outcome.status == 0, "\(fault): \(outcome.errors)")
            #expect(outcome.works(capability) == false, "\(fault)")
            try await node.call("dev_clearFaults")
        }
    }

    @Test func endpointsThatCannotBeUsed() throws {
        let node = try chain()
        let other = try chain(["--chain-id", "31338"])
        let some = try doctor(
            node.networkFile, ["--rpc", "http://127.0.0.1:9", "--rpc", node.url, "--rpc", other.url])
        #expect(some.status == 75)
        #expect(some.endpoints.map { $0["usable"]?.bool } == [false, true, false])
        #expect(some.endpoints.map { $0["chainId"]?.int } == [nil, 31337, 31338])
        #expect(some.whole["usable"]?.int == 1)
        #expect(some.findings.isEmpty)
        let none = try doctor(node.networkFile, ["--rpc", "http://127.0.0.1:9"])
        #expect(none.status == 69)
        #expect(none.whole["block"]?.isNull == true)
        let wrong = try doctor(node.networkFile, ["--rpc", other.url])
        #expect(wrong.status == 78)
        #expect(wrong.findings == ["wrong /chainId"])
    }

    @Test func whatTheFileGetsWrong() throws {
        let node = try chain()
        let provider = try #require(node.info["poolAddressesProvider"]?.string)
        let pool = try #require(node.info["pool"]?.string)
        let nobody = "0x00000000000000000000000000000000000000aa"
        func findings(_ from: String, _ to: String) throws -> [String] {
            let outcome = try doctor(edited(node) { $0 = $0.replacingOccurrences(of: from, with: to) })
            #expect(outcome.status == 78, "\(to): \(outcome.errors)")
            return outcome.findings
        }
        #expect(try findings(provider, nobody) == ["wrong /markets/0/contracts"])
        // A contract, and not one that can be asked for its pool.
        #expect(try findings(provider, pool) == ["wrong /markets/0/contracts"])
        #expect(
            try findings(#""multicall3": "0xca11bde05977b3631167028862be2a173976ca11""#, #""multicall3": "\#(nobody)""#)
                == ["wrong /multicall3"])
        let head = try #require(node.info["head"]?.uint64)
        #expect(try findings(#""deployBlock": 4"#, #""deployBlock": \#(head)"#) == ["wrong /markets/0/deployBlock"])
        #expect(
            try findings(#""deployBlock": 4"#, #""deployBlock": \#(head + 1)"#) == ["wrong /markets/0/deployBlock"])
    }

    @Test func tokensAreComparedWithWhatTheySay() async throws {
        let node = try chain()
        let reserves = try #require(try await node.call("dev_info")["reserves"]?.array)
        let token = try #require(reserves.first)
        let address = try #require(token["asset"]?.string ?? token["address"]?.string)
        let symbol = try #require(token["symbol"]?.string)
        let decimals = try #require(token["decimals"]?.int)
        func findings(_ assets: String, _ sources: String = "[]") throws -> (Int32, [String]) {
            let outcome = try doctor(
                edited(node) { text in
                    text = text.replacingOccurrences(
                        of: #""markets": ["#, with: #""assets": \#(assets), "priceSources": \#(sources), "markets": ["#)
                })
            return (outcome.status, outcome.findings)
        }
        func asset(_ address: String, _ symbol: String, _ decimals: Int) -> String {
            #"[{"address":"\#(address)","symbol":"\#(symbol)","decimals":\#(decimals)}]"#
        }
        #expect(try findings(asset(address, symbol, decimals)) == (0, []))
        #expect(try findings(asset(address, symbol, decimals + 1)) == (78, ["wrong /assets/0/decimals"]))
        #expect(try findings(asset(address, "NOT" + symbol, decimals)) == (78, ["wrong /assets/0/symbol"]))
        let nobody = "0x00000000000000000000000000000000000000aa"
        #expect(
            try findings(asset(nobody, symbol, decimals))
                == (78, ["wrong /assets/0/decimals", "wrong /assets/0/symbol"]))
        let source = #"[{"asset":"\#(address)","quote":"USD","kind":"chainlink","contracts":{"feed":"\#(nobody)"}}]"#
        #expect(try findings("[]", source) == (78, ["wrong /priceSources/0/contracts/feed"]))
    }

    @Test func everyFormatAndNoKey() throws {
        let node = try chain()
        let port = node.url.split(separator: ":").last.map(String.init) ?? ""
        let url = "http://someone:sEcr3tPassw0rd@127.0.0.1:\(port)/v3/0a1b2c3d4e5f60718293a4b5c6d7e8f9"
        for format in ["table", "json", "ndjson", "csv"] {
            for rpc in [url, url.replacingOccurrences(of: port, with: "9")] {
                let outcome = try BuiltProgram.run([
                    "doctor", "--network", node.networkFile, "--rpc", rpc, "--format", format,
                ])
                #expect(!outcome.output.isEmpty)
                let text = String(decoding: outcome.output, as: UTF8.self) + outcome.errors
                #expect(!text.contains("sEcr3t") && !text.contains("0a1b2c3d"), "\(format)")
            }
        }
        let refused = try BuiltProgram.run(["doctor", "--network", node.networkFile, "--replay", "x"])
        #expect(refused.status == 64)
    }
}

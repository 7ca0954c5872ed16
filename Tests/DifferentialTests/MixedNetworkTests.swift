import Ethereum
import Foundation
import JSON
import TestSupport
import Testing

/// One chain with eight markets of six families, read in one pass.
@Suite struct MixedNetworkTests {
    /// `PLIMSOLL_MIXED_BORROWERS=10000` is what the README speaks of.
    private static let borrowers =
        ProcessInfo.processInfo.environment["PLIMSOLL_MIXED_BORROWERS"].flatMap { Int($0) } ?? 240

    @Test func oneScanReadsThemAll() throws {
        let file = NSTemporaryDirectory() + "plimsoll-mixed-\(UUID().uuidString).json"
        let node = try DevChain(
            ["--seed", "4", "--reserves", "5", "--borrowers", "\(Self.borrowers)", "--network-out", file],
            module: "mixedchain")
        let run = try BuiltProgram.run(
            ["scan", "--network", node.networkFile, "--no-state", "--format", "ndjson", "--quiet"])
        #expect(run.status == 0, "\(run.errors)")
        var counts: [String: Int] = [:]
        var busy: (account: String, times: Int) = ("", 0)
        var seen: [String: Set<String>] = [:]
        var head: JSONValue?
        for line in run.lines {
            let record = try JSONValue(parsing: Array(line.utf8))
            switch record["type"]?.string {
            case "head": head = record
            case "watch", "opportunity":
                guard record["debt"] != nil, let account = record["account"]?.string else { continue }
                let market = try #require(record["deployment"]?.string)
                #expect(
                    record["match"]?.string == "equal" && record["liquidatable"]?.bool != nil, "\(market) \(account)")
                counts[market, default: 0] += 1
                seen[account, default: []].insert(market)
                if seen[account]?.count ?? 0 > busy.times { busy = (account, seen[account]?.count ?? 0) }
            default: break
            }
        }
        #expect(
            Set(counts.keys) == [
                "aave-v3", "aave-v3-old", "aave-v2", "aave-v4", "compound", "venus", "comet", "morpho",
            ])
        for market in head?["markets"]?.array ?? [] {
            for coverage in market["coverage"]?.array ?? [] {
                let residual = try #require(UInt256(decimal: coverage["residual"]?.string ?? ""))
                let bound = try #require(UInt256(decimal: coverage["bound"]?.string ?? ""))
                #expect(residual <= bound, "\(market["deployment"] ?? .null): \(coverage)")
            }
        }
        // Log pages are among them.
        let requests = try #require(head?["httpRequests"]?.int)
        print("\(counts.values.reduce(0, +)) positions in \(requests) requests")
        #expect(requests <= 90)

        // One account in every market that has a place for it.
        let position = try BuiltProgram.run(
            ["position", busy.account, "--network", node.networkFile, "--format", "ndjson", "--quiet"])
        #expect(position.status == 0, "\(position.errors)")
        let deployments = Set(
            try position.lines.map { try JSONValue(parsing: Array($0.utf8))["deployment"]?.string ?? "" })
        #expect(deployments.isSuperset(of: seen[busy.account] ?? []), "\(deployments)")
    }
}

import Ethereum
import Foundation
import JSON
import TestSupport
import Testing

/// The keeper of `Examples/keeper`, as a sink of a watcher: what becomes liquidatable is liquidated, from the feed alone.
///
/// `PLIMSOLL_KEEPER_ROUNDS` says how often prices move.
@Suite(.serialized) struct ExampleKeeperTests {
    private static let keeper = "0x6b65657065720000000000000000000000000001"

    /// A watcher whose sink is the keeper; its decisions go to a file.
    private func watch(_ chain: DevChain) throws -> (program: BuiltProgram.Conversation, decisions: String) {
        let folder = NSTemporaryDirectory() + "plimsoll-keeper-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let program = DevChain.root.appending(path: "Examples/keeper/keeper.py").path
        let sink: JSONValue = [
            "name": "keeper", "kind": "child", "decisions": .string(folder + "/decisions"),
            "command": [
                .string(DevChain.root.appending(path: ".build/devchain-venv/bin/python").path), .string(program),
                "--rpc", .string(chain.url), "--from", .string(Self.keeper),
            ],
        ]
        let service: JSONValue = ["stdout": false, "sinks": [sink]]
        try Data(service.serialized()).write(to: URL(filePath: folder + "/service.json"))
        let arguments = [
            "watch", "--network", chain.networkFile, "--ws", chain.url.replacing("http://", with: "ws://"), "--state",
            folder + "/state", "--config", folder + "/service.json", "--format", "ndjson",
        ]
        return (try BuiltProgram.Conversation(arguments), folder + "/decisions")
    }

    /// Who can be liquidated and has anything to seize, by the pool's own answer.
    private func open(_ chain: DevChain) async throws -> Set<String> {
        var open: Set<String> = []
        for (account, answer) in try await chain.call("dev_truth")["accounts"]?.object?.members.map({ ($0, $1) }) ?? []
        {
            let words = try #require(answer.array).compactMap { $0.string.flatMap { UInt256(decimal: $0) } }
            guard words.count == 6, !words[0].isZero, !words[1].isZero, words[5] < .wad else { continue }
            open.insert(account.lowercased())
        }
        return open
    }

    private func decisions(_ path: String) -> [JSONValue] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        return data.split(separator: UInt8(ascii: "\n")).compactMap { try? JSONValue(parsing: Array($0)) }
    }

    @Test(.timeLimit(.minutes(20))) func everythingThatFallsIsLiquidated() async throws {
        let chain = try DevChain([
            "--rules", "3.2", "--seed", "8", "--borrowers", "80", "--network-out",
            NSTemporaryDirectory() + "plimsoll-keeper-\(UUID().uuidString).json",
        ])
        let reserves = try #require(try await chain.call("dev_info")["reserves"]?.array)
        for reserve in reserves {
            // The test's tokens are minted for whoever asks.
            let data =
                Selector(signature: "mint(address,uint256)").bytes
                + (Address(hex: Self.keeper) ?? .zero).word.bigEndianBytes + (UInt256.one << 100).bigEndianBytes
            let call: JSONValue = [
                "from": "0xfa0ce70000000000000000000000000000000001", "to": reserve["asset"] ?? .null,
                "data": .string(Hex.encode(data)),
            ]
            _ = try await chain.call("eth_sendTransaction", .array([call]))
        }
        let (program, path) = try watch(chain)
        var random = Seed(31).generator
        var fallen: Set<String> = []
        var refused: Set<String> = []
        let rounds = ProcessInfo.processInfo.environment["PLIMSOLL_KEEPER_ROUNDS"].flatMap { Int($0) } ?? 12
        for round in 0..<rounds {
            for reserve in reserves.shuffled(using: &random).prefix(2) {
                guard let symbol = reserve["symbol"]?.string,
                    let price = reserve["price"]?.string.flatMap({ UInt256(decimal: $0) })
                else { continue }
                let moved = try UInt256.mulDiv(price, UInt256(UInt64.random(in: 60...115, using: &random)), 100, .down)
                _ = try? await chain.call(
                    "dev_setPrice", ["asset": .string(symbol), "price": .string(moved.description)])
            }
            try await chain.call("dev_mine", ["blocks": 1, "seconds": 12])
            fallen.formUnion(try await open(chain))
            // Everything that the blocks brought is dealt with where a minute brings nothing new.
            var left = try await open(chain)
            var waits = 0
            while !left.isEmpty, waits < 30 {
                try await Task.sleep(for: .milliseconds(100))
                let now = try await open(chain)
                fallen.formUnion(now)
                waits = now == left ? waits + 1 : 0
                left = now
            }
            // What is left is what the contract lets nobody liquidate, and the feed says so.
            let why = Dictionary(
                decisions(path).map { ($0["account"]?.string?.lowercased() ?? "", $0["why"]?.array ?? []) },
                uniquingKeysWith: { _, last in last })
            for account in left {
                let isRefused = why[account]?.contains {
                    $0.string?.hasPrefix("no collateral that may be seized") == true
                }
                #expect(isRefused == true, "round \(round): \(account): \(why[account] ?? [])")
            }
            refused.formUnion(left)
        }
        let made = decisions(path)
        #expect(program.stop() == 0, "\(program.errors)")
        let sent = Set(
            made.filter { $0["decision"]?.string == "sent" }.compactMap { $0["account"]?.string?.lowercased() })
        let reasons = made.flatMap { $0["why"]?.array ?? [] }.compactMap(\.string)
        let head = try await chain.call("eth_blockNumber").string ?? ""
        print(
            "keeper: head \(head), \(fallen.count) accounts fell, \(sent.count) liquidated, \(made.count) decisions, \(refused.count) refused"
        )
        // Nothing that was sent failed: whatever a later block had changed was seen before.
        #expect(reasons.filter { $0.hasPrefix("0x") && $0.hasSuffix("reverted") } == [])
        #expect(fallen.subtracting(refused).isSubset(of: sent) && sent.count > 10)
    }
}

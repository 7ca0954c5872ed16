import Ethereum
import Foundation
import JSON
import TestSupport
import Testing

/// A watched chain: what the stream says at every block is what the contracts say of every account there.
///
/// `PLIMSOLL_WATCH_BLOCKS` says over how many blocks, `PLIMSOLL_WATCH_KILLS` how often the watcher is killed.
@Suite(.serialized) struct WatchDifferentialTests {
    private static func number(_ name: String, _ usual: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? usual
    }

    private func chain(_ rules: String, _ seed: Int, _ borrowers: Int) throws -> DevChain {
        try DevChain([
            "--rules", rules, "--seed", "\(seed)", "--borrowers", "\(borrowers)", "--network-out",
            NSTemporaryDirectory() + "plimsoll-watch-\(UUID().uuidString).json",
        ])
    }

    private func arguments(_ chain: DevChain, _ state: String) -> [String] {
        [
            "watch", "--network", chain.networkFile, "--ws", chain.url.replacing("http://", with: "ws://"), "--state",
            state, "--format", "ndjson",
        ]
    }

    /// The block at the head, and who is liquidatable and who is near there, by the pool's own answer.
    private func truth(_ chain: DevChain) async throws -> (hash: String, open: Set<String>, near: Set<String>) {
        let truth = try await chain.call("dev_truth")
        var open: Set<String> = []
        var near: Set<String> = []
        let line = try UInt256(105) * UInt256.powerOfTen(16)
        for (account, answer) in truth["accounts"]?.object?.members.map({ ($0, $1) }) ?? [] {
            let words = try #require(answer.array).compactMap { $0.string.flatMap { UInt256(decimal: $0) } }
            guard words.count == 6, !words[1].isZero else { continue }
            if words[5] < .wad {
                open.insert(account.lowercased())
            } else if words[5] < line {
                near.insert(account.lowercased())
            }
        }
        return (try #require(truth["hash"]?.string), open, near)
    }

    /// Reads until the block's `head`.
    private func read(
        _ program: BuiltProgram.Conversation, into stream: inout WatchedStream, until hash: String
    ) throws -> JSONValue {
        while let line = program.line() {
            let message = try stream.take(line)
            if message["type"]?.string == "head", message["block"]?["hash"]?.string == hash { return message }
        }
        throw WatchEnded(errors: program.errors)
    }

    private func expectTruth(_ stream: WatchedStream, _ truth: (hash: String, open: Set<String>, near: Set<String>)) {
        #expect(stream.accounts("opportunity") == truth.open, "at \(truth.hash)")
        #expect(stream.accounts("watch") == truth.near, "at \(truth.hash)")
        #expect(stream.complaints == [])
    }

    @Test(arguments: ["3.0", "3.2", "2.0"])
    func everyBlockIsAsAScanOfIt(rules: String) async throws {
        let chain = try chain(rules, 5, 150)
        let state = NSTemporaryDirectory() + "plimsoll-watch-\(UUID().uuidString)"
        var random = Seed(17).generator
        let program = try BuiltProgram.Conversation(arguments(chain, state))
        var stream = WatchedStream()
        var evaluated = 0
        let blocks = Self.number("PLIMSOLL_WATCH_BLOCKS", 30)
        for step in 0...blocks {
            let truth = try await truth(chain)
            let head = try read(program, into: &stream, until: truth.hash)
            expectTruth(stream, truth)
            evaluated += head["evaluated"]?.int ?? 0
            if step % 9 == 8 {
                try await chain.call(
                    "dev_reorg",
                    [
                        "depth": .integer(Int.random(in: 1...20, using: &random)), "n": 2,
                        "seed": .integer(Int.random(in: 1...1_000_000, using: &random)),
                    ])
            } else {
                try await chain.call(
                    "dev_step",
                    [
                        "n": .integer(Int.random(in: 0...5, using: &random)),
                        "seed": .integer(Int.random(in: 1...1_000_000, using: &random)),
                    ])
            }
            try await chain.call("dev_mine", ["blocks": 1, "seconds": 12])
        }
        // Work follows what changed: far from everybody is looked at.
        #expect(evaluated < blocks * 150)
        #expect(stream.retracted > 0)
        #expect(program.stop() == 0)
    }

    @Test func whoIsKilledLosesNothing() async throws {
        let chain = try chain("3.2", 6, 80)
        let state = NSTemporaryDirectory() + "plimsoll-watch-\(UUID().uuidString)"
        var random = Seed(4).generator
        var stream = WatchedStream()
        for _ in 0..<Self.number("PLIMSOLL_WATCH_KILLS", 4) {
            let resume = stream.seq > 0 ? ["--resume", "\(stream.stream):\(stream.seq)"] : []
            let program = try BuiltProgram.Conversation(arguments(chain, state) + resume)
            for _ in 0..<2 {
                let truth = try await truth(chain)
                _ = try read(program, into: &stream, until: truth.hash)
                expectTruth(stream, truth)
                try await chain.call("dev_step", ["n": 4, "seed": .integer(Int.random(in: 1...9_999, using: &random))])
                try await chain.call("dev_mine", ["blocks": 1, "seconds": 12])
            }
            // In the middle of what the last block brings, wherever that is.
            var lines = Int.random(in: 0...12, using: &random)
            while lines > 0, let line = program.line() {
                lines -= 1
                if try stream.take(line)["type"]?.string == "head" { break }
            }
            #expect(program.kill())
        }
        #expect(stream.complaints == [])
    }
}

/// The watcher ended before it should.
struct WatchEnded: Error, CustomStringConvertible {
    let errors: String
    var description: String { "the watcher ended: \(errors)" }
}

import Ethereum
import Foundation
import JSON
import TestSupport
import Testing

/// Consumers that die at any moment: what they wrote down is all that they have, and it is enough.
///
/// `PLIMSOLL_CONSUMER_KILLS` says how often one of them is killed.
@Suite(.serialized) struct ConsumerKillTests {
    /// Appends every message to a journal, and resumes behind its last whole line.
    private static let program = """
        import json, os, socket, sys, urllib.request
        kind, place, stream, path = sys.argv[1:5]
        with open(path + ".births", "a") as births:
            births.write(str(os.getpid()) + "\\n")
        journal = open(path, "a+b")
        journal.seek(0)
        whole = journal.read()
        whole = whole[:whole.rfind(b"\\n") + 1]
        journal.truncate(len(whole))
        lines = whole.splitlines()
        token = stream + ":" + str(json.loads(lines[-1])["seq"] if lines else 0)
        def keep(line):
            # In two writes: a death between them leaves half a line.
            journal.write(line[:len(line) // 2])
            journal.flush()
            journal.write(line[len(line) // 2:] + b"\\n")
            journal.flush()
        if kind == "sse":
            request = urllib.request.Request(place + "/v1/stream", headers={"Last-Event-ID": token})
            for line in urllib.request.urlopen(request, timeout=60):
                if line.startswith(b"data: "):
                    keep(line[6:].rstrip(b"\\n"))
        elif kind == "child":
            for line in sys.stdin.buffer:
                keep(line.rstrip(b"\\n"))
                # Only what is written down is dealt with: a death before this brings the message once more.
                print(json.dumps({"ack": "%s:%d" % (stream, json.loads(line)["seq"])}), flush=True)
        else:
            client = socket.socket(socket.AF_UNIX)
            client.connect(place)
            client.sendall(json.dumps({"resume": [token]}).encode() + b"\\n")
            for line in client.makefile("rb"):
                keep(line.rstrip(b"\\n"))
        """

    /// A consumer that can be killed, and begun again.
    private final class Consumer {
        let journal: String
        private let arguments: [String]
        private var process: Process?
        private(set) var deaths = 0

        init(_ kind: String, _ place: String, _ stream: String) throws {
            journal = NSTemporaryDirectory() + "plimsoll-consumer-\(UUID().uuidString)"
            arguments = ConsumerKillTests.arguments(kind, place, stream, journal)
            try start()
        }

        /// One that a sink starts, and starts again.
        init(startedBySinkOver journal: String) {
            self.journal = journal
            arguments = []
        }

        deinit { end() }

        func start() throws {
            guard !arguments.isEmpty else { return }
            let process = Process()
            process.executableURL = URL(filePath: ConsumerKillTests.python)
            process.arguments = arguments
            process.standardInput = FileHandle.nullDevice
            try process.run()
            self.process = process
        }

        /// Every process that there was, by its id.
        private var births: [Int32] {
            let text = FileManager.default.contents(atPath: journal + ".births") ?? Data()
            return String(decoding: text, as: UTF8.self).split(separator: "\n").compactMap { Int32($0) }
        }

        func die(after wait: Duration) async throws {
            guard !arguments.isEmpty else {
                // The one that was killed before has to be followed by another.
                while births.count <= deaths { try await Task.sleep(for: .milliseconds(5)) }
                try await Task.sleep(for: wait)
                if kill(births[deaths], SIGKILL) == 0 { deaths += 1 }
                return
            }
            try await Task.sleep(for: wait)
            end()
        }

        private func end() {
            guard let process, process.isRunning else { return }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            if process.terminationReason == .uncaughtSignal { deaths += 1 }
        }

        /// The whole lines of the journal.
        var lines: [[UInt8]] {
            let bytes = FileManager.default.contents(atPath: journal) ?? Data()
            let end = bytes.lastIndex(of: UInt8(ascii: "\n")) ?? bytes.startIndex
            return bytes[..<end].split(separator: UInt8(ascii: "\n")).map { Array($0) }
        }
    }

    fileprivate static var python: String {
        DevChain.root.appending(path: ".build/devchain-venv/bin/python").path
    }

    fileprivate static func arguments(_ kind: String, _ place: String, _ stream: String, _ journal: String) -> [String]
    {
        ["-c", program, kind, place, stream, journal]
    }

    private func truth(_ chain: DevChain) async throws -> (hash: String, open: Set<String>) {
        let truth = try await chain.call("dev_truth")
        var open: Set<String> = []
        for (account, answer) in truth["accounts"]?.object?.members.map({ ($0, $1) }) ?? [] {
            let words = try #require(answer.array).compactMap { $0.string.flatMap { UInt256(decimal: $0) } }
            if words.count == 6, !words[1].isZero, words[5] < .wad { open.insert(account.lowercased()) }
        }
        return (try #require(truth["hash"]?.string), open)
    }

    /// What a scan finds that knows nothing of the stream.
    private func scan(_ chain: DevChain) throws -> (open: Set<String>, near: Set<String>) {
        let outcome = try BuiltProgram.run([
            "scan", "--network", chain.networkFile, "--format", "ndjson", "--no-state", "--quiet", "--max-health",
            "1.05",
        ])
        var open: Set<String> = []
        var near: Set<String> = []
        for line in outcome.lines {
            let record = try JSONValue(parsing: Array(line.utf8))
            guard let account = record["account"]?.string?.lowercased(),
                record["hfProtocol"]?.string != "1050000000000000000"
            else { continue }
            if record["liquidatable"]?.bool == true { open.insert(account) } else { near.insert(account) }
        }
        return (open, near)
    }

    @Test(.timeLimit(.minutes(15))) func whoDiesLosesNothing() async throws {
        let chain = try DevChain([
            "--rules", "3.2", "--seed", "14", "--borrowers", "60", "--network-out",
            NSTemporaryDirectory() + "plimsoll-kills-\(UUID().uuidString).json",
        ])
        let folder = NSTemporaryDirectory() + "plk-\(UInt32.random(in: 0..<UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let stream = "31337/aave-v3/core"
        let command = [Self.python] + Self.arguments("child", "", stream, folder + "/child")
        let service: JSONValue = [
            "sinks": [
                ["name": "local", "kind": "unix", "path": .string(folder + "/s")],
                ["name": "child", "kind": "child", "command": .array(command.map { .string($0) })],
            ]
        ]
        // It begins with the first message, as the others do, and not with what stands once its process is there.
        try FileManager.default.createDirectory(atPath: folder + "/state/sinks", withIntermediateDirectories: true)
        let places: JSONValue = ["v": 1, "places": [stream: 0]]
        try Data(places.serialized()).write(to: URL(filePath: folder + "/state/sinks/child.json"))
        try Data(service.serialized()).write(to: URL(filePath: folder + "/service.json"))
        let program = try BuiltProgram.Conversation([
            "serve", "--listen", "127.0.0.1:0", "--network", chain.networkFile, "--ws",
            chain.url.replacing("http://", with: "ws://"), "--state", folder + "/state", "--config",
            folder + "/service.json",
        ])
        var url: String?
        while url == nil {
            if let range = program.errors.firstRange(of: #/serving at (http://[0-9.:]+)/#) {
                url = String(program.errors[range].dropFirst("serving at ".count))
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        while !FileManager.default.fileExists(atPath: folder + "/s") { try await Task.sleep(for: .milliseconds(20)) }
        let consumers = [
            try Consumer("sse", url ?? "", stream), try Consumer("unix", folder + "/s", stream),
            Consumer(startedBySinkOver: folder + "/child"),
        ]
        let kills = ProcessInfo.processInfo.environment["PLIMSOLL_CONSUMER_KILLS"].flatMap { Int($0) } ?? 6
        let seed = UInt64(23)
        var random = Seed(seed).generator
        for round in 0..<kills {
            try await chain.call("dev_step", ["n": 3, "seed": .integer(1_000 + round)])
            try await chain.call("dev_mine", ["blocks": 1, "seconds": 12])
            for consumer in consumers {
                try await consumer.die(after: .milliseconds(Int.random(in: 0...250, using: &random)))
                try consumer.start()
            }
        }
        let (hash, open) = try await truth(chain)
        let fresh = try scan(chain)
        for consumer in consumers {
            let mark = Array("\"hash\":\"\(hash)\"".utf8)
            while !consumer.lines.contains(where: { line in
                !line.ranges(of: mark).isEmpty && !line.ranges(of: Array("\"type\":\"head\"".utf8)).isEmpty
            }) { try await Task.sleep(for: .milliseconds(50)) }
            var seen = WatchedStream()
            var lines: [UInt64: [UInt8]] = [:]
            for line in consumer.lines {
                let message = try seen.take(line)
                let seq = try #require(message["seq"]?.uint64)
                #expect(lines[seq] == nil || lines[seq] == line, "seed \(seed): \(seq) was used twice")
                lines[seq] = line
            }
            #expect(seen.complaints == [], "seed \(seed)")
            #expect(lines.count == Int(seen.seq))
            #expect(seen.accounts("opportunity") == open)
            #expect(seen.accounts("opportunity") == fresh.open && seen.accounts("watch") == fresh.near)
            #expect(consumer.deaths == kills)
            print("consumer: \(consumer.deaths) deaths, \(seen.seq) messages")
        }
        #expect(program.stop() == 0)
    }
}

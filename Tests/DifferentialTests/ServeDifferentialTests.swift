import Foundation
import JSON
import TestSupport
import Testing

/// A served chain: what a reader of events knows is what the snapshot says, and both are what a scan finds.
@Suite(.serialized) struct ServeDifferentialTests {
    /// A server over a chain; the port stands in its log.
    private func serve(_ chain: DevChain, _ state: String) async throws -> (BuiltProgram.Conversation, String) {
        let program = try BuiltProgram.Conversation([
            "serve", "--listen", "127.0.0.1:0", "--network", chain.networkFile, "--ws",
            chain.url.replacing("http://", with: "ws://"), "--state", state,
        ])
        while true {
            if let range = program.errors.firstRange(of: #/serving at (http://[0-9.:]+)/#) {
                return (program, String(program.errors[range].dropFirst("serving at ".count)))
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func get(_ url: String) throws -> JSONValue {
        try JSONValue(parsing: try HTTPReader.get(url))
    }

    /// The positions that a scan prints as liquidatable or within five percent of their line.
    private func scan(_ chain: DevChain) throws -> (open: Set<String>, near: Set<String>) {
        let outcome = try BuiltProgram.run([
            "scan", "--network", chain.networkFile, "--format", "ndjson", "--no-state", "--quiet", "--max-health",
            "1.05",
        ])
        var open: Set<String> = []
        var near: Set<String> = []
        for line in outcome.lines {
            let record = try JSONValue(parsing: Array(line.utf8))
            guard let id = record["id"]?.string, record["hfProtocol"]?.string != "1050000000000000000" else { continue }
            if record["liquidatable"]?.bool == true { open.insert(id) } else { near.insert(id) }
        }
        return (open, near)
    }

    /// Reads events until the `head` of the chain's last block; the ids that are open and near, and the last event's id.
    private func read(
        _ url: String, _ chain: DevChain, behind last: String?, into known: inout [String: String]
    ) async throws -> String {
        let hash = try #require(try await chain.call("dev_truth")["hash"]?.string)
        let events = try HTTPReader.Events("\(url)/v1/stream", last: last)
        var place = last
        while let event = events.next() {
            let message = event.data
            if event.name == "snapshot" { known = [:] }
            if let id = message["id"]?.string {
                known[id] = event.name == "close" ? nil : event.name
            }
            place = event.id ?? place
            if event.name == "head", message["block"]?["hash"]?.string == hash { return try #require(place) }
            if event.name == "snapshot", message["block"]?["hash"]?.string == hash {
                // Everything that stands at that block follows, and then nothing until the next.
                for _ in 0..<(message["records"]?.int ?? 0) {
                    guard let record = events.next(), let id = record.data["id"]?.string else { break }
                    known[id] = record.name
                    place = record.id ?? place
                }
                return place ?? "\(message["stream"]?.string ?? ""):\(message["snapshotSeq"]?.uint64 ?? 0)"
            }
        }
        throw WatchEnded(errors: "the events ended")
    }

    @Test(.timeLimit(.minutes(5))) func eventsSnapshotAndScanAgree() async throws {
        let chain = try DevChain([
            "--rules", "3.2", "--seed", "11", "--borrowers", "60", "--network-out",
            NSTemporaryDirectory() + "plimsoll-serve-\(UUID().uuidString).json",
        ])
        let state = NSTemporaryDirectory() + "plimsoll-serve-\(UUID().uuidString)"
        var known: [String: String] = [:]
        var place: String?
        for round in 0..<3 {
            let (program, url) = try await serve(chain, state)
            for step in 0..<3 {
                // A new reader each time, from where the one before broke off: also over the death of the server.
                place = try await read(url, chain, behind: place, into: &known)
                let snapshot = try get("\(url)/v1/snapshot")
                let records = try #require(snapshot["records"]?.array)
                let served = Dictionary(
                    uniqueKeysWithValues: records.compactMap { record in
                        record["id"]?.string.flatMap { id in record["type"]?.string.map { (id, $0) } }
                    })
                #expect(served == known)
                let (open, near) = try scan(chain)
                #expect(Set(known.filter { $0.value == "opportunity" }.keys) == open)
                #expect(Set(known.filter { $0.value == "watch" }.keys) == near)
                if step == 1 {
                    // The server hears its own stream a moment later than this reader, or earlier.
                    while try get("\(url)/health")["status"] != "ok" { try await Task.sleep(for: .milliseconds(20)) }
                    var metrics = ""
                    while !metrics.contains("state=\"open\"} \(open.count)\n") {
                        metrics = String(decoding: try HTTPReader.get("\(url)/metrics"), as: UTF8.self)
                    }
                }
                try await chain.call("dev_step", ["n": 4, "seed": .integer(round * 10 + step)])
                try await chain.call("dev_mine", ["blocks": 1, "seconds": 12])
            }
            if round == 1 { #expect(program.stop() == 0) } else { #expect(program.kill()) }
        }
        #expect(!known.isEmpty)
    }
}

/// Python's client, which is not ours.
enum HTTPReader {
    private static let program = """
        import sys, urllib.request
        headers = {"Last-Event-ID": sys.argv[2]} if len(sys.argv) > 2 else {}
        try:
            answer = urllib.request.urlopen(urllib.request.Request(sys.argv[1], headers=headers), timeout=120)
        except urllib.error.HTTPError as error:
            answer = error
        while piece := answer.read1(65536):
            sys.stdout.buffer.write(piece)
            sys.stdout.flush()
        """

    fileprivate static func start(_ arguments: [String]) throws -> (Process, Pipe) {
        let process = Process()
        process.executableURL = DevChain.root.appending(path: ".build/devchain-venv/bin/python")
        process.arguments = ["-c", program] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        try output.fileHandleForWriting.close()
        return (process, output)
    }

    /// The body of an answer.
    static func get(_ url: String) throws -> [UInt8] {
        let (process, output) = try start([url])
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Array(data)
    }

    /// Server-sent events as they come.
    final class Events {
        private let process: Process
        private let output: Pipe
        private var pending = Data()

        init(_ url: String, last: String?) throws {
            (process, output) = try HTTPReader.start([url] + (last.map { [$0] } ?? []))
        }

        deinit { if process.isRunning { process.terminate() } }

        func next() -> (name: String, id: String?, data: JSONValue)? {
            while true {
                while let end = pending.firstRange(of: Data("\n\n".utf8)) {
                    let block = String(decoding: pending[pending.startIndex..<end.lowerBound], as: UTF8.self)
                    pending = Data(pending[end.upperBound...])
                    var name: String?
                    var id: String?
                    var data: JSONValue?
                    for line in block.split(separator: "\n") {
                        if line.hasPrefix("event: ") { name = String(line.dropFirst(7)) }
                        if line.hasPrefix("id: ") { id = String(line.dropFirst(4)) }
                        if line.hasPrefix("data: ") {
                            do { data = try JSONValue(parsing: Array(line.dropFirst(6).utf8)) } catch { return nil }
                        }
                    }
                    if let name, let data { return (name, id, data) }
                }
                let more = output.fileHandleForReading.availableData
                guard !more.isEmpty else { return nil }
                pending += more
            }
        }
    }
}

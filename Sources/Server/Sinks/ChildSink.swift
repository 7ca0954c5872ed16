import Foundation
import Glibc
import JSON
import Keeper
import Logging
import Synchronization

/// Runs a program and writes to its standard input; what it answers is its decisions.
///
/// A line `{"ack": "stream:seq"}` on its standard output says what it has dealt with: after a restart it hears what came
/// after that. A program that never says so hears what stands. Other lines are its decisions: they are logged, and kept
/// in a file where one is named. It is started again when it ends.
actor ChildSink: FeedSink {
    nonisolated let name: String
    private let command: [String]
    private let environment: [String: String]
    private let places: SinkPlaces
    private let decisions: String?
    private let log: Logger
    private var child: Child?
    private var session = 0
    private var delivered: [String: UInt64] = [:]
    private var failures = 0
    /// The longest wait before it is started again.
    private static let longestWait = 60

    /// A program that runs.
    private struct Child {
        let process: Process
        let writer: PipeWriter
        let answers: ChildAnswers
        let began: ContinuousClock.Instant
    }

    init(
        name: String, command: [String], environment: [String: String], places: SinkPlaces, decisions: String?,
        log: Logger
    ) throws(SinkError) {
        self.name = name
        self.command = command
        self.environment = environment
        self.places = places
        self.decisions = decisions
        self.log = log
        // SAFETY: the path is a string of ours for the length of the call.
        guard let program = command.first, unsafe access(program, X_OK) == 0 else {
            throw .unusable(
                sink: name, what: "\(command.first ?? "") is no program that can be run; give its whole path")
        }
    }

    func begin() async throws(SinkError) -> Int {
        while true {
            if let child, child.writer.isOpen, child.process.isRunning { return session }
            if let ended = child {
                child = nil
                ended.writer.close()
                // Who dealt with something does not fail for nothing, and is not kept waiting longer each time.
                if ended.answers.hasAcknowledged || ContinuousClock.now - ended.began > .seconds(60) { failures = 1 }
                log.warning("sink \(name): the program ended; it is started again")
            }
            if failures > 0 {
                let wait = min(Self.longestWait, 1 << min(failures - 1, 6))
                do { try await Task.sleep(for: .seconds(wait)) } catch { throw .stopped }
                // Another stream's task was faster.
                if child != nil { continue }
            }
            failures += 1
            try start()
        }
    }

    private func start() throws(SinkError) {
        let process = Process()
        let input = Pipe()
        let output = Pipe()
        process.executableURL = URL(filePath: command[0])
        process.arguments = Array(command.dropFirst())
        // Our own variables may hold endpoints with keys.
        process.environment = environment.filter { !$0.key.hasPrefix("PLIMSOLL_") }
        process.standardInput = input
        process.standardOutput = output
        let answers = ChildAnswers(sink: name, places: places, decisions: decisions, log: log)
        output.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            guard !data.isEmpty else {
                handle.readabilityHandler = nil
                return answers.end()
            }
            answers.take(Array(data))
        }
        do {
            try process.run()
        } catch {
            throw .unusable(sink: name, what: "\(command[0]) cannot be started")
        }
        // The writer has a descriptor of its own: what Foundation closes is not ours to write to.
        let descriptor = fcntl(input.fileHandleForWriting.fileDescriptor, F_DUPFD_CLOEXEC, 3)
        do { try input.fileHandleForWriting.close() } catch { log.debug("sink \(name): its pipe was closed already") }
        guard descriptor >= 0 else { throw .unusable(sink: name, what: "no descriptor is left") }
        session += 1
        delivered = [:]
        child = Child(
            process: process, writer: PipeWriter(descriptor, sink: name), answers: answers, began: ContinuousClock.now)
    }

    func point(of stream: String, in session: Int) -> FeedPoint {
        (delivered[stream] ?? places[stream]).map { .after($0) } ?? .snapshot
    }

    func deliver(
        _ lines: [FeedLine], of stream: String, place: UInt64?, in session: Int
    ) async throws(SinkError) {
        guard session == self.session, let child else { throw .ended(sink: name) }
        if !lines.isEmpty { try await child.writer.write(FeedFiles.joined(lines)) }
        if session == self.session, let place { delivered[stream] = place }
    }

    func forget(_ stream: String) throws(SinkError) {
        delivered[stream] = nil
        try places.forget(stream)
    }

    /// Closes its standard input, waits two seconds, and ends it.
    func end() async {
        guard let child else { return }
        self.child = nil
        child.writer.close()
        for _ in 0..<20 where child.process.isRunning {
            do { try await Task.sleep(for: .milliseconds(100)) } catch { break }
        }
        if child.process.isRunning { kill(child.process.processIdentifier, SIGKILL) }
    }
}

/// What a program says, line by line.
private final class ChildAnswers: Sendable {
    private let sink: String
    private let places: SinkPlaces
    private let decisions: String?
    private let log: Logger
    private let rest = Mutex<[UInt8]>([])
    private let acknowledged = Mutex(false)
    /// Longest line that is read.
    private static let longest = 64 << 10

    init(sink: String, places: SinkPlaces, decisions: String?, log: Logger) {
        self.sink = sink
        self.places = places
        self.decisions = decisions
        self.log = log
    }

    /// Whether it said that it had dealt with anything.
    var hasAcknowledged: Bool { acknowledged.withLock { $0 } }

    func take(_ bytes: [UInt8]) {
        let lines = rest.withLock { rest -> [[UInt8]] in
            rest += bytes
            var lines: [[UInt8]] = []
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                lines.append(Array(rest[..<end]))
                rest.removeSubrange(...end)
            }
            if rest.count > Self.longest {
                rest = []
                log.warning("sink \(sink): a line of more than \(Self.longest) bytes was dropped")
            }
            return lines
        }
        for line in lines where !line.isEmpty { answer(line) }
    }

    func end() {
        let last = rest.withLock { rest in
            defer { rest = [] }
            return rest
        }
        if !last.isEmpty { answer(last) }
    }

    private func answer(_ line: [UInt8]) {
        var value: JSONValue?
        do throws(JSONError) { value = try JSONValue(parsing: line) } catch { value = nil }
        if let token = value?["ack"]?.string, let colon = token.lastIndex(of: ":"),
            let seq = UInt64(token[token.index(after: colon)...])
        {
            do throws(SinkError) {
                try places.keep(seq, of: String(token[..<colon]))
                acknowledged.withLock { $0 = true }
            } catch {
                log.error("\(error)")
            }
            return
        }
        // Foreign text: without control characters, and not too much of it.
        let text = String(decoding: line.prefix(1_024), as: UTF8.self)
            .unicodeScalars.filter { $0.properties.generalCategory != .control }
        log.info("sink \(sink) decided: \(String(String.UnicodeScalarView(text)))")
        guard let decisions else { return }
        do throws(FeedError) {
            var file = try FeedFile(path: decisions)
            try file.append(line + [UInt8(ascii: "\n")])
        } catch {
            log.error("sink \(sink): \(error)")
        }
    }
}

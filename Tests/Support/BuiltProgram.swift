public import Foundation

/// The built program, run as a user runs it.
public enum BuiltProgram {
    /// What a run left behind.
    public struct Outcome: Sendable {
        /// Exit code.
        public let status: Int32
        /// Standard output.
        public let output: Data
        /// Standard error.
        public let errors: String

        /// The lines of standard output.
        public var lines: [String] {
            String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
        }
    }

    /// The program beside the running tests.
    public static let url: URL = {
        let tests = Bundle.main.bundleURL
        let beside = tests.pathExtension == "xctest" ? tests.deletingLastPathComponent() : tests
        return beside.appending(path: "plimsoll")
    }()

    /// Runs the program with `arguments` and waits for its end.
    public static func run(
        _ arguments: [String], input: Data = Data(), environment: [String: String] = [:]
    ) throws -> Outcome {
        let process = Process()
        process.executableURL = url
        process.arguments = arguments
        var variables = ProcessInfo.processInfo.environment
        for (name, value) in environment { variables[name] = value }
        process.environment = variables
        // Files rather than pipes: a scan prints more than a pipe holds, and nobody has to read while it runs.
        let folder = FileManager.default.temporaryDirectory.appending(path: "plimsoll-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: folder) } catch { print("left behind: \(folder.path)") }
        }
        let streams = ["in", "out", "err"].map { folder.appending(path: $0) }
        try input.write(to: streams[0])
        for stream in streams[1...] { try Data().write(to: stream) }
        process.standardInput = try FileHandle(forReadingFrom: streams[0])
        process.standardOutput = try FileHandle(forWritingTo: streams[1])
        process.standardError = try FileHandle(forWritingTo: streams[2])
        try process.run()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: try Data(contentsOf: streams[1]),
            errors: String(decoding: try Data(contentsOf: streams[2]), as: UTF8.self))
    }
}

extension BuiltProgram {
    /// A run whose lines the test reads as they come.
    public final class Conversation {
        private let process = Process()
        private let output = Pipe()
        private let errorFile: URL
        private var pending = Data()

        /// Starts the program with `arguments`.
        public init(_ arguments: [String]) throws {
            errorFile = FileManager.default.temporaryDirectory.appending(path: "plimsoll-\(UUID().uuidString).err")
            try Data().write(to: errorFile)
            process.executableURL = url
            process.arguments = arguments
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = output
            process.standardError = try FileHandle(forWritingTo: errorFile)
            try process.run()
            // Its own end alone is left open, or the end of the output would never be seen.
            try output.fileHandleForWriting.close()
        }

        deinit {
            if process.isRunning { _ = kill() }
            do { try FileManager.default.removeItem(at: errorFile) } catch { print("left behind: \(errorFile.path)") }
        }

        /// The next line; nil at the end of the output.
        public func line() -> [UInt8]? {
            while true {
                if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                    let line = [UInt8](pending[pending.startIndex..<end])
                    pending = pending[(end + 1)...]
                    return line
                }
                let more = output.fileHandleForReading.availableData
                guard !more.isEmpty else { return nil }
                pending = Data(pending) + more
            }
        }

        /// What it said on standard error so far.
        public var errors: String {
            do { return String(decoding: try Data(contentsOf: errorFile), as: UTF8.self) } catch { return "" }
        }

        /// Asks it to stop; its exit code.
        public func stop() -> Int32 {
            process.terminate()
            while line() != nil {}
            process.waitUntilExit()
            return process.terminationStatus
        }

        /// Ends it as a power cut would.
        public func kill() -> Bool {
            guard process.isRunning else { return false }
            _ = Foundation.kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            return process.terminationReason == .uncaughtSignal
        }
    }

    /// A run that goes on beside the test.
    public final class Running {
        private let process: Process

        fileprivate init(_ process: Process) { self.process = process }

        /// Waits for its end; the exit code.
        public func wait() -> Int32 {
            process.waitUntilExit()
            return process.terminationStatus
        }

        /// Ends it as a power cut would. False where it had ended by itself.
        public func kill() -> Bool {
            guard process.isRunning else { return false }
            _ = Foundation.kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            return process.terminationReason == .uncaughtSignal
        }
    }

    /// Starts the program with `arguments`; what it prints is lost.
    public static func start(_ arguments: [String]) throws -> Running {
        let process = Process()
        process.executableURL = url
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return Running(process)
    }
}

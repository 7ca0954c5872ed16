import ArgumentParser
import Foundation
import JSON
import Oracles

/// `plimsoll oracle backtest`: recorded prices through the detectors.
struct OracleBacktestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backtest",
        abstract: "Replays recorded prices through the detectors and says what fired when.",
        discussion: """
            One JSON object a line:
              {"time":1700000000,"asset":"ETH","source":"feed","role":"protocol","price":"2000.5"}
              {"time":1700000000,"asset":"ETH","source":"kraken","kind":"cex","price":"2001.2","liquidity":2000000}
              {"type":"incident","asset":"ETH","id":"push","start":1700000600,"loss":1700000900}
            docs/oracle-backtest.md has all members. A line that cannot be used ends the replay with status 65.
            """)

    @Argument(help: "The recording; - is standard input.", completion: .file())
    var file: String

    @Option(help: ArgumentHelp("Limits that differ from the defaults, a JSON object.", valueName: "file"))
    var thresholds: String?

    @OptionGroup var output: OutputOptions

    func run() throws {
        let limits = try BacktestReplay.limits(thresholds)
        let handle = try BacktestReplay.open(file)
        defer { if file != "-" { handle.closeFile() } }
        var printer = BacktestPrinter(
            output.effectiveFormat, output.terminal(Environment.current), .standardOutput())
        var replay = BacktestReplay(Backtest(thresholds: limits))
        while true {
            let bytes = try BacktestReplay.read(handle, file)
            guard !bytes.isEmpty else { break }
            try replay.append(bytes) { alarms throws(OutputError) in try printer.print(alarms) }
        }
        let report = try replay.finish { alarms throws(OutputError) in try printer.print(alarms) }
        try printer.finish(report)
    }
}

/// Feeds a recording to a backtest, in pieces as they come.
struct BacktestReplay {
    typealias Sink = ([Backtest.Alarm]) throws(OutputError) -> Void

    private var backtest: Backtest
    private var splitter = LineSplitter(limit: 1 << 20)
    private var line = 0

    init(_ backtest: Backtest) {
        self.backtest = backtest
    }

    /// Takes the next bytes.
    ///
    /// - Throws: `CommandStop` with status 65 and the line where one cannot be used.
    mutating func append(_ bytes: [UInt8], _ sink: Sink) throws {
        var backtest = self.backtest
        var line = self.line
        try splitter.append(bytes) { try Self.take($0, &backtest, &line, sink) }
        self.backtest = backtest
        self.line = line
    }

    /// Takes what stands after the last line's end, and judges what still waits.
    mutating func finish(_ sink: Sink) throws -> BacktestReport {
        var backtest = self.backtest
        var line = self.line
        try splitter.end { try Self.take($0, &backtest, &line, sink) }
        do {
            let (alarms, report) = try backtest.finish()
            try sink(alarms)
            return report
        } catch let error as BacktestError {
            throw CommandStop(.refusedData, "\(error)")
        }
    }

    private static func take(
        _ item: LineSplitter.Line, _ backtest: inout Backtest, _ line: inout Int, _ sink: Sink
    ) throws {
        line += 1
        switch item {
        case .tooLong: throw CommandStop(.refusedData, "line \(line): longer than \(1 << 20) bytes")
        case .whole(let bytes):
            do {
                try sink(try backtest.append(bytes))
            } catch let error as BacktestError {
                throw CommandStop(.refusedData, "\(error)")
            }
        }
    }

    // MARK: Files

    static func open(_ file: String) throws -> FileHandle {
        if file == "-" { return .standardInput }
        do {
            return try FileHandle(forReadingFrom: URL(filePath: file))
        } catch {
            throw CommandStop(.refusedData, "cannot read \(file): \(error.localizedDescription)")
        }
    }

    static func read(_ handle: FileHandle, _ file: String) throws -> [UInt8] {
        do {
            return [UInt8](try handle.read(upToCount: 1 << 18) ?? Data())
        } catch {
            throw CommandStop(.refusedData, "cannot read \(file): \(error.localizedDescription)")
        }
    }

    static func limits(_ file: String?) throws -> DetectorThresholds {
        guard let file else { return DetectorThresholds() }
        let handle = try open(file)
        defer { handle.closeFile() }
        let bytes: [UInt8]
        do {
            bytes = [UInt8](try handle.read(upToCount: 4 << 20) ?? Data())
        } catch {
            throw CommandStop(.refusedData, "cannot read \(file): \(error.localizedDescription)")
        }
        do {
            let root = JSONCursor(try JSONValue(parsing: bytes, limits: .file))
            // A network file may be given as it is.
            return try DetectorThresholds(overrides: root.optional("oracleThresholds") ?? root)
        } catch {
            throw CommandStop(.refusedData, "\(file): \(error)")
        }
    }
}

import ArgumentParser
import Foundation
import Index
import JSON
import Lending
import Risk

/// `plimsoll risk score`: forecasts beside what then happened.
struct RiskScoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Scores forecasts: reliability, Brier, log score.",
        discussion: """
            With --state: the forecasts of earlier scans, with what later scans saw.
            With --candles: the table walked forward over bars of an hour or less, with nothing of the future known.
            Bars are CSV, JSON or a JSON value a line: time, open, high, low, close. docs/risk.md has the forms.
            """)

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Bars to walk over, one asset a file.", valueName: "file"), completion: .file())
    var candles: [String] = []

    @Option(help: ArgumentHelp("Where the index is kept.", valueName: "dir"))
    var state: String?

    @Option(help: ArgumentHelp("The chain whose forecasts are scored.", valueName: "id"))
    var chain: UInt64 = 1

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Falls (or rises) that liquidate, in per cent.", valueName: "percent"))
    var threshold: [Double] = []

    @Option(help: ArgumentHelp("1h, 24h or 7d.", valueName: "horizon"))
    var horizon: String = "24h"

    @Option(help: ArgumentHelp("close, low or up: which prices are watched.", valueName: "column"))
    var column: String = "close"

    @Option(help: ArgumentHelp("Hours between starts.", valueName: "hours"))
    var step: Int = 6

    @Option(help: ArgumentHelp("Hours of history before the first start.", valueName: "hours"))
    var warmUp: Int = 8_760

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if candles.isEmpty == (state == nil) { throw ValidationError("expected either --candles or --state") }
        if Horizon.allCases.first(where: { $0.name == horizon }) == nil {
            throw ValidationError("--horizon: expected 1h, 24h or 7d, got \"\(horizon.prefix(16))\"")
        }
        if MinimumTable.Column(rawValue: column) == nil {
            throw ValidationError("--column: expected close, low or up, got \"\(column.prefix(16))\"")
        }
        if let bad = threshold.first(where: { !($0 > 0 && $0 < 100) }) {
            throw ValidationError("--threshold: expected per cent between 0 and 100, got \(bad)")
        }
        if step < 1 || step > 168 { throw ValidationError("--step: expected a number from 1 to 168, got \(step)") }
        if warmUp < 720 || warmUp > 87_600 {
            throw ValidationError("--warm-up: expected a number from 720 to 87600, got \(warmUp)")
        }
    }

    func run() throws {
        var reports: [RiskScoreReport] = []
        if let state {
            let index = try Index(in: StateDirectory(state), chainId: chain)
            let ledger = ForecastLedger(try index.forecasts())
            for horizon in Horizon.allCases {
                reports.append(
                    RiskScoreReport(
                        name: "forecasts \(horizon.name)", score: ForecastScore(ledger.scored[horizon] ?? []),
                        baseline: nil, tally: ledger.tallies[horizon] ?? ForecastLedger.Tally(), depths: [], missing: 0)
                )
            }
        } else {
            reports.append(try backtest())
        }
        try RiskScorePrinter(output.effectiveFormat, output.terminal(Environment.current)).print(reports)
    }

    private func backtest() throws -> RiskScoreReport {
        let horizon = Horizon.allCases.first { $0.name == self.horizon } ?? .day
        let options = TableBacktest.Options(
            thresholds: threshold.isEmpty ? TableBacktest.Options.standardThresholds : threshold.map { $0 / 100 },
            horizon: horizon, column: MinimumTable.Column(rawValue: column) ?? .close, step: step, warmUp: warmUp)
        var result = TableBacktest.Result()
        for (index, file) in candles.enumerated() {
            let bars = try CandleLoader.read(file)
            result = result + TableBacktest(options).run(HourlyBars(bars), offset: UInt64(index) << 40)
        }
        guard !result.table.isEmpty else {
            throw CommandStop(.refusedData, "no start has \(warmUp) hours before it and \(horizon.name) after it")
        }
        return RiskScoreReport(
            name: "table \(column)\(horizon.name)", score: ForecastScore(result.table),
            baseline: ForecastScore(result.gaussian), tally: nil, depths: result.depths, missing: result.missing)
    }
}

/// Reads files of bars.
enum CandleLoader {
    static func read(_ file: String) throws -> [Candle] {
        let bytes: [UInt8]
        do {
            let handle = try FileHandle(forReadingFrom: URL(filePath: file))
            defer { handle.closeFile() }
            bytes = [UInt8](try handle.read(upToCount: CandleFile.mostBytes + 1) ?? Data())
        } catch {
            throw CommandStop(.refusedData, "cannot read \(file): \(error.localizedDescription)")
        }
        let candles: [Candle]
        do {
            candles = try CandleFile.read(bytes)
        } catch {
            throw CommandStop(.refusedData, "\(file): \(error)")
        }
        guard CandleFile.interval(candles) <= 3_600 else {
            throw CommandStop(.refusedData, "\(file): bars last longer than an hour")
        }
        return candles
    }

    /// The asset that a file is named after: `ETHUSDT-1h.csv`, `eth_usd.json` and `ETH.csv` are all `ETH`; `ETH=FILE`
    /// says it outright.
    static func name(_ argument: String) -> (name: String, file: String) {
        if let sign = argument.firstIndex(of: "="), sign != argument.startIndex {
            return (argument[..<sign].uppercased(), String(argument[argument.index(after: sign)...]))
        }
        let stem = argument.split(separator: "/").last.map { String($0) } ?? argument
        var name = stem.prefix { $0.isLetter || $0.isNumber }.uppercased()
        for quote in ["USDT", "USDC", "BUSD", "FDUSD", "USD"] where name.hasSuffix(quote) && name.count > quote.count {
            name = String(name.dropLast(quote.count))
            break
        }
        return (name, argument)
    }
}

import JSON
import Oracles

/// Prints what a replay finds: records as they come, or a table at the end.
struct BacktestPrinter {
    /// Rows of the table; a longer list is for programs.
    static let mostRows = 1_000

    private let format: Format
    private let terminal: Terminal
    private var output: OutputBuffer
    private var alarms: [Backtest.Alarm] = []
    private var left = 0

    init(_ format: Format, _ terminal: Terminal, _ output: OutputBuffer) {
        self.format = format
        self.terminal = terminal
        self.output = output
    }

    mutating func print(_ new: [Backtest.Alarm]) throws(OutputError) {
        switch format {
        case .ndjson: for alarm in new { try output.append("\(alarm.record)\n") }
        case .table, .json, .csv:
            let room = format == .table ? max(0, Self.mostRows - alarms.count) : .max
            alarms += new.prefix(room)
            left += max(0, new.count - room)
        }
    }

    mutating func finish(_ report: BacktestReport) throws(OutputError) {
        switch format {
        case .ndjson: for record in report.records { try output.append("\(record)\n") }
        case .json:
            let records = report.records
            let whole: JSONValue = .object(
                JSONObject([
                    ("summary", records.last ?? .null), ("incidents", .array(records.dropLast())),
                    ("alarms", .array(alarms.map(\.record))),
                ]))
            try output.append("\(whole)\n")
        case .csv:
            let names = [
                "asset", "time", "block", "verdict", "detector", "rule", "source", "severity", "statistic", "limit",
                "unit", "price", "deviationBps", "reason",
            ]
            try output.append(CSVWriter.row(names))
            for alarm in alarms {
                let record = alarm.record
                try output.append(CSVWriter.row(names.map { record[$0]?.string ?? record[$0]?.number ?? "" }))
            }
        case .table: try output.append(TableRenderer(terminal: terminal).render(table(report)))
        }
        try output.flush()
    }

    private func table(_ report: BacktestReport) -> Table {
        var table = Table(columns: [
            .init(title: "time", right: true), .init(title: "asset"), .init(title: "verdict"), .init(title: "by"),
            .init(title: "bps", right: true, expendable: 2), .init(title: "reason"),
        ])
        table.rows = alarms.map { alarm in
            [
                .init("\(alarm.time)"), .init(alarm.asset),
                .init(alarm.trust.rawValue, alarm.trust == .reject ? .boldRed : .yellow),
                .init("\(alarm.finding.detector.rawValue).\(alarm.finding.rule)"),
                .init(alarm.deviationBps.map { "\($0)" } ?? ""), .init(alarm.finding.reason),
            ]
        }
        if left > 0 { table.footnotes.append(.init("and \(left) more; --format ndjson has all of them", .dim)) }
        for incident in report.incidents { table.footnotes.append(.init(Self.line(incident))) }
        table.footnotes.append(
            .init(
                "\(report.ticks) moments of \(report.assets) assets, \(Self.days(report.assetDays)) asset-days: "
                    + "\(report.announced) alarms; outside incidents \(report.falseSuspects) became suspect and "
                    + "\(report.falseRejects) reject"))
        return table
    }

    private static func line(_ incident: BacktestReport.Incident) -> String {
        guard let suspect = incident.suspectDelay else { return "\(incident.id): missed" }
        var line = "\(incident.id): suspect after \(suspect) s"
        if let reject = incident.rejectDelay { line += ", reject after \(reject) s" }
        if let isBefore = incident.isBeforeLoss { line += isBefore ? ", before the loss" : ", after the loss" }
        let seen = incident.detectors.map { "\($0.detector.rawValue) +\($0.delay) s" }
        if !seen.isEmpty { line += "; " + seen.joined(separator: ", ") }
        if !incident.missing.isEmpty {
            line += "; not " + incident.missing.map(\.rawValue).joined(separator: ", ")
        }
        return line
    }

    private static func days(_ days: Double) -> String {
        let tenths = Int((days * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

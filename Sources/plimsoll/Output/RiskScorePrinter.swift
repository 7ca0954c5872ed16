import JSON
import Lending
import Risk

/// What is to be said of one set of forecasts.
struct RiskScoreReport {
    var name: String
    var score: ForecastScore
    /// The normal law's, over the same starts.
    var baseline: ForecastScore?
    var tally: ForecastLedger.Tally?
    /// The table's probability of a move at least as large as the one that came, a horizon each.
    var depths: [Double]
    var missing: Int

    /// Tests of exceptions at a level: how many there were, and both statistics.
    func exceptions(_ level: Double) -> (count: Int, kupiec: Double, christoffersen: Double) {
        let hits = depths.map { $0 <= level }
        let count = hits.count { $0 }
        let steps = ExceptionTests.transitions(hits)
        return (
            count, ExceptionTests.kupiec(days: depths.count, exceptions: count, probability: level),
            ExceptionTests.christoffersen(steps.n00, steps.n01, steps.n10, steps.n11)
        )
    }

    var json: JSONValue {
        var members: [(String, JSONValue)] = [("type", "riskScore"), ("name", .string(name))]
        members += Self.members(score)
        members.append(("gaussian", baseline.map { .object(JSONObject(Self.members($0))) } ?? .null))
        members.append(
            (
                "outcomes",
                tally.map {
                    [
                        "hit": .integer($0.hits), "miss": .integer($0.misses), "censored": .integer($0.censored),
                        "open": .integer($0.open),
                    ]
                } ?? .null
            ))
        members.append(
            (
                "exceptions",
                depths.isEmpty
                    ? .null
                    : .array(
                        [0.05, 0.01].map { level in
                            let test = exceptions(level)
                            return [
                                "level": RiskFindings.text(level, 4), "windows": .integer(depths.count),
                                "count": .integer(test.count), "kupiec": RiskFindings.text(test.kupiec, 6),
                                "kupiecRejects": .bool(test.kupiec > ExceptionTests.rejectsOne),
                                "christoffersen": RiskFindings.text(test.christoffersen, 6),
                                "bothReject": .bool(test.kupiec + test.christoffersen > ExceptionTests.rejectsTwo),
                            ]
                        })
            ))
        members.append(("missing", .integer(missing)))
        return .object(JSONObject(members))
    }

    private static func members(_ score: ForecastScore) -> [(String, JSONValue)] {
        [
            ("count", .integer(score.count)), ("frequency", RiskFindings.text(score.frequency, 9)),
            ("brier", RiskFindings.text(score.brier, 9)), ("climatology", RiskFindings.text(score.climatology, 9)),
            ("skill", RiskFindings.text(score.skill, 6)), ("logScore", RiskFindings.text(score.logScore, 9)),
            ("reliability", RiskFindings.text(score.reliability, 9)),
            ("resolution", RiskFindings.text(score.resolution, 9)),
            ("uncertainty", RiskFindings.text(score.uncertainty, 9)), ("auc", RiskFindings.text(score.rank, 6)),
            ("sharpness", RiskFindings.text(score.sharpness, 6)),
            (
                "bins",
                .array(
                    score.bins.map { bin in
                        [
                            "from": RiskFindings.text(bin.from, 4), "to": RiskFindings.text(bin.to, 4),
                            "n": .integer(bin.count), "windows": .integer(bin.windows),
                            "predicted": RiskFindings.text(bin.predicted, 9),
                            "realised": RiskFindings.text(bin.realised, 9), "lo": RiskFindings.text(bin.low, 9),
                            "hi": RiskFindings.text(bin.high, 9), "reliable": .bool(bin.isReliable),
                        ]
                    })
            ),
        ]
    }
}

/// Prints how good forecasts were.
struct RiskScorePrinter {
    private let format: Format
    private let terminal: Terminal

    init(_ format: Format, _ terminal: Terminal) {
        self.format = format
        self.terminal = terminal
    }

    func print(_ reports: [RiskScoreReport]) throws {
        var buffer = OutputBuffer.standardOutput()
        switch format {
        case .ndjson: for report in reports { try buffer.append("\(report.json)\n") }
        case .json: try buffer.append("\(JSONValue.array(reports.map(\.json)))\n")
        case .csv:
            try buffer.append(
                CSVWriter.row(["name", "from", "to", "n", "windows", "predicted", "realised", "lo", "hi"]))
            for report in reports {
                for bin in report.score.bins {
                    try buffer.append(
                        CSVWriter.row([
                            report.name, Self.text(bin.from, 4), Self.text(bin.to, 4), "\(bin.count)",
                            "\(bin.windows)", Self.text(bin.predicted, 9), Self.text(bin.realised, 9),
                            Self.text(bin.low, 9), Self.text(bin.high, 9),
                        ]))
                }
            }
        case .table:
            for report in reports {
                try buffer.append(TableRenderer(terminal: terminal).render(table(report)))
            }
        }
        try buffer.flush()
    }

    private static func text(_ value: Double, _ places: Int) -> String {
        RiskFindings.text(value, places).string ?? ""
    }

    private func table(_ report: RiskScoreReport) -> Table {
        var table = Table(
            heading: [Table.Cell(report.name, .bold)],
            columns: [
                .init(title: "STATED %"), .init(title: "N", right: true), .init(title: "WINDOWS", right: true),
                .init(title: "PREDICTED %", right: true), .init(title: "REALISED %", right: true),
                .init(title: "95 %", right: true), .init(title: "NORMAL LAW: PREDICTED/REALISED % (N)", expendable: 1),
            ])
        for bin in report.score.bins {
            let other = report.baseline?.bins.first { $0.from == bin.from }
            table.rows.append([
                .init("\(Self.text(100 * bin.from, 2)) – \(Self.text(100 * bin.to, 2))"), .init("\(bin.count)"),
                .init("\(bin.windows)"), .init(Self.text(100 * bin.predicted, 3)),
                .init(Self.text(100 * bin.realised, 3), bin.isReliable ? .green : .yellow),
                .init("\(Self.text(100 * bin.low, 3)) – \(Self.text(100 * bin.high, 3))"),
                .init(
                    other.map {
                        "\(Self.text(100 * $0.predicted, 3)) / \(Self.text(100 * $0.realised, 3)) (\($0.count))"
                    }
                        ?? "–", .dim),
            ])
        }
        table.footnotes = notes(report).map { Table.Cell($0) }
        return table
    }

    private func notes(_ report: RiskScoreReport) -> [String] {
        let score = report.score
        guard score.count > 0 else { return ["nothing to score yet: \(outcomes(report.tally))"] }
        var lines = [
            "Brier \(Self.text(score.brier, 6)), skill over climatology \(Self.text(score.skill, 4)) = reliability "
                + "\(Self.text(score.reliability, 6)), resolution \(Self.text(score.resolution, 6)), uncertainty "
                + Self.text(score.uncertainty, 6),
            "log score \(Self.text(score.logScore, 6)); rank within groups "
                + (score.rank.map { Self.text($0, 4) } ?? "–")
                + "; stated below 0.1 %: \(Self.text(100 * score.sharpness, 1)) %",
        ]
        if let baseline = report.baseline {
            lines.append(
                "normal law: Brier \(Self.text(baseline.brier, 6)), skill \(Self.text(baseline.skill, 4)), log score "
                    + Self.text(baseline.logScore, 6))
        }
        for level in [0.05, 0.01] where !report.depths.isEmpty {
            let test = report.exceptions(level)
            lines.append(
                "exceptions at \(Self.text(100 * level, 0)) %: \(test.count) of \(report.depths.count) windows, Kupiec "
                    + "\(Self.text(test.kupiec, 3))\(test.kupiec > ExceptionTests.rejectsOne ? " (rejected)" : ""), "
                    + "Christoffersen \(Self.text(test.christoffersen, 3))")
        }
        if report.missing > 0 { lines.append("\(report.missing) starts left out: an hour of their horizon is missing") }
        if report.tally != nil { lines.append(outcomes(report.tally)) }
        return lines
    }

    private func outcomes(_ tally: ForecastLedger.Tally?) -> String {
        guard let tally else { return "" }
        return "\(tally.hits) hit, \(tally.misses) missed, \(tally.censored) censored, \(tally.open) open"
    }
}

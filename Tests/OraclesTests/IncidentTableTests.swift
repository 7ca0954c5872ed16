import Foundation
import JSON
import Testing

@testable import Oracles

/// All recordings through the judge, and docs/oracle-incidents.md, which says what came of them.
struct IncidentTableTests {
    private struct Outcome {
        var incident: BacktestReport.Incident?
        var report: BacktestReport
    }

    private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    private static let folder = tests.appending(path: "Vectors/oracles")
    private static let document = tests.deletingLastPathComponent().appending(path: "docs/oracle-incidents.md")

    private static func replay(_ file: String) throws -> Outcome {
        var backtest = Backtest()
        let bytes = [UInt8](try Data(contentsOf: folder.appending(path: file)))
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            _ = try backtest.append(Array(line))
        }
        let report = try backtest.finish().report
        return Outcome(incident: report.incidents.first, report: report)
    }

    private static var recordings: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".ndjson") }.sorted()
        }
    }

    private static func delay(_ seconds: UInt64?) -> String { seconds.map { "\($0) s" } ?? "never" }

    private static func result(_ found: BacktestReport.Incident, isWithin: Bool) -> String {
        guard let first = found.suspectDelay else { return "**missed**" }
        let by = found.detectors.map { "\($0.detector.rawValue):\($0.severity)" }.joined(separator: " ")
        let against: String
        if isWithin {
            against = "with its transaction"
        } else if let loss = found.loss, found.start + first < loss {
            against = "\(loss - found.start - first) s before the loss"
        } else if let loss = found.loss, found.start + first <= loss {
            against = "in the first block of the loss"
        } else {
            against = "after the loss"
        }
        return "\(by) | \(delay(first)) | \(delay(found.rejectDelay)) | \(against)"
    }

    private static func table() throws -> String {
        let facts = try JSONValue(parsing: [UInt8](Data(contentsOf: folder.appending(path: "incidents.json"))))
        var lines = [
            "| Incident | Root cause | Detectors and severity | `suspect` after | `reject` after | Seen |",
            "|---|---|---|---|---|---|",
        ]
        var told: Set<String> = []
        for fact in facts.array ?? [] {
            let id = fact["id"]?.string ?? ""
            let start = "| \(id) | \(fact["rootCause"]?.string ?? "") |"
            let isWithin = fact["withinOneTransaction"]?.bool == true
            if let why = fact["why"]?.string {
                lines.append("\(start) not recorded: \(why) | | | \(isWithin ? "within one transaction" : "") |")
                continue
            }
            for file in try recordings where file.hasPrefix(id.prefix(4)) {
                let outcome = try replay(file)
                let name = String(file.dropLast(7))
                let isSame = name == id || (id.hasPrefix("usde-binance") && name == "usde-venue-2025-10-10")
                guard isSame else { continue }
                told.insert(file)
                if let incident = outcome.incident {
                    let label = name == id ? start : "| \(name) | \(fact["rootCause"]?.string ?? "") |"
                    lines.append("\(label) \(result(incident, isWithin: isWithin)) |")
                } else {
                    let report = outcome.report
                    lines.append(
                        "\(start) a control: \(report.falseSuspects) suspect, \(report.falseRejects) reject | | | |")
                }
            }
        }
        lines += ["", "| Control | Asset-days | became `suspect` | became `reject` |", "|---|---|---|---|"]
        for file in try recordings where !told.contains(file) {
            let report = try replay(file).report
            let days = String(format: "%.3f", report.assetDays)
            lines.append("| \(file.dropLast(7)) | \(days) | \(report.falseSuspects) | \(report.falseRejects) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    @Test func everyRecordedIncidentIsDetectedAsLabelled() throws {
        let files = try Self.recordings
        #expect(files.count >= 25)
        for file in files {
            let found = try Self.replay(file)
            for incident in found.report.incidents {
                #expect(incident.isDetected, "\(file): \(incident.id) is missed")
                #expect(incident.isBeforeLoss != false, "\(file): \(incident.id) is seen after the loss")
                #expect(incident.missing.isEmpty, "\(file): \(incident.id) lacks \(incident.missing)")
            }
            #expect(found.report.falseRejects == 0, "\(file): \(found.report.transitions)")
            if file.hasPrefix("control-"), !file.contains("volatile") {
                #expect(found.report.falseSuspects == 0, "\(file): \(found.report.transitions)")
            }
        }
    }

    /// `PLIMSOLL_WRITE_INCIDENTS=1` writes the table instead.
    @Test func theTableIsWhatTheReplaySays() throws {
        let (begin, end) = ("<!-- replayed: begin -->\n", "<!-- replayed: end -->\n")
        let text = try String(contentsOf: Self.document, encoding: .utf8)
        let from = try #require(text.range(of: begin))
        let to = try #require(text.range(of: end))
        let table = try Self.table()
        if ProcessInfo.processInfo.environment["PLIMSOLL_WRITE_INCIDENTS"] == "1" {
            let whole = text[..<from.upperBound] + table + text[to.lowerBound...]
            try String(whole).write(to: Self.document, atomically: true, encoding: .utf8)
        } else {
            #expect(String(text[from.upperBound..<to.lowerBound]) == table, "docs/oracle-incidents.md is stale")
        }
    }
}

import Ethereum
import Foundation
import JSON
import TestSupport
import Testing

@testable import Oracles

struct BacktestTests {
    private func replay(_ text: String) throws -> (alarms: [Backtest.Alarm], report: BacktestReport) {
        var backtest = Backtest()
        var alarms: [Backtest.Alarm] = []
        for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            alarms += try backtest.append(Array(line))
        }
        let end = try backtest.finish()
        return (alarms + end.alarms, end.report)
    }

    @Test func linesInAnyOrderGiveTheSameAlarms() throws {
        var lines: [String] = []
        for block in 0..<60 {
            let time = 1_700_000_000 + block * 12
            let own = block >= 40 ? "2600" : "2000"
            lines.append(
                #"{"source":"p","price":"\#(own)","time":\#(time),"asset":"A","role":"protocol","kind":"chainlink"}"#)
            lines.append(#"{"time":\#(time),"asset":"A","source":"k","kind":"cex","price":2000.5,"unheard":[1]}"#)
            lines.append(
                #"{"ts":"\#(time)000","asset":"A","source":"c","kind":"exchange","price":"2.0e3","liquidity":1e6}"#)
        }
        lines.append(
            #"{"type":"incident","asset":"A","id":"push","start":1700000480,"loss":1700000600,"expect":["D2"]}"#)
        let straight = try replay(lines.joined(separator: "\n"))
        let turned = try replay("# a remark\n\n" + lines.reversed().joined(separator: "\r\n"))
        #expect(straight.alarms == turned.alarms && !straight.alarms.isEmpty)
        let incident = try #require(straight.report.incidents.first)
        #expect(incident.suspectDelay == 0 && incident.rejectDelay == 24 && incident.isBeforeLoss == true)
        #expect(incident.missing.isEmpty && straight.report.falseRejects == 0)
        #expect(straight.report.ticks == 60)
    }

    @Test func aBadLineIsNamed() throws {
        let good = #"{"time":1,"asset":"A","source":"p","price":"1"}"#
        let bad = [
            "{", "[]", #"{"asset":"A","source":"p","price":"1"}"#, #"{"time":1,"asset":"A","price":"1"}"#,
            #"{"time":1,"asset":"A","source":"p"}"#, #"{"time":"soon","source":"p","price":1}"#,
            #"{"time":-1,"asset":"A","source":"p","price":"1"}"#, #"{"time":1,"source":"p","price":true}"#,
            #"{"type":"party"}"#, #"{"type":"incident","asset":"A"}"#, #"{"time":1,"source":"p","price":[1]}"#,
            #"{"type":"incident","start":1,"expect":["D15"]}"#, #"{"time":1,"time":2}"#, "1e9999",
        ]
        for line in bad {
            do {
                _ = try replay(good + "\n" + line)
                Issue.record("\(line) was taken")
            } catch let error as BacktestError {
                #expect(error.line == 2 && !error.reason.isEmpty, "\(line)")
            }
        }
    }

    @Test func whatIsNoPriceIsUnknownAndTheReplayGoesOn() throws {
        for text in ["0", "-1", "1e60", "1e-60", "1e999", String(repeating: "9", count: 90)] {
            let found = try replay(
                #"{"time":1,"asset":"A","source":"p","role":"protocol","price":"5"}"# + "\n"
                    + #"{"time":1,"asset":"A","source":"k","kind":"cex","price":"\#(text)"}"# + "\n"
                    + #"{"time":1,"asset":"A","source":"c","kind":"cex","price":"5"}"#)
            #expect(found.report.ticks == 1 && found.alarms.isEmpty, "\(text)")
        }
    }

    @Test func moments() {
        #expect(RecordedMoment.seconds("2023-03-11T07:00:00Z") == 1_678_518_000)
        #expect(RecordedMoment.seconds("2024-02-29T23:59:59.5Z") == 1_709_251_199)
        #expect(RecordedMoment.seconds("2023-03-11T07:00:00") == 1_678_518_000)
        #expect(RecordedMoment.seconds("2023-03-11 09:00:00.250+02:00") == 1_678_518_000)
        #expect(RecordedMoment.seconds("2023-03-11T02:00:00-0500") == 1_678_518_000)
        #expect(RecordedMoment.seconds("2023-03-11") == 1_678_492_800)
        #expect(RecordedMoment.seconds("2024-13-01T00:00:00Z") == nil)
        #expect(RecordedMoment.seconds("now") == nil)
    }

    /// docs/oracle-limits.md says of every limit why it is what it is.
    @Test func everyLimitIsExplained() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/oracle-limits.md"), encoding: .utf8)
        let names = [Mirror(reflecting: DetectorThresholds()), Mirror(reflecting: ConsensusLimits())]
            .flatMap { $0.children.compactMap(\.label) }
        #expect(names.count > 50)
        for name in names where name != "consensus" { #expect(text.contains("`\(name)`"), "\(name)") }
    }

    @Test func thresholdsAreData() throws {
        let text = #"{"rejectBps": 900, "headAge": 30, "pegBps": [100, 400], "_why": "calm"}"#
        let limits = try DetectorThresholds(overrides: JSONCursor(JSONValue(parsing: Array(text.utf8))))
        #expect(limits.rejectBps == 900 && limits.headAge == 30 && limits.pegBps == [100, 400])
        for wrong in [#"{"rejectBsp":1}"#, #"{"rejectBps":0}"#, #"{"pegBps":[1]}"#, #"{"pegBps":[2,1]}"#, "[]"] {
            #expect(throws: JSONError.self, "\(wrong)") {
                _ = try DetectorThresholds(overrides: JSONCursor(JSONValue(parsing: Array(wrong.utf8))))
            }
        }
    }
}

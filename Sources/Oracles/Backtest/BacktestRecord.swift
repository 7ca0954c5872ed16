public import JSON

/// Builds a record member by member.
private struct RecordBuilder {
    private var members: [(String, JSONValue)] = []

    var object: JSONObject { JSONObject(members) }

    mutating func add(_ name: String, _ value: JSONValue) { members.append((name, value)) }
    mutating func add(_ name: String, _ text: String) { members.append((name, .string(text))) }
    mutating func add(_ name: String, _ number: Int?) { members.append((name, number.map { .integer($0) } ?? .null)) }
    mutating func add(_ name: String, _ number: UInt64?) {
        members.append((name, number.map { .integer($0) } ?? .null))
    }

    /// A statistic with three places, and never a number that JSON does not know.
    mutating func add(_ name: String, _ value: Double?) {
        guard let value else { return add(name, JSONValue.null) }
        guard value.isFinite, abs(value) < 1e15 else { return add(name, JSONValue.string("\(value)")) }
        let thousandths = Int((value * 1_000).rounded())
        let digits = String(thousandths.magnitude % 1_000)
        let fraction = String(repeating: "0", count: 3 - digits.count) + digits
        add(
            name, JSONValue.number("\(thousandths < 0 ? "-" : "")\(thousandths.magnitude / 1_000).\(fraction)"))
    }
}

extension Backtest.Alarm {
    /// The alarm for programs.
    public var record: JSONValue {
        var record = RecordBuilder()
        record.add("type", "alarm")
        record.add("asset", asset)
        record.add("time", time)
        record.add("block", block)
        record.add("verdict", trust.rawValue)
        record.add("detector", finding.detector.rawValue)
        record.add("rule", finding.rule)
        record.add("source", finding.source)
        record.add("severity", finding.severity)
        record.add("statistic", finding.statistic)
        record.add("limit", finding.limit)
        record.add("unit", finding.unit)
        record.add("flag", finding.flag.map { .string($0.rawValue) } ?? .null)
        record.add("price", price.value.map { .string($0.description) } ?? .null)
        record.add("deviationBps", deviationBps)
        record.add("independent", independent)
        record.add("reason", finding.reason)
        return .object(record.object)
    }
}

extension BacktestReport {
    /// The report for programs: a record an incident, and one of the whole.
    public var records: [JSONValue] { incidents.map(\.record) + [summary] }

    private var summary: JSONValue {
        var record = RecordBuilder()
        record.add("type", "summary")
        record.add("lines", lines)
        record.add("assets", assets)
        record.add("ticks", ticks)
        record.add("assetDays", assetDays)
        record.add("alarms", announced)
        record.add("incidents", incidents.count)
        record.add("detected", incidents.count { $0.isDetected })
        record.add("falseSuspects", falseSuspects)
        record.add("falseRejects", falseRejects)
        let days = assetDays
        record.add("falseSuspectsPerAssetDay", days > 0 ? Double(falseSuspects) / days : nil)
        record.add("falseRejectsPerAssetDay", days > 0 ? Double(falseRejects) / days : nil)
        record.add("dropped", dropped)
        record.add("late", late)
        record.add("notes", .array(notes.map { .string($0) }))
        record.add("transitions", .array(transitions.map(\.record)))
        return .object(record.object)
    }
}

extension BacktestReport.Transition {
    /// The transition for programs.
    var record: JSONValue {
        var record = RecordBuilder()
        record.add("asset", asset)
        record.add("time", time)
        record.add("from", from.map { .string($0.rawValue) } ?? .null)
        record.add("to", to.rawValue)
        record.add("by", .array(detectors.map { .string($0.rawValue) }))
        return .object(record.object)
    }
}

extension BacktestReport.Incident {
    /// The incident for programs.
    public var record: JSONValue {
        var record = RecordBuilder()
        record.add("type", "incident")
        record.add("id", id)
        record.add("asset", asset)
        record.add("start", start)
        record.add("loss", loss)
        record.add("detected", .bool(isDetected))
        record.add("suspectDelayS", suspectDelay)
        record.add("rejectDelayS", rejectDelay)
        record.add("beforeLoss", isBeforeLoss.map { .bool($0) } ?? .null)
        let seen = detectors.map { detector in
            var item = RecordBuilder()
            item.add("id", detector.detector.rawValue)
            item.add("delayS", detector.delay)
            item.add("severity", detector.severity)
            return JSONValue.object(item.object)
        }
        record.add("detectors", .array(seen))
        record.add("missing", .array(missing.map { .string($0.rawValue) }))
        return .object(record.object)
    }
}

import Foundation
import JSON

/// One bar of an exchange.
public struct Candle: Hashable, Sendable {
    /// When it began, in Unix seconds.
    public var time: UInt64
    /// Its prices.
    public var high: Double
    /// Its lowest price.
    public var low: Double
    /// Its last price.
    public var close: Double

    /// Makes a bar.
    public init(time: UInt64, high: Double, low: Double, close: Double) {
        self.time = time
        self.high = high
        self.low = low
        self.close = close
    }
}

/// Why a file of bars cannot be used.
public struct CandleError: Error, Hashable, CustomStringConvertible {
    /// The line, from 1.
    public var line: Int
    /// What is wrong with it.
    public var what: String

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var description: String { "line \(line): \(what)" }
}

/// Reads bars from text: CSV with or without a heading, JSON, or a JSON value a line.
///
/// Members and columns are `time` (or `timestamp`, `open_time`, `date`, `unix`), `high`, `low`, `close`, in any order;
/// without a heading time, open, high, low, close. Times are seconds, milliseconds or microseconds since 1970, or
/// `2021-01-31 13:00:00` in UTC. A file that holds anything else is refused.
public enum CandleFile {
    /// The longest file that is read, in bytes.
    public static let mostBytes = 64 << 20
    /// The most bars, and the longest line.
    static let mostBars = 4_000_000
    static let longestLine = 4_096

    /// The bars in order of time; of several that begin together the last counts.
    public static func read(_ bytes: [UInt8]) throws(CandleError) -> [Candle] {
        guard bytes.count <= mostBytes else { throw CandleError(line: 1, what: "more than \(mostBytes) bytes") }
        let first = bytes.first { $0 > 0x20 }
        var candles: [Candle]
        if first == UInt8(ascii: "["), !isLines(bytes) {
            candles = try array(bytes)
        } else {
            candles = try lines(bytes)
        }
        var byTime: [UInt64: Candle] = [:]
        for candle in candles { byTime[candle.time] = candle }
        candles = byTime.values.sorted { $0.time < $1.time }
        return candles
    }

    /// How long a bar lasts, in seconds: the most frequent step; 3,600 where there is none.
    public static func interval(_ candles: [Candle]) -> UInt64 {
        var steps: [UInt64: Int] = [:]
        for (one, next) in zip(candles, candles.dropFirst()) { steps[next.time - one.time, default: 0] += 1 }
        return steps.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 3_600
    }

    // MARK: Forms

    /// Whether the text is a row of arrays, each on its line.
    private static func isLines(_ bytes: [UInt8]) -> Bool {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return false }
        var line = bytes[..<end]
        while let last = line.last, last <= 0x20 { line.removeLast() }
        return line.last == UInt8(ascii: "]") && line.count { $0 == UInt8(ascii: "[") } == 1
    }

    private static func array(_ bytes: [UInt8]) throws(CandleError) -> [Candle] {
        let value: JSONValue
        do {
            value = try JSONValue(
                parsing: bytes, limits: JSONLimits(bytes: mostBytes, depth: 4, elements: 16 * mostBars))
        } catch {
            throw CandleError(line: 1, what: "\(error)")
        }
        guard let items = value.array, items.count <= mostBars else {
            throw CandleError(line: 1, what: "expected an array of at most \(mostBars) bars")
        }
        var candles: [Candle] = []
        for (index, item) in items.enumerated() { candles.append(try candle(item, index + 1)) }
        return candles
    }

    private static func lines(_ bytes: [UInt8]) throws(CandleError) -> [Candle] {
        var candles: [Candle] = []
        var columns = Columns()
        var number = 0
        for slice in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            var line = slice
            if number == 1, line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
            while let last = line.last, last <= 0x20 { line.removeLast() }
            guard !line.isEmpty else { continue }
            guard line.count <= longestLine else { throw CandleError(line: number, what: "too long") }
            guard candles.count < mostBars else { throw CandleError(line: number, what: "too many bars") }
            if line.first == UInt8(ascii: "{") || line.first == UInt8(ascii: "[") {
                let value: JSONValue
                do {
                    value = try JSONValue(parsing: Array(line))
                } catch {
                    throw CandleError(line: number, what: "\(error)")
                }
                candles.append(try candle(value, number))
                continue
            }
            let fields = String(decoding: line, as: UTF8.self)
                .split(omittingEmptySubsequences: false) { $0 == "," || $0 == ";" || $0 == "\t" }
                .map { $0.filter { $0 != "\"" && $0 != " " || $0 == " " }.trimmingCharacters(in: .whitespaces) }
            if candles.isEmpty, let named = Columns(heading: fields) {
                columns = named
                continue
            }
            func field(_ index: Int?) -> String? { index.flatMap { fields.indices.contains($0) ? fields[$0] : nil } }
            candles.append(
                try candle(
                    time: field(columns.time), high: field(columns.high), low: field(columns.low),
                    close: field(columns.close), number))
        }
        return candles
    }

    /// Where a line has what.
    private struct Columns {
        var time = 0
        var high: Int? = 2
        var low: Int? = 3
        var close = 4

        init() {}

        init?(heading: [String]) {
            let names = heading.map { $0.lowercased().replacingOccurrences(of: " ", with: "_") }
            guard let time = names.firstIndex(where: { CandleFile.timeNames.contains($0) }),
                let close = names.firstIndex(where: { $0 == "close" || $0 == "price" })
            else { return nil }
            self.time = time
            self.close = close
            high = names.firstIndex(of: "high")
            low = names.firstIndex(of: "low")
        }
    }

    static let timeNames: [String] = ["time", "timestamp", "open_time", "opentime", "date", "datetime", "unix", "t"]

    private static func candle(_ value: JSONValue, _ line: Int) throws(CandleError) -> Candle {
        func text(_ value: JSONValue?) -> String? { value?.number ?? value?.string }
        if let items = value.array {
            func item(_ index: Int) -> String? { items.indices.contains(index) ? text(items[index]) : nil }
            return try candle(time: item(0), high: item(2), low: item(3), close: item(4), line)
        }
        let time = timeNames.lazy.compactMap { text(value[$0]) }.first
        return try candle(
            time: time, high: text(value["high"] ?? value["h"]), low: text(value["low"] ?? value["l"]),
            close: text(value["close"] ?? value["c"] ?? value["price"]), line)
    }

    private static func candle(
        time: String?, high: String?, low: String?, close: String?, _ line: Int
    ) throws(CandleError) -> Candle {
        guard let time = time.flatMap(CandleFile.time) else { throw CandleError(line: line, what: "no time") }
        func price(_ text: String?) -> Double? {
            guard let text, text.utf8.count <= 64, let value = Double(text), value > 0, value.isFinite else {
                return nil
            }
            return value
        }
        guard let close = price(close) else { throw CandleError(line: line, what: "no positive close") }
        // A bar without extremes has its close alone; one whose extremes are no prices is broken.
        let top = high.map { price($0) ?? -1 } ?? close
        let bottom = low.map { price($0) ?? -1 } ?? close
        guard bottom > 0, top >= bottom else { throw CandleError(line: line, what: "high and low are no range") }
        return Candle(time: time, high: max(top, close), low: min(bottom, close), close: close)
    }

    /// Seconds since 1970.
    static func time(_ text: String) -> UInt64? {
        guard text.utf8.count <= 40 else { return nil }
        if let number = Double(text), number >= 0, number < 1e17 {
            // Seconds until the year 5138, then milliseconds, then microseconds.
            if number < 1e11 { return UInt64(number) }
            return UInt64(number / (number < 1e14 ? 1e3 : 1e6))
        }
        let parts = text.split { !$0.isNumber }.prefix(6).compactMap { Int($0) }
        guard parts.count >= 3, (1970...9_999).contains(parts[0]), (1...12).contains(parts[1]),
            (1...31).contains(parts[2])
        else { return nil }
        let clock = parts.dropFirst(3) + [0, 0, 0]
        let times = Array(clock.prefix(3))
        guard times[0] < 25, times[1] < 60, times[2] < 61 else { return nil }
        // Days of the civil calendar, counted from March so that a leap day is the last of its year.
        let year = parts[1] <= 2 ? parts[0] - 1 : parts[0]
        let era = year / 400
        let month = (parts[1] + 9) % 12
        let dayOfYear = (153 * month + 2) / 5 + parts[2] - 1
        let dayOfEra = (year - era * 400) * 365 + (year - era * 400) / 4 - (year - era * 400) / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        guard days >= 0 else { return nil }
        return UInt64(days * 86_400 + times[0] * 3_600 + times[1] * 60 + times[2])
    }
}

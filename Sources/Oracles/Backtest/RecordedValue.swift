import Ethereum
import JSON

/// The members of one line, read liberally: numbers as numbers or text, several names for one thing.
struct RecordedValue {
    let line: Int
    let object: JSONObject
    /// What stands under `extras` counts as if it stood beside it.
    let extras: JSONObject?

    init(_ line: Int, _ value: JSONValue) throws(BacktestError) {
        guard let object = value.object else {
            throw BacktestError(line: line, reason: "expected an object, got \(value.kindName)")
        }
        self.line = line
        self.object = object
        // What is no object says nothing that could be used.
        extras = object["extras"]?.object
    }

    /// The first of these members that is there and not null, with its name.
    func find(_ names: [String]) -> (name: String, value: JSONValue)? {
        for name in names {
            if let value = object[name] ?? extras?[name], !value.isNull { return (name, value) }
        }
        return nil
    }

    func refuse(_ name: String, _ expected: String, _ value: JSONValue) -> BacktestError {
        BacktestError(line: line, reason: "\(name): expected \(expected), got \(value.excerpt)")
    }

    func text(_ names: String...) throws(BacktestError) -> String? {
        guard let (name, value) = find(names) else { return nil }
        if let number = value.number { return number }
        guard let text = value.string, (1...256).contains(text.utf8.count) else {
            throw refuse(name, "1 to 256 characters", value)
        }
        return text
    }

    func bool(_ names: String...) throws(BacktestError) -> Bool? {
        guard let (name, value) = find(names) else { return nil }
        guard let bool = value.bool else { throw refuse(name, "true or false", value) }
        return bool
    }

    /// A size: a number from zero, a fraction of which is left out; `nil` where it is anything else.
    func size(_ names: String...) -> UInt256? {
        guard let (_, value) = find(names), let text = value.number ?? value.string else { return nil }
        return RecordedDecimal(text)?.roundedDown
    }

    /// A whole number from zero, written as a number or as text.
    func natural(_ names: String...) throws(BacktestError) -> UInt256? {
        guard let (name, value) = find(names) else { return nil }
        guard let text = value.number ?? value.string, let decimal = RecordedDecimal(text), !decimal.isNegative,
            let whole = decimal.whole
        else { throw refuse(name, "a whole number from 0", value) }
        return whole
    }

    func int(_ names: String..., in range: ClosedRange<Int>) throws(BacktestError) -> Int? {
        guard let (name, value) = find(names) else { return nil }
        guard let text = value.number ?? value.string,
            let number = Int(text) ?? RecordedDecimal(text)?.signedWhole, range.contains(number)
        else {
            throw refuse(name, "a whole number from \(range.lowerBound) to \(range.upperBound)", value)
        }
        return number
    }

    /// Seconds since 1970; also milliseconds, microseconds and nanoseconds, and `2023-03-11T07:00:00Z`.
    func moment(_ names: String...) throws(BacktestError) -> UInt64? {
        guard let (name, value) = find(names) else { return nil }
        if let text = value.string, let seconds = RecordedMoment.seconds(text) { return seconds }
        let text = value.number ?? value.string ?? ""
        // A fraction of a second is none.
        guard let number = RecordedDecimal(text)?.roundedDown?.asUInt64() else {
            throw refuse(name, "seconds since 1970 or a time such as 2023-03-11T07:00:00Z", value)
        }
        switch number {
        case ..<100_000_000_000: return number
        case ..<100_000_000_000_000: return number / 1_000
        case ..<100_000_000_000_000_000: return number / 1_000_000
        default: return number / 1_000_000_000
        }
    }

    /// A price, with `decimals` where it is a raw answer; what is no price says why.
    func price(_ names: String..., decimals: Int? = nil) throws(BacktestError) -> ObservedPrice? {
        guard let (name, value) = find(names) else { return nil }
        guard let text = value.number ?? value.string else { throw refuse(name, "a decimal number", value) }
        // Whoever records `n/a` says that there was no price.
        guard let decimal = RecordedDecimal(text) else {
            return .unknown(.malformed("\(text.prefix(64)) is no number"))
        }
        return decimal.price(decimals)
    }

    /// A price that has to be one where it is stated.
    func exact(_ names: String..., decimals: Int? = nil) throws(BacktestError) -> ExactPrice? {
        guard let (name, value) = find(names) else { return nil }
        guard let text = value.number ?? value.string, let decimal = RecordedDecimal(text) else {
            throw refuse(name, "a decimal number", value)
        }
        // A bound, a rate or a range of zero is how contracts say that there is none.
        return decimal.price(decimals).value
    }
}

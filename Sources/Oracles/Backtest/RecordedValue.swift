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
        switch object["extras"] {
        case nil, .null?: extras = nil
        case .object(let extras)?: self.extras = extras
        case let other?: throw BacktestError(line: line, reason: "extras: expected an object, got \(other.kindName)")
        }
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
        guard let text = value.number ?? value.string, let number = Int(text), range.contains(number) else {
            throw refuse(name, "a whole number from \(range.lowerBound) to \(range.upperBound)", value)
        }
        return number
    }

    /// Seconds since 1970; also milliseconds, and `2023-03-11T07:00:00Z`.
    func moment(_ names: String...) throws(BacktestError) -> UInt64? {
        guard let (name, value) = find(names) else { return nil }
        if let text = value.string, let seconds = RecordedMoment.seconds(text) { return seconds }
        let text = value.number ?? value.string ?? ""
        // A fraction of a second is none.
        let whole = text.split(separator: ".", omittingEmptySubsequences: false).first ?? ""
        guard let number = UInt64(whole), number < 100_000_000_000_000,
            RecordedDecimal(text) != nil
        else {
            throw refuse(name, "seconds since 1970 or a time such as 2023-03-11T07:00:00Z", value)
        }
        return number >= 100_000_000_000 ? number / 1_000 : number
    }

    /// A price, with `decimals` where it is a raw answer; what is no price says why.
    func price(_ names: String..., decimals: Int? = nil) throws(BacktestError) -> ObservedPrice? {
        guard let (name, value) = find(names) else { return nil }
        guard let text = value.number ?? value.string, let decimal = RecordedDecimal(text) else {
            throw refuse(name, "a decimal number", value)
        }
        return decimal.price(decimals)
    }

    /// A price that has to be one where it is stated.
    func exact(_ names: String..., decimals: Int? = nil) throws(BacktestError) -> ExactPrice? {
        guard let (name, value) = find(names) else { return nil }
        guard let text = value.number ?? value.string, let decimal = RecordedDecimal(text) else {
            throw refuse(name, "a decimal number", value)
        }
        switch decimal.price(decimals) {
        case .known(let price): return price
        case .unknown: throw refuse(name, "a price above zero", value)
        }
    }
}

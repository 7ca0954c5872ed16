import Ethereum

/// Integers with a scale as text; every digit is exact before the rounding that the caller names.
enum FixedPointText {
    /// How digits that are not shown are treated.
    enum Rounding {
        /// They are dropped: a number below a line never looks as if it stood on the line.
        case down
        /// To the nearest, a tie to the even digit.
        case halfEven
    }

    /// `value / 10^decimals` with `places` digits after the point, thousands grouped by commas.
    static func grouped(_ value: UInt256, decimals: Int, places: Int, _ rounding: Rounding = .halfEven) -> String {
        let (whole, fraction) = split(value, decimals: decimals, places: places, rounding)
        return group(whole) + (places > 0 ? "." + fraction : "")
    }

    /// A health factor of scale 1e18: four digits after the point, rounded down so that what can be liquidated stays
    /// below 1.0000; `∞` for `.max`, where there is no debt.
    static func health(_ wad: UInt256) -> String {
        wad == .max ? "∞" : grouped(wad, decimals: 18, places: 4, .down)
    }

    /// Basis points as a percentage with two digits after the point.
    static func percent(bps: Int) -> String {
        (bps < 0 ? "-" : "") + grouped(UInt256(UInt64(bps.magnitude)), decimals: 2, places: 2)
    }

    /// A whole number with its thousands grouped.
    static func grouped(_ value: some BinaryInteger) -> String {
        let text = String(value)
        return text.hasPrefix("-") ? "-" + group(String(text.dropFirst())) : group(text)
    }

    /// The exact number without trailing zeros after the point.
    static func exact(_ value: UInt256, decimals: Int) -> String {
        let (whole, fraction) = split(value, decimals: decimals, places: decimals, .down)
        let kept = fraction.reversed().drop { $0 == "0" }.reversed()
        return kept.isEmpty ? whole : whole + "." + String(kept)
    }

    private static func split(
        _ value: UInt256, decimals: Int, places: Int, _ rounding: Rounding
    ) -> (whole: String, fraction: String) {
        var digits = value.description.utf8.map { $0 - UInt8(ascii: "0") }
        let missing = max(decimals, places) + 1 - digits.count
        if decimals < places { digits += [UInt8](repeating: 0, count: places - decimals) }
        if missing > 0 { digits.insert(contentsOf: [UInt8](repeating: 0, count: missing), at: 0) }
        let dropped = max(0, decimals - places)
        let tail = Array(digits.suffix(dropped))
        digits.removeLast(dropped)
        if rounding == .halfEven, isRoundedUp(tail, after: digits.last ?? 0) { increment(&digits) }
        let text = digits.map { String($0) }.joined()
        let whole = text.dropLast(places).drop { $0 == "0" }
        return (whole.isEmpty ? "0" : String(whole), String(text.suffix(places)))
    }

    private static func isRoundedUp(_ tail: [UInt8], after last: UInt8) -> Bool {
        guard let first = tail.first else { return false }
        if first != 5 { return first > 5 }
        return tail.dropFirst().contains { $0 > 0 } || last & 1 == 1
    }

    private static func increment(_ digits: inout [UInt8]) {
        for index in digits.indices.reversed() {
            if digits[index] < 9 {
                digits[index] += 1
                return
            }
            digits[index] = 0
        }
        digits.insert(1, at: 0)
    }

    private static func group(_ digits: String) -> String {
        var output = ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index) % 3 == 0 { output.append(",") }
            output.append(digit)
        }
        return output
    }
}

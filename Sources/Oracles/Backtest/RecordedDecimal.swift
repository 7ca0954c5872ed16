import Ethereum

/// A decimal number as text: `-1`, `2000.25`, `1.3e-6`; exact.
struct RecordedDecimal {
    let isNegative: Bool
    /// The digits without point; `nil` where they do not fit a word.
    let mantissa: UInt256?
    /// Decimal places; negative where zeros follow the digits.
    let places: Int

    init?(_ text: String) {
        guard text.utf8.count <= 256 else { return nil }
        var rest = text[...]
        isNegative = rest.hasPrefix("-")
        if isNegative || rest.hasPrefix("+") { rest = rest.dropFirst() }
        var exponent = 0
        if let mark = rest.firstIndex(where: { $0 == "e" || $0 == "E" }) {
            let digits = rest[rest.index(after: mark)...]
            guard let number = Int(digits), (-1_000...1_000).contains(number) else { return nil }
            exponent = number
            rest = rest[..<mark]
        }
        let parts = rest.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = parts.first, !whole.isEmpty else { return nil }
        var fraction = parts.count == 2 ? parts[1] : ""
        guard parts.count == 1 || !fraction.isEmpty,
            (whole + fraction).utf8.allSatisfy({ 0x30...0x39 ~= $0 })
        else { return nil }
        while fraction.hasSuffix("0") { fraction = fraction.dropLast() }
        let digits = String((whole + fraction).drop { $0 == "0" })
        mantissa = digits.isEmpty ? .zero : digits.utf8.count > 78 ? nil : UInt256(decimal: digits)
        places = fraction.utf8.count - exponent
    }

    /// The number without its fraction, where it is not negative and fits.
    var roundedDown: UInt256? {
        guard !isNegative || mantissa == .zero, let mantissa else { return nil }
        if places <= 0 { return whole }
        do throws(MathError) {
            return places > 77 ? .zero : try mantissa.divided(by: UInt256.powerOfTen(places), .down)
        } catch {
            return nil
        }
    }

    /// The number where it is whole and small, with its sign.
    var signedWhole: Int? { whole?.asInt().map { isNegative ? -$0 : $0 } }

    /// The number where it is whole and fits.
    var whole: UInt256? {
        guard let mantissa else { return nil }
        if mantissa.isZero { return .zero }
        do throws(MathError) {
            if places <= 0 { return places < -77 ? nil : try mantissa * UInt256.powerOfTen(-places) }
            guard places <= 77 else { return nil }
            let (quotient, remainder) = try mantissa.quotientAndRemainder(dividingBy: .powerOfTen(places))
            return remainder.isZero ? quotient : nil
        } catch {
            return nil
        }
    }

    /// The number as a price, divided by `10^decimals` where it is a raw answer.
    func price(_ decimals: Int?) -> ObservedPrice {
        ObservedPrice { () throws(PriceFault) in
            guard let mantissa else { throw isNegative ? .negative : .absurd("more than 78 digits") }
            if mantissa.isZero { throw .zero }
            if isNegative { throw .negative }
            let total = places + (decimals ?? 0)
            if total >= 0 { return try ExactPrice(mantissa, decimals: total) }
            do throws(MathError) {
                let factor = try UInt256.powerOfTen(min(78, -total))
                let scaled = try mantissa * factor
                do throws(PriceFault) { return try ExactPrice(scaled, decimals: 0) } catch { throw MathError.overflow }
            } catch {
                throw .absurd("about 10^\(mantissa.description.utf8.count - 1 - total)")
            }
        }
    }
}

/// Times as people write them.
enum RecordedMoment {
    /// Seconds since 1970 of `YYYY-MM-DD[THH:MM[:SS[.fff]]][Z|+HH:MM]`; `nil` for anything else.
    static func seconds(_ text: String) -> UInt64? {
        let bytes = Array(text.utf8)
        guard bytes.count <= 40 else { return nil }
        var rest = text[...]
        var offset = 0
        if rest.hasSuffix("Z") || rest.hasSuffix("z") {
            rest = rest.dropLast()
        } else if bytes.count >= 16, let mark = rest.lastIndex(where: { $0 == "+" || $0 == "-" }),
            let east = zone(rest[rest.index(after: mark)...]), rest[..<mark].contains(":")
        {
            offset = rest[mark] == "+" ? east : -east
            rest = rest[..<mark]
        }
        var parts = rest.split { $0 == "T" || $0 == "t" || $0 == " " }
        // A day alone is its beginning; a time without a zone is UTC.
        if parts.count == 1 { parts.append("00:00") }
        guard parts.count == 2 else { return nil }
        let date = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        let clock = (parts[1].split(separator: ".").first ?? "").split(
            separator: ":", omittingEmptySubsequences: false
        ).map { Int($0) }
        guard date.count == 3, (2...3).contains(clock.count), let year = date[0], let month = date[1],
            let day = date[2],
            let hour = clock[0], let minute = clock[1], let second = clock.count == 3 ? clock[2] : 0,
            (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day), (0...23).contains(hour),
            (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        // Days since 1970-03-01 shifted: Hinnant's days_from_civil.
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let ofEra = shifted - era * 400
        let ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let days = era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
        let total = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
        return total >= 0 ? UInt64(total) : nil
    }

    /// Seconds of `02:00`, `0200` or `02`.
    private static func zone(_ text: Substring) -> Int? {
        let digits = text.filter { $0 != ":" }
        guard digits.count == 2 || digits.count == 4, digits.allSatisfy(\.isNumber), let number = Int(digits) else {
            return nil
        }
        return digits.count == 2 ? number * 3_600 : number / 100 * 3_600 + number % 100 * 60
    }
}

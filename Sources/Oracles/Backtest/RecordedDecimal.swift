import Ethereum

/// A decimal number as text: `-1`, `2000.25`, `1.3e-6`; exact.
struct RecordedDecimal {
    let isNegative: Bool
    /// The digits without point; `nil` where they do not fit a word.
    let mantissa: UInt256?
    /// Decimal places; negative where zeros follow the digits.
    let places: Int

    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= 256 else { return nil }
        var place = 0
        isNegative = bytes.first == UInt8(ascii: "-")
        if isNegative || bytes.first == UInt8(ascii: "+") { place = 1 }
        var digits: [UInt8] = []
        var fraction: Int?
        scan: while place < bytes.count {
            switch bytes[place] {
            case 0x30...0x39:
                digits.append(bytes[place])
                fraction = fraction.map { $0 + 1 }
            case UInt8(ascii: ".") where fraction == nil: fraction = 0
            default: break scan
            }
            place += 1
        }
        guard !digits.isEmpty else { return nil }
        var exponent = 0
        if place < bytes.count {
            guard bytes[place] | 0x20 == UInt8(ascii: "e"),
                let number = Int(String(decoding: bytes[(place + 1)...], as: UTF8.self)),
                (-1_000...1_000).contains(number)
            else { return nil }
            exponent = number
        }
        var after = fraction ?? 0
        while after > 0, digits.last == 0x30 {
            digits.removeLast()
            after -= 1
        }
        places = after - exponent
        let significant = digits.drop { $0 == 0x30 }
        switch significant.count {
        case 0: mantissa = .zero
        case ...18: mantissa = UInt256(significant.reduce(UInt64(0)) { $0 * 10 + UInt64($1 - 0x30) })
        case ...78: mantissa = UInt256(decimal: String(decoding: significant, as: UTF8.self))
        default: mantissa = nil
        }
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

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
        if isNegative { rest = rest.dropFirst() }
        var exponent = 0
        if let mark = rest.firstIndex(where: { $0 == "e" || $0 == "E" }) {
            let digits = rest[rest.index(after: mark)...]
            guard let number = Int(digits), abs(number) <= 1_000 else { return nil }
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
    /// Seconds since 1970 of `YYYY-MM-DDTHH:MM[:SS[.fff]]Z`; `nil` for anything else.
    static func seconds(_ text: String) -> UInt64? {
        let bytes = Array(text.utf8)
        guard bytes.count <= 32, bytes.last == UInt8(ascii: "Z") else { return nil }
        let parts = text.dropLast().split(separator: text.contains("T") ? "T" : " ", omittingEmptySubsequences: false)
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
        let total = days * 86_400 + hour * 3_600 + minute * 60 + second
        return total >= 0 ? UInt64(total) : nil
    }
}

import Ethereum

/// Decimal numbers as venues write them, taken digit by digit.
enum DecimalText {
    /// The price that a text such as `2345.67` or `1.2e-7` states; `nil` where it states none.
    static func price(_ text: String) -> ExactPrice? {
        guard text.utf8.count <= 64 else { return nil }
        let parts = text.split(omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        guard let number = parts.first, parts.count <= 2 else { return nil }
        var exponent = 0
        if parts.count == 2 {
            guard let power = Int(parts[1]), (-60...60).contains(power) else { return nil }
            exponent = power
        }
        let pieces = number.split(separator: ".", omittingEmptySubsequences: false)
        guard pieces.count <= 2, !pieces[0].isEmpty, pieces.allSatisfy({ $0.utf8.allSatisfy(isDigit) }) else {
            return nil
        }
        let fraction = pieces.count == 2 ? pieces[1] : ""
        guard let mantissa = UInt256(decimal: String(pieces[0]) + fraction) else { return nil }
        let decimals = fraction.utf8.count - exponent
        guard decimals < 0 else { return ExactPrice.checked(mantissa, decimals: decimals) }
        guard let power = try? UInt256.powerOfTen(min(77, -decimals)) else { return nil }
        let (whole, overflow) = mantissa.multipliedReportingOverflow(by: power)
        return overflow ? nil : ExactPrice.checked(whole, decimals: 0)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
}

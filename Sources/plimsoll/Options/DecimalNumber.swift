import ArgumentParser
import Ethereum

/// A decimal number from the command line, exact: `units / 10^places`.
struct DecimalNumber: Equatable, Sendable, ExpressibleByArgument {
    let units: UInt256
    let places: Int

    /// Digits with at most one point, at most 36 places; `_` and `,` may group the digits before the point.
    init?(argument: String) {
        let parts = argument.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { return nil }
        let whole = parts[0].filter { $0 != "_" && $0 != "," }
        let fraction = parts.count == 2 ? parts[1] : ""
        guard !whole.isEmpty || !fraction.isEmpty, parts.count == 1 || !fraction.isEmpty, fraction.utf8.count <= 36
        else { return nil }
        let digits = String(whole) + fraction
        guard digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let units = UInt256(decimal: digits) else { return nil }
        self.units = units
        places = fraction.utf8.count
    }

    /// The number in units of 10^−`decimals`, rounded as asked.
    ///
    /// - Throws: `.overflow` where it does not fit.
    func scaled(to decimals: Int, _ rounding: Rounding) throws(MathError) -> UInt256 {
        if decimals >= places { return try units * UInt256.powerOfTen(decimals - places) }
        return try units.divided(by: UInt256.powerOfTen(places - decimals), rounding)
    }
}

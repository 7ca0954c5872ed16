/// How far ahead a forecast looks.
public enum Horizon: Int, CaseIterable, Sendable {
    /// One hour.
    case hour = 1
    /// A day.
    case day = 24
    /// A week.
    case week = 168

    /// Its length in hours.
    public var hours: Int { rawValue }
    /// Its length in years of 8,760 hours.
    public var years: Double { Double(rawValue) / Horizon.hoursPerYear }
    /// As a record names it.
    public var name: String {
        switch self {
        case .hour: "1h"
        case .day: "24h"
        case .week: "7d"
        }
    }

    /// The hours of a year, as volatilities are annualised by.
    public static let hoursPerYear = 8_760.0
}

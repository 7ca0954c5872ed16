/// How urgently a borrower should act.
public enum WarningLevel: Int, Comparable, CaseIterable, Sendable {
    /// The contract lets anyone liquidate.
    case liquidatable
    /// It will at the market's price or at a queued one, or probably within the hour.
    case imminent
    /// A margin call.
    case call
    /// To be watched.
    case watch
    /// Nothing to do.
    case quiet

    /// As a record names it.
    public var name: String { "L\(rawValue)" }

    /// The level from what is known; what is not known does not raise it.
    ///
    /// - Parameters:
    ///   - sigmas: the distance in deviations of a day.
    ///   - interestDays: days until interest alone reaches the line.
    public init(
        liquidatable: Bool, atNextPrice: Bool, hour: Double?, day: Double?, week: Double?, sigmas: Double?,
        interestDays: Double?
    ) {
        func at(_ value: Double?, least: Double) -> Bool { value.map { $0 >= least } ?? false }
        func below(_ value: Double?, _ limit: Double) -> Bool { value.map { $0 < limit } ?? false }
        if liquidatable {
            self = .liquidatable
        } else if atNextPrice || at(hour, least: 0.20) {
            self = .imminent
        } else if at(day, least: 0.10) || below(sigmas, 1.75) || below(interestDays, 3) {
            self = .call
        } else if at(day, least: 0.01) || at(week, least: 0.10) || below(interestDays, 30) {
            self = .watch
        } else {
            self = .quiet
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public static func < (one: WarningLevel, other: WarningLevel) -> Bool { one.rawValue < other.rawValue }
}

public import Lending

/// The classes that come before any number, worst first.
public enum RiskClass: Int, Comparable, CaseIterable, Sendable {
    /// Anyone may liquidate it at the pinned block, and it pays.
    case liquidatable
    /// Anyone may, and it does not pay.
    case unprofitable
    /// Anyone may at the market's price, or at one that waits to be posted.
    case pending
    /// Whether anyone may is not known.
    case unknown
    /// Nobody may.
    case healthy

    /// The class of a position.
    ///
    /// - Parameter isProfitable: whether closing it pays; it is taken to pay where nothing is known.
    public init(of position: Position, isProfitable: Bool = true) {
        switch position.liquidatable {
        case true?: self = isProfitable ? .liquidatable : .unprofitable
        case nil: self = .unknown
        case false?:
            let isPending =
                position.oracle?.healthUnder.contains { health in
                    (health.name == "pending" || health.name == "reference") && health.verdict?.liquidatable == true
                } ?? false
            self = isPending ? .pending : .healthy
        }
    }

    /// As a record names it.
    public var name: String {
        switch self {
        case .liquidatable: "liquidatable"
        case .unprofitable: "unprofitable"
        case .pending: "pending"
        case .unknown: "unknown"
        case .healthy: "healthy"
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public static func < (one: RiskClass, other: RiskClass) -> Bool { one.rawValue < other.rawValue }
}

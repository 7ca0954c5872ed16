/// What independent witnesses say together.
public struct PriceConsensus: Hashable, Sendable {
    /// One source and what became of its voice.
    public struct Member: Hashable, Sendable {
        /// What became of a voice.
        public enum Fate: Hashable, Sendable {
            /// It counts.
            case counted
            /// It rests on what the protocol's price rests on; the root.
            case dependent(String)
            /// It rests on what a heavier witness rests on; that witness.
            case correlated(String)
            /// It says nothing about what a market pays; why.
            case noMarket(String)
            /// It has no price; why.
            case unknown(PriceFault)
            /// It is too far from the others; how far, in basis points, and how far would have been allowed.
            case rejected(bps: Double, limit: Double)
        }

        /// The observation.
        public var observation: Observation
        /// Its weight before the median, 0 where it does not count.
        public var weight: Double
        /// How uncertain it is by itself, in basis points.
        public var uncertaintyBps: Double
        /// What became of it.
        public var fate: Fate
        /// How far the protocol's price stands from it, in basis points; `nil` where one of them is unknown.
        public var deviationBps: Int?
    }

    /// The lower weighted median of those that count: one source's own price, exact; `nil` where nobody counts.
    public var price: ExactPrice?
    /// All of them, by id.
    public var members: [Member]
    /// How many independent witnesses count.
    public var independent: Int
    /// How far they scatter, in basis points: 1.4826 times the median deviation, at least the floor.
    public var spreadBps: Double
    /// The lowest and the highest price that counts.
    public var lowest: ExactPrice?
    /// See ``lowest``.
    public var highest: ExactPrice?
    /// Whether those that count do not agree: then the median is nobody's opinion.
    public var isSplit: Bool

    /// How far `price` stands from the witnesses, as a difference of logarithms, positive where it is above; `nil`
    /// where nobody counts.
    ///
    /// Of two, or of several that do not agree, nobody can say who is right: then it is the distance from the nearest.
    public func distance(of price: ExactPrice) -> Double? {
        guard let middle = self.price, let lowest, let highest else { return nil }
        guard isSplit || independent == 2 else { return price.logarithm - middle.logarithm }
        if price.logarithm > highest.logarithm { return price.logarithm - highest.logarithm }
        if price.logarithm < lowest.logarithm { return price.logarithm - lowest.logarithm }
        return 0
    }
}

extension PriceConsensus {
    /// Averages that are too far from the others to count: logarithms, and the seconds of their windows.
    var rejectedAverages: [(log: Double, window: UInt64?)] {
        members.compactMap { member in
            guard case .rejected = member.fate, member.observation.source.kind.evidence == .average else { return nil }
            let window = member.observation.source.window.flatMap { UInt64(exactly: $0) }
            return member.observation.price.value.map { ($0.logarithm, window) }
        }
    }

    /// How far witnesses themselves stand from what ``distance(of:)`` counts from, on the side of a price at
    /// `distance` and in basis points.
    func edgeBps(towards distance: Double) -> Double {
        guard !isSplit, independent != 2, let price, let lowest, let highest else { return 0 }
        return abs(distance < 0 ? price.logarithm - lowest.logarithm : highest.logarithm - price.logarithm) * 10_000
    }
}

extension PriceConsensus.Member.Fate: CustomStringConvertible {
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var description: String {
        switch self {
        case .counted: "counted"
        case .dependent(let root): "rests on \(root), as the protocol's price does"
        case .correlated(let other): "rests on what \(other) rests on"
        case .noMarket(let why): "is no market price: \(why)"
        case .unknown(let fault): fault.description
        case .rejected(let bps, let limit):
            "stands \(Int(bps.rounded())) bps from the others, and \(Int(limit.rounded())) would be explained"
        }
    }

    /// The name of the fate in a record.
    public var name: String {
        switch self {
        case .counted: "counted"
        case .dependent: "dependent"
        case .correlated: "correlated"
        case .noMarket: "no_market"
        case .unknown: "unknown"
        case .rejected: "rejected"
        }
    }
}

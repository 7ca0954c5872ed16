/// How far a price can be trusted.
public enum PriceTrust: String, CaseIterable, Hashable, Sendable, Comparable {
    /// Nothing speaks against it, and something independent for it.
    case ok
    /// Nothing could be said: it could not be read, or nothing independent of it could.
    case unknown
    /// Act with care.
    case suspect
    /// Do not use it.
    case reject

    private var rank: Int { PriceTrust.allCases.firstIndex(of: self) ?? 0 }

    /// The worse of two is the greater.
    public static func < (one: PriceTrust, other: PriceTrust) -> Bool { one.rank < other.rank }
}

/// What is to be thought of one asset's price at one moment.
public struct PriceVerdict: Hashable, Sendable {
    /// The asset.
    public var asset: String
    /// The moment, seconds since 1970.
    public var time: UInt64
    /// The block; `nil` outside the chain.
    public var block: UInt64?
    /// How far the price can be trusted.
    public var trust: PriceTrust
    /// The protocol's observation.
    public var price: Observation
    /// What independent witnesses say.
    public var consensus: PriceConsensus
    /// How far the price stands from them, in basis points; `nil` where that is not known.
    public var deviationBps: Int?
    /// All that was found, by detector; severities as they count after confirmation.
    public var findings: [Finding]
    /// Findings that begin with this moment, or are worse than before, and are to be announced.
    public var announced: [Finding]
    /// The words of the record, in its order.
    public var flags: [PriceFlag]
    /// Why, the worst first.
    public var reasons: [String]
    /// The cheapest way to move the price, by what is lost; `nil` where no cost is known.
    public var cost: AttackCost?
}

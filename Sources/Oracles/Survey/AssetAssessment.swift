import Ethereum
public import Lending

/// What is to be thought of the price that a market uses for one asset.
public struct AssetAssessment: Sendable {
    /// One source, in the market's currency.
    public struct Compared: Sendable {
        /// The source.
        public var reference: OracleBook.Reference
        /// Its price in the currency of the market; `nil` where it has none.
        public var price: SourcePrice?
        /// How far the protocol's price stands from it, in basis points.
        public var deviationBps: Int?
        /// Whether it shares no root with the protocol's price, and is a price that a market makes.
        public var isIndependent: Bool
        /// How much it weighs beside others.
        public var weight: Int
    }

    /// The asset as the market prices it.
    public var asset: PricedAsset
    /// The protocol's price.
    public var price: SourcePrice?
    /// Where it comes from in the end.
    public var roots: Set<OracleRoot>
    /// How the protocol comes by it: `push`, `pull`, `twap`, `ratio`, `capped`, `fixed`, `spot` or `unknown`.
    public var kind: String
    /// When the oldest feed behind it was written.
    public var updatedAt: UInt64?
    /// Seconds after which that feed is due.
    public var heartbeat: Int?
    /// The deviation at which that feed is due, in basis points.
    public var feedDeviationBps: Int?
    /// The sources, in the order of the network file.
    public var compared: [Compared]
    /// How many sources share no root with each other or with the protocol's price.
    public var independent: Int
    /// What the independent sources say together.
    public var reference: SourcePrice?
    /// What averages of pools say.
    public var dexTwap: SourcePrice?
    /// What venues say.
    public var venues: SourcePrice?
    /// A price that the protocol's feed is about to take, where one is signed or quoted beyond its threshold.
    public var pending: SourcePrice?
    /// How far the protocol's price can be trusted.
    public var verdict: OracleFindings.Verdict
    /// What was noticed, in the words of the record.
    public var flags: [String]
    /// Why the verdict is what it is.
    public var reasons: [String]
}

extension AssetAssessment {
    /// A price in the unit of a leg, rounded down.
    static func raw(_ price: SourcePrice?, scale: UInt256) -> UInt256? {
        price.flatMap { $0.scaled(to: scale) }.flatMap { $0.isZero ? nil : $0 }
    }
}

/// What an asset is, as far as it decides which limits apply.
public struct AssetProfile: Hashable, Sendable {
    /// The kinds of assets that limits tell apart.
    public enum Class: String, CaseIterable, Hashable, Sendable {
        /// Deep markets everywhere: ether, bitcoin.
        case major
        /// Any other asset with a market.
        case other
        /// Meant to be worth one unit of the quote.
        case stable
        /// A staked token with a rate.
        case lst
        /// A restaked token with a rate.
        case lrt
        /// A share of a vault.
        case share
        /// A share of a pool.
        case lp
    }

    /// The name under which it is reported.
    public var id: String
    /// What it is.
    public var kind: Class
    /// Its liquidation threshold in the market, in basis points; `nil` where that is not known.
    public var liquidationThresholdBps: Int?
    /// Seconds since the market was made; `nil` where that is not known.
    public var marketAge: UInt64?

    /// Describes an asset.
    public init(
        _ id: String, _ kind: Class = .other, liquidationThresholdBps: Int? = nil, marketAge: UInt64? = nil
    ) {
        self.id = id
        self.kind = kind
        self.liquidationThresholdBps = liquidationThresholdBps
        self.marketAge = marketAge
    }
}

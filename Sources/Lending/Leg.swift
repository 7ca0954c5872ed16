public import Ethereum

/// One asset of a position, on either side.
public struct Leg: Hashable, Sendable {
    /// The token.
    public var asset: Address
    /// Its symbol; `nil` where the token names none.
    public var symbol: String?
    /// Decimal places of one whole token.
    public var decimals: Int
    /// What the protocol stores, before any index: it only changes when the account acts.
    public var raw: UInt256
    /// What `raw` has grown to, in the token's smallest units.
    public var amount: UInt256
    /// The multiplier from `raw` to `amount`, at the pinned block's time; `nil` where each account has its own.
    public var index: UInt256?
    /// The price of one whole token that the contract uses, in base units.
    public var priceRaw: UInt256
    /// How many base units one unit of the base currency has.
    public var priceScale: UInt256
    /// The value in base units, rounded as the contract rounds this leg; zero where the contract leaves the leg out.
    public var value: UInt256
    /// The share of the value that counts against debt before the line is reached, in basis points; `nil` for debt.
    public var factor: Int?
    /// The same share as the contract holds it, where that is finer than basis points.
    public var factorRaw: UInt256?
    /// What `factorRaw` counts as one.
    public var factorScale: UInt256?
    /// What a liquidator pays and receives, in basis points including the principal (10,500 is a bonus of 5 %); `nil`
    /// for debt.
    public var bonusBps: Int?
    /// Whether the contract counts this leg for this account.
    public var enabled: Bool
    /// Whether the protocol takes no new business in the asset.
    public var frozen: Bool
    /// Whether the protocol has stopped the asset altogether, liquidations included.
    public var paused: Bool
    /// Whether an account that has this collateral may borrow nothing but what its own debt ceiling allows.
    public var isolated: Bool
    /// Which price the contract reads.
    public var source: PriceSource
    /// What kind of leg it is where the protocol has several, such as debt at a stable rate.
    public var kind: String?

    /// Makes a leg.
    public init(
        asset: Address, symbol: String?, decimals: Int, raw: UInt256, amount: UInt256, index: UInt256?,
        priceRaw: UInt256, priceScale: UInt256, value: UInt256, factor: Int? = nil, bonusBps: Int? = nil,
        enabled: Bool = true, frozen: Bool = false, paused: Bool = false, isolated: Bool = false,
        source: PriceSource, kind: String? = nil
    ) {
        self.asset = asset
        self.symbol = symbol
        self.decimals = decimals
        self.raw = raw
        self.amount = amount
        self.index = index
        self.priceRaw = priceRaw
        self.priceScale = priceScale
        self.value = value
        self.factor = factor
        self.bonusBps = bonusBps
        self.enabled = enabled
        self.frozen = frozen
        self.paused = paused
        self.isolated = isolated
        self.source = source
        self.kind = kind
    }
}

/// Where the contract takes the price of one asset from.
public struct PriceSource: Hashable, Sendable {
    /// How the price comes to be.
    public enum Kind: String, Sendable {
        /// A contract that answers with the price.
        case feed
        /// The price of another asset, which the rules put in its place.
        case substitute
        /// The oracle knows no source for the asset and asks its fallback.
        case fallback
        /// The asset is the currency that prices are stated in.
        case base
        /// Not known.
        case unknown
    }

    /// How the price comes to be.
    public var kind: Kind
    /// The contract, or the other asset; `nil` where there is none or it could not be read.
    public var address: Address?

    /// Makes a source.
    public init(_ kind: Kind, _ address: Address? = nil) {
        self.kind = kind
        self.address = address
    }
}

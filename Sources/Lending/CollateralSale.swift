public import Chain
public import Ethereum
public import JSON

/// Collateral that a protocol has taken over and sells at a discount, to anybody.
///
/// It is an opportunity without an account: it may be there while nobody can be liquidated.
public struct CollateralSale: Sendable {
    /// A question to the contract's own quote, and the same computed here.
    public struct Quote: Hashable, Sendable {
        /// What is paid, in the base asset's smallest units.
        public var baseAmount: UInt256
        /// What that buys, computed here.
        public var collateralAmount: UInt256
        /// What the contract answers; `nil` where it does not.
        public var onchain: UInt256?

        /// Makes a quote.
        public init(baseAmount: UInt256, collateralAmount: UInt256, onchain: UInt256?) {
            self.baseAmount = baseAmount
            self.collateralAmount = collateralAmount
            self.onchain = onchain
        }
    }

    /// The market.
    public var market: MarketID
    /// The contract to call.
    public var entrypoint: Address
    /// The block that every number belongs to.
    public var block: Block
    /// What is sold; its `amount` is all there is.
    public var collateral: Leg
    /// What is paid with; its `amount` is what the largest purchase costs.
    public var base: Leg
    /// The discount on the collateral's price; one is `discountScale`.
    public var discount: UInt256?
    /// What `discount` counts as one.
    public var discountScale: UInt256
    /// The price of one whole token after the discount, in the unit of the leg's `priceRaw`.
    public var discountedPrice: UInt256?
    /// The protocol's reserves of the base asset, which decide whether it sells; below zero where debt exceeds them.
    public var reserves: Int256?
    /// The reserves from which on it keeps its collateral.
    public var targetReserves: UInt256
    /// Whether the contract sells at this block; `nil` where that is not known.
    public var isOpen: Bool?
    /// Quotes, the largest purchase first.
    public var quotes: [Quote]
    /// Whether every number that the contract states is the one computed here.
    public var match: Position.Match
    /// What is not known, and why.
    public var unknown: [Unknown]

    /// Makes a sale of which only this much is known.
    public init(
        market: MarketID, entrypoint: Address, block: Block, collateral: Leg, base: Leg, discountScale: UInt256,
        targetReserves: UInt256
    ) {
        self.market = market
        self.entrypoint = entrypoint
        self.block = block
        self.collateral = collateral
        self.base = base
        self.discountScale = discountScale
        self.targetReserves = targetReserves
        quotes = []
        match = .notCompared
        unknown = []
    }
}

extension CollateralSale {
    /// Whether anybody can buy now, as far as both sides agree.
    public var isOpportunity: Bool { isOpen == true && match == .equal && !collateral.amount.isZero }

    /// The identity of the sale: it stays the same over blocks and over upgrades of the rules.
    ///
    /// keccak256 of the canonical JSON of `[chainId, family, deployment, market, "buy_collateral", asset]`.
    public var id: Hash32 {
        let key: [JSONValue] = [
            .integer(market.chainId), .string(market.family), .string(market.deployment),
            market.market.map { .string($0) } ?? .null, "buy_collateral", .string(collateral.asset.checksummed),
        ]
        return Keccak256.hash(JSONValue.array(key).serialized())
    }

    /// The record of one line: `type` is `opportunity` where anybody can buy, `watch` where the sale is closed or not
    /// certain.
    public var json: JSONValue {
        [
            "v": .integer(PositionRecord.version),
            "type": isOpportunity ? "opportunity" : "watch",
            "kind": "buy_collateral",
            "id": .string(id.hex),
            "stream": .string(market.stream),
            "chainId": .integer(market.chainId),
            "network": .string(market.network),
            "protocol": .string(market.protocol),
            "deployment": .string(market.deployment),
            "market": market.market.map { .string($0) } ?? .null,
            "entrypoint": .string(entrypoint.checksummed),
            "block": [
                "number": .integer(block.number), "hash": .string(block.hash.hex),
                "parentHash": .string(block.parentHash.hex), "timestamp": .integer(block.timestamp),
            ],
            "collateral": collateral.json,
            "base": base.json,
            "collateralReserves": .string(collateral.amount.description),
            "discount": Self.integer(discount),
            "discountScale": .string(discountScale.description),
            "discountedPrice": Self.integer(discountedPrice),
            "reserves": reserves.map { .string($0.description) } ?? .null,
            "targetReserves": .string(targetReserves.description),
            "isOpen": isOpen.map { .bool($0) } ?? .null,
            "quotes": .array(
                quotes.map {
                    [
                        "baseAmount": .string($0.baseAmount.description),
                        "collateralAmount": .string($0.collateralAmount.description),
                        "onchain": Self.integer($0.onchain),
                    ]
                }),
            "match": .string(match.rawValue),
            "unknown": .array(unknown.map { ["field": .string($0.field), "reason": .string($0.reason)] }),
        ]
    }

    private static func integer(_ value: UInt256?) -> JSONValue {
        value.map { .string($0.description) } ?? .null
    }
}

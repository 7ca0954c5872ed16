public import Chain
public import Ethereum
public import JSON

/// One account in one market at one block: what it owes, what secures that, and how far it is from its line.
///
/// A number that could not be had is `nil`, and `unknown` says why.
public struct Position: Hashable, Sendable {
    /// Whether our number is the contract's own.
    public enum Match: String, Sendable {
        /// Every number that the contract states is the one computed here.
        case equal
        /// At least one differs: nothing about the position may be acted on.
        case differs
        /// There was nothing to compare with.
        case notCompared = "not_compared"
    }

    /// The market.
    public var market: MarketID
    /// The account.
    public var account: Account
    /// Who controls the account, where that is somebody else.
    public var owner: Address?
    /// The contract to call.
    public var entrypoint: Address
    /// The block that every number belongs to.
    public var block: Block

    /// The risk-adjusted collateral that the contract compares, in `hfUnit`.
    public var hfNum: UInt256?
    /// The debt that it compares with, in `hfUnit`.
    public var hfDen: UInt256?
    /// The unit of both, such as `base1e8*1e4`.
    public var hfUnit: String
    /// The comparison that lets anyone liquidate, on the value that the contract compares.
    public var predicate: String
    /// What the protocol's own view returns, computed here; `.max` without debt.
    public var hfProtocol: UInt256?
    /// What `hfProtocol` counts as one.
    public var hfScale: UInt256
    /// The same number, read from the chain.
    public var hfOnchain: UInt256?
    /// Whether the contract agrees.
    public var match: Match
    /// What `predicate` says; `nil` where it cannot be said with certainty.
    public var liquidatable: Bool?
    /// What the liquidating call would find, where the protocol's view is not that; `liquidatable` is then this one's.
    public var execution: ExecutionHealth?

    /// All collateral that counts, in base units.
    public var collateralValue: UInt256?
    /// All debt, in base units.
    public var debtValue: UInt256?
    /// The currency that values are stated in.
    public var valueUnit: ValueUnit
    /// The assets that secure the debt.
    public var collateral: [Leg]
    /// The assets that are owed.
    public var debt: [Leg]
    /// What independent sources say about its prices; `nil` where none was read.
    public var oracle: OracleFindings?
    /// What may be sent about it, best first; `nil` where nothing was planned.
    public var plans: [LiquidationPlan]?
    /// How far its prices are from the line; `nil` where that was not computed.
    public var distance: PriceDistance?
    /// When interest alone reaches the line; `nil` where that was not computed.
    public var interestOnly: InterestCrossing?
    /// That its numbers are those at prices that somebody asks about; `nil` for the chain's own.
    public var whatIf: WhatIf?
    /// How likely it is to be liquidated, and what would be lost; `nil` where that was not estimated.
    public var risk: RiskFindings?
    /// How many operators gave the contract's answer alike; `nil` where nobody else was asked.
    public var confirmations: Int?
    /// What of it is proven and not only said: `header`, `logs`, `state`.
    public var verified: [String]
    /// What only this protocol has, by name, as it stands in the record.
    public var details: [String: JSONValue]
    /// Why a field is `nil`.
    public var unknown: [Unknown]

    /// Makes a position of which nothing is known yet.
    public init(
        market: MarketID, account: Account, entrypoint: Address, block: Block, hfUnit: String, predicate: String,
        hfScale: UInt256, valueUnit: ValueUnit
    ) {
        self.market = market
        self.account = account
        self.entrypoint = entrypoint
        self.block = block
        self.hfUnit = hfUnit
        self.predicate = predicate
        self.hfScale = hfScale
        self.valueUnit = valueUnit
        match = .notCompared
        collateral = []
        debt = []
        verified = []
        details = [:]
        unknown = []
    }

    /// Whether it cannot be said with certainty if the position can be liquidated.
    public var isUnknown: Bool { liquidatable == nil }
}

extension Position {
    /// A position as the chain has it, behind one at other prices.
    public struct WhatIf: Hashable, Sendable {
        /// The moves that were asked for.
        public var shock: String
        /// The health at today's prices.
        public var hfProtocol: UInt256?
        /// The verdict at today's prices.
        public var liquidatable: Bool?

        /// Keeps what is true today.
        public init(shock: String, hfProtocol: UInt256?, liquidatable: Bool?) {
            self.shock = shock
            self.hfProtocol = hfProtocol
            self.liquidatable = liquidatable
        }
    }
}

/// The currency that a market states values in.
public struct ValueUnit: Hashable, Sendable {
    /// Its name, such as `USD`.
    public let symbol: String
    /// How many decimal places a whole unit has.
    public let decimals: Int

    /// Makes a unit.
    public init(symbol: String, decimals: Int) {
        self.symbol = symbol
        self.decimals = decimals
    }
}

/// Why a field of a record is empty.
public struct Unknown: Hashable, Sendable {
    /// The field's name in the record.
    public let field: String
    /// The reason, in words.
    public let reason: String

    /// Makes a reason.
    public init(_ field: String, _ reason: String) {
        self.field = field
        self.reason = reason
    }
}

public import Chain
public import Ethereum

/// A debt that may be repaid, and the collateral that is taken for it.
public struct LiquidationPair: Hashable, Sendable {
    /// The token that is repaid.
    public var debtAsset: Address
    /// The token that is seized.
    public var collateralAsset: Address
    /// Which debt is meant, as its protocol counts them, where an account may have several of one token.
    public var debtKey: UInt256?
    /// Which collateral is meant, in the same way.
    public var collateralKey: UInt256?

    /// Makes a pair.
    public init(
        debtAsset: Address, collateralAsset: Address, debtKey: UInt256? = nil, collateralKey: UInt256? = nil
    ) {
        self.debtAsset = debtAsset
        self.collateralAsset = collateralAsset
        self.debtKey = debtKey
        self.collateralKey = collateralKey
    }
}

/// What one liquidating call does, with whatever has to be sent around it, by the protocol's own integers at the pinned
/// block.
public struct LiquidationQuote: Hashable, Sendable {
    /// The debt and the collateral.
    public var pair: LiquidationPair
    /// What the call is given as the amount to repay; `2^256−1` where the protocol takes that for the most.
    public var repayArg: UInt256
    /// The most that the contract accepts, in the debt token's smallest units.
    public var maxRepay: UInt256
    /// What is repaid.
    public var repay: UInt256
    /// What the liquidator receives, after the protocol's fee, in the smallest units of ``seizeAsset``.
    public var seize: UInt256
    /// The token that is received: the collateral's, or a share of it that nobody redeems at once.
    public var seizeAsset: Address
    /// What of the collateral the protocol keeps.
    public var protocolFee: UInt256
    /// What is paid and received, bps with the principal.
    public var bonusBps: Int
    /// Value of what is received, base units, down.
    public var seizeValue: UInt256
    /// Value of what is repaid, base units, up.
    public var repayValue: UInt256
    /// Whether the contract has a rule against small rests: its name, `nil` for none.
    public var dustRule: String?
    /// Whether that rule lets the call pass.
    public var dustOK: Bool
    /// What of the whole of this debt and of this collateral is left.
    public var rest: (debt: UInt256, collateral: UInt256) {
        get { (restOfDebt, restOfCollateral) }
        set { (restOfDebt, restOfCollateral) = newValue }
    }
    private var restOfDebt: UInt256
    private var restOfCollateral: UInt256
    /// Who has to be allowed to take the debt token.
    public var spender: Address
    /// The call.
    public var call: Call
    /// The function, as its signature.
    public var function: String
    /// Its arguments by name, as text.
    public var arguments: [Argument]
    /// What of the chain's own coin the call carries, wei.
    public var value: UInt256 = .zero
    /// Where in the call's data the sender is named.
    public var sender = LiquidationCall.Sender.nowhere
    /// Calls that have to be sent before it, in order.
    public var before: [LiquidationCall] = []
    /// Calls that have to be sent after it, in order.
    public var after: [LiquidationCall] = []

    /// One argument of a call; its text is made when somebody reads it.
    public struct Argument: Hashable, Sendable {
        /// Its name.
        public var name: String
        private var content: Content

        private enum Content: Hashable {
            case text(String)
            case address(Address)
            case number(UInt256)
        }

        /// Names a value.
        public init(_ name: String, _ value: String) {
            self.name = name
            content = .text(value)
        }

        /// Names an address.
        public init(_ name: String, _ value: Address) {
            self.name = name
            content = .address(value)
        }

        /// Names a number.
        public init(_ name: String, _ value: UInt256) {
            self.name = name
            content = .number(value)
        }

        /// Its value, as text.
        public var value: String {
            switch content {
            case .text(let text): text
            case .address(let address): address.checksummed
            case .number(let number): number.description
            }
        }
    }

    /// Makes a quote.
    public init(
        pair: LiquidationPair, repayArg: UInt256, maxRepay: UInt256, repay: UInt256, seize: UInt256,
        protocolFee: UInt256, bonusBps: Int, seizeValue: UInt256, repayValue: UInt256, dustRule: String?,
        dustOK: Bool, rest: (debt: UInt256, collateral: UInt256), spender: Address, call: Call, function: String,
        arguments: [Argument]
    ) {
        self.pair = pair
        self.repayArg = repayArg
        self.maxRepay = maxRepay
        self.repay = repay
        self.seize = seize
        seizeAsset = pair.collateralAsset
        self.protocolFee = protocolFee
        self.bonusBps = bonusBps
        self.seizeValue = seizeValue
        self.repayValue = repayValue
        self.dustRule = dustRule
        self.dustOK = dustOK
        restOfDebt = rest.debt
        restOfCollateral = rest.collateral
        self.spender = spender
        self.call = call
        self.function = function
        self.arguments = arguments
    }

    /// Everything that is sent, in order.
    public var calls: [LiquidationCall] { before + [main] + after }

    /// The liquidating call itself.
    public var main: LiquidationCall {
        LiquidationCall(call, function: function, arguments: arguments, value: value, sender: sender)
    }

    /// What it earns at the protocol's own prices, base units.
    public var gross: Int256 {
        let isNegative = seizeValue < repayValue
        return Int256(isNegative: isNegative, magnitude: seizeValue.distance(to: repayValue)) ?? .zero
    }
}

/// Why nothing can be sent about a position, or not this.
public struct LiquidationRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// In words.
    public let description: String

    /// Says why.
    public init(_ description: String) {
        self.description = description
    }
}

extension LendingMarket {
    private var unsized: LiquidationRefusal {
        LiquidationRefusal("liquidations of \(id.protocol) are not sized in this version")
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func liquidationPairs(of position: Position) throws(LiquidationRefusal) -> [LiquidationPair] {
        throw unsized
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func liquidation(
        of position: Position, _ pair: LiquidationPair, cover: UInt256
    ) throws(LiquidationRefusal) -> LiquidationQuote {
        throw unsized
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func position(_ position: Position, after quote: LiquidationQuote) -> Position? { nil }
}

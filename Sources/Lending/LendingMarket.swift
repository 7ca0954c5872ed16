public import Chain
public import Ethereum

/// One deployment of one lending protocol, seen the same way whatever the protocol.
///
/// It was opened at one block and knows the rules of that block: after an upgrade it has to be opened again.
public protocol LendingMarket: Sendable {
    /// Which deployment this is, with the version of its rules.
    var id: MarketID { get }
    /// The contracts that its numbers come from, by role.
    var contracts: [(role: String, address: Address)] { get }

    /// Which logs tell about its accounts.
    var events: MarketEvents { get }
    /// What rows of accounts depend on besides the accounts, such as the rules and the list of assets: rows that were
    /// kept under another fingerprint mean something else.
    var fingerprint: Hash32 { get }

    /// The accounts that these addresses may have here, as this market keys them: an address alone where it keys by
    /// address, one for each position where a deployment holds many markets.
    func expand(_ accounts: [Account], on snapshot: Snapshot) async throws(LendingError) -> [Account]
    /// Whether an entry among discovered accounts is one. Some markets keep there what the accounts depend on, such as
    /// the ids of markets, so that the index remembers it; whoever reads some accounts hands it in with them.
    func isAccount(_ account: Account) -> Bool

    /// The positions of `accounts` at `snapshot`'s block, in their order, with what they explain of each debt token.
    ///
    /// - Parameters:
    ///   - debtless: whether accounts without debt are part of the result.
    ///   - known: what need not be read again. Where a position from a row contradicts the contract, it is.
    func read(
        _ accounts: [Account], debtless: Bool, known: AccountRows, on snapshot: Snapshot
    ) async throws(LendingError) -> MarketReading

    /// What the contract itself says about each account at `snapshot`'s block, in their order, in the form in which
    /// rows keep it: the same question to another endpoint confirms every number that stands behind a verdict.
    func answers(
        about accounts: [Account], on snapshot: Snapshot
    ) async throws(LendingError) -> [Reading<[UInt8]>]

    /// One account with every step of the computation.
    func work(_ account: Account, on snapshot: Snapshot) async throws(LendingError) -> Working
    /// The same where it depends on entries of `accounts` that are no accounts.
    func work(_ account: Account, among accounts: [Account], on snapshot: Snapshot) async throws(LendingError)
        -> Working

    /// What the market prices, with the prices that its rules use at the block it was opened at.
    ///
    /// - Parameter positions: for a market that does not list it: their legs name what they hold.
    func pricedAssets(of positions: [Position]) -> [PricedAsset]

    /// What a market of isolated markets consists of, as far as anybody owes there; nothing for every other.
    func listings(on snapshot: Snapshot) async throws(LendingError) -> [Account]

    /// What the market prices, whoever holds it.
    ///
    /// - Parameter listings: of a market of isolated markets, what ``listings(on:)`` gave at this block or a later one.
    func pricedAssets(in listings: [Account], on snapshot: Snapshot) async throws(LendingError) -> [PricedAsset]

    /// What moves positions without anybody acting; `nil` where that cannot be bounded, so that following the market
    /// means to read everybody at every block.
    var pulse: MarketPulse? { get }

    /// Contracts of which any log may mean that the rules for accounts changed.
    func governors(on snapshot: Snapshot) async throws(LendingError) -> [Address]

    /// What the contract's comparison says where it reads other prices, everything else as at the pinned block.
    ///
    /// - Parameters:
    ///   - position: one that ``read(_:debtless:known:on:)`` gave.
    ///   - prices: by asset, in the unit of the leg's `priceRaw`; what is not named keeps its price.
    /// - Returns: `nil` where the position itself is not known well enough, or a number does not fit the contract's.
    func revalue(_ position: Position, at prices: [Address: UInt256]) -> Verdict?

    /// Whether something else may be done to a position before it can be liquidated, such as a liquidation that its
    /// owner let happen earlier; ``liquidationPairs(of:)`` then says what.
    func isOpenEarly(_ position: Position) -> Bool

    /// What may be repaid and seized of a position that can be liquidated.
    ///
    /// - Throws: why nothing may be, or why that is not known. What is left out of the list is refused by the contract.
    func liquidationPairs(of position: Position) throws(LiquidationRefusal) -> [LiquidationPair]

    /// What the liquidating call does where it is asked to repay `cover`, in the debt token's smallest units.
    ///
    /// - Parameters:
    ///   - position: one that ``read(_:debtless:known:on:)`` gave, or what ``position(_:after:)`` made of one.
    ///   - cover: more than the contract accepts stands for the most.
    /// - Throws: why the contract would not do it.
    func liquidation(
        of position: Position, _ pair: LiquidationPair, cover: UInt256
    ) throws(LiquidationRefusal) -> LiquidationQuote
    /// The same without what is sent: `call` is empty. Searches for a size ask this.
    func liquidationSize(
        of position: Position, _ pair: LiquidationPair, cover: UInt256
    ) throws(LiquidationRefusal) -> LiquidationQuote

    /// The position as the contract would see it after that call, in the same block; `nil` where that is not known or
    /// nothing is left to liquidate.
    func position(_ position: Position, after quote: LiquidationQuote) -> Position?

    /// The call that says once more, at any later block, whether the position can be liquidated; `nil` for none.
    func recheck(of position: Position) -> LiquidationRecheck?

    /// What the contract's comparison will say in a block of another time, nobody acting until then: interest alone,
    /// and other prices where some are given.
    ///
    /// - Parameters:
    ///   - position: one that ``read(_:debtless:known:on:)`` gave.
    ///   - timestamp: seconds since 1970, not before the pinned block's.
    ///   - prices: as for ``revalue(_:at:)``.
    /// - Returns: `nil` where it cannot be said.
    func verdict(of position: Position, at timestamp: UInt64, prices: [Address: UInt256]) -> Verdict?

    /// Which storage slots hold the numbers that these positions stand on, and what was read of them.
    ///
    /// The positions are those that ``read(_:debtless:known:on:)`` gave at the same block. Where no layout is known,
    /// the
    /// claims say so; a market that says nothing has none.
    func claims(of positions: [Position], on snapshot: Snapshot) async throws(LendingError) -> StateClaims
}

extension LendingMarket {
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func recheck(of position: Position) -> LiquidationRecheck? { nil }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func isOpenEarly(_ position: Position) -> Bool { false }

    /// With what is sent: for markets where that costs little.
    public func liquidationSize(
        of position: Position, _ pair: LiquidationPair, cover: UInt256
    ) throws(LiquidationRefusal) -> LiquidationQuote {
        try liquidation(of: position, pair, cover: cover)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var pulse: MarketPulse? { nil }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func governors(on snapshot: Snapshot) async throws(LendingError) -> [Address] { [] }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func pricedAssets(of positions: [Position]) -> [PricedAsset] { PricedAsset.of(positions) }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func listings(on snapshot: Snapshot) async throws(LendingError) -> [Account] { [] }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func pricedAssets(
        in listings: [Account], on snapshot: Snapshot
    ) async throws(LendingError) -> [PricedAsset] { pricedAssets(of: []) }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func expand(_ accounts: [Account], on snapshot: Snapshot) async throws(LendingError) -> [Account] {
        accounts
    }

    /// Nothing is known of another time.
    public func verdict(of position: Position, at timestamp: UInt64, prices: [Address: UInt256]) -> Verdict? { nil }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func isAccount(_ account: Account) -> Bool { true }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func work(
        _ account: Account, among accounts: [Account], on snapshot: Snapshot
    ) async throws(LendingError) -> Working {
        try await work(account, on: snapshot)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func claims(of positions: [Position], on snapshot: Snapshot) async throws(LendingError) -> StateClaims {
        .none(positions.count, because: "where the contracts of \(id.protocol) store it is not known")
    }
}

/// What one pass over a market's accounts found.
public struct MarketReading: Sendable {
    /// One position for each account that has debt, or for each account where that was asked for.
    public var positions: [Position]
    /// One residual for each debt token.
    public var coverage: [CoverageResidual]
    /// What should be said aloud about the market as a whole.
    public var notices: [String]
    /// What may be kept: rows that were read, and the contract's answers about every account that was asked for.
    public var rows: AccountRows
    /// Collateral that the protocol itself has and sells.
    public var sales: [CollateralSale] = []

    /// Makes a reading.
    public init(
        positions: [Position], coverage: [CoverageResidual], notices: [String], rows: AccountRows = AccountRows()
    ) {
        self.positions = positions
        self.coverage = coverage
        self.notices = notices
        self.rows = rows
    }
}

/// A position with the way to it.
public struct Working: Sendable {
    /// The position.
    public var position: Position
    /// Every step, in the order of the contract.
    public var steps: [WorkingStep]

    /// Makes a working.
    public init(position: Position, steps: [WorkingStep]) {
        self.position = position
        self.steps = steps
    }
}

/// One step of a computation: a formula, what went in, what came out.
public struct WorkingStep: Hashable, Sendable {
    /// A number that goes into a step.
    public struct Input: Hashable, Sendable {
        /// Its name in the formula.
        public let name: String
        /// Its value.
        public let value: UInt256

        /// Names a number.
        public init(_ name: String, _ value: UInt256) {
            self.name = name
            self.value = value
        }
    }

    /// What it is about: a reserve's symbol, or `account`.
    public let subject: String
    /// The name of the result.
    public let name: String
    /// The formula, rounding included.
    public let formula: String
    /// What goes in.
    public let inputs: [Input]
    /// What comes out.
    public let value: UInt256
    /// The unit of the result, such as `base1e8`.
    public let unit: String

    /// Makes a step.
    public init(subject: String, name: String, formula: String, inputs: [Input], value: UInt256, unit: String) {
        self.subject = subject
        self.name = name
        self.formula = formula
        self.inputs = inputs
        self.value = value
        self.unit = unit
    }
}

public import Chain

/// What the logs of a market tell about its accounts, and where they stand.
public struct MarketEvents: Sendable {
    /// The first block that can hold a log of the market.
    public var from: UInt64
    /// Every event that can open a debt: from these alone all borrowers are found.
    public var opening: LogQuery
    /// `opening`, and every event that changes what the row of an account holds.
    public var touching: LogQuery
    /// Whom a log is about.
    public var interpret: @Sendable (Log, inout AccountTouches) -> Void

    /// Describes the logs of a market.
    public init(
        from: UInt64, opening: LogQuery, touching: LogQuery,
        interpret: @escaping @Sendable (Log, inout AccountTouches) -> Void
    ) {
        self.from = from
        self.opening = opening
        self.touching = touching
        self.interpret = interpret
    }
}

/// The accounts that logs are about.
public struct AccountTouches: Sendable {
    /// Accounts that may have debt since, with the block of the event; repeated as the events are.
    public var borrowers: [(account: Account, block: UInt64)] = []
    /// Accounts whose rows no longer hold, borrowers included; repeated as the events are.
    public var touched: [Account] = []
    /// Logs that name no account where they should.
    public var broken: [LogGap] = []

    /// Nobody yet.
    public init() {}
}

/// What was read about accounts before and still holds at the pinned block, so that it need not be read again.
///
/// The bytes are the market's own; nobody else looks into them.
public struct AccountRows: Sendable {
    /// What the protocol stores for an account; it only changes when an event names the account.
    public var rows: [Account: [UInt8]]
    /// What the contract itself answered about an account at exactly the pinned block.
    public var answers: [Account: [UInt8]]

    /// Nothing is known before.
    public init(rows: [Account: [UInt8]] = [:], answers: [Account: [UInt8]] = [:]) {
        self.rows = rows
        self.answers = answers
    }
}

public import Chain
public import Ethereum

/// The accounts that may have debt in a market, as its events tell.
public struct Discovery: Sendable {
    /// Every account, each once, in ascending order.
    public var accounts: [Account]
    /// How many events that was learned from.
    public var logs: Int
    /// Ranges of blocks that could not be read: accounts may be missing.
    public var gaps: [LogGap]
    /// What an endpoint said of the logs that is proven to be wrong; nothing else of the discovery counts then.
    public var contradiction: Contradiction?
    /// Blocks whose logs were proven to be all and to be true.
    public var proven: ClosedRange<UInt64>?
    /// Most logs that one page held.
    public var largestPage = 0
    /// The block after which logs were read, where earlier ones were remembered.
    public var resumed: UInt64?
    /// What is remembered of the accounts and holds at the pinned block.
    public var known: AccountRows

    /// Makes a discovery.
    public init(
        accounts: [Account], logs: Int, gaps: [LogGap], resumed: UInt64? = nil, known: AccountRows = AccountRows()
    ) {
        self.accounts = accounts
        self.logs = logs
        self.gaps = gaps
        self.resumed = resumed
        self.known = known
    }
}

/// How much of one debt token's supply the accounts that were read explain.
public struct CoverageResidual: Hashable, Sendable {
    /// The asset that is owed.
    public var asset: Address
    /// Its symbol, where it has one.
    public var symbol: String?
    /// The market, where one contract counts the debts of many.
    public var market: String?
    /// The contract that counts the debt.
    public var debtToken: Address
    /// What the sums are made of, such as `scaled`.
    public var unit: String
    /// The token's own total.
    public var total: UInt256?
    /// The sum over the accounts.
    public var explained: UInt256?
    /// The largest difference that is no sign of a missing account.
    public var bound: UInt256
    /// Why `bound` is what it is.
    public var boundReason: String
    /// Why there is no total or no sum.
    public var unknown: String?

    /// Makes a residual.
    public init(
        asset: Address, symbol: String?, debtToken: Address, unit: String, total: UInt256?, explained: UInt256?,
        bound: UInt256, boundReason: String, unknown: String? = nil, market: String? = nil
    ) {
        self.asset = asset
        self.symbol = symbol
        self.debtToken = debtToken
        self.unit = unit
        self.total = total
        self.explained = explained
        self.bound = bound
        self.boundReason = boundReason
        self.unknown = unknown
        self.market = market
    }

    /// The distance between the total and the sum; `nil` where either is unknown.
    public var residual: UInt256? {
        guard let total, let explained else { return nil }
        return total.distance(to: explained)
    }

    /// Whether some of the total is not explained, beyond the bound.
    public var isShort: Bool {
        guard let total, let explained, total > explained else { return false }
        return !isWithinBound
    }

    /// Whether the difference is known and within its bound.
    public var isWithinBound: Bool { residual.map { $0 <= bound } ?? false }
}

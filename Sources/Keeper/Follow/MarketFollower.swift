public import Chain
public import Ethereum
public import Lending

/// What one block changed in one market.
public struct FollowedBlock: Sendable {
    /// The market, opened at the block.
    public var market: any LendingMarket
    /// Every position near its line or beyond it, and every one of which nothing is known, read at this block.
    public var near: [Position]
    /// Accounts that were near at the block before and are not any more, with their position where they still owe.
    public var left: [(account: Account, position: Position?)]
    /// Accounts that events of this block name.
    public var touched: Set<Account>
    /// Whether the rules for accounts may have changed.
    public var parametersChanged: Bool
    /// How many accounts were looked at.
    public var evaluated: Int
    /// What should be said aloud.
    public var notices: [String]
    /// Blocks whose logs could not be read: what is said of the market is not complete.
    public var gaps: [LogGap]
}

/// Prices that are about to arrive, and whom they bring down.
public struct ExpectedPrices: Sendable {
    /// By token, in the market's base units; empty where a token has several prices in the market.
    public var prices: [Address: UInt256]
    /// Whether a position can be liquidated once they have arrived, in the market as it is at the position's block.
    public var bringDown: @Sendable (Position, any LendingMarket) -> Bool

    /// Describes what is expected.
    public init(
        _ prices: [Address: UInt256], bringDown: @escaping @Sendable (Position, any LendingMarket) -> Bool
    ) {
        self.prices = prices
        self.bringDown = bringDown
    }
}

/// Follows one market block by block: one query for logs, the market's own state, and the accounts that either may have
/// brought near the line. Everybody else is not touched.
///
/// It is as exact as a scan of each block: a position it does not look at is one that cannot have come near, by the
/// bounds of ``MarketPulse``; where there are none, everybody is looked at.
public struct MarketFollower: Sendable {
    /// Opens the market at a block.
    public typealias Opening = @Sendable (Snapshot) async throws(LendingError) -> any LendingMarket

    private let open: Opening
    /// Positions below this are near, in parts of 2^32.
    private let line: HealthBound
    private var accounts: Set<Account>
    private var rows: [Account: [UInt8]]
    private var guards = GuardBook()
    private var near: Set<Account> = []
    private var governors: [Address] = []
    private var parameters: Hash32?
    private var fingerprint: Hash32?
    /// Whom each of the newest blocks touched, for taking it back.
    private var journal: [(hash: Hash32, touched: [Account])] = []
    /// So many blocks can be taken back.
    private static let depth = 160

    /// Follows a market from what a scan found.
    ///
    /// - Parameters:
    ///   - accounts: everybody who may owe at the block after which following begins.
    ///   - rows: what is known of them there.
    ///   - nearBps: how far above the line a position is near, in basis points.
    public init(accounts: [Account], rows: [Account: [UInt8]], nearBps: Int, open: @escaping Opening) {
        self.open = open
        self.accounts = Set(accounts)
        self.rows = rows
        line = HealthBound(UInt256(UInt64(10_000 + max(0, nearBps))), over: 10_000)
    }

    /// Accounts that are followed.
    public var count: Int { accounts.count }

    /// Looks at a block.
    ///
    /// - Parameters:
    ///   - blocks: the blocks since the last, this one included, ascending; their logs are read. Empty for the first
    ///     block, at which everybody is looked at.
    ///   - expected: prices that are about to arrive: whom they bring down counts as near.
    public mutating func advance(
        to snapshot: Snapshot, over blocks: [Block], expecting expected: ExpectedPrices? = nil
    ) async throws(LendingError) -> FollowedBlock {
        let market = try await open(snapshot)
        if governors.isEmpty { governors = try await market.governors(on: snapshot) }
        var news = News()
        if let first = blocks.first { news = try await self.news(of: market, on: snapshot, from: first) }
        let pulse = market.pulse
        let isNew = parameters != pulse?.parameters || fingerprint != market.fingerprint || news.governed
        let voidsRows = fingerprint != nil && fingerprint != market.fingerprint
        // What can fail is behind; nothing has changed until here.
        if voidsRows { rows = [:] }
        for account in news.touched {
            rows[account] = nil
            guards.remove(account)
        }
        accounts.formUnion(news.borrowers)
        if isNew || pulse == nil { _ = guards.takeAll() }
        if let pulse { guards.begin(pulse) }
        var candidates = near.union(news.touched.filter { accounts.contains($0) })
        if let pulse, !isNew {
            candidates.formUnion(guards.take(pulse, below: line))
            if let expected, !expected.prices.isEmpty {
                candidates.formUnion(guards.take(pulse.moved(to: expected.prices), below: .one))
            }
        } else {
            candidates = accounts
        }
        let reading = try await read(candidates, of: market, on: snapshot)
        let result = settle(candidates, reading, market, hasPulse: pulse != nil, expected)
        parameters = pulse?.parameters
        fingerprint = market.fingerprint
        if let last = blocks.last {
            journal.append((last.hash, Array(news.touched)))
            if journal.count > Self.depth { journal.removeFirst(journal.count - Self.depth) }
        }
        return FollowedBlock(
            market: market, near: result.near, left: result.left, touched: news.touched, parametersChanged: isNew,
            evaluated: candidates.count, notices: reading.notices, gaps: news.gaps)
    }

    /// Forgets what blocks brought that are no longer part of the chain.
    ///
    /// - Parameter orphaned: their hashes.
    public mutating func reorganise(_ orphaned: [Hash32]) {
        let gone = Set(orphaned)
        for entry in journal where gone.contains(entry.hash) {
            for account in entry.touched {
                rows[account] = nil
                guards.remove(account)
                near.insert(account)
            }
        }
        journal.removeAll { gone.contains($0.hash) }
        // Bounds that were set at a block that went are bounds from prices that never were; they are still prices
        // that the health was computed with, so they hold. The parameters may be others.
        parameters = nil
    }

    private struct News {
        var touched: Set<Account> = []
        var borrowers: [Account] = []
        var governed = false
        var gaps: [LogGap] = []
    }

    private func news(
        of market: any LendingMarket, on snapshot: Snapshot, from first: Block
    ) async throws(LendingError) -> News {
        let events = market.events
        var news = News()
        let watched = Set(governors)
        let outcome = try await LogScanner(snapshot).scan(
            events.touching, from: first.number, after: first.parentHash
        ) { (page: LogScanner.Page) throws(LendingError) in
            var touches = AccountTouches()
            for log in page.logs { events.interpret(log, &touches) }
            news.touched.formUnion(touches.touched)
            news.borrowers += touches.borrowers.map(\.account)
            news.gaps += touches.broken
        }
        news.gaps += outcome.gaps
        guard !watched.isEmpty else { return news }
        let governed = try await LogScanner(snapshot).scan(
            LogQuery(addresses: governors, topics: []), from: first.number, after: first.parentHash
        ) { (page: LogScanner.Page) throws(LendingError) in
            if !page.logs.isEmpty { news.governed = true }
        }
        news.gaps += governed.gaps
        return news
    }

    private mutating func read(
        _ candidates: Set<Account>, of market: any LendingMarket, on snapshot: Snapshot
    ) async throws(LendingError) -> MarketReading {
        guard !candidates.isEmpty else { return MarketReading(positions: [], coverage: [], notices: []) }
        let sorted = candidates.sorted()
        var known = AccountRows()
        for account in sorted { known.rows[account] = rows[account] }
        let reading = try await market.read(sorted, debtless: true, known: known, on: snapshot)
        rows.merge(reading.rows.rows) { _, new in new }
        return reading
    }

    private mutating func settle(
        _ candidates: Set<Account>, _ reading: MarketReading, _ market: any LendingMarket, hasPulse: Bool,
        _ expected: ExpectedPrices?
    ) -> (near: [Position], left: [(account: Account, position: Position?)]) {
        var positions: [Account: Position] = [:]
        for position in reading.positions { positions[position.account] = position }
        var nearby: [Position] = []
        var left: [(account: Account, position: Position?)] = []
        for account in candidates.sorted() {
            let position = positions[account]
            let owes = position.map { !$0.debt.isEmpty || $0.isUnknown } ?? false
            if let position, owes, isNear(position) || expected?.bringDown(position, market) == true {
                nearby.append(position)
                near.insert(account)
                continue
            }
            if near.remove(account) != nil { left.append((account, owes ? position : nil)) }
            guard let position, owes, hasPulse else { continue }
            // Whoever has no bound is looked at again at the next block.
            if let basket = Basket(of: position), position.healthFloor >= line {
                guards.put(account, basket, floor: position.healthFloor)
            } else {
                near.insert(account)
            }
        }
        return (nearby, left)
    }

    /// Whether a position is near its line: beyond it, not known, or below the line that is watched.
    private func isNear(_ position: Position) -> Bool {
        guard position.liquidatable == false, let num = position.hfNum, let den = position.hfDen else { return true }
        return HealthBound(num, over: den) < line
    }
}

public import Chain
import Ethereum

/// Finds everybody who may owe something to a market, from its logs and from what is remembered of them.
///
/// Without a ledger it reads the logs from the market's first block. With one it goes on from the cursor, after making
/// sure that the cursor's block is still part of the chain; where it is not, it goes back to the newest checkpoint that
/// is.
public struct BorrowerFinder: Sendable {
    private let market: any LendingMarket
    private let snapshot: Snapshot
    private let ledger: (any MarketLedger)?
    private let provesLogs: Bool

    /// Blocks below the head whose pages are only committed once the chain was seen not to have changed meanwhile.
    static let unsettled: UInt64 = 128
    /// After a longer pause everybody is read again instead of every transfer since.
    static let longestCatchUp: UInt64 = 50_000

    /// Finds the borrowers of `market` at `snapshot`'s block.
    ///
    /// - Parameter provesLogs: whether every log is proven to be true, and none to be missing.
    public init(
        _ market: any LendingMarket, on snapshot: Snapshot, ledger: (any MarketLedger)? = nil, provesLogs: Bool = false
    ) {
        self.market = market
        self.snapshot = snapshot
        self.ledger = ledger
        self.provesLogs = provesLogs
    }

    /// Every account that may have debt at the pinned block.
    ///
    /// - Throws: `.chain(.reorganised)` where the chain changed while it was read; ranges that fail alone are gaps.
    public func find(
        progress: @escaping @Sendable (LogScanner.Progress) -> Void = { _ in }
    ) async throws(LendingError) -> Discovery {
        let pinned = Checkpoint(snapshot.block)
        guard let ledger else {
            return try await Search(snapshot, market.events, nil, provesLogs).run(from: market.events.from, progress)
        }
        let anchor = try await anchor(of: ledger)
        if let anchor, anchor.number > pinned.number {
            // The ledger is ahead of the block that was asked for, and on the same chain: it has seen them all.
            let accounts = try ledgered { () throws(LedgerError) in try ledger.borrowers(upTo: pinned.number) }
            return Discovery(accounts: accounts, logs: 0, gaps: [], resumed: pinned.number)
        }
        let from = anchor.map { $0.number + 1 } ?? market.events.from
        var search = Search(snapshot, market.events, ledger, provesLogs)
        if anchor == nil || (from < pinned.number && pinned.number - from > Self.longestCatchUp) {
            try ledgered { () throws(LedgerError) in try ledger.voidRows() }
        } else {
            search.isCatchingUp = true
        }
        var discovery = try await search.run(from: from, after: anchor?.hash, progress)
        let found = Set(discovery.accounts)
        let known = try ledgered { () throws(LedgerError) in try ledger.borrowers(upTo: pinned.number) }
        discovery.accounts = found.isSubset(of: known) ? known : found.union(known).sorted()
        discovery.resumed = anchor.map(\.number)
        // A gap leaves the cursor before it: rows that hold at the cursor may not hold at the block.
        guard discovery.gaps.isEmpty else { return discovery }
        let fingerprint = market.fingerprint
        discovery.known = try ledgered { () throws(LedgerError) in
            try ledger.rows(fingerprint: fingerprint, answeredAt: pinned)
        }
        return discovery
    }

    /// The newest checkpoint that is part of the chain; the ledger is rolled back to it.
    private func anchor(of ledger: any MarketLedger) async throws(LendingError) -> Checkpoint? {
        let checkpoints = try ledgered { () throws(LedgerError) in try ledger.checkpoints() }
        guard let cursor = checkpoints.first else { return nil }
        if cursor == Checkpoint(snapshot.block) { return cursor }
        // Candidates at growing distances: nearly always the first is it.
        var low = 0
        var high = checkpoints.count
        var newest: Int?
        while low < high {
            var places: [Int] = []
            var step = 1
            var place = low
            while place < high, places.count < 12 {
                places.append(place)
                place += step
                step *= 2
            }
            let blocks: [Block?]
            do throws(ChainError) {
                blocks = try await snapshot.blocks(at: places.map { checkpoints[$0].number })
            } catch {
                throw .chain(error)
            }
            let match = zip(places, blocks).first { checkpoints[$0].hash == $1?.hash }?.0
            let lastMiss = places.last { place in match.map { place < $0 } ?? true }
            if let match {
                newest = match
                high = match
            }
            low = lastMiss.map { $0 + 1 } ?? high
        }
        let anchor = newest.map { checkpoints[$0] }
        if anchor != cursor { try ledgered { () throws(LedgerError) in try ledger.rollBack(to: anchor) } }
        return anchor
    }

    private func ledgered<Value>(_ body: () throws(LedgerError) -> Value) throws(LendingError) -> Value {
        do throws(LedgerError) {
            return try body()
        } catch {
            throw .ledger(error)
        }
    }
}

extension BorrowerFinder {
    /// One reading of logs up to the pinned block.
    struct Search {
        private let snapshot: Snapshot
        private let events: MarketEvents
        private let ledger: (any MarketLedger)?
        private let provesLogs: Bool
        /// Whether the changes of known accounts are wanted too.
        var isCatchingUp = false

        init(
            _ snapshot: Snapshot, _ events: MarketEvents, _ ledger: (any MarketLedger)?, _ provesLogs: Bool
        ) {
            self.provesLogs = provesLogs
            self.snapshot = snapshot
            self.events = events
            self.ledger = ledger
        }

        func run(
            from: UInt64, after parent: Hash32? = nil, _ progress: @escaping @Sendable (LogScanner.Progress) -> Void
        ) async throws(LendingError) -> Discovery {
            let end = snapshot.block.number
            guard from <= end else { return Discovery(accounts: [], logs: 0, gaps: []) }
            var found: Set<Account> = []
            var broken: [LogGap] = []
            var watched: [UInt64: Hash32] = [:]
            var held: [LedgerPage] = []
            var next = from
            let settled = end > BorrowerFinder.unsettled ? end - BorrowerFinder.unsettled : 0
            let outcome = try await LogScanner(snapshot, proves: provesLogs).scan(
                isCatchingUp ? events.touching : events.opening, from: from, after: parent, progress: progress
            ) { page throws(LendingError) in
                var touches = AccountTouches()
                for log in page.logs {
                    events.interpret(log, &touches)
                    if log.blockNumber > settled { watched[log.blockNumber] = log.blockHash }
                }
                for borrower in touches.borrowers { found.insert(borrower.account) }
                broken += touches.broken
                guard let ledger, broken.isEmpty, page.range.lowerBound == next else { return }
                next = page.range.upperBound + 1
                let entry = LedgerPage(
                    from: page.range.lowerBound, end: Checkpoint(page.end), logs: page.logs.count, touches: touches)
                if page.range.upperBound > settled {
                    watched[page.range.upperBound] = page.end.hash
                    held.append(entry)
                } else {
                    try Self.commit(entry, ledger)
                }
            }
            if let contradiction = outcome.contradiction {
                var discovery = Discovery(accounts: [], logs: 0, gaps: outcome.gaps)
                discovery.contradiction = contradiction
                return discovery
            }
            try await confirm(watched)
            if let ledger { for entry in held { try Self.commit(entry, ledger) } }
            var discovery = Discovery(
                accounts: found.sorted(), logs: outcome.logs, gaps: outcome.gaps + broken)
            discovery.largestPage = outcome.largestPage
            if provesLogs, outcome.gaps.isEmpty { discovery.proven = from...end }
            return discovery
        }

        private static func commit(_ page: LedgerPage, _ ledger: any MarketLedger) throws(LendingError) {
            do throws(LedgerError) {
                try ledger.commit(page)
            } catch {
                throw .ledger(error)
            }
        }

        /// Makes sure that the blocks which pages and logs came from are still those of the chain.
        ///
        /// A page is read by height, and so may come from a side that the pinned block is not on.
        private func confirm(_ watched: [UInt64: Hash32]) async throws(LendingError) {
            let numbers = watched.keys.filter { $0 != snapshot.block.number }.sorted()
            if let hash = watched[snapshot.block.number], hash != snapshot.block.hash {
                throw .chain(
                    .reorganised(number: snapshot.block.number, expected: snapshot.block.hash, got: hash))
            }
            guard !numbers.isEmpty else { return }
            let blocks: [Block?]
            do throws(ChainError) {
                // The pinned block last: where it is still there, so are its ancestors.
                blocks = try await snapshot.blocks(at: numbers + [snapshot.block.number])
            } catch {
                throw .chain(error)
            }
            for (number, block) in zip(numbers + [snapshot.block.number], blocks) {
                let expected = watched[number] ?? snapshot.block.hash
                guard block?.hash == expected else {
                    throw .chain(.reorganised(number: number, expected: expected, got: block?.hash))
                }
            }
        }
    }
}

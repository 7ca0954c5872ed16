public import Chain
import Ethereum

/// Looks for the borrowers that a scan missed, once the debt of those it found falls short of the market's total.
///
/// The logs are read a second time, at another endpoint where there is one, and always in pages so small that an
/// endpoint which cuts its answers short without a word has nothing to cut.
public struct CoverageAudit: Sendable {
    /// What a second reading found.
    public struct Finding: Sendable {
        /// Accounts that were not known, with the block of their first event.
        public var borrowers: [(account: Account, block: UInt64)] = []
        /// Logs that were read.
        public var logs = 0
        /// Ranges that could not be read either.
        public var gaps: [LogGap] = []

        /// The blocks in which the missing events stand; `nil` where none are missing.
        public var range: ClosedRange<UInt64>? {
            guard let first = borrowers.map(\.block).min(), let last = borrowers.map(\.block).max() else { return nil }
            return first...last
        }
    }

    private let market: any LendingMarket
    private let witness: Snapshot
    private let largestPage: Int

    /// - Parameters:
    ///   - witness: the same block at the endpoint that is asked this time.
    ///   - largestPage: most logs that one page of the first reading held.
    public init(_ market: any LendingMarket, witness: Snapshot, largestPage: Int) {
        self.market = market
        self.witness = witness
        self.largestPage = largestPage
    }

    /// Every borrower that is not among `known`.
    public func find(
        beyond known: Set<Account>, progress: @escaping @Sendable (LogScanner.Progress) -> Void = { _ in }
    ) async -> Finding {
        let events = market.events
        var finding = Finding()
        var found: Set<Account> = []
        let scanner = LogScanner(witness, mostLogs: UInt64(max(8, largestPage / 4)), firstWidth: 64)
        let outcome = await scanner.scan(events.opening, from: events.from, progress: progress) { page in
            var touches = AccountTouches()
            for log in page.logs { events.interpret(log, &touches) }
            for (account, block) in touches.borrowers
            where !known.contains(account) && found.insert(account).inserted {
                finding.borrowers.append((account, block))
            }
            finding.gaps += touches.broken
        }
        finding.logs = outcome.logs
        finding.gaps += outcome.gaps
        return finding
    }
}

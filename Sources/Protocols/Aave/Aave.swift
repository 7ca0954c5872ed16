public import Chain
public import Ethereum
public import Lending
import Networks

/// Aave V3 and its forks: one pool a deployment, every account with one cross-margin position in it.
public enum Aave {
    /// One pool, opened at one block.
    public struct Market: LendingMarket {
        /// Which deployment, with the version of its rules.
        public let id: MarketID
        /// Where its contracts are.
        let addresses: Contracts
        /// The rules of the block it was opened at.
        let rules: Rules
        /// A block at or before the first log of the pool.
        let deployBlock: UInt64
        /// Symbols that the network file states.
        let symbols: [Address: String]
    }
}

extension Aave.Market {
    /// The contracts that the numbers come from.
    public var contracts: [(role: String, address: Address)] {
        [
            ("poolAddressesProvider", addresses.provider), ("pool", addresses.pool), ("oracle", addresses.oracle),
            ("sentinel", addresses.sentinel),
        ].filter { !$0.address.isZero }
    }

    /// Every account on whose behalf something was borrowed.
    public func discover(
        on snapshot: Snapshot, progress: @escaping @Sendable (LogScanner.Progress) -> Void
    ) async throws(LendingError) -> Discovery {
        try await Aave.Borrowers(pool: addresses.pool, from: deployBlock).discover(on: snapshot, progress: progress)
    }

    /// The positions of these accounts, with what they explain of each debt token.
    public func read(
        _ accounts: [Account], debtless: Bool, on snapshot: Snapshot
    ) async throws(LendingError) -> MarketReading {
        let book = try await Aave.Reader(market: self, snapshot: snapshot).book(of: accounts, debtless: debtless)
        let table = book.state.healthTable
        let positions = book.members.indices.map { position(of: $0, in: book, table, at: snapshot.block) }
        return MarketReading(
            positions: debtless ? positions : positions.filter { !$0.debt.isEmpty || $0.isUnknown },
            coverage: book.coverage,
            notices: book.state.unreadable.map { "reserve \($0.asset) cannot be read: \($0.reason)" })
    }

    /// One account with every step of the computation.
    public func work(_ account: Account, on snapshot: Snapshot) async throws(LendingError) -> Working {
        let book = try await Aave.Reader(market: self, snapshot: snapshot).book(of: [account], debtless: true)
        let position = position(of: 0, in: book, book.state.healthTable, at: snapshot.block)
        return Working(position: position, steps: book.working(of: 0))
    }
}

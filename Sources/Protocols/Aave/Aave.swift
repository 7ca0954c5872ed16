public import Chain
public import Ethereum
public import Lending
import Networks

/// Aave V3, Aave V2 and their forks: one pool a deployment, every account with one cross-margin position in it.
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
        /// What its deployer changed of the release; `nil` for nothing.
        let fork: Fork?
        /// The reserves of the block it was opened at; the categories depend on who is read.
        let state: MarketState
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

    /// The positions of these accounts, with what they explain of each debt token.
    public func read(
        _ accounts: [Account], debtless: Bool, known: AccountRows, on snapshot: Snapshot
    ) async throws(LendingError) -> MarketReading {
        let reader = Aave.Reader(market: self, snapshot: snapshot)
        let book = try await reader.book(of: accounts, debtless: debtless, known: known)
        let table = book.state.healthTable
        let positions = book.members.indices.map { position(of: $0, in: book, table, at: snapshot.block) }
        // A row that no longer holds shows as a contradiction: the chain is asked again before anybody is alarmed.
        let doubtful = positions.filter {
            ($0.match == .differs || $0.isUnknown && $0.hfOnchain != nil) && known.rows[$0.account] != nil
        }.map(\.account)
        if !doubtful.isEmpty {
            var rest = known
            for account in doubtful { rest.rows[account] = nil }
            var reading = try await read(accounts, debtless: debtless, known: rest, on: snapshot)
            reading.notices.append("\(doubtful.count) remembered rows contradicted the contract and were read again")
            return reading
        }
        return MarketReading(
            positions: debtless ? positions : positions.filter { !$0.debt.isEmpty || $0.isUnknown },
            coverage: book.coverage,
            notices: book.state.notices,
            rows: book.rows(besides: known))
    }

    /// The pool's `getUserAccountData` of each account.
    public func answers(
        about accounts: [Account], on snapshot: Snapshot
    ) async throws(LendingError) -> [Reading<[UInt8]>] {
        try await Aave.Reader(market: self, snapshot: snapshot).accountData(about: accounts)
    }

    /// One account with every step of the computation.
    public func work(_ account: Account, on snapshot: Snapshot) async throws(LendingError) -> Working {
        let book = try await Aave.Reader(market: self, snapshot: snapshot).book(
            of: [account], debtless: true, known: AccountRows())
        let position = position(of: 0, in: book, book.state.healthTable, at: snapshot.block)
        return Working(position: position, steps: book.working(of: 0))
    }
}

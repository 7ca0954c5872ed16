public import Chain
public import Ethereum
public import Lending

/// Compound V2 and its forks: one comptroller a deployment, every account with one cross-margin position in it.
public enum CompoundV2 {
    /// One comptroller, opened at one block.
    public struct Market: LendingMarket {
        /// Which deployment, with the fork.
        public let id: MarketID
        /// The contract that decides.
        let comptroller: Address
        /// A block at or before the first log of the deployment.
        let deployBlock: UInt64
        /// The symbol of the chain's own coin.
        let nativeSymbol: String
        /// Symbols that the network file states.
        let symbols: [Address: String]
        /// The markets of the block it was opened at.
        let state: MarketState
        /// How many seconds a block takes, as the network file says.
        let secondsPerBlock: Int
    }
}

extension CompoundV2.Market {
    /// The contracts that the numbers come from.
    public var contracts: [(role: String, address: Address)] {
        [("comptroller", comptroller), ("oracle", state.oracle), ("vaiController", state.vaiController)]
            .filter { !$0.address.isZero }
    }

    /// The positions of these accounts, with what they explain of each market's debt.
    public func read(
        _ accounts: [Account], debtless: Bool, known: AccountRows, on snapshot: Snapshot
    ) async throws(LendingError) -> MarketReading {
        let book = try await CompoundV2.Reader(market: self, snapshot: snapshot).book(
            of: accounts, debtless: debtless, known: known)
        let positions = book.members.map { position(of: $0, in: book, at: snapshot.block) }
        // A row that no longer holds shows as a contradiction: the chain is asked again before anybody is alarmed.
        let doubtful = zip(book.members, positions).filter {
            $0.isRemembered && ($1.match == .differs || $1.isUnknown)
        }.map(\.0.account)
        if !doubtful.isEmpty {
            var rest = known
            for account in doubtful { rest.rows[account] = nil }
            var reading = try await read(accounts, debtless: debtless, known: rest, on: snapshot)
            let contradicted = zip(book.members, positions).contains { $0.isRemembered && $1.match == .differs }
            if contradicted {
                reading.notices.append(
                    "\(doubtful.count) remembered rows contradicted the contract and were read again")
            }
            return reading
        }
        return MarketReading(
            positions: debtless ? positions : positions.filter { !$0.debt.isEmpty || $0.isUnknown },
            coverage: book.coverage(from: deployBlock, to: snapshot.block.number), notices: book.notices,
            rows: book.rows)
    }

    /// The comptroller's `getAccountLiquidity` of each account.
    public func answers(
        about accounts: [Account], on snapshot: Snapshot
    ) async throws(LendingError) -> [Reading<[UInt8]>] {
        try await CompoundV2.Reader(market: self, snapshot: snapshot).liquidity(of: accounts)
    }

    /// One account with every step of the computation.
    public func work(_ account: Account, on snapshot: Snapshot) async throws(LendingError) -> Working {
        let book = try await CompoundV2.Reader(market: self, snapshot: snapshot).book(
            of: [account], debtless: true, known: AccountRows())
        return Working(
            position: position(of: book.members[0], in: book, at: snapshot.block), steps: book.working(of: 0))
    }
}

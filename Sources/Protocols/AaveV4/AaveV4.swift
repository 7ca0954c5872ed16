public import Chain
public import Ethereum
public import Lending

/// Aave V4: a spoke keeps accounts and their risk, hubs keep the tokens, the shares and the index of debt.
///
/// An account of one spoke has one cross-margin position over all of the spoke's reserves, whichever hub they are of.
public enum AaveV4 {
    /// One spoke, opened at one block.
    public struct Market: LendingMarket {
        /// Which deployment, with the revision of its rules.
        public let id: MarketID
        /// Keeps the accounts.
        let spoke: Address
        /// Prices the reserves.
        let oracle: Address
        /// Holds the code that sizes liquidations.
        let liquidationLogic: Address
        /// The rules of the block it was opened at.
        let rules: Rules
        /// A block at or before the first log of the spoke.
        let deployBlock: UInt64
        /// The reserves of the block it was opened at.
        let state: MarketState
    }
}

extension AaveV4.Market {
    /// The contracts that the numbers come from.
    public var contracts: [(role: String, address: Address)] {
        let hubs = Set(state.reserves.compactMap { $0.value?.hub }).sorted()
        return [("spoke", spoke), ("oracle", oracle), ("liquidationLogic", liquidationLogic)]
            + hubs.map { ("hub", $0) }
    }

    /// The positions of these accounts, with what they explain of the spoke's debt at each hub.
    public func read(
        _ accounts: [Account], debtless: Bool, known: AccountRows, on snapshot: Snapshot
    ) async throws(LendingError) -> MarketReading {
        var book = try await AaveV4.Reader(market: self, snapshot: snapshot).book(of: accounts, known: known)
        var positions = positions(in: book, at: snapshot.block)
        var notices: [String] = []
        // A row that no longer holds, or storage that is laid out in another way, shows as a contradiction: the spoke's
        // own functions are asked before anybody is alarmed.
        let doubtful = positions.indices.filter {
            let isContradicted =
                positions[$0].match == .differs || positions[$0].isUnknown && positions[$0].hfOnchain != nil
            return isContradicted && (book.members[$0].isRemembered || state.readsStorage)
        }
        if !doubtful.isEmpty {
            let reader = AaveV4.Reader(market: self, snapshot: snapshot, asksGetters: true)
            let again = try await reader.book(of: doubtful.map { book.members[$0].account }, known: AccountRows())
            for (place, member) in zip(doubtful, again.members) { book.members[place] = member }
            book.configurations.merge(again.configurations) { old, new in old.value == nil ? new : old }
            let before = positions.count { $0.match == .differs }
            positions = self.positions(in: book, at: snapshot.block)
            let after = positions.count { $0.match == .differs }
            if after < before {
                notices.append("\(before - after) accounts contradicted the contract and were read again")
            }
        }
        for (id, reading) in state.reserves.enumerated() {
            if let reason = reading.reason { notices.append("reserve \(id) cannot be read: \(reason)") }
        }
        return MarketReading(
            positions: debtless
                ? positions : zip(positions, book.members).filter { $1.mayOwe || $0.isUnknown }.map(\.0),
            coverage: book.coverage, notices: notices, rows: book.rows)
    }

    private func positions(in book: AaveV4.Book, at block: Block) -> [Position] {
        let table = book.state.healthTable(book.configurations.compactMapValues(\.value))
        return book.members.map { position(of: $0, in: book, table, at: block) }
    }

    /// The spoke's `getUserAccountData` of each account.
    public func answers(
        about accounts: [Account], on snapshot: Snapshot
    ) async throws(LendingError) -> [Reading<[UInt8]>] {
        try await AaveV4.Reader(market: self, snapshot: snapshot).accountData(about: accounts)
    }

    /// One account with every step of the computation.
    public func work(_ account: Account, on snapshot: Snapshot) async throws(LendingError) -> Working {
        let book = try await AaveV4.Reader(market: self, snapshot: snapshot).book(of: [account], known: AccountRows())
        return Working(position: positions(in: book, at: snapshot.block)[0], steps: book.working(of: book.members[0]))
    }
}

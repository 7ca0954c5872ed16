public import Chain
public import Ethereum
public import Lending
import Networks

/// Compound III, "Comet": one contract for one base asset, in which every account has one signed principal.
public enum CompoundV3 {
    /// One Comet, opened at one block.
    public struct Market: LendingMarket {
        /// Which deployment, with the version of its rules.
        public let id: MarketID
        /// The proxy that keeps accounts.
        let comet: Address
        /// What answers for functions that the Comet itself lacks; zero where that is not known.
        let extensionDelegate: Address
        /// A block at or before the first log of the Comet.
        let deployBlock: UInt64
        /// The Comet at the block it was opened at.
        let state: MarketState
    }
}

extension CompoundV3.Market {
    /// The contracts that the numbers come from.
    public var contracts: [(role: String, address: Address)] {
        [
            ("comet", comet), ("extensionDelegate", extensionDelegate), ("baseToken", state.base.token),
            ("baseTokenPriceFeed", state.base.priceFeed),
        ].filter { !$0.address.isZero }
    }

    /// The positions of these accounts, what they explain of all debt, and the collateral that is for sale.
    public func read(
        _ accounts: [Account], debtless: Bool, known: AccountRows, on snapshot: Snapshot
    ) async throws(LendingError) -> MarketReading {
        let reader = CompoundV3.Reader(market: self, snapshot: snapshot)
        let book = try await reader.book(of: accounts, debtless: debtless, known: known)
        var positions = book.members.map { position(of: $0, at: snapshot.block) }
        // A row that no longer holds shows as a contradiction: the chain is asked again before anybody is alarmed.
        let doubtful = positions.filter {
            ($0.match == .differs || $0.execution?.match == .differs) && known.rows[$0.account] != nil
        }.map(\.account)
        if !doubtful.isEmpty {
            var rest = known
            for account in doubtful { rest.rows[account] = nil }
            var reading = try await read(accounts, debtless: debtless, known: rest, on: snapshot)
            reading.notices.append("\(doubtful.count) remembered rows contradicted the contract and were read again")
            return reading
        }
        let (sales, stock, notices) = try await reader.sales(at: snapshot.block)
        for place in positions.indices where positions[place].liquidatable == true { stock.tell(&positions[place]) }
        var reading = MarketReading(
            positions: positions, coverage: [book.coverage(of: self)], notices: notices + state.notices,
            rows: book.rows(besides: known))
        reading.sales = sales
        return reading
    }

    /// `isLiquidatable` and `borrowBalanceOf` of each account, two words.
    public func answers(
        about accounts: [Account], on snapshot: Snapshot
    ) async throws(LendingError) -> [Reading<[UInt8]>] {
        try await CompoundV3.Reader(market: self, snapshot: snapshot).answers(about: accounts)
    }

    /// One account with every step of the computation.
    public func work(_ account: Account, on snapshot: Snapshot) async throws(LendingError) -> Working {
        let book = try await CompoundV3.Reader(market: self, snapshot: snapshot).book(
            of: [account], debtless: true, known: AccountRows())
        let member = book.members[0]
        return Working(position: position(of: member, at: snapshot.block), steps: working(of: member))
    }
}

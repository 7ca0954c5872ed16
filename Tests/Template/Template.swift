public import Chain
public import Ethereum
public import Lending
public import Networks

/// The smallest family that is whole: one vault, one collateral, one debt, no interest.
///
/// Nobody deploys it. It is here to be copied (docs/adding-a-protocol.md), and it is built and run with the tests so that
/// what is copied works.
public enum Template {
    /// One vault, opened at one block.
    public struct Market: LendingMarket {
        /// Which deployment, with the version of its rules.
        public let id: MarketID
        let vault: Address
        let deployBlock: UInt64
        let state: State
    }

    /// What the vault holds for everybody, at the pinned block.
    struct State: Sendable {
        var collateral: Token
        var debt: Token
        /// Share of the collateral's value that counts, bps.
        var liquidationThreshold: UInt256
        /// What a liquidator receives for 10,000 of debt.
        var bonus: Int
        var totalDebt: UInt256
        /// Debt units for a whole collateral token; the vault reverts without one.
        var price: Reading<UInt256>
        var feed: Address
    }

    struct Token: Sendable {
        var address: Address
        var symbol: String?
        var decimals: Int
    }

    /// The one line of the registry: how a deployment is opened.
    ///
    /// - Throws: `.missingContract`, `.noCode`, `.unreadable`, `.unknownRules` with what was read.
    public static func open(
        _ configuration: MarketConfiguration, of network: Network, on snapshot: Snapshot
    ) async throws(LendingError) -> any LendingMarket {
        guard let vault = configuration.contracts["vault"] else {
            throw .missingContract(market: configuration.id, role: "vault")
        }
        let state = try await Reads(market: configuration.id, vault: vault, snapshot: snapshot).state()
        return Market(
            id: MarketID(
                chainId: network.chainId, network: network.name, family: configuration.protocol, protocol: "template-1",
                deployment: configuration.id),
            vault: vault, deployBlock: configuration.deployBlock, state: state)
    }
}

extension Template.Market {
    /// The contracts that the numbers come from.
    public var contracts: [(role: String, address: Address)] { [("vault", vault)] }

    /// The positions of these accounts, with what they explain of the vault's debt.
    public func read(
        _ accounts: [Account], debtless: Bool, known: AccountRows, on snapshot: Snapshot
    ) async throws(LendingError) -> MarketReading {
        let reads = Template.Reads(market: id.deployment, vault: vault, snapshot: snapshot)
        let loans = try await reads.loans(of: accounts, known: known)
        let answers = try await reads.health(of: accounts)
        var rows = AccountRows()
        for (account, loan) in zip(accounts, loans) where known.rows[account] == nil {
            rows.rows[account] = loan.value?.bytes
        }
        for (account, answer) in zip(accounts, answers) { rows.answers[account] = answer.value?.bigEndianBytes }
        let positions = accounts.indices.map {
            position(of: accounts[$0], loans[$0], onchain: answers[$0], at: snapshot.block)
        }
        return MarketReading(
            positions: debtless ? positions : positions.filter { !$0.debt.isEmpty || $0.isUnknown },
            coverage: [coverage(of: loans)], notices: [], rows: rows)
    }

    /// The vault's `health` of each account.
    public func answers(
        about accounts: [Account], on snapshot: Snapshot
    ) async throws(LendingError) -> [Reading<[UInt8]>] {
        try await Template.Reads(market: id.deployment, vault: vault, snapshot: snapshot).health(of: accounts)
            .map { $0.map(\.bigEndianBytes) }
    }

    /// One account with every step of the computation.
    public func work(_ account: Account, on snapshot: Snapshot) async throws(LendingError) -> Working {
        let reading = try await read([account], debtless: true, known: AccountRows(), on: snapshot)
        return Working(position: reading.positions[0], steps: steps(of: reading.positions[0]))
    }
}

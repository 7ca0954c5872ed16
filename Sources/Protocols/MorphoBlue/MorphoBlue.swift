public import Chain
public import Ethereum
public import Lending
public import Networks

/// Morpho Blue: one singleton a chain, in which anybody opens isolated markets of one loan and one collateral token.
public enum MorphoBlue {
    /// One singleton, opened at one block, with all of its markets or some.
    public struct Market: LendingMarket {
        /// Which deployment; each position names its market besides.
        public let id: MarketID
        /// The singleton.
        let morpho: Address
        /// Tells which oracles are made by it; zero for none known.
        let oracleFactory: Address
        /// Makes pre-liquidation contracts; zero for none known.
        let preLiquidationFactory: Address
        /// A block at or before the first log of the singleton.
        let deployBlock: UInt64
        /// The markets to read; all where there are none.
        let chosen: Set<Hash32>
        /// Tokens that need not be asked.
        let tokens: [Address: Token]
        /// Whether the singleton's storage is laid out as known, so that slots may be read.
        let readsSlots: Bool
    }

    /// What is known of a token.
    struct Token: Hashable, Sendable {
        var symbol: String?
        /// Zero where it could not be read.
        var decimals: Int
        /// Why there are no decimals.
        var issue: String?
    }
}

extension MorphoBlue {
    /// Opens a deployment.
    ///
    /// - Throws: `.missingContract`, `.noCode`, `.unreadable`.
    public static func open(
        _ configuration: MarketConfiguration, of network: Network, on snapshot: Snapshot
    ) async throws(LendingError) -> any LendingMarket {
        guard let morpho = configuration.contracts["morpho"] else {
            throw .missingContract(market: configuration.id, role: "morpho")
        }
        let readsSlots = try await Self.readsSlots(of: morpho, configuration.id, on: snapshot)
        let tokens = network.assets.map { ($0.address, Token(symbol: $0.symbol, decimals: $0.decimals)) }
        return Market(
            id: MarketID(
                chainId: network.chainId, network: network.name, family: configuration.protocol,
                protocol: "morpho-blue-v1.0", deployment: configuration.id),
            morpho: morpho, oracleFactory: configuration.contracts["oracleFactory"] ?? .zero,
            preLiquidationFactory: configuration.contracts["preLiquidationFactory"] ?? .zero,
            deployBlock: configuration.deployBlock, chosen: Set(configuration.marketIds),
            tokens: Dictionary(tokens, uniquingKeysWith: { first, _ in first }), readsSlots: readsSlots)
    }
}

extension MorphoBlue.Market {
    /// The contracts that the numbers come from.
    public var contracts: [(role: String, address: Address)] {
        [("morpho", morpho), ("oracleFactory", oracleFactory), ("preLiquidationFactory", preLiquidationFactory)]
            .filter { !$0.address.isZero }
    }

    /// The positions of these accounts, and what they explain of each market's debt.
    public func read(
        _ accounts: [Account], debtless: Bool, known: AccountRows, on snapshot: Snapshot
    ) async throws(LendingError) -> MarketReading {
        let reader = MorphoBlue.Reader(market: self, snapshot: snapshot)
        let book = try await reader.book(of: accounts, debtless: debtless, known: known)
        // A row that no longer holds shows in the sum of its market: its rows are read again before anybody is alarmed.
        let short = Set(book.coverage(of: self).filter { !$0.isWithinBound }.compactMap(\.market))
        var positions = book.members.indices.map { position(of: $0, in: book, at: snapshot.block) }
        let doubtful = Set(positions.filter { $0.match == .differs }.map(\.account))
        func isInDoubt(_ account: Account) -> Bool {
            doubtful.contains(account) || account.accountId.map { short.contains($0) } ?? false
        }
        if known.rows.keys.contains(where: isInDoubt) {
            var rest = known
            for account in known.rows.keys where isInDoubt(account) { rest.rows[account] = nil }
            var reading = try await read(accounts, debtless: debtless, known: rest, on: snapshot)
            reading.notices.append(
                "\(known.rows.count - rest.rows.count) remembered rows contradicted the contract and were read again")
            return reading
        }
        if !debtless { positions.removeAll { $0.debt.isEmpty && !$0.isUnknown } }
        return MarketReading(
            positions: positions, coverage: book.coverage(of: self), notices: book.notices,
            rows: book.rows(besides: known))
    }

    /// What the rate model, the oracle and the singleton say of each account: see ``MorphoBlue/Book``.
    public func answers(
        about accounts: [Account], on snapshot: Snapshot
    ) async throws(LendingError) -> [Reading<[UInt8]>] {
        let book = try await MorphoBlue.Reader(market: self, snapshot: snapshot).book(
            of: accounts, debtless: true, known: AccountRows())
        let answers = Dictionary(
            book.members.indices.map { (book.members[$0].account, book.answer(of: $0)) },
            uniquingKeysWith: { first, _ in first })
        return accounts.map { answers[$0] ?? .unknown(.failed("the account names no market")) }
    }

    /// One account with every step of the computation.
    public func work(_ account: Account, on snapshot: Snapshot) async throws(LendingError) -> Working {
        try await work(account, among: [], on: snapshot)
    }

    /// One account with every step of the computation; `accounts` may hold pre-liquidation contracts.
    public func work(
        _ account: Account, among accounts: [Account], on snapshot: Snapshot
    ) async throws(LendingError) -> Working {
        let context = accounts.filter { !isAccount($0) && $0.accountId?.hasSuffix(account.accountId ?? "-") == true }
        let book = try await MorphoBlue.Reader(market: self, snapshot: snapshot).book(
            of: context + [account], debtless: true, known: AccountRows())
        guard !book.members.isEmpty else {
            throw .unreadable(
                market: id.deployment, what: "market \(account.accountId ?? "without an id")", at: morpho,
                .failed("the account names no market of this deployment"))
        }
        return Working(position: position(of: 0, in: book, at: snapshot.block), steps: book.working(of: 0))
    }
}

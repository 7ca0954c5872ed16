import Bindings
public import Chain
public import Ethereum
public import Lending

extension MorphoBlue {
    /// What an entry among discovered accounts stands for.
    ///
    /// A market is remembered as the zero address with its id, which can hold nothing there: whoever acts has to be
    /// named,
    /// and never is the zero address. A pre-liquidation contract is its address with a marked id of the market.
    enum Entry: Hashable {
        case market(Hash32)
        case preLiquidation(Address, of: Hash32)
        case holder(Address, in: Hash32)
        /// An address alone, which may have a position in any market.
        case address(Address)

        private static let mark = "preLiquidation/"

        /// `nil` for an id that is none of a market.
        init?(_ account: Account) {
            guard let key = account.accountId else {
                self = .address(account.address)
                return
            }
            if key.hasPrefix(Self.mark) {
                guard let id = Hash32(hex: key.dropFirst(Self.mark.count)) else { return nil }
                self = .preLiquidation(account.address, of: id)
                return
            }
            guard let id = Hash32(hex: key) else { return nil }
            self = account.address.isZero ? .market(id) : .holder(account.address, in: id)
        }

        /// The entry as it is kept.
        var account: Account {
            switch self {
            case .market(let id): Account(.zero, accountId: id.hex)
            case .preLiquidation(let contract, let id): Account(contract, accountId: Self.mark + id.hex)
            case .holder(let address, let id): Account(address, accountId: id.hex)
            case .address(let address): Account(address)
            }
        }
    }
}

extension MorphoBlue.Market {
    private typealias Morpho = MorphoBlueMorpho

    /// Nothing but `Borrow` opens a debt, and debts cannot be transferred: the borrowers of a market are the
    /// `onBehalf` of
    /// its `Borrow` events. Source: morpho-org/morpho-blue src/Morpho.sol@30856519.
    ///
    /// A row, the slot with borrow shares and collateral, changes with `Borrow`, `Repay`, `SupplyCollateral`,
    /// `WithdrawCollateral` and `Liquidate` alone, each of which names the account: a pre-liquidation is a `Repay`
    /// and a
    /// `WithdrawCollateral`. `AccrueInterest` changes what a market stores, which is read anew each time.
    public var events: MarketEvents {
        let opening = [Morpho.BorrowEvent.topic0] + entryTopics
        let touching =
            opening + [
                Morpho.RepayEvent.topic0, Morpho.SupplyCollateralEvent.topic0, Morpho.WithdrawCollateralEvent.topic0,
                Morpho.LiquidateEvent.topic0,
            ]
        return MarketEvents(
            from: deployBlock, opening: query(opening), touching: query(touching),
            interpret: { log, touches in interpret(log, &touches) })
    }

    /// The events from which the markets and the pre-liquidation contracts are known.
    var entryTopics: [Hash32] {
        [Morpho.CreateMarketEvent.topic0]
            + (preLiquidationFactory.isZero ? [] : [MorphoBluePreLiquidation.CreatePreLiquidationEvent.topic0])
    }

    /// Logs of the singleton and of the factory; where no factory is asked, of the chosen markets alone.
    func query(_ topics: [Hash32]) -> LogQuery {
        guard preLiquidationFactory.isZero else {
            return LogQuery(addresses: [morpho, preLiquidationFactory], topics: [topics])
        }
        return LogQuery(addresses: [morpho], topics: chosen.isEmpty ? [topics] : [topics, chosen.sorted()])
    }

    private func interpret(_ log: Log, _ touches: inout AccountTouches) {
        func miss(_ what: String) {
            touches.broken.append(LogGap(from: log.blockNumber, to: log.blockNumber, why: "\(what) names no account"))
        }
        func isWanted(_ id: Hash32) -> Bool { chosen.isEmpty || chosen.contains(id) }
        func add(_ entry: MorphoBlue.Entry) { touches.borrowers.append((entry.account, log.blockNumber)) }
        guard let topic = log.topic(0), let second = log.topic(1) else { return miss("an event without topics") }
        if !preLiquidationFactory.isZero, log.address == preLiquidationFactory {
            guard topic == MorphoBluePreLiquidation.CreatePreLiquidationEvent.topic0 else { return }
            guard let contract = Address(checkedWord: second.word), let id = log.word(0).map(Hash32.init(word:)) else {
                return miss("a CreatePreLiquidation event")
            }
            if isWanted(id) { add(.preLiquidation(contract, of: id)) }
            return
        }
        guard log.address == morpho, isWanted(second) else { return }
        let place: Int
        switch topic {
        case Morpho.CreateMarketEvent.topic0: return add(.market(second))
        case Morpho.BorrowEvent.topic0, Morpho.WithdrawCollateralEvent.topic0: place = 2
        case Morpho.RepayEvent.topic0, Morpho.SupplyCollateralEvent.topic0, Morpho.LiquidateEvent.topic0: place = 3
        default: return
        }
        guard let address = log.topic(place).flatMap({ Address(checkedWord: $0.word) }) else {
            return miss("an event of market \(second.hex)")
        }
        let account = MorphoBlue.Entry.holder(address, in: second).account
        if topic == Morpho.BorrowEvent.topic0 { touches.borrowers.append((account, log.blockNumber)) }
        touches.touched.append(account)
    }

    /// Rows are one slot, whatever the market.
    public var fingerprint: Hash32 { Keccak256.hash(Array("morpho-blue row 1".utf8)) }

    /// Markets and pre-liquidation contracts are kept among the accounts.
    public func isAccount(_ account: Account) -> Bool {
        switch MorphoBlue.Entry(account) {
        case .market, .preLiquidation: false
        default: true
        }
    }

    /// One account for each market in which an address has debt or collateral, with the pre-liquidation contracts
    /// there.
    ///
    /// The markets are those of the network file, or of all `CreateMarket` events.
    public func expand(_ accounts: [Account], on snapshot: Snapshot) async throws(LendingError) -> [Account] {
        let addresses = accounts.filter { $0.accountId == nil }.map(\.address)
        guard !addresses.isEmpty else { return accounts }
        let entries = try await entries(on: snapshot)
        let ids = entries.compactMap { if case .market(let id) = $0 { id } else { nil } }
        let reader = MorphoBlue.Reader(market: self, snapshot: snapshot)
        let holders = ids.flatMap { id in addresses.map { (address: $0, id: id) } }
        let slots = try await reader.holdings(holders)
        var expanded = accounts.filter { $0.accountId != nil }
        var used: Set<Hash32> = []
        for (holder, slot) in zip(holders, slots) {
            // What cannot be read may be something.
            if case .known(let word) = slot, word.isZero { continue }
            expanded.append(MorphoBlue.Entry.holder(holder.address, in: holder.id).account)
            used.insert(holder.id)
        }
        for case .preLiquidation(let contract, let id) in entries where used.contains(id) {
            expanded.append(MorphoBlue.Entry.preLiquidation(contract, of: id).account)
        }
        return expanded
    }

    /// The markets and the pre-liquidation contracts that logs name.
    func entries(on snapshot: Snapshot) async throws(LendingError) -> [MorphoBlue.Entry] {
        guard chosen.isEmpty || !preLiquidationFactory.isZero else { return chosen.sorted().map { .market($0) } }
        var found: Set<MorphoBlue.Entry> = Set(chosen.map { .market($0) })
        var touches = AccountTouches()
        let outcome = await LogScanner(snapshot).scan(query(entryTopics), from: deployBlock) { page in
            for log in page.logs { interpret(log, &touches) }
        }
        if let gap = (outcome.gaps + touches.broken).first {
            throw .unreadable(
                market: id.deployment, what: "logs of blocks \(gap.from) to \(gap.to)", at: morpho, .failed(gap.why))
        }
        for borrower in touches.borrowers { if let entry = MorphoBlue.Entry(borrower.account) { found.insert(entry) } }
        return found.sorted { $0.account < $1.account }
    }
}

extension MorphoBlue.Book {
    /// How much of each market's debt the members explain, in shares: the market adds up the very same shares.
    func coverage(of market: MorphoBlue.Market) -> [CoverageResidual] {
        markets.values.sorted { $0.id < $1.id }.compactMap { state in
            let total = state.totals.value?.borrowShares
            let sum = owed[state.id] ?? .known(.zero)
            if total?.isZero == true, sum.value?.isZero == true { return nil }
            return CoverageResidual(
                asset: state.params.value?.loanToken ?? .zero, symbol: state.loan.symbol, debtToken: market.morpho,
                unit: "borrow shares", total: total, explained: sum.value, bound: .zero,
                boundReason: "the market changes an account and its total by the same shares",
                unknown: (state.totals.reason ?? sum.reason).map(\.description), market: state.id.hex)
        }
    }

    /// What may be kept of this reading.
    func rows(besides known: AccountRows) -> AccountRows {
        var kept = AccountRows()
        for (account, slot) in fresh { kept.rows[account] = slot.bigEndianBytes }
        for index in members.indices {
            if case .known(let answer) = answer(of: index) { kept.answers[members[index].account] = answer }
        }
        return kept
    }

    /// The words that stand behind a verdict: the account's slot and, where it owes, the rate that the model states
    /// for the
    /// time since the last update, and the oracle's price.
    func answer(of index: Int) -> Reading<[UInt8]> {
        let member = members[index]
        guard case .known(let holding) = member.holding else { return .unknown(member.holding.reason ?? .noCode) }
        var bytes = holding.slot.bigEndianBytes
        guard !holding.borrowShares.isZero else { return .known(bytes) }
        guard let state = markets[member.id] else { return .unknown(.failed("the market was not read")) }
        for reading in [state.statedRate, state.price] {
            switch reading {
            case .known(let word): word.append(to: &bytes)
            case .unknown(let reason): return .unknown(reason)
            }
        }
        return .known(bytes)
    }
}

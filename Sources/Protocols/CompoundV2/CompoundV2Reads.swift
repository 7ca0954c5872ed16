import Bindings
import Chain
import Ethereum
import Lending

extension CompoundV2 {
    /// Which calls are made at which block, and what becomes of their bytes.
    ///
    /// Accounts are read in four rounds of uniform groups, whatever their number: how many markets they entered, which,
    /// what they hold there, and what their debts are with interest accrued.
    struct Reader: Sendable {
        /// The deployment.
        let market: Market
        /// The block.
        let snapshot: Snapshot
    }
}

extension CompoundV2.Reader {
    private var chain: CompoundV2.Chain { CompoundV2.Chain(market: market.id.deployment, snapshot: snapshot) }
    private var comptroller: Address { market.comptroller }

    /// Everything that the positions of `accounts` depend on.
    ///
    /// - Parameters:
    ///   - debtless: whether accounts that owe nothing are part of it.
    ///   - known: what need not be read.
    func book(
        of accounts: [Account], debtless: Bool, known: AccountRows
    ) async throws(LendingError) -> CompoundV2.Book {
        var state = market.state
        var members = accounts.map { CompoundV2.Member(account: $0) }
        try await readAnswers(&members, state, known)
        let entered = try await entered(&members, known)
        try await addMarkets(entered, to: &state)
        place(entered, &members, state.places)
        let explained = try await readHoldings(&members, state)
        if !debtless { members.removeAll { !$0.mayOwe } }
        state.pools = try await pools(of: members, state)
        try await readAccrued(&members, state)
        if !state.liquidator.isZero { try await readRestrictions(&members, state) }
        if state.rules.hasCreditAccounts { try await readCredit(&members, state) }
        let rounding = state.rounding(of: members)
        return CompoundV2.Book(
            state: state, members: members, explained: explained, asked: accounts.count, rounding: rounding)
    }

    /// The comptroller's own answers about accounts, each 96 bytes.
    func liquidity(of accounts: [Account]) async throws(LendingError) -> [Reading<[UInt8]>] {
        let answers = try await chain.read([liquidityGroup(accounts)]).groups[0]
        return accounts.indices.map { index in answers.bytes(index).map { Array($0) } }
    }

    private func liquidityGroup(_ accounts: [Account]) -> CallGroup {
        CallGroup(
            target: comptroller, selector: CompoundComptroller.GetAccountLiquidity.selector,
            arguments: accounts.map(\.address.word), returnLength: 96, gasPerCall: 3_000_000)
    }

    /// Whom only some may liquidate.
    private func readRestrictions(
        _ members: inout [CompoundV2.Member], _ state: CompoundV2.MarketState
    ) async throws(LendingError) {
        let answers = try await chain.read([
            CallGroup(
                target: state.liquidator, selector: VenusLiquidator.LiquidationRestricted.selector,
                arguments: members.map(\.account.address.word), returnLength: 32, gasPerCall: 100_000)
        ]).groups[0]
        for place in members.indices { members[place].isRestricted = answers.word(place).map { !$0.isZero } }
    }

    /// What the comptroller says of each account, and what its rules add to the markets: pool and VAI.
    private func readAnswers(
        _ members: inout [CompoundV2.Member], _ state: CompoundV2.MarketState, _ known: AccountRows
    ) async throws(LendingError) {
        let asked = members.indices.filter { known.answers[members[$0].account] == nil }
        let all = members.map(\.account.address.word)
        var groups = [liquidityGroup(asked.map { members[$0].account })]
        if state.rules.pools {
            groups.append(
                CallGroup(
                    target: comptroller, selector: CompoundComptroller.UserPoolId.selector, arguments: all,
                    returnLength: 32, gasPerCall: 100_000))
        }
        if !state.vaiController.isZero {
            groups.append(
                CallGroup(
                    target: state.vaiController, selector: VenusVAIController.GetVAIRepayAmount.selector,
                    arguments: all, returnLength: 32, gasPerCall: 300_000))
        }
        let answers = try await chain.read(groups).groups
        for (index, place) in asked.enumerated() {
            members[place].answer = answers[0].bytes(index).map { CompoundV2.words(Array($0)) }
        }
        for place in members.indices {
            if let bytes = known.answers[members[place].account] {
                members[place].answer =
                    bytes.count == 96
                    ? .known(CompoundV2.words(bytes)) : .unknown(.malformed("\(bytes.count) bytes are not three words"))
            }
            if state.rules.pools {
                switch answers[1].word(place) {
                case .known(let pool): members[place].pool = pool.asInt() ?? .max
                case .unknown(let reason):
                    members[place].issues.append(Unknown("collateral", "userPoolId: \(reason)"))
                }
            }
            guard !state.vaiController.isZero else { continue }
            switch answers[answers.count - 1].word(place) {
            case .known(let amount): members[place].vai = amount
            case .unknown(let reason):
                members[place].issues.append(Unknown("debt", "getVAIRepayAmount: \(reason)"))
            }
        }
    }

    /// The markets that each account entered: from its row, or as the comptroller lists them.
    private func entered(
        _ members: inout [CompoundV2.Member], _ known: AccountRows
    ) async throws(LendingError) -> [[CompoundV2.Entry]] {
        var entries = [[CompoundV2.Entry]](repeating: [], count: members.count)
        var unread: [Int] = []
        for place in members.indices {
            guard let row = known.rows[members[place].account].flatMap({ CompoundV2.Row($0) }) else {
                unread.append(place)
                continue
            }
            members[place].isRemembered = true
            entries[place] = row.entries.map { CompoundV2.Entry(market: $0.market, tokens: $0.tokens, owes: $0.owes) }
        }
        func group(_ places: [Int], _ count: Int) -> CallGroup {
            CallGroup(
                target: comptroller, selector: CompoundComptroller.GetAssetsIn.selector,
                arguments: places.map { members[$0].account.address.word }, returnLength: 64 + 32 * count,
                gasPerCall: 300_000)
        }
        let counts = try await chain.read([group(unread, 0)]).groups[0]
        var byCount: [Int: [Int]] = [:]
        for (index, place) in unread.enumerated() {
            guard case .known(let count) = counts.word(index, 1) else {
                let reason = counts.word(index, 1).reason ?? .noCode
                members[place].issues.append(Unknown("collateral", "getAssetsIn: \(reason)"))
                continue
            }
            guard counts.word(index).value == 32, let count = count.asInt(), count <= CompoundV2.mostMarkets else {
                members[place].issues.append(
                    Unknown("collateral", "getAssetsIn: the answer is no list of at most \(CompoundV2.mostMarkets)"))
                continue
            }
            if count > 0 { byCount[count, default: []].append(place) }
        }
        let sizes = byCount.keys.sorted()
        let lists = try await chain.read(sizes.map { group(byCount[$0] ?? [], $0) }).groups
        for (size, list) in zip(sizes, lists) {
            for (index, place) in (byCount[size] ?? []).enumerated() {
                for word in 2..<2 + size {
                    switch list.word(index, word).map({ Address(checkedWord: $0) }) {
                    case .known(let address?): entries[place].append(CompoundV2.Entry(market: address))
                    case .known(nil):
                        members[place].issues.append(Unknown("collateral", "getAssetsIn: word \(word) is no address"))
                    case .unknown(let reason):
                        members[place].issues.append(Unknown("collateral", "getAssetsIn: \(reason)"))
                    }
                }
            }
        }
        return entries
    }

    /// Reads the markets that accounts entered and that the comptroller no longer lists.
    private func addMarkets(
        _ entered: [[CompoundV2.Entry]], to state: inout CompoundV2.MarketState
    ) async throws(LendingError) {
        let places = state.places
        let strange = Set(entered.joined().map(\.market)).filter { places[$0] == nil }.sorted()
        let room = CompoundV2.mostMarkets - state.markets.count
        guard !strange.isEmpty, room > 0 else { return }
        let opening = CompoundV2.Opening(
            chain: chain, comptroller: comptroller, symbols: market.symbols, nativeSymbol: market.nativeSymbol)
        state.markets += try await opening.cTokens(Array(strange.prefix(room)), state)
    }

    private func place(
        _ entered: [[CompoundV2.Entry]], _ members: inout [CompoundV2.Member], _ places: [Address: Int]
    ) {
        for (index, entries) in entered.enumerated() {
            for entry in entries {
                guard let market = places[entry.market] else {
                    members[index].issues.append(
                        Unknown("collateral", "the account entered \(entry.market), one market too many to read"))
                    continue
                }
                members[index].holdings.append(
                    CompoundV2.Holding(market: market, tokens: entry.tokens, mayOwe: entry.owes))
            }
        }
    }
}

extension CompoundV2 {
    /// A market that an account entered.
    struct Entry: Sendable {
        let market: Address
        var tokens = UInt256.zero
        var owes = true
    }

    static func words(_ bytes: [UInt8]) -> [UInt256] {
        (0..<bytes.count / 32).compactMap { UInt256(bigEndian: bytes.span, at: 32 * $0) }
    }
}

import Bindings
import Chain
import Ethereum
import Lending

extension Aave {
    /// Which calls are made at which block, and what becomes of their bytes.
    ///
    /// Accounts are read in two rounds of uniform groups, whatever their number: what they use, then what they hold.
    struct Reader: Sendable {
        /// The deployment.
        let market: Market
        /// The block.
        let snapshot: Snapshot
    }
}

extension Aave.Reader {
    private var pool: Address { market.addresses.pool }
    private var oracle: Address { market.addresses.oracle }

    /// Everything that the positions of `accounts` depend on.
    ///
    /// - Parameters:
    ///   - debtless: whether accounts that owe nothing are read too.
    ///   - known: what need not be read.
    func book(
        of accounts: [Account], debtless: Bool, known: AccountRows
    ) async throws(LendingError) -> Aave.Book {
        var state = market.state
        let members = try await members(accounts, debtless: debtless, known: known)
        var sheet = Aave.Sheet(members: members, state: state)
        let categories = Set(members.map(\.category)).subtracting([0]).sorted()
        let asked = members.indices.filter { known.answers[members[$0].account] == nil }
        let groups = sheet.groups + categoryGroups(categories) + [accountData(asked.map { members[$0].account })]
        let (found, supplies) = try await read(groups, and: totalCalls(state))
        let columns = sheet.groups.count
        sheet.take(Array(found.prefix(columns)))
        sheet.takeAccountData(of: asked, found[found.count - 1])
        for (index, member) in members.enumerated() {
            if let answer = known.answers[member.account] { sheet.takeAccountData(index, answer) }
        }
        let places = sheet.stablePlaces
        if !places.isEmpty {
            let answers = try await read(sheet.stableGroups(places))
            sheet.takeStable(places, answers, at: state.timestamp)
        }
        state.categories = try await self.categories(categories, Array(found.dropFirst(columns).dropLast()))
        return Aave.Book(state: state, sheet: sheet, totals: totals(state, supplies))
    }

    /// The accounts with what they use and which category they are in.
    private func members(
        _ accounts: [Account], debtless: Bool, known: AccountRows
    ) async throws(LendingError) -> [Aave.Member] {
        let rows = accounts.map { account -> Aave.Row? in
            guard let row = known.rows[account].flatMap({ Aave.Row($0) }) else { return nil }
            let length = market.state.rowLength(Aave.AccountConfiguration(word: row.configuration))
            return row.words.count == length ? row : nil
        }
        let unknown = accounts.indices.filter { rows[$0] == nil }
        let words = unknown.map { accounts[$0].address.word }
        var groups = [
            CallGroup(
                target: pool, selector: AavePool.GetUserConfiguration.selector, arguments: words, returnLength: 32,
                gasPerCall: 100_000)
        ]
        if market.rules.categories {
            groups.append(
                CallGroup(
                    target: pool, selector: AavePool.GetUserEMode.selector, arguments: words, returnLength: 32,
                    gasPerCall: 100_000))
        }
        let answers = try await read(groups)
        var members: [Aave.Member] = []
        members.reserveCapacity(accounts.count)
        var next = 0
        for (account, row) in zip(accounts, rows) {
            var member: Aave.Member
            if let row {
                member = Aave.Member(
                    account, configuration: .known(row.configuration), category: .known(row.category))
                member.row = row
            } else {
                member = Aave.Member(
                    account, configuration: answers[0].word(next),
                    category: market.rules.categories ? answers[1].word(next) : .known(.zero))
                next += 1
            }
            if debtless || member.mayOwe { members.append(member) }
        }
        return members
    }

    // MARK: Categories

    private func categoryGroups(_ ids: [Int]) -> [CallGroup] {
        guard market.rules.categories else { return [] }
        let words = ids.map { UInt256(UInt64($0)) }
        func group(_ selector: Selector, _ returnLength: Int) -> CallGroup {
            CallGroup(
                target: pool, selector: selector, arguments: words, returnLength: returnLength, gasPerCall: 200_000)
        }
        // An offset, then ltv, threshold, bonus and price source; the label behind them is not needed.
        var groups = [group(AavePool.GetEModeCategoryData.selector, 160)]
        if market.rules.categoryMembership == .collateralBitmap {
            groups.append(group(AavePool.GetEModeCategoryCollateralBitmap.selector, 32))
        }
        if market.rules.categoryLTV == .unlessListedAsZero {
            groups.append(group(AavePool.GetEModeCategoryLtvzeroBitmap.selector, 32))
        }
        if market.rules.isolatedCategories {
            groups.append(group(AavePool.GetIsEModeCategoryIsolated.selector, 32))
        }
        return groups
    }

    private func categories(
        _ ids: [Int], _ answers: [GroupAnswers]
    ) async throws(LendingError) -> [Int: Reading<Aave.Category>] {
        var categories: [Int: Reading<Aave.Category>] = [:]
        for (index, id) in ids.enumerated() { categories[id] = category(id, index, answers) }
        let priced = ids.filter { categories[$0]?.value?.priceSource.isZero == false }
        guard market.rules.categoryPrices, !priced.isEmpty else { return categories }
        let sources = priced.compactMap { categories[$0]?.value?.priceSource.word }
        let prices = try await read([
            CallGroup(
                target: oracle, selector: AaveOracle.GetAssetPrice.selector, arguments: sources, returnLength: 32,
                gasPerCall: 1_500_000)
        ])
        for (index, id) in priced.enumerated() {
            categories[id] = categories[id]?.map { category in
                var category = category
                category.price = prices[0].word(index)
                return category
            }
        }
        return categories
    }

    private func category(_ id: Int, _ index: Int, _ answers: [GroupAnswers]) -> Reading<Aave.Category> {
        var words: [UInt256] = []
        for reading in (1...4).map({ answers[0].word(index, $0) }) + answers.dropFirst().map({ $0.word(index) }) {
            switch reading {
            case .known(let word): words.append(word)
            case .unknown(let reason): return .unknown(reason)
            }
        }
        guard let ltv = words[0].asInt(), let threshold = words[1].asInt(), let bonus = words[2].asInt(),
            max(ltv, threshold, bonus) < 65_536, let source = Address(checkedWord: words[3])
        else { return .unknown(.malformed("category \(id) is not made of 16-bit numbers and an address")) }
        words += [UInt256](repeating: .zero, count: 7 - words.count)
        return .known(
            Aave.Category(
                id: id, ltv: ltv, liquidationThreshold: threshold, liquidationBonus: bonus,
                priceSource: market.rules.categoryPrices ? source : .zero, collateralBitmap: words[4],
                zeroLTVBitmap: words[5], isIsolated: !words[6].isZero))
    }

    // MARK: Totals

    /// The pool's own answers about accounts, each 192 bytes.
    func accountData(about accounts: [Account]) async throws(LendingError) -> [Reading<[UInt8]>] {
        let answers = try await read([accountData(accounts)])[0]
        return accounts.indices.map { index in answers.bytes(index).map { Array($0) } }
    }

    private func accountData(_ accounts: [Account]) -> CallGroup {
        CallGroup(
            target: pool, selector: AavePool.GetUserAccountData.selector, arguments: accounts.map(\.address.word),
            returnLength: 192, gasPerCall: 1_500_000)
    }

    /// Asks each debt token what all accounts owe together.
    private func totalCalls(_ state: Aave.MarketState) -> [Call] {
        state.reserves.map { Call(target: $0.variableDebtToken, data: AaveToken.scaledTotalSupply().encode()) }
            + stableReserves(state).map {
                Call(target: $0.stableDebtToken, data: AaveStableDebtToken.totalSupply().encode())
            }
    }

    private func stableReserves(_ state: Aave.MarketState) -> [Aave.Reserve] {
        state.rules.stableDebt ? state.reserves.filter { !$0.stableDebtToken.isZero } : []
    }

    private func totals(_ state: Aave.MarketState, _ answers: [Reading<[UInt8]>]) -> [Int: Aave.DebtTotals] {
        var totals: [Int: Aave.DebtTotals] = [:]
        for (reserve, answer) in zip(state.reserves, answers) {
            totals[reserve.id] = Aave.DebtTotals(variable: Aave.decode(AaveToken.ScaledTotalSupply.self, answer))
        }
        for (reserve, answer) in zip(stableReserves(state), answers.dropFirst(state.reserves.count)) {
            totals[reserve.id]?.stable = Aave.decode(AaveStableDebtToken.TotalSupply.self, answer)
        }
        return totals
    }

    // MARK: The chain

    private func read(_ groups: [CallGroup]) async throws(LendingError) -> [GroupAnswers] {
        do throws(ChainError) {
            return try await snapshot.read(groups)
        } catch {
            throw .chain(error)
        }
    }

    private func read(
        _ groups: [CallGroup], and calls: [Call]
    ) async throws(LendingError) -> (groups: [GroupAnswers], calls: [Reading<[UInt8]>]) {
        do throws(ChainError) {
            return try await snapshot.read(groups, and: calls)
        } catch {
            throw .chain(error)
        }
    }
}

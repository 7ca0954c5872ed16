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
    /// - Parameter debtless: whether accounts that owe nothing are read too.
    func book(of accounts: [Account], debtless: Bool) async throws(LendingError) -> Aave.Book {
        var state = try await marketState()
        let words = accounts.map(\.address.word)
        let answers = try await read([
            CallGroup(
                target: pool, selector: AavePool.GetUserConfiguration.selector, arguments: words, returnLength: 32,
                gasPerCall: 100_000),
            CallGroup(
                target: pool, selector: AavePool.GetUserEMode.selector, arguments: words, returnLength: 32,
                gasPerCall: 100_000),
        ])
        let members = accounts.indices.compactMap { index -> Aave.Member? in
            let member = Aave.Member(
                accounts[index], configuration: answers[0].word(index), category: answers[1].word(index))
            return debtless || member.mayOwe ? member : nil
        }
        var sheet = Aave.Sheet(members: members, reserves: state.reserves, rules: state.rules)
        let categories = Set(members.map(\.category)).subtracting([0]).sorted()
        let groups = sheet.groups + categoryGroups(categories) + [accountData(members)]
        let found = try await read(groups)
        let columns = sheet.groups.count
        sheet.take(Array(found.prefix(columns)))
        sheet.takeAccountData(found[found.count - 1])
        let places = sheet.stablePlaces
        if !places.isEmpty {
            let answers = try await read(sheet.stableGroups(places))
            sheet.takeStable(places, answers, at: state.timestamp)
        }
        state.categories = try await self.categories(categories, Array(found.dropFirst(columns).dropLast()))
        return Aave.Book(state: state, sheet: sheet, totals: try await totals(state))
    }

    // MARK: The market

    /// The reserves with their prices.
    func marketState() async throws(LendingError) -> Aave.MarketState {
        let list: [Address]
        switch try await ask([Call(target: pool, data: AavePool.getReservesList().encode())])[0] {
        case .unknown(let reason): throw unreadable("getReservesList()", reason)
        case .known(let bytes):
            switch Aave.decode(AavePool.GetReservesList.self, .known(bytes)) {
            case .unknown(let reason): throw unreadable("getReservesList()", reason)
            case .known(let assets): list = assets
            }
        }
        let words = list.map(\.word)
        let answers = try await read([
            CallGroup(
                target: pool, selector: AavePool.GetReserveData.selector, arguments: words, returnLength: 480,
                gasPerCall: 200_000),
            // A price may come from a chain of adapters and vaults.
            CallGroup(
                target: oracle, selector: AaveOracle.GetAssetPrice.selector, arguments: words, returnLength: 32,
                gasPerCall: 1_500_000),
            CallGroup(
                target: oracle, selector: AaveOracle.GetSourceOfAsset.selector, arguments: words, returnLength: 32,
                gasPerCall: 100_000),
        ])
        let unnamed = list.filter { market.symbols[$0] == nil }
        let symbols = try await ask(unnamed.map { Call(target: $0, data: ERC20.symbol().encode()) })
        var names = market.symbols
        for (asset, answer) in zip(unnamed, symbols) { names[asset] = Aave.symbol(answer) }
        var state = Aave.MarketState(
            rules: market.rules, timestamp: snapshot.block.timestamp, reserves: [],
            baseUnit: market.addresses.baseUnit, valueUnit: market.addresses.valueUnit)
        for (index, asset) in list.enumerated() {
            switch Aave.decode(AavePool.GetReserveData.self, answers[0].bytes(index)) {
            case .unknown(let reason): state.unreadable.append((asset, reason))
            case .known(let data):
                guard data.id < 128, state.reserve(Int(data.id)) == nil else {
                    state.unreadable.append(
                        (asset, .malformed("its number is \(data.id), which is too large or taken")))
                    continue
                }
                let source = Aave.decode(AaveOracle.GetSourceOfAsset.self, answers[2].bytes(index))
                state.reserves.append(
                    Aave.Reserve(
                        data, asset: asset, symbol: names[asset], price: answers[1].word(index),
                        source: Aave.priceSource(of: asset, source: source, contracts: market.addresses)))
            }
        }
        state.reserves.sort { $0.id < $1.id }
        return state
    }

    // MARK: Categories

    private func categoryGroups(_ ids: [Int]) -> [CallGroup] {
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

    private func accountData(_ members: [Aave.Member]) -> CallGroup {
        CallGroup(
            target: pool, selector: AavePool.GetUserAccountData.selector,
            arguments: members.map(\.account.address.word), returnLength: 192, gasPerCall: 1_500_000)
    }

    /// What each debt token says that all accounts owe together.
    private func totals(_ state: Aave.MarketState) async throws(LendingError) -> [Int: Aave.DebtTotals] {
        let stable = state.rules.stableDebt ? state.reserves.filter { !$0.stableDebtToken.isZero } : []
        let answers = try await ask(
            state.reserves.map { Call(target: $0.variableDebtToken, data: AaveToken.scaledTotalSupply().encode()) }
                + stable.map { Call(target: $0.stableDebtToken, data: AaveStableDebtToken.totalSupply().encode()) })
        var totals: [Int: Aave.DebtTotals] = [:]
        for (reserve, answer) in zip(state.reserves, answers) {
            totals[reserve.id] = Aave.DebtTotals(variable: Aave.decode(AaveToken.ScaledTotalSupply.self, answer))
        }
        for (reserve, answer) in zip(stable, answers.dropFirst(state.reserves.count)) {
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

    private func ask(_ calls: [Call]) async throws(LendingError) -> [Reading<[UInt8]>] {
        guard !calls.isEmpty else { return [] }
        do throws(ChainError) {
            return try await snapshot.read(calls)
        } catch {
            throw .chain(error)
        }
    }

    private func unreadable(_ what: String, _ reason: Reason) -> LendingError {
        .unreadable(market: market.id.deployment, what: what, at: pool, reason)
    }
}

extension Aave.Reserve {
    /// A reserve as the pool describes it.
    fileprivate init(
        _ data: AavePool.ReserveDataLegacy, asset: Address, symbol: String?, price: Reading<UInt256>,
        source: PriceSource
    ) {
        self.init(
            id: Int(data.id), asset: asset, symbol: symbol,
            configuration: Aave.ReserveConfiguration(word: data.configuration.data),
            liquidityIndex: data.liquidityIndex, variableBorrowIndex: data.variableBorrowIndex,
            liquidityRate: data.currentLiquidityRate, variableBorrowRate: data.currentVariableBorrowRate,
            lastUpdate: data.lastUpdateTimestamp, aToken: data.aTokenAddress,
            stableDebtToken: data.stableDebtTokenAddress, variableDebtToken: data.variableDebtTokenAddress,
            price: price, source: source)
    }
}

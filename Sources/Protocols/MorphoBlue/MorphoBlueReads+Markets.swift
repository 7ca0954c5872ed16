import Bindings
import Chain
import Ethereum
import Lending

extension MorphoBlue.Reader {
    /// Reads what the positions of these markets depend on besides what the singleton stores.
    func describe(
        _ ids: [Hash32], _ contracts: [Hash32: [Address]], _ book: inout MorphoBlue.Book
    ) async throws(LendingError) {
        var states = ids.compactMap { book.markets[$0] }
        try await readRates(&states)
        for index in states.indices { states[index].accrue(at: book.timestamp) }
        try await checkAccruals(&states)
        try await readTokens(&states)
        try await readOracles(&states)
        try await readPreLiquidations(&states, contracts, &book)
        for state in states { book.markets[state.id] = state }
    }

    // MARK: Prices and rates

    private func readRates(_ states: inout [MorphoBlue.MarketState]) async throws(LendingError) {
        typealias Irm = MorphoBlueIrm
        var calls: [Call] = []
        var places: [Int] = []
        for state in states {
            places.append(calls.count)
            guard let params = state.params.value, let totals = state.totals.value else { continue }
            calls.append(Self.call(params.oracle, MorphoBlueOracle.Price.selector))
            guard !params.irm.isZero else { continue }
            calls += [
                Self.call(params.irm, Irm.BorrowRateView.selector, params.words + totals.words),
                Self.call(params.irm, Irm.RateAtTarget.selector, [state.id.word]),
                Self.call(params.irm, Irm.Morpho.selector),
            ]
        }
        let answers = try await readPacked(calls)
        for (index, place) in zip(states.indices, places) {
            guard let params = states[index].params.value, states[index].totals.value != nil else { continue }
            states[index].price = Self.word(answers[place])
            guard !params.irm.isZero else {
                states[index].model = .known(.none)
                continue
            }
            let stated = Self.word(answers[place + 1])
            states[index].statedRate = stated
            states[index].model = model(
                stated, rateAtTarget: Self.word(answers[place + 2]), names: Self.word(answers[place + 3]))
        }
    }

    /// The adaptive curve says what it stores and whom it serves; of another model only its own word is known.
    private func model(
        _ stated: Reading<UInt256>, rateAtTarget: Reading<UInt256>, names: Reading<UInt256>
    ) -> Reading<MorphoBlue.RateModel> {
        for reading in [rateAtTarget, names] {
            // A question that was not answered is not an answer.
            if case .unknown(.failed(let why)) = reading { return .unknown(.failed(why)) }
        }
        if let word = rateAtTarget.value, names.value == morpho.word {
            return .known(.adaptiveCurve(rateAtTarget: Int256(bits: word)))
        }
        return stated.map { .stated(rate: $0, at: snapshot.block.timestamp) }
    }

    /// Has the singleton itself accrue interest, in an `eth_call` that is forgotten, and compares.
    private func checkAccruals(_ states: inout [MorphoBlue.MarketState]) async throws(LendingError) {
        var open = states.indices.filter { states[$0].params.value != nil && states[$0].totals.value != nil }
        // Many markets in one call; those that its gas does not reach, each in a call of its own.
        for size in [60, 1] where !open.isEmpty {
            let parts = stride(from: 0, to: open.count, by: size).map { open[$0..<min($0 + size, open.count)] }
            let scripts = parts.map { part in
                CallScript(
                    part.flatMap { index in
                        [
                            Self.call(
                                morpho, MorphoBlueMorpho.AccrueInterest.selector,
                                states[index].params.value?.words ?? []),
                            Self.call(morpho, MorphoBlueMorpho.Market.selector, [states[index].id.word]),
                        ]
                    })
            }
            let answers: [[Reading<[UInt8]>]]
            do throws(ChainError) {
                answers = try await snapshot.run(scripts)
            } catch {
                throw .chain(error)
            }
            open = []
            for (part, answers) in zip(parts, answers) {
                for (place, index) in part.enumerated() {
                    if !states[index].check(accrual: answers[2 * place], answers[2 * place + 1]) { open.append(index) }
                }
            }
        }
        for index in states.indices { states[index].checkRate() }
    }

    // MARK: Tokens

    func readTokens(_ states: inout [MorphoBlue.MarketState]) async throws(LendingError) {
        var known = market.tokens
        let named = Set(states.compactMap(\.params.value).flatMap { [$0.loanToken, $0.collateralToken] })
        let asked = named.filter { known[$0] == nil }.sorted()
        let answers = try await readPacked(
            asked.flatMap { [Self.call($0, ERC20.Symbol.selector), Self.call($0, ERC20.Decimals.selector)] },
            believesBareReverts: true)
        for (index, token) in asked.enumerated() {
            let symbol = Aave.symbol(answers[2 * index])
            switch Self.word(answers[2 * index + 1]) {
            case .known(let decimals) where decimals <= 255:
                known[token] = MorphoBlue.Token(symbol: symbol, decimals: decimals.asInt() ?? 0)
            case .known: known[token] = MorphoBlue.Token(symbol: symbol, decimals: 0, issue: "more than 255")
            case .unknown(let reason):
                known[token] = MorphoBlue.Token(symbol: symbol, decimals: 0, issue: "\(reason)")
            }
        }
        for index in states.indices {
            guard let params = states[index].params.value else { continue }
            states[index].loan = known[params.loanToken] ?? MorphoBlue.Token(decimals: 0)
            states[index].collateral = known[params.collateralToken] ?? MorphoBlue.Token(decimals: 0)
        }
    }
}

extension MorphoBlue.MarketState {
    /// Compares with what the singleton has after accruing; false where it did not come to that.
    fileprivate mutating func check(accrual: Reading<[UInt8]>, _ market: Reading<[UInt8]>) -> Bool {
        typealias Reader = MorphoBlue.Reader
        switch accrual {
        case .unknown(.reverted(let why)):
            // A revert without words may be want of gas.
            guard !why.contains("without a reason") else { return false }
            if accrued.value != nil {
                check = .differs("accrueInterest reverts (\(why)), computed it does not")
            } else {
                check = .equal
            }
            return true
        case .unknown: return false
        case .known: break
        }
        guard case .known(let words) = Reader.words(market, 6) else { return false }
        guard let ours = accrued.value else {
            if case .unknown(.reverted(let why)) = accrued {
                check = .differs("computed, accrueInterest reverts (\(why)); the contract's does not")
            }
            return true
        }
        let names = [
            "totalSupplyAssets", "totalSupplyShares", "totalBorrowAssets", "totalBorrowShares", "lastUpdate", "fee",
        ]
        let differences = zip(names, zip(words, ours.words)).filter { $0.1.0 != $0.1.1 }
        check =
            differences.isEmpty
            ? .equal
            : .differs(differences.map { "\($0.0) is \($0.1.0), computed \($0.1.1)" }.joined(separator: "; "))
        return true
    }

    /// The rate that was computed has to be the one that the model states, whatever the path.
    fileprivate mutating func checkRate() {
        guard check != .equal || rate != nil, let rate, case .known(let stated) = statedRate, rate != stated else {
            return
        }
        check = .differs("borrowRateView is \(stated), computed \(rate)")
    }
}

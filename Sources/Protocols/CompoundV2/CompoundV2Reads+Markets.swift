import Bindings
import Chain
import Ethereum
import Lending

extension CompoundV2.Opening {
    /// Everything about these markets, in their order. What one market does not answer is unknown there alone.
    func cTokens(
        _ addresses: [Address], _ state: CompoundV2.MarketState
    ) async throws(LendingError) -> [CompoundV2.CToken] {
        let shared = try await chain.read([
            Call(target: comptroller, data: CompoundComptroller.liquidationIncentiveMantissa().encode()),
            Call(target: comptroller, data: CompoundComptroller.seizeGuardianPaused().encode()),
        ])
        let incentive = try chain.optional(shared[0], "liquidationIncentiveMantissa()", comptroller)
        let seizePaused = try chain.optional(shared[1], "seizeGuardianPaused()", comptroller)
        let questions = addresses.map { CompoundV2.Questions($0, comptroller, state.oracle) }
        let answers = try await chain.read(questions.flatMap(\.calls))
        var cTokens: [CompoundV2.CToken] = []
        var start = 0
        for question in questions {
            let own = Array(answers[start..<start + question.calls.count])
            start += question.calls.count
            var cToken = question.cToken(own, state.rules)
            cToken.incentive = cToken.incentive ?? incentive
            cToken.isSeizePaused = cToken.isSeizePaused || seizePaused.map { !$0.isZero } ?? false
            cTokens.append(cToken)
        }
        try await addRates(to: &cTokens, questions, answers, state.rules)
        try await addTokens(to: &cTokens)
        return cTokens
    }

    /// Asks each rate model for the rate of the stored totals, and accrues by it.
    private func addRates(
        to cTokens: inout [CompoundV2.CToken], _ questions: [CompoundV2.Questions], _ answers: [Reading<[UInt8]>],
        _ rules: CompoundV2.Rules
    ) async throws(LendingError) {
        var calls: [Call] = []
        var places: [Int] = []
        var start = 0
        for (place, question) in questions.enumerated() {
            let model = question.rateModel(Array(answers[start..<start + question.calls.count]))
            start += question.calls.count
            guard let model, let totals = cTokens[place].totals else { continue }
            calls.append(
                Call(
                    target: model,
                    data: rules.countsBadDebt
                        ? VenusIsolatedInterestRateModel.getBorrowRate(
                            cash: totals.cash, borrows: totals.borrows, reserves: totals.reserves,
                            badDebt: totals.badDebt
                        ).encode()
                        : CompoundInterestRateModel.getBorrowRate(
                            cash: totals.cash, borrows: totals.borrows, reserves: totals.reserves
                        )
                        .encode()))
            places.append(place)
        }
        let number = try await evmNumber()
        for (place, answer) in zip(places, try await chain.read(calls)) {
            cTokens[place].borrowRate = CompoundV2.lastWord(answer).value
        }
        for place in cTokens.indices {
            let slot = cTokens[place].isTimeBased ? chain.snapshot.block.timestamp : number
            cTokens[place].compareAccrual(to: slot)
        }
    }

    /// `block.number` inside the EVM; `nil` where it is another chain's and nobody says which.
    private func evmNumber() async throws(LendingError) -> UInt64? {
        let capabilities = chain.snapshot.capabilities
        if capabilities.evmNumberIsHeight { return chain.snapshot.block.number }
        guard let multicall = capabilities.multicall else { return nil }
        let answer = try await chain.read([Call(target: multicall, data: Multicall3.getBlockNumber().encode())])[0]
        return CompoundV2.word(answer).value?.asUInt64()
    }

    /// Symbols and decimals of what is lent.
    private func addTokens(to cTokens: inout [CompoundV2.CToken]) async throws(LendingError) {
        // A market whose `underlying()` was not read stands for it itself, and has no decimals.
        let places = cTokens.indices.filter {
            cTokens[$0].underlying != CompoundV2.native && cTokens[$0].underlying != cTokens[$0].address
        }
        do throws(ChainError) {
            let facts = try await chain.snapshot.tokens(places.map { cTokens[$0].underlying })
            for (place, fact) in zip(places, facts) {
                let symbol = symbols[cTokens[place].underlying] ?? fact.symbol.value
                cTokens[place].underlyingSymbol = symbol.flatMap { $0.isEmpty ? nil : $0 }
                cTokens[place].decimals = fact.decimals
            }
        } catch {
            throw .chain(error)
        }
        for place in cTokens.indices where cTokens[place].underlying == CompoundV2.native {
            cTokens[place].underlyingSymbol = nativeSymbol
            cTokens[place].decimals = .known(18)
        }
    }
}

extension CompoundV2.CToken {
    /// Accrues by our own arithmetic, and sees whether the contract does the same.
    mutating func compareAccrual(to slot: UInt64?) {
        guard case .accrued(let rate, _) = accrual, let slot, let totals, let borrowRate else { return }
        do throws(MathError) {
            let accrued = try CompoundV2.Math.accrue(totals, rate: borrowRate, to: slot)
            let computed = try CompoundV2.Math.exchangeRate(accrued) ?? exchangeRate.value
            accruesAsComputed = computed == rate
            guard computed == rate else { return }
            accrual = .accrued(exchangeRate: rate, index: accrued.index)
            accruedTotals = accrued
        } catch {
            accruesAsComputed = false
        }
    }
}

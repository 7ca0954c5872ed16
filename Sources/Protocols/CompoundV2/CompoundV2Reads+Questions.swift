import Bindings
import Chain
import Ethereum
import Lending

extension CompoundV2 {
    /// What is asked about one market, and what its answers make of it.
    struct Questions: Sendable {
        let address: Address
        let calls: [Call]

        /// The places of the answers.
        private enum Place: Int {
            case symbol, underlying, rateStored, rateCurrent, cash, borrows, reserves, supply, index, factor, model
            case block, time, timeBased, badDebt, seizeShare
            case terms, deprecated, forced, borrowPaused, mintPaused, softListed, seizeAction, liquidateAction, price
        }

        init(_ cToken: Address, _ comptroller: Address, _ oracle: Address) {
            address = cToken
            let own = [
                CompoundCToken.symbol().encode(), CompoundCToken.underlying().encode(),
                CompoundCToken.exchangeRateStored().encode(), CompoundCToken.exchangeRateCurrent().encode(),
                CompoundCToken.getCash().encode(), CompoundCToken.totalBorrows().encode(),
                CompoundCToken.totalReserves().encode(), CompoundCToken.totalSupply().encode(),
                CompoundCToken.borrowIndex().encode(), CompoundCToken.reserveFactorMantissa().encode(),
                CompoundCToken.interestRateModel().encode(), CompoundCToken.accrualBlockNumber().encode(),
                CompoundCToken.accrualBlockTimestamp().encode(), CompoundCToken.isTimeBased().encode(),
                CompoundCToken.badDebt().encode(), CompoundCToken.protocolSeizeShareMantissa().encode(),
            ]
            let about = [
                CompoundComptroller.markets(cToken).encode(), CompoundComptroller.isDeprecated(cToken).encode(),
                CompoundComptroller.isForcedLiquidationEnabled(cToken).encode(),
                CompoundComptroller.borrowGuardianPaused(cToken).encode(),
                CompoundComptroller.mintGuardianPaused(cToken).encode(),
                CompoundComptroller.isMarketListedOrSoftDelisted(cToken).encode(),
                // Venus' `Action`: 4 is SEIZE, 5 is LIQUIDATE.
                CompoundComptroller.actionPaused(market: cToken, action: 4).encode(),
                CompoundComptroller.actionPaused(market: cToken, action: 5).encode(),
            ]
            calls =
                own.map { Call(target: cToken, data: $0) } + about.map { Call(target: comptroller, data: $0) }
                + [Call(target: oracle, data: CompoundPriceOracle.getUnderlyingPrice(cToken).encode())]
        }

        /// The interest rate model that the market names.
        func rateModel(_ answers: [Reading<[UInt8]>]) -> Address? {
            CompoundV2.word(answers[Place.model.rawValue]).value.flatMap { Address(checkedWord: $0) }
        }

        func cToken(_ answers: [Reading<[UInt8]>], _ rules: Rules) -> CToken {
            func word(_ place: Place, _ index: Int = 0) -> Reading<UInt256> {
                CompoundV2.word(answers[place.rawValue], index)
            }
            func flag(_ place: Place) -> Bool { word(place).value.map { !$0.isZero } ?? false }
            let underlying = CompoundV2.presence(answers[Place.underlying.rawValue])
            var cToken = CToken(
                address: address, symbol: Aave.symbol(answers[Place.symbol.rawValue]),
                underlying: address, decimals: .unknown(.failed("decimals were not asked")),
                weight: word(.terms, rules.weightWord), price: word(.price), exchangeRate: word(.rateStored),
                totalBorrows: word(.borrows), accrual: accrual(word(.rateCurrent)))
            if case .known(let token) = underlying {
                // A market of the chain's own coin has no such function, or a fallback that answers nothing.
                cToken.underlying = token.map { Address(word: $0) } ?? CompoundV2.native
            }
            cToken.isListed = rules.passesOverDelisted ? flag(.softListed) : flag(.terms)
            cToken.incentive = rules.incentiveWord.flatMap { word(.terms, $0).value }
            // Markets from before this function keep nothing, and Venus' leave the split to another contract.
            cToken.seizeShare =
                rules.mintsVAI
                ? .known(.zero)
                : CompoundV2.presence(answers[Place.seizeShare.rawValue]).map { $0 ?? .zero }
            let time = word(.time).value
            cToken.isTimeBased = time != nil || flag(.timeBased)
            let badDebt = rules.countsBadDebt ? word(.badDebt) : .known(.zero)
            if let badDebt = badDebt.value, let cash = word(.cash).value, let borrows = word(.borrows).value,
                let reserves = word(.reserves).value,
                let supply = word(.supply).value, let index = word(.index).value, let factor = word(.factor).value,
                let slot = (time ?? word(.block).value)?.asUInt64()
            {
                cToken.totals = Totals(
                    cash: cash, borrows: borrows, reserves: reserves, supply: supply, index: index,
                    reserveFactor: factor, badDebt: badDebt, slot: slot)
            }
            for (place, name) in [(Place.forced, "isForcedLiquidationEnabled"), (.deprecated, "isDeprecated")] {
                switch CompoundV2.presence(answers[place.rawValue]) {
                case .known(let word):
                    guard let word, !word.isZero else { continue }
                    cToken.isForced = .known(true)
                    cToken.forcedBy = name
                case .unknown(let reason): if cToken.isForced.value != true { cToken.isForced = .unknown(reason) }
                }
            }
            cToken.flagIssue =
                [Place.borrowPaused, .mintPaused, .seizeAction, .liquidateAction, .softListed]
                .compactMap { CompoundV2.presence(answers[$0.rawValue]).reason }.first
            cToken.isBorrowPaused = flag(.borrowPaused)
            cToken.isMintPaused = flag(.mintPaused)
            cToken.isSeizePaused = flag(.seizeAction)
            cToken.isLiquidationPaused = flag(.liquidateAction)
            return cToken
        }

        private func accrual(_ rate: Reading<UInt256>) -> Accrual {
            switch rate {
            case .known(let rate): .accrued(exchangeRate: rate, index: nil)
            case .unknown(.reverted(let why)): .stuck(why)
            case .unknown(let reason): .unknown(reason)
            }
        }
    }
}

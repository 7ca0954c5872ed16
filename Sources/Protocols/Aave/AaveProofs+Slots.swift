import Chain
import Ethereum
import Lending

extension Aave.Claiming {
    func listed(_ id: Int, as asset: Address) -> ProvableSlot {
        ProvableSlot(
            pool, StorageSlot.mapping(UInt256(UInt64(id)), at: layout.reservesList), holds: asset.word,
            mask: .mask(bits: 160), "asset of reserve \(id)")
    }

    // MARK: Reserves

    func word(_ place: UInt256, of reserve: Aave.Reserve) -> UInt256 {
        StorageSlot.mapping(reserve.asset, at: layout.reserves) &+ place
    }

    /// What every account that uses the reserve stands on.
    func slots(of reserve: Aave.Reserve) -> [ProvableSlot] {
        func pair(_ low: UInt256, _ high: UInt256) -> UInt256 { low | high << 128 }
        // The fourth word: something older, then 40 bits of time and 16 of the number.
        let time = UInt256(reserve.lastUpdate) << 128 | UInt256(UInt64(reserve.id)) << 168
        return [
            listed(reserve.id, as: reserve.asset),
            ProvableSlot(
                pool, word(0, of: reserve), holds: reserve.configuration.word, "configuration of \(reserve.name)"),
            ProvableSlot(
                pool, word(1, of: reserve), holds: pair(reserve.liquidityIndex, reserve.liquidityRate),
                "liquidity index and rate of \(reserve.name)"),
            ProvableSlot(
                pool, word(2, of: reserve), holds: pair(reserve.variableBorrowIndex, reserve.variableBorrowRate),
                "borrow index and rate of \(reserve.name)"),
            ProvableSlot(
                pool, word(3, of: reserve), holds: time, mask: .mask(bits: 56) << 128,
                "update time and number of \(reserve.name)"),
        ]
    }

    func token(_ place: UInt256, of reserve: Aave.Reserve, is token: Address, _ what: String) -> ProvableSlot {
        ProvableSlot(
            pool, word(place, of: reserve), holds: token.word, mask: .mask(bits: 160), "\(what) of \(reserve.name)")
    }

    // MARK: Accounts

    func balance(
        _ token: Address, _ mapping: UInt256, _ user: Address, _ place: Int, _ what: String
    ) -> ProvableSlot {
        ProvableSlot(
            token, StorageSlot.mapping(user, at: mapping),
            holds: book.sheet.scaledBehindAmount[place] ?? book.sheet.balances[place],
            mask: .mask(bits: layout.balanceBits), unclear: layout.unclearBalance, "\(what) of \(user)")
    }

    func addDebt(
        of user: Address, _ reserve: Aave.Reserve, _ place: Int, _ claims: inout StateClaims.AccountClaims
    ) {
        claims.slots.append(token(6, of: reserve, is: reserve.variableDebtToken, "variable debt token"))
        claims.slots.append(
            balance(reserve.variableDebtToken, layout.debts, user, place, "variable debt in \(reserve.name)"))
        if book.state.owesAmounts(reserve) {
            claims.unprovable.append("the debt in \(reserve.name) is what its token computes, not what it stores")
        }
        guard book.state.rules.stableDebt else { return }
        // A reserve without such a token has none that could hold a debt.
        claims.slots.append(token(5, of: reserve, is: reserve.stableDebtToken, "stable debt token"))
        guard !reserve.stableDebtToken.isZero else { return }
        let debt = book.sheet.stable[place + 1] ?? Aave.StableDebt(principal: .zero)
        let unclear: UInt256 = layout.countsStableDebt ? .zero : .max
        let what = "stable debt in \(reserve.name) of \(user)"
        // The rate of a debt that is gone may stay behind.
        claims.slots.append(
            ProvableSlot(
                reserve.stableDebtToken, StorageSlot.mapping(user, at: layout.debts),
                holds: debt.principal | debt.rate << 128, mask: debt.principal.isZero ? .mask(bits: 128) : .max,
                unclear: unclear, what))
        guard !debt.principal.isZero else { return }
        claims.slots.append(
            ProvableSlot(
                reserve.stableDebtToken, StorageSlot.mapping(user, at: layout.stableTimes),
                holds: UInt256(debt.updated), mask: .mask(bits: 40), unclear: unclear, "time of the \(what)"))
    }

    // MARK: Categories and prices

    /// The word of a category that health factors stand on; what only bounds new debt stands elsewhere.
    func slot(of category: Aave.Category) -> ProvableSlot {
        let terms =
            UInt256(UInt64(category.ltv)) | UInt256(UInt64(category.liquidationThreshold)) << 16
            | UInt256(UInt64(category.liquidationBonus)) << 32
        let slot = StorageSlot.mapping(UInt256(UInt64(category.id)), at: layout.categories)
        let what = "terms of category \(category.id)"
        switch market.rules.categoryMembership {
        case .configurationByte:
            return ProvableSlot(
                pool, slot, holds: terms | category.priceSource.word << 48, mask: .mask(bits: 208), what)
        case .collateralBitmap:
            return ProvableSlot(
                pool, slot, holds: terms | category.collateralBitmap << 48, mask: .mask(bits: 176), what)
        }
    }

    func addPrice(
        of reserve: Aave.Reserve, in category: Aave.Category?, _ claims: inout StateClaims.AccountClaims
    ) {
        let (price, source) = book.state.price(of: reserve, in: category)
        let oracle = market.addresses.oracle
        let (slots, reason): ([ProvableSlot], String?) =
            switch (source.kind, source.address) {
            case (.feed, let feed?):
                feeds.claims(
                    of: reserve.asset, reserve.name, source: feed, price: price, oracle: oracle, layout)
            case (.substitute, let asset?):
                if let feed = feeds.sources[asset] {
                    feeds.claims(
                        of: asset, "category \(category?.id ?? 0)", source: feed, price: price, oracle: oracle, layout)
                } else {
                    ([], "the price of category \(category?.id ?? 0): its source cannot be read")
                }
            case (.base, _): ([], "the price of \(reserve.name) is a constant of the oracle's code")
            case (.fallback, _): ([], "the price of \(reserve.name) comes from the fallback oracle")
            default: ([], "the price of \(reserve.name): its source cannot be read")
            }
        claims.slots += slots
        if let reason, !claims.unprovable.contains(reason) { claims.unprovable.append(reason) }
    }
}

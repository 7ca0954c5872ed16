public import Chain
import Ethereum
public import Lending

extension Aave.Market {
    /// Which slots hold what the positions were computed from.
    ///
    /// The accounts are read once more, for a position does not keep every word that it came from; one that comes out
    /// otherwise this time is not proven by what is proven now.
    public func claims(
        of positions: [Position], on snapshot: Snapshot
    ) async throws(LendingError) -> StateClaims {
        guard let layout = Aave.Layout.of(rules) else {
            return .none(
                positions.count, because: "where pools of revision \(rules.revision) store their state is not known")
        }
        let book = try await Aave.Reader(market: self, snapshot: snapshot).book(
            of: positions.map(\.account), debtless: true, known: AccountRows())
        guard book.members.count == positions.count else {
            return .none(positions.count, because: "asked again, the endpoint left accounts out")
        }
        let table = book.state.healthTable
        let again = book.members.indices.map { self.position(of: $0, in: book, table, at: snapshot.block) }
        let feeds = try await feeds(of: book, on: snapshot)
        let claiming = Aave.Claiming(market: self, layout: layout, book: book, feeds: feeds)
        let accounts = positions.indices.map { index in
            var claims = claiming.claims(of: index)
            if !positions[index].standsOnTheSame(as: again[index]) {
                claims.unprovable.append("asked again, the endpoint told another position")
            }
            return claims
        }
        return StateClaims(accounts: accounts, witnesses: claiming.witnesses)
    }
}

extension Position {
    /// Whether both were computed from the same numbers, as far as their verdict goes.
    fileprivate func standsOnTheSame(as other: Position) -> Bool {
        account == other.account && block == other.block && hfNum == other.hfNum && hfDen == other.hfDen
            && hfProtocol == other.hfProtocol && collateralValue == other.collateralValue
            && debtValue == other.debtValue && collateral == other.collateral && debt == other.debt
    }
}

extension Aave {
    /// Says where the contracts store what a book was computed from.
    struct Claiming {
        let market: Market
        let layout: Layout
        let book: Book
        let feeds: Feeds
        private var pool: Address { market.addresses.pool }

        init(market: Market, layout: Layout, book: Book, feeds: Feeds) {
            self.market = market
            self.layout = layout
            self.book = book
            self.feeds = feeds
        }
    }
}

extension Aave.Claiming {
    /// Slots that show whether the contracts are laid out as assumed: the pool names its tokens, the tokens their asset,
    /// the oracle its sources.
    var witnesses: [Address: [ProvableSlot]] {
        var witnesses: [Address: [ProvableSlot]] = [market.addresses.provider: entries]
        for reserve in book.state.reserves {
            witnesses[pool, default: []].append(token(4, of: reserve, is: reserve.aToken, "aToken"))
            witnesses[reserve.aToken, default: []].append(asset(of: reserve, reserve.aToken, layout.suppliedAsset))
            for debtToken in [reserve.variableDebtToken, reserve.stableDebtToken] where !debtToken.isZero {
                witnesses[debtToken, default: []].append(asset(of: reserve, debtToken, layout.owedAsset))
            }
            if reserve.source.kind == .feed,
                let source = feeds.slot(
                    of: reserve.asset, reserve.name, source: reserve.source.address, oracle: market.addresses.oracle,
                    layout)
            {
                witnesses[market.addresses.oracle, default: []].append(source)
            }
        }
        return witnesses
    }

    private func asset(of reserve: Aave.Reserve, _ token: Address, _ slot: UInt256) -> ProvableSlot {
        ProvableSlot(
            token, slot, holds: reserve.asset.word, mask: .mask(bits: 160),
            "underlying asset of a token of \(reserve.name)")
    }

    /// The contracts that the provider names.
    private var entries: [ProvableSlot] {
        [("POOL", pool), ("PRICE_ORACLE", market.addresses.oracle)].map { name, address in
            let key = Array(name.utf8) + [UInt8](repeating: 0, count: 32 - name.utf8.count)
            return ProvableSlot(
                market.addresses.provider, StorageSlot.mapping(bytes: key, at: layout.addresses), holds: address.word,
                mask: .mask(bits: 160), "\(name) of the provider")
        }
    }

    /// What one member's position stands on.
    func claims(of index: Int) -> StateClaims.AccountClaims {
        let member = book.members[index]
        guard member.issues.isEmpty else {
            return StateClaims.AccountClaims(unprovable: member.issues.map { "\($0.field): \($0.reason)" })
        }
        let user = member.account.address
        var claims = StateClaims.AccountClaims(slots: entries)
        claims.slots.append(
            ProvableSlot(pool, layout.revision, holds: UInt256(market.rules.revision), "revision of the pool"))
        claims.slots.append(
            ProvableSlot(
                pool, StorageSlot.mapping(user, at: layout.accountConfigurations), holds: member.configuration.word,
                "configuration of \(user)"))
        claims.slots.append(
            ProvableSlot(
                pool, StorageSlot.mapping(user, at: layout.accountCategories), holds: UInt256(UInt64(member.category)),
                mask: .mask(bits: 8), "category of \(user)"))
        var category: Aave.Category?
        // An account that uses nothing is never asked for its category.
        if member.category != 0, !member.configuration.isEmpty {
            category = book.state.categories[member.category]?.value
            if let category {
                claims.slots.append(slot(of: category))
            } else {
                claims.unprovable.append(book.whyNoCategory(member.category))
            }
        }
        addUnlisted(member, &claims)
        var place = member.start
        for reserve in book.state.reserves {
            let secures = member.configuration.secures(reserve.id)
            let owes = member.configuration.owes(reserve.id)
            guard secures || owes else { continue }
            claims.slots += slots(of: reserve)
            addPrice(of: reserve, in: category, &claims)
            if secures {
                claims.slots.append(token(4, of: reserve, is: reserve.aToken, "aToken"))
                claims.slots.append(balance(reserve.aToken, layout.supplies, user, place, "supply of \(reserve.name)"))
                place += 1
            }
            guard owes else { continue }
            addDebt(of: user, reserve, place, &claims)
            place += book.state.rules.stableDebt ? 2 : 1
        }
        return claims
    }

    /// Reserves that the account's bits name and the list does not: the pool passes over them.
    private func addUnlisted(_ member: Aave.Member, _ claims: inout StateClaims.AccountClaims) {
        let unlisted = member.configuration.reserves.filter { book.state.reserve($0) == nil }
        guard !unlisted.isEmpty else { return }
        if !book.state.unreadable.isEmpty { claims.unprovable.append("a reserve that it uses cannot be read") }
        claims.slots += unlisted.map { listed($0, as: .zero) }
    }

    private func listed(_ id: Int, as asset: Address) -> ProvableSlot {
        ProvableSlot(
            pool, StorageSlot.mapping(UInt256(UInt64(id)), at: layout.reservesList), holds: asset.word,
            mask: .mask(bits: 160), "asset of reserve \(id)")
    }

    // MARK: Reserves

    private func word(_ place: UInt256, of reserve: Aave.Reserve) -> UInt256 {
        StorageSlot.mapping(reserve.asset, at: layout.reserves) &+ place
    }

    /// What every account that uses the reserve stands on.
    private func slots(of reserve: Aave.Reserve) -> [ProvableSlot] {
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

    private func token(_ place: UInt256, of reserve: Aave.Reserve, is token: Address, _ what: String) -> ProvableSlot {
        ProvableSlot(
            pool, word(place, of: reserve), holds: token.word, mask: .mask(bits: 160), "\(what) of \(reserve.name)")
    }

    // MARK: Accounts

    private func balance(
        _ token: Address, _ mapping: UInt256, _ user: Address, _ place: Int, _ what: String
    ) -> ProvableSlot {
        ProvableSlot(
            token, StorageSlot.mapping(user, at: mapping),
            holds: book.sheet.scaledBehindAmount[place] ?? book.sheet.balances[place],
            mask: .mask(bits: layout.balanceBits), unclear: layout.unclearBalance, "\(what) of \(user)")
    }

    private func addDebt(
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
    private func slot(of category: Aave.Category) -> ProvableSlot {
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

    private func addPrice(
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

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
                positions.count,
                because: "where pools of \(id.protocol), revision \(rules.revision), store their state is not known")
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
        var pool: Address { market.addresses.pool }
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
}

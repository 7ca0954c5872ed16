public import Chain
import Ethereum
public import Lending

extension MorphoBlue.Market {
    /// Which slots hold what the positions were computed from: the account's own, the market's, its five values, and
    /// the
    /// rate at target. What an oracle answers is computed by its code, so no position is proven to the end.
    public func claims(
        of positions: [Position], on snapshot: Snapshot
    ) async throws(LendingError) -> StateClaims {
        guard readsSlots else {
            return .none(positions.count, because: "where this singleton stores its state is not known")
        }
        let book = try await MorphoBlue.Reader(market: self, snapshot: snapshot).book(
            of: positions.map(\.account), debtless: true, known: AccountRows())
        guard book.members.count == positions.count else {
            return .none(positions.count, because: "asked again, the endpoint left accounts out")
        }
        let accounts = positions.indices.map { index in
            var claims = self.claims(of: book.members[index], in: book)
            let again = self.position(of: index, in: book, at: snapshot.block)
            if again.hfNum != positions[index].hfNum || again.hfDen != positions[index].hfDen {
                claims.unprovable.append("asked again, the endpoint told another position")
            }
            return claims
        }
        let witnesses = book.markets.values.compactMap { state in
            state.params.value.map { slots(of: $0, state.id) }
        }.flatMap(\.self)
        return StateClaims(accounts: accounts, witnesses: [morpho: witnesses])
    }

    private func claims(of member: MorphoBlue.Member, in book: MorphoBlue.Book) -> StateClaims.AccountClaims {
        guard let state = book.markets[member.id], case .known(let holding) = member.holding,
            case .known(let params) = state.params, case .known(let totals) = state.totals
        else { return StateClaims.AccountClaims(unprovable: ["the position could not be read"]) }
        typealias Layout = MorphoBlue.Layout
        let name = String(member.id.hex.prefix(10))
        var claims = StateClaims.AccountClaims(slots: slots(of: params, member.id))
        claims.slots.append(
            ProvableSlot(
                morpho, Layout.holding(of: member.address, in: Layout.positions(of: member.id)), holds: holding.slot,
                "debt and collateral of \(member.address) in \(name)"))
        let words = totals.words
        for (place, slot) in Layout.totals(of: member.id).enumerated() {
            claims.slots.append(
                ProvableSlot(
                    morpho, slot, holds: words[2 * place] | words[2 * place + 1] << 128,
                    "\(["supply", "debt", "time and fee"][place]) of \(name)"))
        }
        switch state.model {
        case .known(.adaptiveCurve(let rate)):
            claims.slots.append(
                ProvableSlot(
                    params.irm, Layout.rateAtTarget(of: member.id), holds: rate.bits, "rate at target of \(name)"))
        case .known(.none): break
        default: claims.unprovable.append("the rate of \(name) is what its model computes")
        }
        if !holding.borrowShares.isZero {
            claims.unprovable.append("the price of \(name) is what its oracle computes")
        }
        return claims
    }

    private func slots(of params: MorphoBlue.MarketParams, _ id: Hash32) -> [ProvableSlot] {
        let names = ["loan token", "collateral token", "oracle", "rate model", "lltv"]
        return zip(MorphoBlue.Layout.params(of: id), zip(params.words, names)).map { slot, value in
            ProvableSlot(morpho, slot, holds: value.0, "\(value.1) of \(id.hex.prefix(10))")
        }
    }
}

import Bindings
public import Chain
import Ethereum
public import Lending

extension MorphoBlue.Market {
    /// The markets of the network file, or of all `CreateMarket` events.
    public func listings(on snapshot: Snapshot) async throws(LendingError) -> [Account] {
        try await entries(on: snapshot).compactMap { entry in
            if case .market = entry { entry.account } else { nil }
        }
    }

    /// The collateral of each market in which anybody owes, in its loan token.
    public func pricedAssets(
        in listings: [Account], on snapshot: Snapshot
    ) async throws(LendingError) -> [PricedAsset] {
        let ids = listings.compactMap { account -> Hash32? in
            if case .market(let id)? = MorphoBlue.Entry(account) { id } else { nil }
        }
        let states = try await MorphoBlue.Reader(market: self, snapshot: snapshot).priced(ids)
        return states.compactMap { state in
            guard let params = state.params.value, !params.collateralToken.isZero else { return nil }
            return PricedAsset(
                asset: params.collateralToken, symbol: state.collateral.symbol, decimals: state.collateral.decimals,
                priceRaw: state.price.value, priceScale: state.priceScale,
                currency: state.loan.symbol ?? params.loanToken.checksummed, currencyAsset: params.loanToken,
                source: PriceSource(.feed, params.oracle))
        }
    }
}

extension MorphoBlue.Reader {
    /// Markets in which anybody owes, with their tokens and prices and nothing else.
    fileprivate func priced(_ ids: [Hash32]) async throws(LendingError) -> [MorphoBlue.MarketState] {
        var states = try await states(of: Set(ids).sorted()).filter {
            $0.totals.value?.borrowShares.isZero != true
        }
        try await readTokens(&states)
        let answers = try await readPacked(
            states.map { Self.call($0.params.value?.oracle ?? .zero, MorphoBlueOracle.Price.selector) })
        for (index, answer) in answers.enumerated() where states[index].params.value != nil {
            states[index].price = Self.word(answer)
        }
        return states
    }
}

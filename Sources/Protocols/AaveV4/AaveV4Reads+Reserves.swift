import Bindings
import Chain
import Ethereum
import Lending

extension AaveV4.Opening {
    /// The reserves with their prices, their hubs' side and what the spoke holds of it.
    ///
    /// - Throws: `.unknownRules` for a hub of another revision.
    func reserves(
        _ found: Found, symbols: [Address: String]
    ) async throws(LendingError) -> [Reading<AaveV4.Reserve>] {
        let ids = (0..<found.count).map { UInt256(UInt64($0)) }
        // A price may come from a chain of adapters and vaults.
        let answers = try await ask(
            ids.flatMap { id in
                [
                    Call(target: spoke, data: AaveV4Spoke.getReserve(id).encode()),
                    Call(target: found.oracle, data: AaveV4Oracle.getReservePrice(id).encode()),
                    Call(target: found.oracle, data: AaveV4Oracle.getReserveSource(id).encode()),
                ]
            })
        var reserves = ids.indices.map { id in
            reserve(id, Array(answers[3 * id..<3 * id + 3]))
        }
        let known = reserves.compactMap(\.value)
        try await checkHubs(Set(known.map(\.hub)).sorted(), found.rules)
        let sides = try await ask(
            known.flatMap { reserve in
                let asset = UInt256(UInt64(reserve.assetId))
                return [
                    Call(target: reserve.hub, data: AaveV4Hub.getAsset(asset).encode()),
                    Call(target: reserve.hub, data: AaveV4Hub.getSpoke(assetId: asset, spoke: spoke).encode()),
                ]
            })
        let names = try await names(of: known.map(\.underlying), symbols)
        for (order, reserve) in known.enumerated() {
            var reserve = reserve
            reserve.symbol = names[reserve.underlying]
            reserve.asset = Aave.decode(AaveV4Hub.GetAsset.self, sides[2 * order]).map { AaveV4.HubAsset($0) }
            reserve.share = Aave.decode(AaveV4Hub.GetSpoke.self, sides[2 * order + 1]).map { AaveV4.SpokeShare($0) }
            reserves[reserve.id] = .known(reserve)
        }
        return reserves
    }

    private func reserve(_ id: Int, _ answers: [Reading<[UInt8]>]) -> Reading<AaveV4.Reserve> {
        var price = Aave.decode(AaveV4Oracle.GetReservePrice.self, answers[1])
        if price.value?.isZero == true { price = .unknown(.malformed("the oracle answers a price of zero")) }
        let source = Aave.decode(AaveV4Oracle.GetReserveSource.self, answers[2]).value
        switch Aave.decode(AaveV4Spoke.GetReserve.self, answers[0]) {
        case .unknown(let reason): return .unknown(reason)
        case .known(let data):
            guard data.decimals <= 18 else {
                return .unknown(.malformed("\(data.decimals) decimal places, which the spoke cannot value"))
            }
            let unread = Reason.failed("it was not asked")
            return .known(
                AaveV4.Reserve(
                    id: id, underlying: data.underlying, symbol: nil, hub: data.hub, assetId: Int(data.assetId),
                    decimals: Int(data.decimals), collateralRisk: UInt256(data.collateralRisk), flags: data.flags,
                    dynamicConfigurationKey: data.dynamicConfigKey, price: price,
                    source: source.map { $0.isZero ? PriceSource(.unknown) : PriceSource(.feed, $0) }
                        ?? PriceSource(.unknown),
                    asset: .unknown(unread), share: .unknown(unread)))
        }
    }

    /// Makes sure that every hub is of the revision that the spoke's rules go with.
    private func checkHubs(_ hubs: [Address], _ rules: AaveV4.Rules) async throws(LendingError) {
        let answers = try await ask(hubs.map { Call(target: $0, data: AaveV4Hub.HUB_REVISION().encode()) })
        for (hub, answer) in zip(hubs, answers) {
            let revision = try optional(Aave.decode(AaveV4Hub.HubRevision.self, answer), "HUB_REVISION()", hub)
            guard revision == rules.hubRevision else {
                throw .unknownRules(
                    market: market, at: hub, read: "HUB_REVISION \(revision.map { "\($0)" } ?? "none")",
                    expected: "HUB_REVISION \(rules.hubRevision)")
            }
        }
    }

    private func names(
        of tokens: [Address], _ symbols: [Address: String]
    ) async throws(LendingError) -> [Address: String] {
        var names = symbols
        let unnamed = Set(tokens).filter { symbols[$0] == nil }.sorted()
        let answers = try await ask(unnamed.map { Call(target: $0, data: ERC20.symbol().encode()) })
        for (token, answer) in zip(unnamed, answers) { names[token] = Aave.symbol(answer) }
        return names
    }
}

extension AaveV4.HubAsset {
    /// An asset as the hub describes it.
    fileprivate init(_ data: AaveV4Hub.Asset) {
        self.init(
            liquidity: data.liquidity, realizedFees: data.realizedFees, addedShares: data.addedShares,
            swept: data.swept, premiumOffsetRay: data.premiumOffsetRay, drawnShares: data.drawnShares,
            premiumShares: data.premiumShares, liquidityFee: UInt256(data.liquidityFee),
            drawnIndex: data.drawnIndex, drawnRate: data.drawnRate, lastUpdate: data.lastUpdateTimestamp,
            deficitRay: data.deficitRay)
    }
}

extension AaveV4.SpokeShare {
    /// A spoke's share as the hub describes it.
    fileprivate init(_ data: AaveV4Hub.SpokeData) {
        self.init(
            drawnShares: data.drawnShares, premiumShares: data.premiumShares,
            premiumOffsetRay: data.premiumOffsetRay, isActive: data.active, isHalted: data.halted)
    }
}

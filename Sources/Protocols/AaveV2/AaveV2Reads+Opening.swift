import ABI
import Bindings
import Chain
import Ethereum
import Lending

extension AaveV2 {
    /// What opening a deployment finds.
    struct Found: Sendable {
        let contracts: Aave.Contracts
        let rules: Aave.Rules
        let assets: [Address]
        /// Whether the pool has stopped, liquidations included.
        let isPaused: Bool
    }
}

extension Aave.Opening {
    /// The contracts that a LendingPoolAddressesProvider names, the rules that the pool follows, and its assets.
    func lendingPool(from provider: Address) async throws(LendingError) -> AaveV2.Found {
        let named = try await ask([
            Call(target: provider, data: AaveV2AddressesProvider.getLendingPool().encode()),
            Call(target: provider, data: AaveV2AddressesProvider.getPriceOracle().encode()),
        ])
        try requireCode(named[0], "poolAddressesProvider", provider)
        let pool = try known(
            Aave.decode(AaveV2AddressesProvider.GetLendingPool.self, named[0]), "getLendingPool()", provider)
        let oracle = try known(
            Aave.decode(AaveV2AddressesProvider.GetPriceOracle.self, named[1]), "getPriceOracle()", provider)
        let answers = try await ask([
            Call(target: pool, data: AaveV2LendingPool.LENDINGPOOL_REVISION().encode()),
            Call(target: pool, data: AaveV2LendingPool.getReserveData(.zero).encode()),
            Call(target: pool, data: AavePool.POOL_REVISION().encode()),
            Call(target: pool, data: AaveV2LendingPool.getAddressesProvider().encode()),
            Call(target: pool, data: AaveV2LendingPool.getReservesList().encode()),
            Call(target: pool, data: AaveV2LendingPool.paused().encode()),
            Call(target: oracle, data: AaveOracle.BASE_CURRENCY().encode()),
            Call(target: oracle, data: AaveOracle.BASE_CURRENCY_UNIT().encode()),
            Call(target: oracle, data: AaveV2Oracle.WETH().encode()),
            Call(target: oracle, data: AaveOracle.getFallbackOracle().encode()),
        ])
        try requireCode(answers[0], "pool", pool)
        try requireCode(answers[6], "oracle", oracle)
        let rules = try rules(ofLendingPool: pool, from: provider, answers)
        let assets = try known(
            Aave.decode(AaveV2LendingPool.GetReservesList.self, answers[4]), "getReservesList()", pool)
        guard assets.count <= 128 else {
            throw .unreadable(
                market: market, what: "getReservesList()", at: pool,
                .malformed("\(assets.count) assets, where an account's word has room for 128"))
        }
        let isPaused = try known(Aave.decode(AaveV2LendingPool.Paused.self, answers[5]), "paused()", pool)
        let fallback = try optional(
            Aave.decode(AaveOracle.GetFallbackOracle.self, answers[9]), "getFallbackOracle()", oracle)
        let base = try await base(of: oracle, Array(answers[6...8]))
        let contracts = Aave.Contracts(
            provider: provider, pool: pool, oracle: oracle, sentinel: .zero, fallbackOracle: fallback ?? .zero,
            baseCurrency: base.currency, baseUnit: base.unit, valueUnit: base.valueUnit)
        return AaveV2.Found(contracts: contracts, rules: rules, assets: assets, isPaused: isPaused)
    }

    /// The rules that the pool follows, by what it answers.
    private func rules(
        ofLendingPool pool: Address, from provider: Address, _ answers: [Reading<[UInt8]>]
    ) throws(LendingError) -> Aave.Rules {
        let revision = try known(
            Aave.decode(AaveV2LendingPool.LendingpoolRevision.self, answers[0]), "LENDINGPOOL_REVISION()", pool)
        let bytes = try known(answers[1], "getReserveData()", pool)
        let named = try known(
            Aave.decode(AaveV2LendingPool.GetAddressesProvider.self, answers[3]), "getAddressesProvider()", pool)
        let fingerprints = AaveV2.Fingerprints(
            reserveDataBytes: bytes.count, poolRevision: try hasAnswer(answers[2], pool),
            namesProvider: named == provider)
        do throws(AaveV2.RulesRefusal) {
            return try AaveV2.select(revision: revision, fingerprints: fingerprints)
        } catch {
            throw .unknownRules(market: market, at: pool, read: error.read, expected: error.expected)
        }
    }
}

import ABI
import Bindings
public import Chain
import Ethereum
public import Lending
public import Networks

extension Aave {
    /// Where the contracts of one deployment are, and what its values are stated in.
    struct Contracts: Sendable {
        /// Names the others.
        var provider: Address
        /// Keeps the accounts.
        var pool: Address
        /// Prices the assets.
        var oracle: Address
        /// May hold liquidations back; zero for none.
        var sentinel: Address
        /// Asked where a source has no price; zero for none.
        var fallbackOracle: Address
        /// The asset that prices are stated in; zero for the US dollar.
        var baseCurrency: Address
        /// Base units in one unit of that currency.
        var baseUnit: UInt256
        /// The same as a name and decimal places.
        var valueUnit: ValueUnit
    }

    /// Opens a deployment: finds its contracts from the provider and chooses the rules by what the pool answers.
    ///
    /// - Throws: `.missingContract`, `.noCode`, `.unreadable`, `.unknownRules` with what was read.
    public static func open(
        _ configuration: MarketConfiguration, of network: Network, on snapshot: Snapshot
    ) async throws(LendingError) -> any LendingMarket {
        guard let provider = configuration.contracts["poolAddressesProvider"] else {
            throw .missingContract(market: configuration.id, role: "poolAddressesProvider")
        }
        let opening = Opening(market: configuration.id, snapshot: snapshot)
        let (addresses, rules, assets) = try await opening.contracts(from: provider)
        let family = configuration.protocol
        let fork = try Fork.of(configuration, following: rules)
        let symbols = Dictionary(
            network.assets.map { ($0.address, $0.symbol) }, uniquingKeysWith: { first, _ in first })
        let state = try await opening.state(of: assets, addresses, rules, symbols: symbols)
        return Market(
            id: MarketID(
                chainId: network.chainId, network: network.name, family: family,
                protocol: (family == "aave-v3" ? "aave-v" : "\(family)-v") + rules.version,
                deployment: configuration.id),
            addresses: addresses, rules: rules, deployBlock: configuration.deployBlock, fork: fork, state: state)
    }

    /// The reads that open a deployment.
    struct Opening: Sendable {
        /// The deployment's name, for messages.
        let market: String
        /// The block.
        let snapshot: Snapshot
    }
}

extension Aave.Opening {
    /// The contracts that the provider names, the rules that the pool follows, and the assets that it lists.
    func contracts(
        from provider: Address
    ) async throws(LendingError) -> (Aave.Contracts, Aave.Rules, [Address]) {
        let named = try await ask([
            Call(target: provider, data: AavePoolAddressesProvider.getPool().encode()),
            Call(target: provider, data: AavePoolAddressesProvider.getPriceOracle().encode()),
            Call(target: provider, data: AavePoolAddressesProvider.getPriceOracleSentinel().encode()),
        ])
        try requireCode(named[0], "poolAddressesProvider", provider)
        let pool = try known(Aave.decode(AavePoolAddressesProvider.GetPool.self, named[0]), "getPool()", provider)
        let oracle = try known(
            Aave.decode(AavePoolAddressesProvider.GetPriceOracle.self, named[1]), "getPriceOracle()", provider)
        let sentinel = try optional(
            Aave.decode(AavePoolAddressesProvider.GetPriceOracleSentinel.self, named[2]), "getPriceOracleSentinel()",
            provider)
        let answers = try await ask(
            [
                Call(target: oracle, data: AaveOracle.BASE_CURRENCY().encode()),
                Call(target: oracle, data: AaveOracle.BASE_CURRENCY_UNIT().encode()),
                Call(target: oracle, data: AaveOracle.getFallbackOracle().encode()),
                Call(target: pool, data: AavePool.getReservesList().encode()),
            ] + Self.revealing(pool))
        try requireCode(answers[4], "pool", pool)
        try requireCode(answers[0], "oracle", oracle)
        let base = try optional(Aave.decode(AaveOracle.BaseCurrency.self, answers[0]), "BASE_CURRENCY()", oracle)
        let unit = try optional(
            Aave.decode(AaveOracle.BaseCurrencyUnit.self, answers[1]), "BASE_CURRENCY_UNIT()", oracle)
        let fallback = try optional(
            Aave.decode(AaveOracle.GetFallbackOracle.self, answers[2]), "getFallbackOracle()", oracle)
        let rules = try rules(of: pool, Array(answers[4...]))
        let assets = try known(Aave.decode(AavePool.GetReservesList.self, answers[3]), "getReservesList()", pool)
        guard assets.count <= 128 else {
            throw .unreadable(
                market: market, what: "getReservesList()", at: pool,
                .malformed("\(assets.count) assets, where an account's word has room for 128"))
        }
        let addresses = Aave.Contracts(
            provider: provider, pool: pool, oracle: oracle, sentinel: sentinel ?? .zero,
            fallbackOracle: fallback ?? .zero, baseCurrency: base ?? .zero, baseUnit: unit ?? .one,
            valueUnit: try await valueUnit(base: base, unit: unit))
        return (addresses, rules, assets)
    }

    /// The calls whose answers, or silence, tell which rules the pool follows.
    private static func revealing(_ pool: Address) -> [Call] {
        [
            Call(target: pool, data: AavePool.POOL_REVISION().encode()),
            Call(target: pool, data: AavePool.getVirtualUnderlyingBalance(.zero).encode()),
            Call(target: pool, data: AavePool.getEModeCategoryCollateralBitmap(1).encode()),
            Call(target: pool, data: AavePool.getReserveDeficit(.zero).encode()),
            Call(target: pool, data: AavePool.RESERVE_INTEREST_RATE_STRATEGY().encode()),
            Call(target: pool, data: AavePool.getEModeCategoryLtvzeroBitmap(1).encode()),
            Call(target: pool, data: AavePool.getIsEModeCategoryIsolated(1).encode()),
        ]
    }

    /// The rules that the pool follows, by its answers to the revealing calls.
    private func rules(of pool: Address, _ answers: [Reading<[UInt8]>]) throws(LendingError) -> Aave.Rules {
        let revision = try known(Aave.decode(AavePool.PoolRevision.self, answers[0]), "POOL_REVISION()", pool)
        var answered: [Bool] = []
        for answer in answers.dropFirst() { answered.append(try hasAnswer(answer, pool)) }
        let fingerprints = Aave.Fingerprints(
            virtualBalance: answered[0], collateralBitmap: answered[1], deficit: answered[2],
            sharedRateStrategy: answered[3], zeroLTVBitmap: answered[4], isolatedCategory: answered[5])
        do throws(Aave.RulesRefusal) {
            return try Aave.Rules.select(revision: revision, fingerprints: fingerprints)
        } catch {
            throw .unknownRules(market: market, at: pool, read: error.read, expected: error.expected)
        }
    }

    /// Whether a function is there: it is not where the pool reverts or answers nothing.
    func hasAnswer(_ answer: Reading<[UInt8]>, _ pool: Address) throws(LendingError) -> Bool {
        switch answer {
        case .known(let bytes): return bytes.count >= 32
        case .unknown(.reverted), .unknown(.noCode): return false
        case .unknown(let reason):
            throw .unreadable(market: market, what: "the set of functions", at: pool, reason)
        }
    }

    private func valueUnit(base: Address?, unit: UInt256?) async throws(LendingError) -> ValueUnit {
        guard let base, let unit, let decimals = Aave.exponentOfTen(unit) else {
            return ValueUnit(symbol: "base", decimals: 0)
        }
        // The zero address stands for the US dollar in every deployment that prices in a currency.
        guard !base.isZero else { return ValueUnit(symbol: "USD", decimals: decimals) }
        let answer = try await ask([Call(target: base, data: ERC20.symbol().encode())])
        return ValueUnit(symbol: Aave.symbol(answer[0]) ?? base.checksummed, decimals: decimals)
    }

    /// A contract without code answers nothing, where its interface promises something.
    func requireCode(
        _ answer: Reading<[UInt8]>, _ role: String, _ address: Address
    ) throws(LendingError) {
        switch answer {
        case .known(let bytes) where bytes.isEmpty: throw .noCode(market: market, role: role, address)
        case .unknown(.noCode): throw .noCode(market: market, role: role, address)
        default: return
        }
    }

    func ask(_ calls: [Call]) async throws(LendingError) -> [Reading<[UInt8]>] {
        do throws(ChainError) {
            return try await snapshot.read(calls)
        } catch {
            throw .chain(error)
        }
    }

    func known<Value>(
        _ reading: Reading<Value>, _ what: String, _ at: Address
    ) throws(LendingError) -> Value {
        switch reading {
        case .known(let value): return value
        case .unknown(let reason): throw .unreadable(market: market, what: what, at: at, reason)
        }
    }

    /// The value; `nil` where the contract has no such function.
    func optional<Value>(
        _ reading: Reading<Value>, _ what: String, _ at: Address
    ) throws(LendingError) -> Value? {
        switch reading {
        case .known(let value): return value
        case .unknown(.reverted), .unknown(.noCode): return nil
        case .unknown(let reason): throw .unreadable(market: market, what: what, at: at, reason)
        }
    }
}

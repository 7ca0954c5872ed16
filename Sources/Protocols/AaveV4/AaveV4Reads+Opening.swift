import ABI
import Bindings
public import Chain
import Ethereum
public import Lending
public import Networks

extension AaveV4 {
    /// Most reserves that a spoke may have before it is refused: the flags of 1,024 take eight words an account.
    static let mostReserves = 1_024

    /// Opens a spoke: chooses the rules by what it answers, then finds its oracle, its reserves and their hubs.
    ///
    /// - Throws: `.missingContract`, `.noCode`, `.unreadable`, `.unknownRules` with what was read.
    public static func open(
        _ configuration: MarketConfiguration, of network: Network, on snapshot: Snapshot
    ) async throws(LendingError) -> any LendingMarket {
        guard let spoke = configuration.contracts["spoke"] else {
            throw .missingContract(market: configuration.id, role: "spoke")
        }
        let opening = Opening(market: configuration.id, spoke: spoke, snapshot: snapshot)
        let found = try await opening.found()
        let symbols = Dictionary(
            network.assets.map { ($0.address, $0.symbol) }, uniquingKeysWith: { first, _ in first })
        let reserves = try await opening.reserves(found, symbols: symbols)
        var state = MarketState(
            rules: found.rules, timestamp: snapshot.block.timestamp, reserves: reserves,
            liquidation: found.liquidation)
        let id = MarketID(
            chainId: network.chainId, network: network.name, family: configuration.protocol,
            protocol: "aave-v" + found.rules.version, deployment: configuration.id)
        func market() -> Market {
            Market(
                id: id, spoke: spoke, oracle: found.oracle, liquidationLogic: found.liquidationLogic,
                rules: found.rules, deployBlock: configuration.deployBlock, state: state)
        }
        state.readsStorage = try await Reader(market: market(), snapshot: snapshot).storageIsAsKnown()
        return market()
    }

    /// The reads that open a spoke.
    struct Opening: Sendable {
        /// The deployment's name, for messages.
        let market: String
        /// The spoke.
        let spoke: Address
        /// The block.
        let snapshot: Snapshot

        /// What a spoke says of itself.
        struct Found: Sendable {
            var rules: Rules
            var oracle: Address
            var liquidationLogic: Address
            var count: Int
            var liquidation: LiquidationConfiguration
        }
    }
}

extension AaveV4.Opening {
    /// What the spoke says of itself, and the rules that it follows.
    func found() async throws(LendingError) -> Found {
        let answers = try await ask(
            [
                AaveV4Spoke.ORACLE().encode(), AaveV4Spoke.SPOKE_REVISION().encode(),
                AaveV4Spoke.MAX_USER_RESERVES_LIMIT().encode(), AaveV4Spoke.getLiquidationLogic().encode(),
                AaveV4Spoke.getUserAccountData(.zero).encode(), AaveV4Spoke.getReserveCount().encode(),
                AaveV4Spoke.getLiquidationConfig().encode(),
            ].map { Call(target: spoke, data: $0) })
        try requireCode(answers[0], "spoke", spoke)
        let oracle = try optional(Aave.decode(AaveV4Spoke.Oracle.self, answers[0]), "ORACLE()", spoke)
        let logic = try optional(
            Aave.decode(AaveV4Spoke.GetLiquidationLogic.self, answers[3]), "getLiquidationLogic()", spoke)
        let limit = try optional(
            Aave.decode(AaveV4Spoke.MaxUserReservesLimit.self, answers[2]), "MAX_USER_RESERVES_LIMIT()", spoke)
        let revision = try optional(
            Aave.decode(AaveV4Spoke.SpokeRevision.self, answers[1]), "SPOKE_REVISION()", spoke)
        var decimals: UInt64?
        if let oracle {
            let answer = try await ask([Call(target: oracle, data: AaveV4Oracle.decimals().encode())])
            try requireCode(answer[0], "oracle", oracle)
            decimals = try optional(Aave.decode(AaveV4Oracle.Decimals.self, answer[0]), "decimals()", oracle)
        }
        let empty = answers[4].value.flatMap { AaveV4.AccountData($0) }?.words ?? []
        let rules: AaveV4.Rules
        do throws(AaveV4.RulesRefusal) {
            rules = try AaveV4.Rules.select(
                AaveV4.Fingerprints(
                    revision: revision.map { UInt256($0) }, hasUserReservesLimit: limit != nil,
                    hasLiquidationLogic: logic.map { !$0.isZero } ?? false, emptyAccount: empty,
                    oracleDecimals: decimals))
        } catch {
            throw .unknownRules(market: market, at: spoke, read: error.read, expected: error.expected)
        }
        let count = try known(
            Aave.decode(AaveV4Spoke.GetReserveCount.self, answers[5]), "getReserveCount()", spoke)
        guard let number = count.asInt(), number <= AaveV4.mostReserves else {
            throw .unreadable(
                market: market, what: "getReserveCount()", at: spoke,
                .malformed("\(count) reserves, where \(AaveV4.mostReserves) are the most that are read"))
        }
        let liquidation = try known(
            Aave.decode(AaveV4Spoke.GetLiquidationConfig.self, answers[6]), "getLiquidationConfig()", spoke)
        return Found(
            rules: rules, oracle: oracle ?? .zero, liquidationLogic: logic ?? .zero, count: number,
            liquidation: AaveV4.LiquidationConfiguration(
                targetHealthFactor: liquidation.targetHealthFactor,
                healthFactorForMaxBonus: UInt256(liquidation.healthFactorForMaxBonus),
                liquidationBonusFactor: UInt256(liquidation.liquidationBonusFactor)))
    }

    /// A contract without code answers nothing, where its interface promises something.
    private func requireCode(
        _ answer: Reading<[UInt8]>, _ role: String, _ address: Address
    ) throws(LendingError) {
        switch answer {
        case .known(let bytes) where bytes.isEmpty: throw .noCode(market: market, role: role, address)
        case .unknown(.noCode): throw .noCode(market: market, role: role, address)
        default: return
        }
    }

    func ask(_ calls: [Call]) async throws(LendingError) -> [Reading<[UInt8]>] {
        guard !calls.isEmpty else { return [] }
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

extension AaveV4.Reader {
    /// Whether the spoke answers `extSloads`, and what its getters say stands where the rules expect it.
    func storageIsAsKnown() async throws(LendingError) -> Bool {
        let (layout, state) = (market.rules.layout, market.state)
        let liquidation = state.liquidation
        let packed =
            liquidation.targetHealthFactor | liquidation.healthFactorForMaxBonus << 128
            | liquidation.liquidationBonusFactor << 192
        var slots = [layout.reserveCount, layout.liquidationConfiguration]
        var expected = [UInt256(UInt64(state.reserves.count)), packed]
        for reserve in state.reserves.compactMap(\.value) {
            let slot = layout.reserve(reserve.id)
            slots += [slot, slot &+ .one]
            let facts =
                UInt256(UInt64(reserve.assetId)) << 160 | UInt256(UInt64(reserve.decimals)) << 176
                | reserve.collateralRisk << 184
            expected += [
                reserve.underlying.word,
                reserve.hub.word | facts | UInt256(reserve.flags) << 208
                    | UInt256(reserve.dynamicConfigurationKey) << 216,
            ]
        }
        return try await words(slots).map(\.value) == expected
    }
}

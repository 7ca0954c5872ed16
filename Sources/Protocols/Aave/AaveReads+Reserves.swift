import Bindings
import Chain
import Ethereum
import Lending

extension Aave.Opening {
    /// The reserves with their prices.
    ///
    /// - Parameter isPaused: whether the pool as a whole has stopped.
    func state(
        of list: [Address], _ contracts: Aave.Contracts, _ rules: Aave.Rules, symbols: [Address: String],
        isPaused: Bool = false
    ) async throws(LendingError) -> Aave.MarketState {
        let words = list.map(\.word)
        let unnamed = list.filter { symbols[$0] == nil }
        let groups = [
            CallGroup(
                target: contracts.pool, selector: AavePool.GetReserveData.selector, arguments: words,
                returnLength: rules.generation == .v2 ? 384 : 480, gasPerCall: 200_000),
            // A price may come from a chain of adapters and vaults.
            CallGroup(
                target: contracts.oracle, selector: AaveOracle.GetAssetPrice.selector, arguments: words,
                returnLength: 32,
                gasPerCall: 1_500_000),
            CallGroup(
                target: contracts.oracle, selector: AaveOracle.GetSourceOfAsset.selector, arguments: words,
                returnLength: 32,
                gasPerCall: 100_000),
        ]
        let answers: [GroupAnswers]
        let named: [Reading<[UInt8]>]
        do throws(ChainError) {
            (answers, named) = try await snapshot.read(
                groups, and: unnamed.map { Call(target: $0, data: ERC20.symbol().encode()) })
        } catch {
            throw .chain(error)
        }
        var names = symbols
        for (asset, answer) in zip(unnamed, named) { names[asset] = Aave.symbol(answer) }
        var state = Aave.MarketState(
            rules: rules, timestamp: snapshot.block.timestamp, reserves: [], isPaused: isPaused,
            baseUnit: contracts.baseUnit, valueUnit: contracts.valueUnit)
        for (index, asset) in list.enumerated() {
            switch Aave.reserve(answers[0].bytes(index), of: asset, rules.generation) {
            case .unknown(let reason): state.unreadable.append((asset, reason))
            case .known(var reserve):
                // V2 walks through its list by place, V3 by number; lists of V3 may have gaps.
                let isPlaced = rules.generation == .v2 ? reserve.id == index : reserve.id < 128
                guard isPlaced, state.reserve(reserve.id) == nil else {
                    state.unreadable.append(
                        (asset, .malformed("its number is \(reserve.id), which is too large, taken or not its place")))
                    continue
                }
                reserve.symbol = names[asset]
                reserve.price = answers[1].word(index)
                let source = Aave.decode(AaveOracle.GetSourceOfAsset.self, answers[2].bytes(index))
                reserve.source = Aave.priceSource(of: asset, source: source, contracts: contracts)
                state.reserves.append(reserve)
            }
        }
        state.reserves.sort { $0.id < $1.id }
        return state
    }
}

extension Aave {
    /// What the pool says of a reserve, by the generation's structure; its price is not asked yet.
    ///
    /// V2 has the borrow index before the liquidity rate, V3 the other way round.
    fileprivate static func reserve(
        _ answer: Reading<ArraySlice<UInt8>>, of asset: Address, _ generation: Rules.Generation
    ) -> Reading<Reserve> {
        switch generation {
        case .v2:
            decode(AaveV2LendingPool.GetReserveData.self, answer).map { data in
                Reserve(
                    id: Int(data.id), asset: asset, symbol: nil,
                    configuration: ReserveConfiguration(word: data.configuration.data),
                    liquidityIndex: data.liquidityIndex, variableBorrowIndex: data.variableBorrowIndex,
                    liquidityRate: data.currentLiquidityRate, variableBorrowRate: data.currentVariableBorrowRate,
                    lastUpdate: data.lastUpdateTimestamp, aToken: data.aTokenAddress,
                    stableDebtToken: data.stableDebtTokenAddress, variableDebtToken: data.variableDebtTokenAddress,
                    price: .unknown(.failed("it was not asked")), source: PriceSource(.unknown))
            }
        case .v3:
            decode(AavePool.GetReserveData.self, answer).map { data in
                Reserve(
                    id: Int(data.id), asset: asset, symbol: nil,
                    configuration: ReserveConfiguration(word: data.configuration.data),
                    liquidityIndex: data.liquidityIndex, variableBorrowIndex: data.variableBorrowIndex,
                    liquidityRate: data.currentLiquidityRate, variableBorrowRate: data.currentVariableBorrowRate,
                    lastUpdate: data.lastUpdateTimestamp, aToken: data.aTokenAddress,
                    stableDebtToken: data.stableDebtTokenAddress, variableDebtToken: data.variableDebtTokenAddress,
                    price: .unknown(.failed("it was not asked")), source: PriceSource(.unknown))
            }
        }
    }
}

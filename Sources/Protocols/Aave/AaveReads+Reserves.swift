import Bindings
import Chain
import Ethereum
import Lending

extension Aave.Opening {
    /// The reserves with their prices.
    func state(
        of list: [Address], _ contracts: Aave.Contracts, _ rules: Aave.Rules, symbols: [Address: String]
    ) async throws(LendingError) -> Aave.MarketState {
        let words = list.map(\.word)
        let unnamed = list.filter { symbols[$0] == nil }
        let groups = [
            CallGroup(
                target: contracts.pool, selector: AavePool.GetReserveData.selector, arguments: words, returnLength: 480,
                gasPerCall: 200_000),
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
            rules: rules, timestamp: snapshot.block.timestamp, reserves: [],
            baseUnit: contracts.baseUnit, valueUnit: contracts.valueUnit)
        for (index, asset) in list.enumerated() {
            switch Aave.decode(AavePool.GetReserveData.self, answers[0].bytes(index)) {
            case .unknown(let reason): state.unreadable.append((asset, reason))
            case .known(let data):
                guard data.id < 128, state.reserve(Int(data.id)) == nil else {
                    state.unreadable.append(
                        (asset, .malformed("its number is \(data.id), which is too large or taken")))
                    continue
                }
                let source = Aave.decode(AaveOracle.GetSourceOfAsset.self, answers[2].bytes(index))
                state.reserves.append(
                    Aave.Reserve(
                        data, asset: asset, symbol: names[asset], price: answers[1].word(index),
                        source: Aave.priceSource(of: asset, source: source, contracts: contracts)))
            }
        }
        state.reserves.sort { $0.id < $1.id }
        return state
    }
}

extension Aave.Reserve {
    /// A reserve as the pool describes it.
    fileprivate init(
        _ data: AavePool.ReserveDataLegacy, asset: Address, symbol: String?, price: Reading<UInt256>,
        source: PriceSource
    ) {
        self.init(
            id: Int(data.id), asset: asset, symbol: symbol,
            configuration: Aave.ReserveConfiguration(word: data.configuration.data),
            liquidityIndex: data.liquidityIndex, variableBorrowIndex: data.variableBorrowIndex,
            liquidityRate: data.currentLiquidityRate, variableBorrowRate: data.currentVariableBorrowRate,
            lastUpdate: data.lastUpdateTimestamp, aToken: data.aTokenAddress,
            stableDebtToken: data.stableDebtTokenAddress, variableDebtToken: data.variableDebtTokenAddress,
            price: price, source: source)
    }
}

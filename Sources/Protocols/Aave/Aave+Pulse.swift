import Bindings
public import Chain
public import Ethereum
public import Lending

extension Aave.Market {
    /// Prices and indexes of every reserve; nil where a reserve could not be read.
    ///
    /// Categories are no part of it: their parameters change by events of the configurator alone, and their price
    /// sources are the prices of other assets, which a leg names.
    public var pulse: MarketPulse? {
        guard state.unreadable.isEmpty else { return nil }
        var assets: [Address: MarketPulse.Asset] = [:]
        var words: [UInt256] = [state.isPaused ? .one : .zero]
        for reserve in state.reserves {
            guard let collateral = state.liquidityIndex(of: reserve), let debt = state.borrowIndex(of: reserve) else {
                return nil
            }
            assets[reserve.asset] = MarketPulse.Asset(
                price: reserve.price.value, collateralIndex: collateral, debtIndex: debt)
            words += [UInt256(UInt64(reserve.id)), reserve.asset.word, reserve.configuration.word]
        }
        var bytes: [UInt8] = Array(id.protocol.utf8)
        for word in words { word.append(to: &bytes) }
        return MarketPulse(assets: assets, parameters: Keccak256.hash(bytes))
    }

    /// The provider and whom it names as configurator, and the oracle.
    public func governors(on snapshot: Snapshot) async throws(LendingError) -> [Address] {
        // Without categories the pulse holds every parameter there is.
        guard rules.categories else { return [addresses.provider, addresses.oracle] }
        let answers: [Reading<[UInt8]>]
        do throws(ChainError) {
            answers = try await snapshot.read([
                Call(target: addresses.provider, data: AavePoolAddressesProvider.getPoolConfigurator().encode())
            ])
        } catch {
            throw .chain(error)
        }
        switch Aave.decode(AavePoolAddressesProvider.GetPoolConfigurator.self, answers[0]) {
        case .known(let configurator): return [addresses.provider, configurator, addresses.oracle]
        case .unknown(let reason):
            throw .unreadable(
                market: id.deployment, what: "getPoolConfigurator()", at: addresses.provider, reason)
        }
    }
}

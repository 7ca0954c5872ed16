public import Chain
import Ethereum
public import Lending
public import Networks

/// Aave V2 and its forks: LendingPool instead of Pool, ether or dollars, debt at stable rates, no categories.
///
/// What is one thing in both generations is in ``Aave``: accounts, balances, sums and health. Here is what differs:
/// which contracts there are, how they are recognised, and what the oracle counts in.
public enum AaveV2 {}

extension AaveV2 {
    /// Opens a deployment: finds its contracts from the provider and makes sure that the pool follows known rules.
    ///
    /// - Throws: `.missingContract`, `.noCode`, `.unreadable`, `.unknownRules` with what was read.
    public static func open(
        _ configuration: MarketConfiguration, of network: Network, on snapshot: Snapshot
    ) async throws(LendingError) -> any LendingMarket {
        guard let provider = configuration.contracts["poolAddressesProvider"] else {
            throw .missingContract(market: configuration.id, role: "poolAddressesProvider")
        }
        let opening = Aave.Opening(market: configuration.id, snapshot: snapshot)
        let found = try await opening.lendingPool(from: provider)
        let fork = try Aave.Fork.of(configuration, following: found.rules)
        let symbols = Dictionary(
            network.assets.map { ($0.address, $0.symbol) }, uniquingKeysWith: { first, _ in first })
        let state = try await opening.state(
            of: found.assets, found.contracts, found.rules, symbols: symbols, isPaused: found.isPaused)
        return Aave.Market(
            id: MarketID(
                chainId: network.chainId, network: network.name, family: configuration.protocol,
                protocol: "aave-v\(found.rules.version)", deployment: configuration.id),
            addresses: found.contracts, rules: found.rules, deployBlock: configuration.deployBlock, fork: fork,
            state: state)
    }
}

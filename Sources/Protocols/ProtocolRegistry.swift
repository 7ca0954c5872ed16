public import Chain
public import Lending
public import Networks

/// The protocols that can be read, by the names that network files use.
public enum ProtocolRegistry {
    /// Opens a deployment at one block.
    public typealias Opening =
        @Sendable (MarketConfiguration, Network, Snapshot) async throws(LendingError) -> any LendingMarket

    /// One protocol.
    public struct Entry: Sendable {
        /// The name in a network file.
        public let name: String
        /// Members of `contracts` that have to be there.
        public let contracts: [String]
        /// Opens a deployment.
        public let open: Opening
    }

    /// Every protocol: one line for each.
    public static let entries: [Entry] = [
        Entry(name: "aave-v2", contracts: ["poolAddressesProvider"], open: AaveV2.open),
        Entry(name: "aave-v3", contracts: ["poolAddressesProvider"], open: Aave.open),
        Entry(name: "aave-v4", contracts: ["spoke"], open: AaveV4.open),
        Entry(name: "spark", contracts: ["poolAddressesProvider"], open: Aave.open),
        Entry(name: "compound-v3", contracts: ["comet"], open: CompoundV3.open),
        Entry(name: "compound-v2", contracts: ["comptroller"], open: CompoundV2.open),
        Entry(name: "morpho-blue", contracts: ["morpho"], open: MorphoBlue.open),
    ]

    /// The names, in order.
    public static var names: [String] { entries.map(\.name) }

    /// Opens a deployment with the protocol that its configuration names.
    ///
    /// - Throws: `.unknownProtocol`; `.missingContract`; what the protocol throws.
    public static func open(
        _ market: MarketConfiguration, of network: Network, on snapshot: Snapshot
    ) async throws(LendingError) -> any LendingMarket {
        guard let entry = entries.first(where: { $0.name == market.protocol }) else {
            throw .unknownProtocol(market: market.id, protocol: market.protocol, known: names)
        }
        for role in entry.contracts where market.contracts[role] == nil {
            throw .missingContract(market: market.id, role: role)
        }
        return try await entry.open(market, network, snapshot)
    }
}

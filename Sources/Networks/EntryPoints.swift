/// What a network file must and may say about a market of one protocol.
public struct EntryPoints: Hashable, Sendable {
    /// The protocol's name in a network file.
    public let `protocol`: String
    /// Members of `contracts` that must be there.
    public let required: [String]
    /// Members of `contracts` that may be there.
    public let optional: [String]
    /// Members of `options` that may be there.
    public let options: [String]
    /// Values of `fork` that may be there.
    public let forks: [String]
    /// Whether a deployment holds many markets, of which `markets` may choose some by their ids.
    public let namesMarkets: Bool

    /// Makes the requirements of one protocol.
    public init(
        _ protocol: String, required: [String], optional: [String] = [], options: [String] = [], forks: [String] = [],
        namesMarkets: Bool = false
    ) {
        self.protocol = `protocol`
        self.required = required
        self.optional = optional
        self.options = options
        self.forks = forks
        self.namesMarkets = namesMarkets
    }

    /// The protocols that this version can read.
    public static let known: [EntryPoints] = [
        EntryPoints("aave-v2", required: ["poolAddressesProvider"], forks: aaveForks),
        EntryPoints("aave-v3", required: ["poolAddressesProvider"], forks: aaveForks),
        EntryPoints("aave-v4", required: ["spoke"]),
        EntryPoints("spark", required: ["poolAddressesProvider"]),
        EntryPoints("compound-v3", required: ["comet"]),
        EntryPoints(
            "compound-v2", required: ["comptroller"],
            forks: ["compound", "venus", "venus-isolated", "moonwell", "benqi", "ironbank", "cream", "sonne"]),
        EntryPoints(
            "morpho-blue", required: ["morpho"], optional: ["oracleFactory", "preLiquidationFactory"],
            namesMarkets: true),
    ]

    /// Deployments of Aave that differ from the release they are made from.
    private static let aaveForks = ["arc", "granary", "horizon", "kinza", "radiant", "seamless", "zerolend"]
}

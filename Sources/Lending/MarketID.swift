/// Which deployment of which protocol on which chain.
public struct MarketID: Hashable, Sendable {
    /// The chain's id.
    public let chainId: UInt64
    /// The network's name in its file.
    public let network: String
    /// The family as the network file names it, such as `aave-v3`: it outlives upgrades of the rules.
    public let family: String
    /// Family and rules version together, such as `aave-v3.2`: sizing and rounding differ between versions.
    public let `protocol`: String
    /// The deployment's name in the network file.
    public let deployment: String
    /// The market inside the deployment; `nil` where one account crosses all of it.
    public let market: String?

    /// Makes an identity.
    public init(
        chainId: UInt64, network: String, family: String, protocol: String, deployment: String, market: String? = nil
    ) {
        self.chainId = chainId
        self.network = network
        self.family = family
        self.protocol = `protocol`
        self.deployment = deployment
        self.market = market
    }

    /// The name of the stream of events: chain, family and deployment.
    public var stream: String { "\(chainId)/\(family)/\(deployment)" }
}

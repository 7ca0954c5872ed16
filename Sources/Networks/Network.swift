public import Ethereum
public import JSON

/// What is deployed on one chain: the content of a network file.
public struct Network: Hashable, Sendable {
    /// The name by which a person asks for it.
    public var name: String
    /// What `eth_chainId` must answer.
    public var chainId: UInt64
    /// Milliseconds from one block to the next, as far as it is steady; 12,000 where the file does not say.
    public var blockTime: Int
    /// The symbol of the asset that pays for gas.
    public var nativeSymbol: String
    /// The endpoints that the file names; may be empty.
    public var rpc: [RPCAddress]
    /// Where Multicall3 answers; `nil` where the file says that there is none.
    ///
    /// A file that does not mention it gets `Network.usualMulticall3`. Whether code is there is for the reader to
    /// probe.
    public var multicall3: Address?
    /// The lending deployments, in the order of the file.
    public var markets: [MarketConfiguration]
    /// Tokens whose symbol and decimals need not be read from the chain.
    public var assets: [AssetConfiguration]
    /// Sources of prices beside the protocols' own oracles.
    public var priceSources: [PriceSourceConfiguration]
    /// Limits of the detectors of prices in place of the usual ones, by name; an object.
    public var oracleThresholds: JSONValue?
    /// Chainlink's uptime feed of the chain's sequencer; `nil` where there is none, or it is the one that is built in.
    public var sequencerFeed: Address?
    /// Where the addresses at the file's top level come from.
    public var source: String?

    /// The address at which Multicall3 is deployed on nearly every chain.
    ///
    /// Source: mds1/multicall3 `README.md@8bd062ae`.
    public static let usualMulticall3 = Address(a: 0xCA11_BDE0_5977_B363, b: 0x1167_0288_62BE_2A17, c: 0x3976_CA11)

    /// The market by this id.
    public func market(_ id: String) -> MarketConfiguration? { markets.first { $0.id == id } }

    /// The token at this address, where the file describes it.
    public func asset(_ address: Address) -> AssetConfiguration? { assets.first { $0.address == address } }
}

/// One deployment of one lending protocol.
public struct MarketConfiguration: Hashable, Sendable {
    /// The name of the deployment, unique in the network.
    public var id: String
    /// The family and, where they differ in kind, its generation: `aave-v3`.
    public var `protocol`: String
    /// Whose version of the protocol it is, where it deviates; `nil` for the original, or where the chain tells.
    public var fork: String?
    /// A block at or before the first one with a log of this deployment.
    public var deployBlock: UInt64
    /// Entry points by the names that the protocol's family uses.
    public var contracts: [String: Address]
    /// What else the family needs to know: members of `options`, as text.
    public var options: [String: String]
    /// The markets to read of a deployment that holds many, by their ids; all where the file names none.
    public var marketIds: [Hash32] = []
    /// Where the addresses come from.
    public var source: String?
}

/// A token, as far as a person may state it in advance.
public struct AssetConfiguration: Hashable, Sendable {
    /// The token's contract.
    public var address: Address
    /// Its symbol, as shown.
    public var symbol: String
    /// How many decimal places one whole token has, 0 to 77.
    public var decimals: Int
    /// Where the statement comes from.
    public var source: String?
}

/// An independent source for the price of one asset.
public struct PriceSourceConfiguration: Hashable, Sendable {
    /// What a price is stated in.
    public enum Quote: Hashable, Sendable {
        /// A currency or unit by its name, such as `USD`.
        case named(String)
        /// Another token.
        case asset(Address)
    }

    /// The token that is priced.
    public var asset: Address
    /// What it is priced in.
    public var quote: Quote
    /// How the source is read: `chainlink`, `uniswap-v3` and so on.
    public var kind: String
    /// Its contracts by role; empty for a source that is not on the chain.
    public var contracts: [String: Address]
    /// What the source calls the price: a feed's or a pool's 32 bytes as hex, or a venue's name of a product.
    public var id: String?
    /// Where a source that is not on the chain is asked, in place of its public address.
    public var url: RPCAddress?
    /// Seconds after which an update is due even where the price stands still.
    public var heartbeat: Int?
    /// The deviation that triggers an update, in basis points.
    public var deviationBps: Int?
    /// Seconds over which an average is taken.
    public var window: Int?
    /// Where the addresses come from.
    public var source: String?
}

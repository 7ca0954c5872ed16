public import Chain
public import Ethereum
public import Lending

extension AaveV4 {
    /// One asset of a spoke at one block.
    public struct Reserve: Sendable {
        /// Its number: the place of its bits in an account's status.
        public var id: Int
        /// The token; several reserves may have the same one, each at a hub of its own.
        public var underlying: Address
        /// The token's symbol; `nil` where it names none.
        public var symbol: String?
        /// The hub that keeps its tokens.
        public var hub: Address
        /// Its number at the hub.
        public var assetId: Int
        /// Decimal places of one whole token.
        public var decimals: Int
        /// How much its use as collateral adds to the price of debt, bps.
        public var collateralRisk: UInt256
        /// Bit 0 paused, 1 frozen, 2 borrowable, 3 shares may be received.
        public var flags: UInt64
        /// The key that accounts get when their configuration is refreshed.
        public var dynamicConfigurationKey: UInt64
        /// What the oracle answers, 10^8 to a unit of its currency.
        public var price: Reading<UInt256>
        /// Where that answer comes from.
        public var source: PriceSource
        /// The hub's side of it.
        public var asset: Reading<HubAsset>
        /// What the spoke holds of it.
        public var share: Reading<SpokeShare>

        /// Makes a reserve.
        public init(
            id: Int, underlying: Address, symbol: String?, hub: Address, assetId: Int, decimals: Int,
            collateralRisk: UInt256, flags: UInt64, dynamicConfigurationKey: UInt64, price: Reading<UInt256>,
            source: PriceSource, asset: Reading<HubAsset>, share: Reading<SpokeShare>
        ) {
            self.id = id
            self.underlying = underlying
            self.symbol = symbol
            self.hub = hub
            self.assetId = assetId
            self.decimals = decimals
            self.collateralRisk = collateralRisk
            self.flags = flags
            self.dynamicConfigurationKey = dynamicConfigurationKey
            self.price = price
            self.source = source
            self.asset = asset
            self.share = share
        }

        /// The symbol, or the address where there is none.
        public var name: String { symbol ?? underlying.checksummed }
        /// Whether everything about it has stopped, liquidations included.
        public var isPaused: Bool { flags & 1 != 0 }
        /// Whether it takes no new supply and no new debt; liquidations go on.
        public var isFrozen: Bool { flags & 2 != 0 }
        /// Whether a liquidator may take shares instead of tokens.
        public var givesShares: Bool { flags & 8 != 0 && !isFrozen }
    }

    /// A spoke at one block, as far as accounts depend on it.
    public struct MarketState: Sendable {
        /// The rules of the block.
        public var rules: Rules
        /// `block.timestamp`, seconds since 1970.
        public var timestamp: UInt64
        /// The reserves, by their numbers from 0; the reason where one could not be read.
        public var reserves: [Reading<Reserve>]
        /// How liquidations are sized.
        public var liquidation: LiquidationConfiguration
        /// Whether the storage was seen to be laid out as the rules say.
        public var readsStorage: Bool

        /// Makes a state.
        public init(
            rules: Rules, timestamp: UInt64, reserves: [Reading<Reserve>], liquidation: LiquidationConfiguration,
            readsStorage: Bool = false
        ) {
            self.rules = rules
            self.timestamp = timestamp
            self.reserves = reserves
            self.liquidation = liquidation
            self.readsStorage = readsStorage
        }

        /// How many words the flags of an account take.
        var buckets: Int { (reserves.count + 127) / 128 }
    }
}

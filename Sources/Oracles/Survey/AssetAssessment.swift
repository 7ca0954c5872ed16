import Ethereum
public import Lending

/// What is to be thought of the price that a market uses for one asset.
public struct AssetAssessment: Sendable {
    /// One source, in the market's currency.
    public struct Compared: Sendable {
        /// The source.
        public var reference: OracleBook.Reference
        /// Its price in the currency of the market; `nil` where it has none.
        public var price: ExactPrice?
        /// How far the protocol's price stands from it, in basis points.
        public var deviationBps: Int?
        /// Whether it shares no root with the protocol's price, and is a price that a market makes.
        public var isIndependent: Bool
        /// Whether it is one of the contracts that the protocol's price is made by.
        public var isBehind: Bool
        /// Its weight in the reference price; zero where it does not count.
        public var weight = 0.0
        /// What became of its voice; `nil` before it was judged.
        public var fate: PriceConsensus.Member.Fate?

        /// Whether nothing speaks against it but that a heavier source says the same.
        var isCredible: Bool {
            switch fate {
            case .counted, .correlated: true
            case .dependent, .noMarket, .unknown, .rejected, nil: false
            }
        }
    }

    /// The asset as the market prices it.
    public var asset: PricedAsset
    /// The protocol's price.
    public var price: ExactPrice?
    /// Where it comes from in the end.
    public var roots: Set<OracleRoot> = []
    /// How the protocol comes by it: `push`, `pull`, `twap`, `ratio`, `capped`, `fixed`, `spot` or `unknown`.
    public var kind = "unknown"
    /// The signed prices behind it that somebody has to bring, with when the contract's were signed; zero where it does
    /// not tell.
    public var pulled: [OracleRoot: UInt64] = [:]
    /// Why it is not known whether somebody has to bring a price; `nil` where everything behind it was seen.
    public var hidden: String?
    /// Whether a cap stands in the way of a higher price.
    public var isLimited = false
    /// Whether the oracle has no source of its own for it and asks its fallback.
    public var isFallback = false
    /// When the oldest feed behind it was written.
    public var updatedAt: UInt64?
    /// Seconds after which that feed is due.
    public var heartbeat: Int?
    /// The deviation at which that feed is due, in basis points.
    public var feedDeviationBps: Int?
    /// The sources, in the order of the network file.
    public var compared: [Compared] = []
    /// How many sources share no root with each other or with the protocol's price.
    public var independent = 0
    /// What the independent sources say together.
    public var reference: ExactPrice?
    /// What averages of pools say.
    public var dexTwap: ExactPrice?
    /// What venues say.
    public var venues: ExactPrice?
    /// A price that the protocol's feed is about to take, where one is signed or quoted beyond its threshold.
    public var pending: ExactPrice?
    /// How the pending price is known: `signed` where somebody can bring it, `quoted` where only the feed's own nodes can.
    public var pendingChannel: String?
    /// When the newest price of the pending one was made, seconds since 1970; `nil` where it does not say.
    public var pendingAt: UInt64?
    /// The cheapest way to move the price, by what is lost; `nil` where no cost is known.
    public var cost: AttackCost?
    /// How far the protocol's price can be trusted.
    public var verdict = OracleFindings.Verdict.unknown
    /// What the detectors found, by detector.
    public var findings: [Finding] = []
    /// What was noticed, in the words of the record.
    public var flags: [String] = []
    /// Why the verdict is what it is.
    public var reasons: [String] = []

    init(asset: PricedAsset, price: ExactPrice?) {
        self.asset = asset
        self.price = price
    }

    /// What limits apply to it, by the symbol where everybody knows it.
    var profile: AssetProfile {
        let kind: AssetProfile.Class =
            switch asset.symbol?.uppercased() {
            case "ETH", "WETH", "BTC", "WBTC", "CBBTC": .major
            case "USDC", "USDT", "DAI", "USDS", "GHO", "PYUSD", "LUSD", "FRAX", "CRVUSD", "USDC.E", "USDBC":
                asset.currency == "USD" ? .stable : .other
            case "WSTETH", "RETH", "CBETH", "OSETH", "ETHX", "STETH": .lst
            case "WEETH", "EZETH", "RSETH": .lrt
            default: .other
            }
        return AssetProfile(asset.symbol ?? asset.asset.checksummed, kind)
    }

    /// A price in the unit of a leg, rounded down.
    static func raw(_ price: ExactPrice?, scale: UInt256) -> UInt256? {
        price.flatMap { $0.scaled(to: scale) }.flatMap { $0.isZero ? nil : $0 }
    }
}

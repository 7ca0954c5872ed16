/// What is known of an asset by its symbol: the group that it moves with, and how it is tied to it.
///
/// Symbols are what a token says of itself: they serve statistics and ranking only.
public struct AssetFacts: Hashable, Sendable {
    /// What it moves with: `ETH`, `BTC`, `USD`, or the symbol itself.
    public var group: String
    /// How it is tied to the group; `nil` where it is the group's own asset or moves alone.
    public var peg: PeggedPair.Kind?

    /// Looks a symbol up.
    public init(_ symbol: String) {
        let name = symbol.uppercased()
        if let (group, peg) = AssetFacts.known[name] {
            self.group = group
            self.peg = peg
        } else {
            group = name
            peg = nil
        }
    }

    /// Whether it moves in dollars.
    public var isVolatile: Bool { group != "USD" }

    /// Whether anything is known of a symbol but what it is called.
    static func isKnown(_ symbol: String) -> Bool {
        let name = symbol.uppercased()
        return known[name] != nil || RiskDefaults.isListed(name)
    }

    private static let known: [String: (String, PeggedPair.Kind?)] = {
        var all: [String: (String, PeggedPair.Kind?)] = [:]
        func add(_ group: String, _ peg: PeggedPair.Kind?, _ symbols: String) {
            for symbol in symbols.split(separator: " ") { all[symbol.uppercased()] = (group, peg) }
        }
        add("ETH", nil, "ETH WETH")
        add(
            "ETH", .staked,
            "stETH wstETH rETH cbETH osETH ETHx sfrxETH frxETH swETH oETH ankrETH mETH lsETH wBETH sETH2")
        add("ETH", .restaked, "weETH eETH ezETH rsETH pufETH rswETH tETH")
        add("BTC", nil, "BTC")
        add("BTC", .wrappedBitcoin, "WBTC cbBTC tBTC renBTC BTCB BTC.b LBTC FBTC eBTC solvBTC")
        add("USD", nil, "USD")
        add("USD", .fiatStable, "USDC USDT USDC.e USDbC USDT0 BUSD TUSD PYUSD USDP GUSD FDUSD RLUSD USDM EURC EUR")
        add(
            "USD", .cryptoStable,
            "DAI sDAI USDS sUSDS GHO LUSD BOLD crvUSD FRAX sFRAX sUSD USDe sUSDe MIM DOLA xDAI WXDAI")
        add("AVAX", nil, "WAVAX AVAX")
        add("AVAX", .staked, "sAVAX")
        add("MATIC", nil, "WMATIC MATIC POL WPOL")
        add("MATIC", .staked, "stMATIC MaticX")
        add("BNB", nil, "WBNB BNB")
        return all
    }()
}

/// What stands in for history where none is to be had.
public enum RiskDefaults {
    /// The volatility of an asset's group in a year; that of small assets where it is not listed.
    ///
    /// Measured from hourly closes of 2017 to 2023; today's may be half or twice of it.
    public static func volatility(_ group: String) -> Double {
        switch group {
        case "BTC": 0.80
        case "ETH": 0.98
        case "LINK": 1.23
        case "AAVE": 1.29
        case "CRV": 1.44
        default: 1.29
        }
    }

    /// Whether an asset's volatility was measured for the defaults.
    static func isListed(_ group: String) -> Bool { ["BTC", "ETH", "LINK", "AAVE", "CRV"].contains(group) }

    /// What a volatility that was measured is not below.
    public static func floor(_ peg: PeggedPair.Kind?) -> Double { peg?.basisVolatility ?? 0 }

    /// The correlation of two groups' daily changes; of two that are not listed, that of ETH with a small one.
    public static func correlation(_ one: String, _ other: String) -> Double {
        if one == other { return 1 }
        let pair = [one, other].sorted()
        return switch (pair[0], pair[1]) {
        case ("BTC", "ETH"): 0.82
        case ("ETH", "LINK"): 0.78
        case ("AAVE", "ETH"): 0.77
        case ("CRV", "ETH"): 0.67
        case ("ETH", "SOL"): 0.64
        default: 0.65
        }
    }

    /// An asset with less than 720 hours of history is taken to be so much wilder than its class, or than itself.
    public static let novelty = 1.25
    /// Two volatile collaterals reach their line so much more often than the table says.
    public static let basket = 1.3
    /// How long an unsafe position waits for a keeper, in hours.
    public static let latencyHours = 1.0
    /// What closing a position costs, in dollars, where nothing better is known.
    public static let closingCost = 5.0
}

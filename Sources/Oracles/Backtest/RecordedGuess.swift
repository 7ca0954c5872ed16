/// What a recording leaves unsaid, by the names that people give. A guess is always overridden by a statement.
enum RecordedGuess {
    /// The words of a name, in lower case.
    private static func words(_ name: String) -> Set<String> {
        Set(name.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init))
    }

    private static let venues = [
        "binance", "coinbase", "kraken", "bybit", "bitstamp", "gemini", "kucoin", "huobi", "bitfinex", "mexc", "upbit",
        "bithumb", "deribit", "poloniex", "bitget", "cryptocom", "exchange", "venue", "okex",
    ]
    private static let sites = ["coingecko", "defillama", "coinmarketcap", "cryptocompare", "messari", "aggregator"]
    private static let pools = [
        "uniswap", "univ", "sushi", "pancake", "quickswap", "aerodrome", "velodrome", "camelot", "traderjoe", "algebra",
        "solidly", "ubeswap", "raydium", "orca", "swap",
    ]

    /// The kind of source that a name sounds like; `nil` where it sounds like none.
    static func kind(_ name: String, isAverage: Bool) -> SourceKind? {
        let text = name.lowercased()
        let words = words(name)
        func has(_ parts: String...) -> Bool { parts.contains { text.contains($0) } }
        func isWord(_ all: String...) -> Bool { all.contains { words.contains($0) } }
        if has("hardcod", "hard-cod", "hard_cod", "constant") || isWord("fixed") { return .fixed }
        if has("chainlink") || isWord("link", "cl", "feed", "aggregatorv3") { return .chainlink }
        if has("pyth") { return .pyth }
        if has("redstone") { return .redstone }
        if has("chronicle", "scribe") { return .chronicle }
        if sites.contains(where: text.contains) || isWord("cmc", "llama") { return .aggregator }
        let isV2 = has("v2", "sushi", "ubeswap", "solidly")
        if has("twap") { return isV2 ? .uniswapV2Twap : .uniswapV3Twap }
        if has("exchangerate", "exchange-rate", "redemption") || isWord("rate", "ratio", "nav") { return .lstRate }
        if venues.contains(where: text.contains) || isWord("okx", "gate", "htx", "ftx", "cex", "spotmarket") {
            return .cex
        }
        if has("curve") { return isWord("spot", "price", "dy") ? .curveSpot : .curveEMA }
        if isWord("ema") { return .curveEMA }
        if has("balancer") || isWord("bpt") { return .balancer }
        if has("erc4626", "erc-4626", "vault", "pricepershare", "converttoassets") || isWord("share", "pps") {
            return .vaultShare
        }
        if isWord("capo", "capped", "cap") { return .cap }
        if pools.contains(where: text.contains) || isWord("dex", "amm", "spot", "pool", "lp") {
            if isAverage { return isV2 ? .uniswapV2Twap : .uniswapV3Twap }
            return isV2 ? .uniswapV2Spot : .uniswapV3Spot
        }
        return isProtocol(name) ? .protocol : nil
    }

    /// Whether a name says that the protocol uses the price.
    static func isProtocol(_ name: String) -> Bool {
        !words(name).isDisjoint(with: ["protocol", "used", "own"]) || name.lowercased() == "oracle"
    }

    /// How likely a source is what a protocol uses, the lowest first, where none says that it is.
    static func rank(_ name: String, _ kind: SourceKind?) -> Int {
        if isProtocol(name) { return 0 }
        if !words(name).isDisjoint(with: [
            "oracle", "onchain", "aave", "compound", "morpho", "euler", "spark", "venus", "moonwell", "maker",
            "liquity", "comptroller", "protocoloracle", "reported",
        ]) {
            return 1
        }
        return switch kind {
        case .protocol, .fixed, .cap, .composed: 2
        case .chainlink: 3
        case .redstone, .chronicle: 4
        case .pyth: 5
        case .vaultShare, .lstRate: 6
        case .uniswapV2Twap, .uniswapV3Twap, .curveEMA: 7
        case .uniswapV2Spot, .uniswapV3Spot, .curveSpot, .balancer: 8
        case nil: 9
        case .cex: 10
        case .aggregator: 11
        }
    }

    private static let majors: Set<String> = ["ETH", "WETH", "BTC", "WBTC", "CBBTC", "TBTC", "BTCB", "XBT"]
    private static let stables: Set<String> = [
        "DAI", "FRAX", "MIM", "DOLA", "GHO", "FEI", "USDBC", "DEI", "LUSD", "SUSD", "CRVUSD", "PYUSD", "TUSD", "GUSD",
        "BUSD", "FDUSD", "RLUSD", "USD0++",
    ]
    private static let restaked: Set<String> = [
        "EZETH", "WEETH", "EETH", "RSETH", "WRSETH", "RSWETH", "PUFETH", "UNSHETH",
    ]
    private static let staked: Set<String> = [
        "ETHX", "STMATIC", "MATICX", "MSOL", "JITOSOL", "BSOL", "SAVAX", "ABNBC", "BNBX", "ANKRBNB", "STSOL",
    ]

    /// What an asset's name makes it; `nil` where it says nothing. A pair in another quote is no stable.
    static func asset(_ name: String) -> AssetProfile.Class? {
        let upper = name.uppercased()
        let parts = upper.split { "/-_ :|".contains($0) }.map(String.init)
        guard let base = parts.first else { return nil }
        if upper.contains("UNI-V2") || parts.contains("LP") || parts.contains("BPT") { return .lp }
        if restaked.contains(base) { return .lrt }
        if staked.contains(base) { return .lst }
        if majors.contains(base) { return .major }
        // `ETHUSD` and the like.
        for quote in ["USDT", "USDC", "USD"]
        where base.hasSuffix(quote) && majors.contains(String(base.dropLast(quote.count))) {
            return .major
        }
        if base.hasSuffix("ETH") { return .lst }
        let quotes = parts.dropFirst()
        guard quotes.allSatisfy({ $0.hasPrefix("USD") || stables.contains($0) }) else { return nil }
        if stables.contains(base) || base.hasPrefix("USD") { return .stable }
        let isShare = ["S", "W", "Y", "ST", "SD", "SCRV"].contains { prefix in
            guard base.hasPrefix(prefix) else { return false }
            let rest = String(base.dropFirst(prefix.count))
            return rest.hasPrefix("USD") || stables.contains(rest)
        }
        if isShare { return .share }
        return base.contains("USD") && base.utf8.count <= 7 && !base.hasSuffix("USD") ? .stable : nil
    }
}

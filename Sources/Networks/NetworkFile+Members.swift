import Ethereum
import JSON

/// Names of members at each level; the JSON Schema lists the same, which a test compares.
enum NetworkKeys {
    static let network = [
        "$schema", "name", "chainId", "blockTime", "nativeSymbol", "rpc", "multicall3", "markets", "assets",
        "priceSources", "oracleThresholds", "sequencerFeed", "source",
    ]
    static let market = ["id", "protocol", "fork", "deployBlock", "contracts", "markets", "options", "source"]
    static let asset = ["address", "symbol", "decimals", "source"]
    static let priceSource = [
        "asset", "quote", "kind", "contracts", "id", "url", "heartbeat", "deviationBps", "window", "source",
    ]
}

extension NetworkFile {
    func network(_ root: JSONCursor) throws(JSONError) -> Network {
        try root.refuseUnknown(NetworkKeys.network)
        _ = try root.optional("$schema")?.string()
        return Network(
            name: try root.member("name").identifier(),
            chainId: UInt64(try root.member("chainId").integer(in: 1...9_007_199_254_740_991)),
            blockTime: try root.optional("blockTime")?.milliseconds() ?? 12_000,
            nativeSymbol: try root.optional("nativeSymbol")?.symbol() ?? "ETH",
            rpc: try endpoints(root.optional("rpc")),
            multicall3: try multicall3(root.optional("multicall3")),
            markets: try markets(root.member("markets")),
            assets: try assets(root.optional("assets")),
            priceSources: try priceSources(root.optional("priceSources")),
            oracleThresholds: try oracleThresholds(root.optional("oracleThresholds")),
            sequencerFeed: try root.optional("sequencerFeed")?.contract(),
            source: try root.optional("source")?.string())
    }

    private func endpoints(_ cursor: JSONCursor?) throws(JSONError) -> [RPCAddress] {
        var addresses: [RPCAddress] = []
        for element in try cursor?.elements() ?? [] { addresses.append(try element.address()) }
        return addresses
    }

    private func multicall3(_ cursor: JSONCursor?) throws(JSONError) -> Address? {
        guard let cursor else { return Network.usualMulticall3 }
        return cursor.value.isNull ? nil : try cursor.contract()
    }

    private func markets(_ cursor: JSONCursor) throws(JSONError) -> [MarketConfiguration] {
        var markets: [MarketConfiguration] = []
        for element in try cursor.elements() {
            let market = try market(element)
            if markets.contains(where: { $0.id == market.id }) {
                throw try element.member("id").mismatch("an id that no other market of the file has")
            }
            if let same = markets.first(where: { $0.contracts == market.contracts && $0.marketIds == market.marketIds })
            {
                throw try element.member("contracts")
                    .mismatch("another deployment", got: "the contracts of market \"\(same.id)\"")
            }
            markets.append(market)
        }
        return markets
    }

    private func market(_ cursor: JSONCursor) throws(JSONError) -> MarketConfiguration {
        try cursor.refuseUnknown(NetworkKeys.market)
        let name = try cursor.member("protocol")
        let text = try name.string()
        guard let entryPoints = protocols.first(where: { $0.protocol == text }) else {
            let known = protocols.map(\.protocol)
            throw name.mismatch("one of \(known.joined(separator: ", "))" + Spelling.hint(text, among: known))
        }
        return MarketConfiguration(
            id: try cursor.member("id").identifier(),
            protocol: text,
            fork: try fork(cursor.optional("fork"), entryPoints),
            deployBlock: UInt64(try cursor.member("deployBlock").integer(in: 0...9_007_199_254_740_991)),
            contracts: try contracts(cursor.member("contracts"), entryPoints),
            options: try options(cursor.optional("options"), entryPoints),
            marketIds: try marketIds(cursor.optional("markets"), entryPoints),
            source: try cursor.optional("source")?.string())
    }

    private func contracts(_ cursor: JSONCursor, _ entryPoints: EntryPoints) throws(JSONError) -> [String: Address] {
        try cursor.refuseUnknown(entryPoints.required + entryPoints.optional)
        for name in entryPoints.required { _ = try cursor.member(name) }
        return try cursor.contracts()
    }

    private func fork(_ cursor: JSONCursor?, _ entryPoints: EntryPoints) throws(JSONError) -> String? {
        guard let cursor else { return nil }
        let text = try cursor.string()
        let known = entryPoints.forks
        guard known.contains(text) else {
            throw cursor.mismatch(
                known.isEmpty
                    ? "no fork of \(entryPoints.protocol)"
                    : "one of \(known.joined(separator: ", "))" + Spelling.hint(text, among: known))
        }
        return text
    }

    private func marketIds(_ cursor: JSONCursor?, _ entryPoints: EntryPoints) throws(JSONError) -> [Hash32] {
        guard let cursor else { return [] }
        guard entryPoints.namesMarkets else {
            throw cursor.mismatch("no markets of \(entryPoints.protocol)", got: "a list")
        }
        var ids: [Hash32] = []
        for element in try cursor.elements() {
            let text = try element.string()
            guard text.hasPrefix("0x"), text.utf8.count == 66, let id = Hash32(hex: text) else {
                throw element.mismatch("the id of a market: \"0x\" and 64 hex digits")
            }
            guard !ids.contains(id) else {
                throw element.mismatch("an id that is not in the list yet", got: "the same again")
            }
            ids.append(id)
        }
        guard !ids.isEmpty else {
            throw cursor.mismatch("at least one id; without \"markets\" all are read", got: "an empty list")
        }
        return ids
    }

    private func options(_ cursor: JSONCursor?, _ entryPoints: EntryPoints) throws(JSONError) -> [String: String] {
        guard let cursor else { return [:] }
        try cursor.refuseUnknown(entryPoints.options)
        var options: [String: String] = [:]
        for (name, value) in try cursor.members() where !name.hasPrefix("_") { options[name] = try value.string() }
        return options
    }

    private func assets(_ cursor: JSONCursor?) throws(JSONError) -> [AssetConfiguration] {
        var assets: [AssetConfiguration] = []
        for element in try cursor?.elements() ?? [] {
            try element.refuseUnknown(NetworkKeys.asset)
            let address = try element.member("address").contract()
            if assets.contains(where: { $0.address == address }) {
                throw try element.member("address").mismatch("an address that no other asset of the file has")
            }
            assets.append(
                AssetConfiguration(
                    address: address, symbol: try element.member("symbol").symbol(),
                    decimals: try element.member("decimals").integer(in: 0...77),
                    source: try element.optional("source")?.string()))
        }
        return assets
    }

    /// Limits of detectors: what their names and values may be is for the reader of prices to say.
    private func oracleThresholds(_ cursor: JSONCursor?) throws(JSONError) -> JSONValue? {
        guard let cursor else { return nil }
        _ = try cursor.members()
        return cursor.value
    }

    private func priceSources(_ cursor: JSONCursor?) throws(JSONError) -> [PriceSourceConfiguration] {
        var sources: [PriceSourceConfiguration] = []
        for element in try cursor?.elements() ?? [] {
            try element.refuseUnknown(NetworkKeys.priceSource)
            let id = try element.optional("id")?.productID()
            sources.append(
                PriceSourceConfiguration(
                    asset: try element.member("asset").contract(),
                    quote: try quote(element.member("quote")),
                    kind: try element.member("kind").identifier(),
                    // A venue has a name for the product in place of contracts.
                    contracts: try id == nil
                        ? element.member("contracts").contracts() : element.optional("contracts")?.contracts() ?? [:],
                    id: id,
                    url: try element.optional("url")?.address(),
                    heartbeat: try element.optional("heartbeat")?.integer(in: 1...31_536_000),
                    deviationBps: try element.optional("deviationBps")?.integer(in: 0...10_000),
                    window: try element.optional("window")?.integer(in: 1...31_536_000),
                    source: try element.optional("source")?.string()))
        }
        return sources
    }

    private func quote(_ cursor: JSONCursor) throws(JSONError) -> PriceSourceConfiguration.Quote {
        try cursor.string().hasPrefix("0x") ? .asset(cursor.contract()) : .named(cursor.symbol())
    }
}

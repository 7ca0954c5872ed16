import Chain
import Ethereum

/// What a contract is asked to find out what it does with which prices.
///
/// Getters as in smartcontractkit/chainlink (proxies, aggregators), bgd-labs/aave-capo@2c280ef, morpho-org/
/// morpho-blue-oracles@e32d890, euler-xyz/euler-price-oracle@18a3e34, pyth-crosschain@7c915eb (PythAggregatorV3),
/// redstone-oracles-monorepo@b9dea4f, chronicleprotocol/scribe@12ff06c.
struct OracleProbe {
    /// The getters, each of no argument.
    static let getters = [
        "latestRoundData()", "latestAnswer()", "latestTimestamp()", "decimals()", "description()", "aggregator()",
        "minAnswer()", "maxAnswer()", "typeAndVersion()", "name()",
        "BASE_TO_USD_AGGREGATOR()", "ASSET_TO_USD_AGGREGATOR()", "RATIO_PROVIDER()", "getRatio()", "isCapped()",
        "getSnapshotRatio()", "getSnapshotTimestamp()", "getMaxRatioGrowthPerSecond()",
        "getMaxRatioGrowthPerSecondScaled()", "getPriceCap()",
        "ASSET_TO_PEG()", "PEG_TO_BASE()", "BASE_TO_PEG()",
        "BASE_FEED_1()", "BASE_FEED_2()", "QUOTE_FEED_1()", "QUOTE_FEED_2()", "BASE_VAULT()", "QUOTE_VAULT()",
        "price()",
        "feed()", "oracleBaseCross()", "oracleCrossQuote()", "rate()", "rateProvider()", "pool()", "pyth()", "feedId()",
        "priceId()", "getDataFeedId()", "getPriceFeedAdapter()", "wat()", "asset()", "totalAssets()", "totalSupply()",
        "slot0()", "getReserves()", "price_oracle()", "getRate()", "stEthPerToken()", "getExchangeRate()",
        "exchangeRate()", "MATURITY()",
        "SCALE_FACTOR()", "BASE_VAULT_CONVERSION_SAMPLE()", "QUOTE_VAULT_CONVERSION_SAMPLE()", "fallbackOracle()",
    ]
    private static let places = Dictionary(
        getters.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    private static let selectors = getters.map { Selector(signature: $0).bytes }

    let address: Address
    private(set) var answers: [Reading<[UInt8]>]
    let timestamp: UInt64

    static func calls(_ address: Address) -> [Call] { selectors.map { Call(target: address, data: $0) } }

    subscript(_ getter: String) -> Reading<[UInt8]> {
        Self.places[getter + "()"].map { answers[$0] } ?? .unknown(.noCode)
    }

    /// Takes a later answer to one getter.
    mutating func replace(_ getter: String, with answer: Reading<[UInt8]>) {
        if let place = Self.places[getter] { answers[place] = answer }
    }

    /// What the contract is.
    func node() -> OracleNode {
        var node = shape()
        let text = [self["description"], self["name"], self["typeAndVersion"]].compactMap(\.text).first { !$0.isEmpty }
        node.name = text.map { String($0.prefix(64)) }
        answer(&node)
        extras(&node)
        if node.children.isEmpty, node.root == nil {
            node.root = OracleRoot(node.kind == .feed ? "feed" : "contract", address)
        }
        return node
    }

    private func answer(_ node: inout OracleNode) {
        let decimals = self["decimals"].number(below: 78)
        node.decimals = decimals
        if let round = ChainlinkRound(self["latestRoundData"]), round.updatedAt != 0 {
            node.price = self["latestRoundData"].positive(1).price(decimals: decimals).value
            node.updatedAt = round.updatedAt <= timestamp ? round.updatedAt : nil
            node.round = round.id
            // A round whose number is its time is a shim over a network that has no rounds.
        } else {
            node.price = self["latestAnswer"].positive().price(decimals: decimals ?? 8).value
            node.updatedAt = self["latestTimestamp"].word().value?.asUInt64()
                .flatMap { $0 > 0 && $0 <= timestamp ? $0 : nil }
        }
        if let decimals {
            node.bounds = ChainlinkRound.bounds(self["minAnswer"], self["maxAnswer"], decimals: decimals)
        }
    }

    private func edges(_ getters: String...) -> [OracleNode.Edge] {
        getters.compactMap { getter in
            self[getter].contract().map { OracleNode.Edge(role: getter, address: $0) }
        }
    }

    /// The kind, with the contracts below.
    private func shape() -> OracleNode {
        if let aggregator = self["aggregator"].contract(), aggregator != address { return proxy(aggregator) }
        let ratio = edges("BASE_TO_USD_AGGREGATOR", "RATIO_PROVIDER")
        if ratio.count == 2 { return capped(ratio) }
        let capped = edges("ASSET_TO_USD_AGGREGATOR")
        if !capped.isEmpty, self["getPriceCap"].word().value != nil { return priceCap(capped) }
        let product = edges("ASSET_TO_PEG", "BASE_TO_PEG", "PEG_TO_BASE")
        if product.count == 2 { return made(.product, product) }
        if self["BASE_FEED_1"].word().value != nil, self["price"].word().value != nil { return morpho() }
        let cross = edges("oracleBaseCross", "oracleCrossQuote")
        if cross.count == 2 { return made(.cross, cross) }
        if let id = self["priceId"].word().value ?? self["feedId"].word().value, self["pyth"].contract() != nil {
            return leaf(.pyth, OracleRoot("pyth", Hash32(word: id).hex))
        }
        if let id = self["getDataFeedId"].text, self["getPriceFeedAdapter"].contract() != nil {
            return leaf(.redstone, OracleRoot("redstone", id))
        }
        if self["name"].text == "EulerRouter", self["fallbackOracle"].word().value != nil {
            return router(edges("fallbackOracle"))
        }
        if let name = self["wat"].text, !name.isEmpty { return leaf(.chronicle, OracleRoot("chronicle", name)) }
        let feed = edges("feed")
        if !feed.isEmpty { return made(.adapter, feed) }
        return plain()
    }

    /// Contracts that name nothing below them.
    private func plain() -> OracleNode {
        if self["minAnswer"].word().value != nil, self["maxAnswer"].word().value != nil {
            return leaf(
                .aggregator,
                RootNames.feed(
                    address, provider: "chainlink", description: self["description"].text, aggregator: nil))
        }
        if self["asset"].contract() != nil, self["totalAssets"].word().value != nil {
            var node = leaf(.vault, OracleRoot("rate", address))
            node.notes = ["a vault's own rate is no market price"]
            return node
        }
        for getter in ["slot0", "getReserves", "price_oracle"] where self[getter].word().value != nil {
            return leaf(.pool, OracleRoot("pool", address))
        }
        let pool = edges("pool")
        if !pool.isEmpty { return made(.adapter, pool) }
        let provider = edges("rateProvider")
        if !provider.isEmpty { return made(.adapter, provider) }
        let isFeed = self["latestAnswer"].word().value != nil || ChainlinkRound(self["latestRoundData"]) != nil
        if isFeed, self["MATURITY"].word().value == nil { return leaf(.feed, OracleRoot("feed", address)) }
        for getter in ["getRate", "stEthPerToken", "getExchangeRate", "exchangeRate"]
        where self[getter].word().value != nil {
            return leaf(.rate, OracleRoot("rate", address))
        }
        if self["rate"].word().value != nil || isFeed { return leaf(.constant, OracleRoot("constant", address)) }
        if answers.allSatisfy({ if case .known(let bytes) = $0 { bytes.isEmpty } else { false } }) {
            var node = leaf(.opaque, OracleRoot("contract", address))
            node.notes = ["no contract code at the address"]
            return node
        }
        if answers.contains(where: { if case .unknown(.failed) = $0 { true } else { false } }) {
            var node = OracleNode(address, .unread)
            node.notes = ["it could not be asked"]
            return node
        }
        return leaf(.opaque, OracleRoot("contract", address))
    }

    private func made(_ kind: OracleNode.Kind, _ children: [OracleNode.Edge]) -> OracleNode {
        var node = OracleNode(address, kind)
        node.children = children
        return node
    }

    private func leaf(_ kind: OracleNode.Kind, _ root: OracleRoot) -> OracleNode {
        var node = OracleNode(address, kind)
        node.root = root
        return node
    }

    private func proxy(_ aggregator: Address) -> OracleNode {
        var node = made(.proxy, [OracleNode.Edge(role: "aggregator", address: aggregator)])
        if let text = self["description"].text, text.contains(" / ") {
            node.name = text
            node.root = RootNames.feed(
                address, provider: "chainlink", description: text, aggregator: aggregator)
        }
        return node
    }

    private func router(_ fallback: [OracleNode.Edge]) -> OracleNode {
        var node = made(.router, fallback)
        node.notes = ["which adapter it asks depends on the pair: name it as a source of kind euler"]
        return node
    }

    private func morpho() -> OracleNode {
        let node = made(
            .morpho,
            edges("BASE_FEED_1", "BASE_FEED_2", "QUOTE_FEED_1", "QUOTE_FEED_2", "BASE_VAULT", "QUOTE_VAULT"))
        return node.children.isEmpty ? leaf(.constant, OracleRoot("constant", address)) : node
    }

    private func priceCap(_ children: [OracleNode.Edge]) -> OracleNode {
        var node = made(.priceCap, children)
        if let capped = self["isCapped"].word().value { node.isCapped = capped == .one }
        return node
    }

    /// `ratio` may reach `snapshot + growth · age` and no more.
    ///
    /// Source: bgd-labs/aave-capo `src/contracts/PriceCapAdapterBase.sol@2c280ef`; growth is scaled by 1e6 since then.
    private func capped(_ children: [OracleNode.Edge]) -> OracleNode {
        var node = made(.ratioCap, children)
        if let capped = self["isCapped"].word().value { node.isCapped = capped == .one }
        guard let ratio = self["getRatio"].word().value, let snapshot = self["getSnapshotRatio"].word().value,
            let since = self["getSnapshotTimestamp"].word().value?.asUInt64(), since <= timestamp
        else { return node }
        do throws(MathError) {
            let age = UInt256(timestamp - since)
            let growth: UInt256
            if let scaled = self["getMaxRatioGrowthPerSecondScaled"].word().value {
                growth = try UInt256.mulDiv(scaled, age, 1_000_000, .down)
            } else if let plain = self["getMaxRatioGrowthPerSecond"].word().value {
                growth = try plain * age
            } else {
                return node
            }
            let most = try snapshot + growth
            guard !ratio.isZero else { return node }
            let bps = Int(min(try UInt256.mulDiv(most.distance(to: ratio), 10_000, ratio, .down), 1_000_000).low)
            node.headroomBps = most < ratio ? -bps : bps
        } catch {
            node.notes.append("its cap cannot be computed")
        }
        return node
    }
}

import Chain
import Ethereum
import Lending
import Networks

extension AssetAssessment {
    /// What was read about the asset as detectors take it: every price in the market's currency.
    public func tick(in book: OracleBook) -> AssetTick {
        let now = book.block.timestamp
        let source = asset.source.address
        let node = source.flatMap { book.forest.nodes[$0] }
        var own = Observation(
            SourceIdentity(
                "protocol:" + (source?.checksummed ?? asset.asset.checksummed), Self.kind(of: node?.kind),
                roots: roots.map(\.name), quote: .named(asset.currency),
                staleness: StalenessRule(heartbeat: heartbeat, deviationBps: feedDeviationBps)),
            Self.observed(price, because: fault), updatedAt: updatedAt, observedAt: now, block: book.block.number)
        if let pool = pool() {
            own.source = SourceIdentity(
                own.source.id, pool.isAverage ? .uniswapV3Twap : .uniswapV3Spot, roots: own.source.roots,
                quote: own.source.quote, staleness: own.source.staleness, window: pool.window)
            if pool.isAverage { own.extras.spot = pool.spot }
        }
        own.extras.round = node?.round.map { ObservationExtras.Round(id: $0) }
        if isFallback { own.extras.state.insert(.fallbackActive) }
        if let source {
            own.extras.scale = scale(of: source, in: book.forest)
            book.forest.walk(source) { node, _, _ in
                if own.extras.vault == nil { own.extras.vault = node.vault }
                if own.extras.rate == nil { own.extras.rate = node.rate }
                // A price made by several aggregators is none of their nodes' numbers.
                if roots.count == 1, own.extras.nodes == nil, let reports = book.reports[node.address] {
                    own.extras.nodes = ObservationExtras.Nodes(reports)
                }
                if let cap = Self.cap(of: node, in: book.forest) {
                    own.extras.cap = own.extras.cap.map { $0.headroom < cap.headroom ? $0 : cap } ?? cap
                }
                if let bounds = node.bounds, own.extras.bounds == nil {
                    own.extras.bounds = ObservationExtras.Bounds(
                        lowest: Self.observed(bounds.lowerBound, because: nil).value,
                        highest: Self.observed(bounds.upperBound, because: nil).value)
                }
            }
        }
        var tick = AssetTick(own, references: compared.map { observation($0, in: book) })
        tick.costs = book.costs[asset.asset] ?? []
        switch book.sequencer {
        case .known(let state): tick.sequencer = SequencerState(isDown: state.isDown, startedAt: state.since)
        case .unknown: tick.sequencer = SequencerState(isDown: nil, startedAt: 0)
        case nil: break
        }
        return tick
    }

    /// How a price that rests on pools alone is taken from them; `nil` for any other.
    ///
    /// The contract does not say it. What the same pool's average and price of this block are tells which of them it is;
    /// where nobody read the pool, it is taken for the weaker one.
    func pool() -> (isAverage: Bool, window: Int?, spot: ExactPrice?, isCertain: Bool)? {
        guard !roots.isEmpty, roots.allSatisfy({ $0.isPool }), let price else { return nil }
        for one in compared {
            let reading = one.reference.reading
            guard !reading.roots.isDisjoint(with: roots), let average = one.price, let own = reading.price.value,
                let spot = reading.spot?.over(own)?.times(average)
            else { continue }
            let far = abs(price.logarithm - spot.logarithm)
            let near = abs(price.logarithm - average.logarithm)
            // What the quote was converted by is a little off: only a clear difference tells.
            let isCertain = min(near, far) * 2 < max(near, far)
            return near < far ? (true, reading.window, spot, isCertain) : (false, nil, nil, isCertain)
        }
        return (false, nil, nil, false)
    }

    /// The factor of the composition that the protocol asks.
    ///
    /// Such a price is 10^36 times the quote's smallest units for one of the base: how far apart the places of the two
    /// tokens are stands in the unit of the leg (`10^(36 + quote - base)`).
    private func scale(of source: Address, in forest: OracleForest) -> ObservationExtras.Scale? {
        let places = asset.priceScale.description.utf8.dropFirst()
        let quote = places.count - 36 + asset.decimals
        guard forest.nodes[source]?.kind == .morpho, places.allSatisfy({ $0 == UInt8(ascii: "0") }),
            (0...77).contains(quote)
        else { return nil }
        return forest.scale(of: source, base: asset.decimals, quote: quote)
    }

    /// Why the protocol has no price that could be one.
    private var fault: PriceFault? {
        guard let raw = asset.priceRaw else { return nil }
        return raw.isZero ? .zero : .absurd("\(raw) of \(asset.priceScale)")
    }

    /// What a cap leaves of what it caps, as a ratio: its head-room where it states one, else what stands below it.
    private static func cap(of node: OracleNode, in forest: OracleForest) -> ObservationExtras.Cap? {
        if let headroom = node.headroomBps,
            let limit = ExactPrice.checked(UInt256(UInt64(max(1, 10_000 + headroom))), decimals: 4)
        {
            return ObservationExtras.Cap(uncapped: .one, limit: limit)
        }
        guard node.isCapped == true else { return nil }
        let below = node.children.compactMap { forest.nodes[$0.address]?.price }.max()
        if let limit = node.price, let below, limit < below {
            return ObservationExtras.Cap(uncapped: below, limit: limit)
        }
        // By how much is not known: by the least that counts.
        return ExactPrice.checked(9_999, decimals: 4).map { ObservationExtras.Cap(uncapped: .one, limit: $0) }
    }

    private func observation(_ compared: Compared, in book: OracleBook) -> Observation {
        let reading = compared.reference.reading
        let fault = (reading.price.reason ?? compared.reference.dollars.reason).map(Self.fault)
        var observation = Observation(
            SourceIdentity(
                compared.name, Self.kind(of: reading),
                roots: (compared.isBehind ? reading.roots.union(roots) : reading.roots).map(\.name),
                quote: .named(asset.currency),
                staleness: StalenessRule(heartbeat: reading.heartbeat, deviationBps: reading.deviationBps),
                window: reading.window),
            Self.observed(compared.price, because: fault), updatedAt: reading.updatedAt,
            observedAt: book.block.timestamp,
            block: reading.evidence == .venue ? nil : book.block.number)
        if let price = compared.price, let own = reading.price.value {
            // What is stated beside the price is stated in the source's quote.
            func converted(_ other: ExactPrice?) -> ExactPrice? { other?.over(own)?.times(price) }
            observation.extras.spot = Self.observed(converted(reading.spot), because: nil).value
            if let sigma = converted(reading.confidence), let unit = try? UInt256.powerOfTen(price.decimals) {
                observation.confidence = sigma.scaled(to: unit)
            }
            if let depth = converted(reading.depth)?.scaled(to: .one) {
                observation.depth = Depth(atTwoPercent: depth)
            }
        }
        observation.extras.round = reading.round.map { ObservationExtras.Round(id: $0) }
        observation.extras.vault = reading.vault
        return observation
    }

    private static func observed(_ price: ExactPrice?, because fault: PriceFault?) -> ObservedPrice {
        guard let price else { return .unknown(fault ?? .unread("no source answered")) }
        return ObservedPrice { () throws(PriceFault) in try ExactPrice(price.mantissa, decimals: price.decimals) }
    }

    private static func fault(_ reason: Reason) -> PriceFault {
        switch reason {
        case .malformed(let what): .malformed(what)
        case .reverted, .noCode, .failed: .unread("\(reason)")
        }
    }

    private static func kind(of reading: SourceReading) -> SourceKind {
        switch reading.configuration.kind {
        case "chainlink": .chainlink
        case "redstone": .redstone
        case "chronicle": .chronicle
        case "pyth", "hermes": .pyth
        case "uniswap-v2": .uniswapV2Spot
        case "uniswap-v3": .uniswapV3Twap
        case "uniswap-v4": .uniswapV3Spot
        case "curve": .curveEMA
        case "erc4626": .vaultShare
        case "rate", "balancer-rate": .lstRate
        case "defillama": .aggregator
        default: reading.evidence == .venue ? .cex : .protocol
        }
    }

    private static func kind(of node: OracleNode.Kind?) -> SourceKind {
        switch node {
        case .proxy, .aggregator: .chainlink
        case .ratioCap, .priceCap: .cap
        case .product, .morpho, .cross, .router, .adapter: .composed
        case .pyth: .pyth
        case .redstone: .redstone
        case .chronicle: .chronicle
        case .vault: .vaultShare
        case .rate: .lstRate
        case .pool: .uniswapV3Spot
        case .constant: .fixed
        case .feed, .opaque, .unread, nil: .protocol
        }
    }
}

extension AssetAssessment.Compared {
    /// A name that no other source of the asset has.
    var name: String {
        let reading = reference.reading
        let configuration = reading.configuration
        var name = configuration.kind + ":" + (reading.address?.checksummed ?? configuration.url.map { "\($0)" } ?? "")
        if let id = configuration.id { name += (name.hasSuffix(":") ? "" : "/") + id }
        if let window = reading.window { name += "/\(window)" }
        return name
    }
}

import Ethereum
import Glibc

extension PriceConsensus {
    /// Weighs the sources beside a protocol's price.
    ///
    /// - Parameter volatility: what the price moves in one second, as a standard deviation of its logarithm; a stale
    ///   voice weighs less by it.
    public init(of window: AssetWindow, limits: ConsensusLimits = ConsensusLimits(), volatility: Double) {
        let weighing = Weighing(window: window, limits: limits, volatility: volatility)
        var members = window.current.map { weighing.member($0) }
        // Heaviest first, and by id where they weigh the same: the result depends on nothing else.
        members.sort { ($1.weight, $0.observation.source.id) < ($0.weight, $1.observation.source.id) }
        Weighing.dropCorrelated(&members)
        weighing.capNetworks(&members)
        weighing.capShares(&members)
        let scale = weighing.reject(&members)
        var counted = members.filter { $0.fate == .counted }
        counted.sort { Weighing.isBelow($0, $1) }
        let prices = counted.compactMap(\.observation.price.value)
        let middle = Statistics.weightedMedian(
            zip(prices, counted).map { ($0.logarithm, $1.weight) })
        price = middle.map { prices[$0] }
        independent = prices.count
        spreadBps = scale
        lowest = prices.first
        highest = prices.last
        isSplit = false
        if let low = prices.first, let high = prices.last, prices.count > 1 {
            isSplit = (high.logarithm - low.logarithm) * 10_000 > limits.splitBps
        }
        members.sort { $0.observation.source.id < $1.observation.source.id }
        self.members = members
    }
}

/// One pass of weighing.
private struct Weighing {
    let window: AssetWindow
    let limits: ConsensusLimits
    let volatility: Double

    func member(_ observation: Observation) -> PriceConsensus.Member {
        var member = PriceConsensus.Member(observation: observation, weight: 0, uncertaintyBps: 0, fate: .counted)
        let protocolSource = window.tick.price.source
        guard case .known(let price) = observation.price else {
            member.fate = .unknown(observation.price.fault ?? .unread("no reason was given"))
            return member
        }
        guard observation.source.quote == protocolSource.quote else {
            member.fate = .unknown(.otherQuote("\(observation.source.quote)"))
            return member
        }
        member.deviationBps = window.tick.price.price.value?.deviationBps(from: price)
        if let why = noMarket(observation, price) {
            member.fate = .noMarket(why)
            return member
        }
        if let root = observation.source.roots.first(where: { protocolSource.roots.contains($0) }) {
            member.fate = .dependent(root)
            return member
        }
        member.uncertaintyBps = uncertainty(observation, price) * 10_000
        member.weight =
            classWeight(observation.source.kind.evidence) * freshness(observation) * depth(observation)
            * min(1, limits.fullWeightBps / max(member.uncertaintyBps, 0.01))
        if member.weight <= 0 { member.fate = .noMarket("it is too old") }
        return member
    }

    /// Why the source is no witness of what a market pays.
    private func noMarket(_ observation: Observation, _ price: ExactPrice) -> String? {
        switch observation.source.kind.evidence {
        case .rate: return "its issuer states it"
        case .constant: return "it is a constant"
        case .network, .spot, .average, .venue, .site, .derived: break
        }
        if let confidence = confidence(observation, price), confidence * 10_000 > limits.widestConfidenceBps {
            return "it is uncertain by \(Int((confidence * 10_000).rounded())) bps"
        }
        return nil
    }

    private func confidence(_ observation: Observation, _ price: ExactPrice) -> Double? {
        observation.confidence.map { $0.double / price.mantissa.double }
    }

    private func classWeight(_ evidence: SourceKind.Evidence) -> Double {
        switch evidence {
        case .network: limits.networkWeight
        case .venue: limits.venueWeight
        case .average: limits.averageWeight
        case .derived: limits.derivedWeight
        case .spot: limits.spotWeight
        case .site: limits.siteWeight
        case .rate, .constant: 0
        }
    }

    private func freshness(_ observation: Observation) -> Double {
        let source = observation.source
        let longest: UInt64
        switch source.kind.evidence {
        case .network, .derived: longest = 2 * (heartbeat(source) ?? limits.unknownHeartbeat)
        case .venue: longest = limits.venueAge
        case .site: longest = limits.siteAge
        case .spot, .average, .rate, .constant: return 1
        }
        let now = window.tick.time
        let since = observation.updatedAt ?? observation.observedAt
        let age = now > since ? now - since : 0
        return max(0, 1 - Double(age) / Double(max(1, longest)))
    }

    private func heartbeat(_ source: SourceIdentity) -> UInt64? {
        source.staleness.heartbeat.flatMap { UInt64(exactly: $0) }
    }

    private func depth(_ observation: Observation) -> Double {
        let evidence = observation.source.kind.evidence
        guard let depth = observation.depth?.atTwoPercent else {
            return evidence == .spot || evidence == .average ? limits.unknownDepthFactor : 1
        }
        return min(1, (depth.double / limits.fullDepth).squareRoot())
    }

    /// How far the source may be from the market without anything being wrong, as a logarithm.
    private func uncertainty(_ observation: Observation, _ price: ExactPrice) -> Double {
        var sum = 0.0
        if let confidence = confidence(observation, price) { sum += confidence * confidence }
        if observation.source.kind.evidence == .network {
            let threshold = Double(observation.source.staleness.deviationBps ?? 50) / 20_000
            sum += threshold * threshold
            let since = observation.updatedAt ?? observation.observedAt
            let due = since &+ (heartbeat(observation.source) ?? limits.unknownHeartbeat)
            if window.tick.time > due { sum += volatility * volatility * Double(window.tick.time - due) }
        }
        // What was looked at a while ago may be from another market.
        let since = observation.observedAt
        if window.tick.time > since { sum += volatility * volatility * Double(window.tick.time - since) }
        if observation.source.kind.evidence == .average, let seconds = observation.source.window {
            // A mean over T lags a random walk by sigma · sqrt(T/3).
            sum += volatility * volatility * Double(max(0, seconds)) / 3
        }
        if let spot = observation.extras.spot {
            // An average whose pool trades elsewhere is late, or its pool is pushed: no witness of now either way.
            let gap = spot.logarithm - price.logarithm
            sum += gap * gap
        }
        return sum.squareRoot()
    }

    // MARK: Independence and caps

    static func dropCorrelated(_ members: inout [PriceConsensus.Member]) {
        var taken: [String: String] = [:]
        for place in members.indices where members[place].fate == .counted {
            let source = members[place].observation.source
            if let other = source.roots.compactMap({ taken[$0] }).first {
                members[place].fate = .correlated(other)
                members[place].weight = 0
            } else {
                for root in source.roots { taken[root] = source.id }
            }
        }
    }

    func capNetworks(_ members: inout [PriceConsensus.Member]) {
        let networks = members.indices.filter {
            members[$0].fate == .counted && members[$0].observation.source.kind.evidence == .network
        }
        let total = networks.reduce(0) { $0 + members[$1].weight }
        guard total > limits.networkCap else { return }
        for place in networks { members[place].weight *= limits.networkCap / total }
    }

    /// Lowers the heaviest until none has more than its share.
    func capShares(_ members: inout [PriceConsensus.Member]) {
        let counted = members.indices.filter { members[$0].fate == .counted }
        guard counted.count >= 3 else { return }
        for place in counted {
            let rest = counted.reduce(0) { $0 + ($1 == place ? 0 : members[$1].weight) }
            let most = limits.shareCap / (1 - limits.shareCap) * rest
            members[place].weight = min(members[place].weight, most)
        }
    }

    // MARK: Rejection

    static func isBelow(_ one: PriceConsensus.Member, _ other: PriceConsensus.Member) -> Bool {
        guard let mine = one.observation.price.value, let its = other.observation.price.value else { return false }
        if mine.isBelow(its) { return true }
        if its.isBelow(mine) { return false }
        return one.observation.source.id < other.observation.source.id
    }

    /// Hampel's identifier with each witness's own uncertainty added to the scale.
    ///
    /// - Returns: The scale in basis points.
    func reject(_ members: inout [PriceConsensus.Member]) -> Double {
        let counted = members.indices.filter { members[$0].fate == .counted }
        let logs = counted.map { members[$0].observation.price.value?.logarithm ?? 0 }
        let order = counted.indices.sorted { (logs[$0], $0) < (logs[$1], $1) }
        guard let middle = Statistics.weightedMedian(order.map { (logs[$0], members[counted[$0]].weight) }) else {
            return limits.floorBps
        }
        let center = logs[order[middle]]
        let scale = max(limits.floorBps, 1.4826 * Statistics.median(logs.map { abs($0 - center) }) * 10_000)
        // Of two nobody can say who is wrong.
        guard counted.count >= 3 else { return min(scale, limits.splitBps) }
        for (place, log) in zip(counted, logs) {
            let own = members[place].uncertaintyBps
            let limit = limits.hampel * (scale * scale + own * own).squareRoot()
            let distance = abs(log - center) * 10_000
            if distance > limit { members[place].fate = .rejected(bps: distance, limit: limit) }
        }
        let kept = zip(counted, logs).filter { members[$0.0].fate == .counted }.map { abs($0.1 - center) }
        return max(limits.floorBps, 1.4826 * Statistics.median(kept) * 10_000)
    }
}

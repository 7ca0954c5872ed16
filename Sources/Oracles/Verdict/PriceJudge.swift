import Ethereum

/// Judges one asset's price, moment by moment. The same ticks give the same verdicts; memory is bounded.
public struct PriceJudge: Sendable {
    /// The limits.
    public let thresholds: DetectorThresholds
    /// What was seen.
    public private(set) var window: AssetWindow?
    /// What the asset is.
    public let profile: AssetProfile
    var history: ReferenceHistory
    private let looksAgain: Bool
    private var alarms = AlarmBook()
    private var crashUntil: UInt64 = 0

    /// A judge who has seen nothing.
    ///
    /// - Parameter looksAgain: whether more ticks follow, so that a severe finding can wait to be confirmed.
    public init(
        _ profile: AssetProfile, thresholds: DetectorThresholds = DetectorThresholds(), looksAgain: Bool = true
    ) {
        self.profile = profile
        self.looksAgain = looksAgain
        self.thresholds = thresholds
        history = ReferenceHistory(profile.kind)
    }

    /// Takes the next tick and judges.
    ///
    /// - Returns: `nil` for a tick that is older than the latest.
    public mutating func judge(_ tick: AssetTick) -> PriceVerdict? {
        guard window?.append(tick) ?? true else { return nil }
        let window = self.window ?? AssetWindow(profile, tick)
        self.window = window
        let consensus = PriceConsensus(of: window, limits: thresholds.consensus, volatility: history.volatility)
        // Witnesses come and go in a crash: it is not over because one of them is missing for a block.
        if isCrash(tick, consensus) { crashUntil = tick.time &+ thresholds.crashSeconds }
        let isCrash = tick.marketMoveBps == nil ? tick.time < crashUntil : isCrash(tick, consensus)
        if let market = consensus.price, !consensus.isSplit { history.append(market.logarithm, at: tick.time) }
        let input = DetectorInput(
            window: window, consensus: consensus, history: history, thresholds: thresholds, isCrash: isCrash)
        let seen = Detector.all(input)
        let evidence = tick.price.source.kind.evidence
        let isOffChain = evidence == .venue || evidence == .site
        let outcome = alarms.weigh(seen, at: tick.time, isOffChain: isOffChain, looksAgain: looksAgain, thresholds)
        return verdict(input, outcome)
    }

    private func isCrash(_ tick: AssetTick, _ consensus: PriceConsensus) -> Bool {
        if let move = tick.marketMoveBps { return Double(abs(move)) > thresholds.crashBps }
        // Without a market to look at, three witnesses who moved together are one.
        guard consensus.independent >= 2, !consensus.isSplit, let now = consensus.price, tick.time >= 600,
            let then = history.log(at: tick.time - 600)
        else { return false }
        // An average that is left out because it is on its way from where its window began to now has seen the move,
        // too; that is further back than the move's own ten minutes.
        let late = consensus.rejectedAverages.count { average in
            let window = average.window ?? 1_800
            let begin = history.log(at: tick.time - min(tick.time, window)) ?? then
            let path = [begin, then, now.logarithm]
            return average.log >= (path.min() ?? 0) - 0.01 && average.log <= (path.max() ?? 0) + 0.01
        }
        guard consensus.independent + late >= 3 else { return false }
        return abs(DetectorInput.bps(now.logarithm - then)) > thresholds.crashBps
    }

    private func verdict(_ input: DetectorInput, _ outcome: AlarmBook.Outcome) -> PriceVerdict {
        let tick = input.window.tick
        let findings = outcome.findings.sorted { ($0.detector, $0.rule, $0.source) < ($1.detector, $1.rule, $1.source) }
        let worst = findings.map { Self.counted($0, among: findings) }.max() ?? 0
        var reasons = findings.enumerated().sorted {
            ($1.element.severity, $0.offset) < ($0.element.severity, $1.offset)
        }
        .map { "\($0.element.detector.rawValue): \($0.element.reason)" }
        let trust: PriceTrust
        switch worst {
        case 3...: trust = .reject
        case 2: trust = input.price == nil ? .unknown : .suspect
        default:
            if let fault = input.observed.price.fault {
                trust = .unknown
                reasons.insert("\(input.source.id): \(fault)", at: 0)
            } else if input.consensus.independent == 0 {
                trust = .unknown
                reasons.append("nothing independent of \(input.source.id) has a price")
            } else {
                trust = .ok
            }
        }
        for member in input.consensus.members where member.fate != .counted {
            reasons.append("\(member.observation.source.id) does not count: \(member.fate)")
        }
        return PriceVerdict(
            asset: profile.id, time: tick.time, block: tick.block, trust: trust, price: tick.price,
            consensus: input.consensus,
            deviationBps: input.price.flatMap { price in
                input.consensus.price.map { price.deviationBps(from: $0) }
            }, findings: findings, announced: outcome.announced, flags: flags(input, findings), reasons: reasons,
            cost: tick.costs.min { ($0.lost, $0.moveBps) < ($1.lost, $1.moveBps) })
    }

    /// An attack that would pay makes nobody's price wrong: alone it is a reason for care.
    private static func counted(_ finding: Finding, among all: [Finding]) -> Int {
        guard finding.detector.family == .exposure else { return finding.severity }
        let isMoving = all.contains { $0.detector.family == .price && $0.severity >= 2 }
        return isMoving ? finding.severity : min(2, finding.severity)
    }

    private func flags(_ input: DetectorInput, _ findings: [Finding]) -> [PriceFlag] {
        var flags = Set(findings.compactMap(\.flag))
        let state = input.observed.extras.state
        if state.contains(.fallbackActive) { flags.insert(.fallbackActive) }
        if state.contains(.paused) { flags.insert(.paused) }
        if state.contains(.pullUpdateNeeded) { flags.insert(.pullUpdateNeeded) }
        if state.contains(.pendingUpdate) { flags.insert(.pendingUpdate) }
        if input.consensus.independent == 1 || input.consensus.isSplit { flags.insert(.thinReference) }
        let isThin = input.consensus.members.contains { member in
            member.fate == .counted
                && (member.observation.depth.map { $0.atTwoPercent.double < thresholds.consensus.thinDepth } ?? false)
        }
        if isThin && input.consensus.independent < 3 { flags.insert(.thinReference) }
        return PriceFlag.allCases.filter(flags.contains)
    }
}

import Ethereum

/// One asset of a replay.
struct BacktestRun: Sendable {
    /// A change of what is thought of the price, or of what one detector says.
    struct Event: Hashable, Sendable {
        var time: UInt64
        var trust: PriceTrust
        /// All detectors at severity 2 or 3 from here on.
        var detectors: [Detector: Int]
    }

    /// Events that are kept; later ones are counted only.
    static let mostEvents = 100_000

    let name: String
    private let thresholds: DetectorThresholds
    private(set) var events: [Event] = []
    private(set) var dropped = 0
    private(set) var ticks = 0
    private(set) var seconds: UInt64 = 0
    private(set) var announced = 0
    private(set) var first: UInt64?
    private(set) var last: UInt64?

    private(set) var declared: [String: RecordedSource] = [:]
    private(set) var firstSeen: [String: Place] = [:]
    private var chosen: String? {
        didSet { if chosen != oldValue { identities.removeAll() } }
    }
    private var identities: [String: SourceIdentity] = [:]
    private var echoes = RecordedEchoes()
    private var isClassStated = false
    /// What was guessed of the asset and its sources, in words.
    private(set) var guesses: [String] = []
    /// Nothing before this is judged any more.
    private(set) var judgedUntil: UInt64 = 0
    private var profile: AssetProfile
    private var judge: PriceJudge?
    private var pending: [RecordedObservation] = []
    private var pendingTime: UInt64?
    private var sequencer: SequencerState?
    private var exposure: Exposure?
    private var moveBps: Int?
    private var headAge: UInt64?
    private var costs: [AttackCost] = []
    private var lastOwn: RecordedObservation?
    private var severities: [Detector: Int] = [:]
    private var trust = PriceTrust.ok

    init(_ name: String, _ thresholds: DetectorThresholds) {
        self.name = name
        self.thresholds = thresholds
        profile = AssetProfile(name)
    }

    mutating func describe(_ asset: RecordedAsset) {
        if let kind = asset.kind { (profile.kind, isClassStated) = (kind, true) }
        profile.liquidationThresholdBps = asset.liquidationThresholdBps ?? profile.liquidationThresholdBps
        profile.marketAge = asset.marketAge ?? profile.marketAge
    }

    /// Takes what is said of a source.
    ///
    /// - Returns: Whether the source is new.
    mutating func declare(_ source: RecordedSource, _ line: RecordedLine) -> Bool {
        let place = Place(time: line.time, line: line.number)
        firstSeen[source.id] = min(firstSeen[source.id] ?? place, place)
        let isNew = declared[source.id] == nil
        let before = declared[source.id]
        var after = before ?? source
        after.take(source)
        guard after != before else { return isNew }
        declared[source.id] = after
        identities[source.id] = nil
        if isNew || after.isProtocol != before?.isProtocol || after.kind != before?.kind { chosen = nil }
        return isNew
    }

    /// Whether what waits is of a moment before `time`.
    func isDue(before time: UInt64) -> Bool { pendingTime.map { $0 < time } ?? false }

    mutating func take(_ line: RecordedLine) {
        switch line.content {
        case .observation(let observation):
            pendingTime = line.time
            pending.append(observation)
        case .sequencer(let state): sequencer = state
        case .market(let exposure, let move, let age):
            self.exposure = exposure ?? self.exposure
            moveBps = move ?? moveBps
            headAge = age
        case .cost(let cost):
            costs.removeAll { $0.moveBps == cost.moveBps }
            if costs.count < 64 { costs.append(cost) }
        case .asset, .source, .incident, .mark: break
        }
    }

    /// The asset's class where none is stated. A stable that is nowhere near one is none.
    private mutating func guessClass(_ price: Observation, _ references: [Observation]) {
        guard judge == nil, !isClassStated, let kind = RecordedGuess.asset(name) else { return }
        if kind == .stable {
            let logs = ([price] + references).compactMap(\.price.value?.logarithm)
            guard abs(Statistics.median(logs)) < 0.4 else { return }
        }
        profile.kind = kind
        guesses.append("asset \"\(name)\" is taken for class \(kind.rawValue)")
    }

    private mutating func choose() -> String? {
        if let chosen { return chosen }
        chosen = likeliest()
        if let chosen, declared[chosen]?.isProtocol != true, guesses.count < 64 {
            guesses.append("source \"\(chosen)\" of asset \"\(name)\" is taken for the protocol's")
        }
        return chosen
    }

    mutating func flush(_ global: SequencerState?) -> [Backtest.Alarm] {
        guard let time = pendingTime, let own = choose() else { return [] }
        pendingTime = nil
        judgedUntil = time
        defer { pending.removeAll(keepingCapacity: true) }
        let block = pending.compactMap(\.block).max()
        var references: [Observation] = []
        var now: RecordedObservation?
        for observation in pending {
            if observation.source == own {
                now = observation
            } else {
                references.append(self.observation(observation, time, block))
            }
        }
        lastOwn = now ?? lastOwn
        // Between two lines of it, the protocol's price stands.
        let price: Observation
        if let standing = lastOwn {
            price = observation(standing, time, block)
        } else {
            price = Observation(
                identity(own), .unknown(.unread("nothing is recorded of it yet")), observedAt: time, block: block)
        }
        if price.source.kind == .protocol, declared[own]?.roots == nil { echoes.mark(&references, of: price) }
        let tick = AssetTick(
            price, references: references, sequencer: sequencer ?? global, headAge: headAge, exposure: exposure,
            costs: costs, marketMoveBps: moveBps)
        guessClass(price, references)
        var judge = self.judge ?? PriceJudge(profile, thresholds: thresholds)
        self.judge = nil
        let verdict = judge.judge(tick)
        self.judge = judge
        guard let verdict else { return [] }
        note(verdict)
        return verdict.announced.map {
            Backtest.Alarm(
                asset: name, time: time, block: block, trust: verdict.trust, finding: $0, price: verdict.price.price,
                deviationBps: verdict.deviationBps, independent: verdict.consensus.independent)
        }
    }

    private mutating func identity(_ id: String) -> SourceIdentity {
        if let known = identities[id] { return known }
        var source = declared[id] ?? RecordedSource(id: id)
        if id == chosen { source.isProtocol = true }
        let identity = source.identity
        identities[id] = identity
        return identity
    }

    private mutating func observation(_ recorded: RecordedObservation, _ time: UInt64, _ block: UInt64?) -> Observation
    {
        var confidence: UInt256?
        if let stated = recorded.confidence, let price = recorded.price.value {
            // In the unit of the price's mantissa, rounded up: a confidence is not made better.
            do throws(MathError) {
                confidence = try UInt256.mulDiv(
                    stated.mantissa, .powerOfTen(price.decimals), .powerOfTen(stated.decimals), .up)
            } catch {
                confidence = .max
            }
        }
        return Observation(
            identity(recorded.source), recorded.price, updatedAt: recorded.updatedAt, observedAt: time,
            block: recorded.block ?? block, confidence: confidence, depth: recorded.depth, extras: recorded.extras)
    }

    private mutating func note(_ verdict: PriceVerdict) {
        ticks += 1
        announced += verdict.announced.count
        first = first ?? verdict.time
        // A hole in the recording is no time without alarms.
        if let last { seconds += min(86_400, verdict.time - last) }
        last = verdict.time
        var now: [Detector: Int] = [:]
        for finding in verdict.findings where finding.severity >= 2 {
            now[finding.detector] = max(now[finding.detector] ?? 0, finding.severity)
        }
        if verdict.trust != trust || now != severities || ticks == 1 {
            if events.count < Self.mostEvents {
                events.append(Event(time: verdict.time, trust: verdict.trust, detectors: now))
            } else {
                dropped += 1
            }
        }
        trust = verdict.trust
        severities = now
    }
}

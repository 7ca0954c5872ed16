import Ethereum

/// One asset of a replay.
struct BacktestRun: Sendable {
    /// A change of what is thought of the price, or of what one detector says.
    struct Event: Hashable, Sendable {
        var time: UInt64
        var trust: PriceTrust
        /// Detectors at severity 2 or 3 that were not before, and those that became severe.
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

    private var declared: [String: RecordedSource] = [:]
    private var firstSource: String?
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
        profile.kind = asset.kind ?? profile.kind
        profile.liquidationThresholdBps = asset.liquidationThresholdBps ?? profile.liquidationThresholdBps
        profile.marketAge = asset.marketAge ?? profile.marketAge
    }

    /// Takes what is said of a source.
    ///
    /// - Returns: Whether the source is new.
    mutating func declare(_ source: RecordedSource) -> Bool {
        if firstSource == nil { firstSource = source.id }
        let isNew = declared[source.id] == nil
        declared[source.id, default: source].take(source)
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
        case .asset, .source, .incident: break
        }
    }

    /// The source that the protocol uses: the one that says so, else the first that was recorded.
    private var own: String? {
        declared.values.filter { $0.isProtocol == true }.map(\.id).min() ?? firstSource
    }

    mutating func flush(_ global: SequencerState?) -> [Backtest.Alarm] {
        guard let time = pendingTime, let own else { return [] }
        pendingTime = nil
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
        let price =
            lastOwn.map { self.observation($0, time, block) }
            ?? Observation(
                identity(own), .unknown(.unread("nothing is recorded of it yet")), observedAt: time, block: block)
        let tick = AssetTick(
            price, references: references, sequencer: sequencer ?? global, headAge: headAge, exposure: exposure,
            costs: costs, marketMoveBps: moveBps)
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

    private func identity(_ id: String) -> SourceIdentity {
        var source = declared[id] ?? RecordedSource(id: id)
        if id == own { source.isProtocol = true }
        return source.identity
    }

    private func observation(_ recorded: RecordedObservation, _ time: UInt64, _ block: UInt64?) -> Observation {
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
        let rising = now.filter { $0.value > severities[$0.key] ?? 0 }
        if verdict.trust != trust || !rising.isEmpty {
            if events.count < Self.mostEvents {
                events.append(Event(time: verdict.time, trust: verdict.trust, detectors: rising))
            } else {
                dropped += 1
            }
        }
        trust = verdict.trust
        severities = now
    }
}

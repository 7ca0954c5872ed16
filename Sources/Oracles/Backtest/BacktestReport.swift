/// What came of a replay.
public struct BacktestReport: Hashable, Sendable {
    /// What came of one labelled incident.
    public struct Incident: Hashable, Sendable {
        /// Its name.
        public var id: String
        /// Its asset.
        public var asset: String
        /// When it began.
        public var start: UInt64
        /// When money was lost first.
        public var loss: UInt64?
        /// Seconds from the start to the first `suspect`, or worse; `nil` where there was none.
        public var suspectDelay: UInt64?
        /// Seconds from the start to the first `reject`.
        public var rejectDelay: UInt64?
        /// What saw it at severity 2 or 3, with the seconds that it took.
        public var detectors: [Seen]
        /// Detectors that the label expects and that did not see it.
        public var missing: [Detector]

        /// A detector, how long it took, and how severe it became.
        public struct Seen: Hashable, Sendable {
            /// The detector.
            public var detector: Detector
            /// Seconds from the start.
            public var delay: UInt64
            /// The highest severity.
            public var severity: Int
        }

        /// Whether anything saw it.
        public var isDetected: Bool { suspectDelay != nil }
        /// Whether it was seen no later than money was lost; `nil` where that moment is not recorded.
        public var isBeforeLoss: Bool? {
            loss.map { loss in suspectDelay.map { start + $0 <= loss } ?? false }
        }
    }

    /// Lines read.
    public var lines: Int
    /// Moments judged, of all assets.
    public var ticks: Int
    /// Assets.
    public var assets: Int
    /// Seconds judged, of all assets together.
    public var seconds: UInt64
    /// What was announced.
    public var announced: Int
    /// How often a price became `suspect` outside every incident, and `reject`.
    public var falseSuspects: Int
    /// See ``falseSuspects``.
    public var falseRejects: Int
    /// The incidents, in the order of the recording.
    public var incidents: [Incident]
    /// Changes that were not kept because there were too many: the numbers above then lack them.
    public var dropped: Int
    /// Lines that came too late to be judged.
    public var late = 0
    /// What was ignored in the recording, and what was guessed of it.
    public var notes: [String] = []
    /// How the verdicts went, in the order of time within an asset; at most ``mostTransitions``.
    public var transitions: [Transition] = []

    /// A verdict that became another.
    public struct Transition: Hashable, Sendable {
        /// The asset.
        public var asset: String
        /// When, seconds since 1970.
        public var time: UInt64
        /// The verdict before; `nil` at the beginning.
        public var from: PriceTrust?
        /// The verdict from here on.
        public var to: PriceTrust
        /// Detectors at severity 2 or 3 then.
        public var detectors: [Detector]
    }

    /// Transitions that are reported.
    public static let mostTransitions = 1_000

    /// Days judged, of all assets together.
    public var assetDays: Double { Double(seconds) / 86_400 }

    init(lines: Int, runs: [BacktestRun], incidents: [(asset: String, incident: RecordedIncident)]) {
        self.lines = lines
        ticks = runs.reduce(0) { $0 + $1.ticks }
        assets = runs.count { $0.ticks > 0 }
        seconds = runs.reduce(0) { $0 + $1.seconds }
        announced = runs.reduce(0) { $0 + $1.announced }
        dropped = runs.reduce(0) { $0 + $1.dropped }
        falseSuspects = 0
        falseRejects = 0
        self.incidents = incidents.map { asset, incident in
            let found = runs.first { $0.name == asset } ?? (asset.isEmpty && runs.count == 1 ? runs.first : nil)
            return Self.outcome(found?.name ?? asset, incident, found?.events ?? [], last: found?.last)
        }
        for run in runs {
            var previous: PriceTrust?
            for event in run.events where event.trust != previous {
                guard transitions.count < Self.mostTransitions else { break }
                transitions.append(
                    Transition(
                        asset: run.name, time: event.time, from: previous, to: event.trust,
                        detectors: event.detectors.keys.sorted()))
                previous = event.trust
            }
            let own = incidents.filter { $0.asset == run.name || ($0.asset.isEmpty && runs.count == 1) }
            var before = PriceTrust.ok
            for event in run.events {
                defer { before = event.trust }
                let isLabelled = own.contains { Self.end($0.incident) >= event.time && $0.incident.start <= event.time }
                guard !isLabelled else { continue }
                if event.trust == .reject, before != .reject { falseRejects += 1 }
                if event.trust == .suspect, before < .suspect { falseSuspects += 1 }
            }
        }
    }

    /// An incident without an end lasts a day after its loss, else to the end of the recording.
    private static func end(_ incident: RecordedIncident) -> UInt64 {
        incident.end ?? incident.loss.map { $0 &+ 86_400 } ?? .max
    }

    private static func outcome(
        _ asset: String, _ incident: RecordedIncident, _ events: [BacktestRun.Event], last: UInt64?
    ) -> Incident {
        var outcome = Incident(
            id: incident.id, asset: asset, start: incident.start, loss: incident.loss, detectors: [], missing: [])
        // What stands when it begins was seen when it begins.
        if let last, last >= incident.start, let before = events.last(where: { $0.time < incident.start }) {
            if before.trust >= .suspect { outcome.suspectDelay = 0 }
            if before.trust == .reject { outcome.rejectDelay = 0 }
            for (detector, severity) in before.detectors {
                outcome.detectors.append(Incident.Seen(detector: detector, delay: 0, severity: severity))
            }
        }
        for event in events where event.time >= incident.start && event.time <= end(incident) {
            let delay = event.time - incident.start
            if event.trust >= .suspect, outcome.suspectDelay == nil { outcome.suspectDelay = delay }
            if event.trust == .reject, outcome.rejectDelay == nil { outcome.rejectDelay = delay }
            for (detector, severity) in event.detectors {
                if let place = outcome.detectors.firstIndex(where: { $0.detector == detector }) {
                    outcome.detectors[place].severity = max(outcome.detectors[place].severity, severity)
                } else {
                    outcome.detectors.append(Incident.Seen(detector: detector, delay: delay, severity: severity))
                }
            }
        }
        outcome.detectors.sort { ($0.delay, $0.detector) < ($1.delay, $1.detector) }
        outcome.missing = incident.expected.filter { expected in
            !outcome.detectors.contains { $0.detector == expected }
        }
        return outcome
    }
}

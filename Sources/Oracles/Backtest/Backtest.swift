import Ethereum

/// Replays recorded prices through the same judge that looks at the chain, line by line, in bounded memory.
public struct Backtest: Sendable {
    /// Something that the judge announced.
    public struct Alarm: Hashable, Sendable {
        /// The asset.
        public var asset: String
        /// When, seconds since 1970.
        public var time: UInt64
        /// The block, where one was recorded.
        public var block: UInt64?
        /// How far the price can be trusted then.
        public var trust: PriceTrust
        /// What was found.
        public var finding: Finding
        /// The protocol's price, and how far it stands from the witnesses.
        public var price: ObservedPrice
        /// See ``price``.
        public var deviationBps: Int?
        /// How many independent witnesses there are.
        public var independent: Int
    }

    /// Lines that may wait to be put in order.
    public static let mostWaiting = 200_000
    /// Assets, and sources of all of them.
    static let mostAssets = 512
    static let mostSources = 2_048

    private let thresholds: DetectorThresholds
    private let capacity: Int
    private var waiting: [RecordedLine] = []
    private var judgedUntil: UInt64 = 0
    private var runs: [String: BacktestRun] = [:]
    private var order: [String] = []
    private var sources = 0
    private var sequencer: SequencerState?
    private var incidents: [(asset: String, incident: RecordedIncident)] = []
    private var marks: [(asset: String, incident: RecordedIncident)] = []
    private var notes = BacktestNotes()
    private var late = 0
    private var lines = 0
    private var alarms: [Alarm] = []

    /// A replay with these limits.
    public init(thresholds: DetectorThresholds = DetectorThresholds()) {
        self.init(thresholds: thresholds, waiting: Self.mostWaiting)
    }

    init(thresholds: DetectorThresholds = DetectorThresholds(), waiting: Int) {
        self.thresholds = thresholds
        capacity = max(2, waiting)
    }

    /// Takes a line without its end.
    ///
    /// - Returns: What the judge announced meanwhile.
    /// - Throws: The line, where it cannot be used.
    public mutating func append(_ line: [UInt8]) throws(BacktestError) -> [Alarm] {
        lines += 1
        guard line.count <= RecordedLine.longest else {
            throw BacktestError(line: lines, reason: "longer than \(RecordedLine.longest) bytes")
        }
        for item in try RecordedLine.read(line, number: lines) { try take(item) }
        if waiting.count >= capacity { try release(capacity / 2) }
        defer { alarms = [] }
        return alarms
    }

    /// Judges what still waits.
    ///
    /// - Returns: What the judge announced, and what came of everything.
    public mutating func finish() throws(BacktestError) -> (alarms: [Alarm], report: BacktestReport) {
        try release(waiting.count)
        for name in order { flush(name) }
        if late > 0 {
            notes.add("\(late) lines came after more than \(capacity / 2) later ones and were not judged")
        }
        var report = BacktestReport(lines: lines, runs: order.compactMap { runs[$0] }, incidents: incidents + marks)
        report.notes = notes.all + order.compactMap { runs[$0] }.flatMap(\.guesses).prefix(256)
        report.late = late
        defer { alarms = [] }
        return (alarms, report)
    }

    private mutating func take(_ line: RecordedLine) throws(BacktestError) {
        for note in line.notes { notes.add("line \(line.number): \(note)", once: note) }
        switch line.content {
        case .mark(let name): try mark(line, name)
        case .incident(let incident):
            guard incidents.count < Self.mostAssets else {
                throw BacktestError(line: line.number, reason: "more than \(Self.mostAssets) incidents")
            }
            incidents.append((line.asset, incident))
        case .asset(let asset): try change(line) { $0.describe(asset) }
        case .source(let source):
            var isNew = false
            try change(line) { isNew = $0.declare(source, line) }
            if isNew { sources += 1 }
            guard sources <= Self.mostSources else {
                throw BacktestError(line: line.number, reason: "more than \(Self.mostSources) sources")
            }
        case .observation, .sequencer, .market, .cost:
            // Each asset has its own time: a file may hold one after the other.
            guard line.time >= (line.asset.isEmpty ? judgedUntil : runs[line.asset]?.judgedUntil ?? 0) else {
                late += 1
                return
            }
            waiting.append(line)
        }
    }

    /// Lines that bear one label are one incident, from the first to the last of them.
    private mutating func mark(_ line: RecordedLine, _ name: String) throws(BacktestError) {
        if let place = marks.firstIndex(where: { $0.asset == line.asset && $0.incident.id == name }) {
            marks[place].incident.start = min(marks[place].incident.start, line.time)
            marks[place].incident.end = max(marks[place].incident.end ?? line.time, line.time)
            return
        }
        guard marks.count < Self.mostAssets else {
            throw BacktestError(line: line.number, reason: "more than \(Self.mostAssets) labels")
        }
        marks.append(
            (line.asset, RecordedIncident(id: name, start: line.time, loss: nil, end: line.time, expected: [])))
    }

    private mutating func change(
        _ line: RecordedLine, _ body: (inout BacktestRun) -> Void
    ) throws(BacktestError) {
        if runs[line.asset] == nil {
            guard runs.count < Self.mostAssets else {
                throw BacktestError(line: line.number, reason: "more than \(Self.mostAssets) assets")
            }
            runs[line.asset] = BacktestRun(line.asset, thresholds)
            order.append(line.asset)
        }
        if var run = runs[line.asset] {
            runs[line.asset] = nil
            body(&run)
            runs[line.asset] = run
        }
    }

    /// Puts the lines in order and judges the first `count` of them.
    private mutating func release(_ count: Int) throws(BacktestError) {
        waiting.sort { ($0.time, $0.number) < ($1.time, $1.number) }
        for line in waiting.prefix(count) {
            if line.asset.isEmpty || runs.count == 1 { judgedUntil = max(judgedUntil, line.time) }
            if case .sequencer(let state) = line.content, line.asset.isEmpty {
                sequencer = state
                continue
            }
            var due = false
            try change(line) { due = $0.isDue(before: line.time) }
            if due { flush(line.asset) }
            try change(line) { $0.take(line) }
        }
        waiting.removeFirst(min(count, waiting.count))
    }

    private mutating func flush(_ asset: String) {
        guard var run = runs[asset] else { return }
        runs[asset] = nil
        alarms += run.flush(sequencer)
        runs[asset] = run
    }
}

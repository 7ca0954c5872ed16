import Ethereum

/// What is kept of an observation once a newer one is there.
public struct Sample: Hashable, Sendable {
    /// The moment, seconds since 1970.
    public var time: UInt64
    /// The price.
    public var price: ExactPrice
    /// What moves the market by 2 %, in whole units of the quote, as a size; `nil` where it is not known.
    public var depth: Double?
    /// The rate in the price, or the price of a share.
    public var rate: ExactPrice?
    /// Shares of the vault, as a size.
    public var shares: Double?
    /// What the vault holds, as a size.
    public var assets: Double?
}

/// What one source said lately: everything of now, and ever less of what is longer ago.
///
/// The last hour is kept at 10 s, the last day at 10 minutes, the last month by the day; nothing grows with the input.
public struct ObservationWindow: Sendable {
    /// The source.
    public private(set) var source: SourceIdentity
    /// The latest observation, whether it is a price or a failure.
    public private(set) var latest: Observation?
    /// The latest price before ``latest``.
    public private(set) var previous: Sample?
    /// The latest price, ``latest`` counted.
    public private(set) var lastKnown: Sample?
    /// The last hour, at least 10 s apart.
    public private(set) var hour = Ring<Sample>(capacity: 361)
    /// The last day, at least 10 minutes apart.
    public private(set) var day = Ring<Sample>(capacity: 150)
    /// The last month, at least a day apart.
    public private(set) var month = Ring<Sample>(capacity: 31)
    /// Seconds between the last updates.
    public private(set) var gaps = Ring<UInt64>(capacity: 200)
    /// When the source last wrote; `nil` where it does not say.
    public private(set) var updatedAt: UInt64?
    /// When the source was last seen to change its answer or its date.
    public private(set) var changedAt: UInt64?

    /// The last change of the rate in the price; `nil` before there was one.
    public private(set) var rateChange: RateChange?
    /// The rate before, and since when it stands.
    private var standingRate: (rate: ExactPrice, since: UInt64)?

    /// A rate that changed.
    public struct RateChange: Hashable, Sendable {
        /// The rate before.
        public var from: ExactPrice
        /// Since when it had stood.
        public var since: UInt64
        /// The rate after.
        public var to: ExactPrice
        /// When it was first seen.
        public var at: UInt64
    }

    /// A source without any observation.
    public init(_ source: SourceIdentity) {
        self.source = source
    }

    /// Takes the next observation; one that is older than the latest is ignored.
    public mutating func append(_ observation: Observation) {
        if let latest, observation.observedAt < latest.observedAt { return }
        source = observation.source
        let before = lastKnown
        if let updated = observation.updatedAt, observation.price.value != nil {
            if let last = updatedAt, updated > last { gaps.append(updated - last) }
            if updated != updatedAt { changedAt = observation.observedAt }
            updatedAt = updated
        }
        latest = observation
        guard let price = observation.price.value else { return }
        if observation.updatedAt == nil, before?.price != price { changedAt = observation.observedAt }
        let vault = observation.extras.vault
        let sample = Sample(
            time: observation.observedAt, price: price, depth: observation.depth?.atTwoPercent.double,
            rate: observation.extras.rate ?? (source.kind.evidence == .rate ? price : nil),
            shares: vault?.shares.double, assets: vault?.assets.double)
        previous = before
        noteRate(sample)
        lastKnown = sample
        Self.keep(sample, in: &hour, apart: 10)
        Self.keep(sample, in: &day, apart: 600)
        Self.keep(sample, in: &month, apart: 86_400)
    }

    private mutating func noteRate(_ sample: Sample) {
        guard let rate = sample.rate else { return }
        if let standing = standingRate, standing.rate != rate {
            rateChange = RateChange(from: standing.rate, since: standing.since, to: rate, at: sample.time)
        }
        if standingRate?.rate != rate { standingRate = (rate, sample.time) }
    }

    private static func keep(_ sample: Sample, in ring: inout Ring<Sample>, apart: UInt64) {
        guard let last = ring.last else { return ring.append(sample) }
        if sample.time >= last.time + apart { ring.append(sample) }
    }

    /// The newest price that is at least `seconds` older than `now`, from the finest ring that reaches so far.
    public func sample(_ seconds: UInt64, before now: UInt64) -> Sample? {
        guard now >= seconds else { return nil }
        let limit = now - seconds
        for ring in [hour, day, month] {
            if let found = ring.last(where: { $0.time <= limit }) { return found }
        }
        return nil
    }

    /// The heartbeat where none is published: 1.5 times the 99th percentile of the last gaps, of at least 20.
    public var estimatedHeartbeat: UInt64? {
        guard gaps.count >= 20 else { return nil }
        let sorted = (0..<gaps.count).map { gaps[$0] }.sorted()
        let percentile = sorted[(sorted.count * 99 + 99) / 100 - 1]
        return percentile + percentile / 2
    }

    /// The middle logarithm of the last month, by the day; `nil` before there are three days.
    public var monthlyMedian: Double? {
        guard month.count >= 3 else { return nil }
        return Statistics.median((0..<month.count).map { month[$0].price.logarithm })
    }
}

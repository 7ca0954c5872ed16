/// The price that a protocol uses for one asset, and every source beside it, over time.
public struct AssetWindow: Sendable {
    /// So many references are followed; more are ignored.
    public static let mostReferences = 32

    /// What the asset is.
    public var profile: AssetProfile
    /// What the protocol uses.
    public private(set) var price: ObservationWindow
    /// The sources beside it, in the order in which they first appeared.
    public private(set) var references: [ObservationWindow] = []
    /// The latest tick.
    public private(set) var tick: AssetTick
    /// References that were left out because there were too many.
    public private(set) var ignored = 0

    /// Begins with a first tick.
    public init(_ profile: AssetProfile, _ tick: AssetTick) {
        self.profile = profile
        self.tick = tick
        price = ObservationWindow(tick.price.source)
        take(tick)
    }

    /// Takes the next tick. One that is older than the latest is refused.
    ///
    /// - Returns: Whether it was taken.
    @discardableResult
    public mutating func append(_ tick: AssetTick) -> Bool {
        guard tick.time >= self.tick.time else { return false }
        self.tick = tick
        take(tick)
        return true
    }

    private mutating func take(_ tick: AssetTick) {
        price.append(tick.price)
        ignored = 0
        for observation in tick.references {
            if let place = references.firstIndex(where: { $0.source.id == observation.source.id }) {
                references[place].append(observation)
            } else if references.count < Self.mostReferences {
                var window = ObservationWindow(observation.source)
                window.append(observation)
                references.append(window)
            } else {
                ignored += 1
            }
        }
    }

    /// What is observed of each reference in the latest tick, whether a price or a failure.
    public var current: [Observation] {
        references.compactMap { $0.latest?.observedAt == tick.time || isFresh($0) ? $0.latest : nil }
    }

    /// What is seen when it is written, such as a feed's update, stands until the next is due; what is looked at
    /// (a venue, a pool), for five minutes.
    private func isFresh(_ window: ObservationWindow) -> Bool {
        guard let latest = window.latest else { return false }
        let source = latest.source
        let longest: UInt64 =
            switch source.kind.evidence {
            case .network, .derived:
                max(300, source.staleness.heartbeat.flatMap { UInt64(exactly: $0) } ?? 3_600)
            case .rate, .constant: 86_400
            case .spot, .average, .venue, .site: 300
            }
        return tick.time - min(tick.time, latest.observedAt) <= longest
    }
}

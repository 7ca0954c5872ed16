import Glibc

/// What detectors look at: the window, what the witnesses say together, now and over the window of an average.
public struct DetectorInput: Sendable {
    /// The window.
    public var window: AssetWindow
    /// What witnesses say now.
    public var consensus: PriceConsensus
    /// What they said, over time: logarithms of the consensus.
    public var history: ReferenceHistory
    /// The limits.
    public var thresholds: DetectorThresholds
    /// Whether the whole market moves fast.
    public var isCrash: Bool

    /// The protocol's observation.
    var observed: Observation { window.tick.price }
    /// The protocol's source.
    var source: SourceIdentity { window.tick.price.source }
    /// The protocol's price.
    var price: ExactPrice? { window.tick.price.price.value }
    /// Seconds since 1970.
    var now: UInt64 { window.tick.time }

    /// What the feed may deviate before it updates, in basis points.
    var thresholdBps: Double {
        if let published = source.staleness.deviationBps { return Double(published) }
        switch window.profile.kind {
        case .major: return thresholds.majorDeviationBps
        case .stable: return thresholds.stableDeviationBps
        case .other, .lst, .lrt, .share, .lp: return thresholds.otherDeviationBps
        }
    }

    /// How much wider limits are in a crash.
    var widening: Double { isCrash ? thresholds.crashFactor : 1 }

    /// What the price moves in half an hour, as a standard deviation in basis points.
    var halfHourSigmaBps: Double { history.volatility * 1_800.0.squareRoot() * 10_000 }

    /// A relative difference of two logarithms in basis points of the second.
    static func bps(_ difference: Double) -> Double { expm1(difference) * 10_000 }
}

/// What witnesses said together over the last hours, and how restless they are.
public struct ReferenceHistory: Sendable {
    private var points = Ring<(time: UInt64, log: Double)>(capacity: 721)
    /// Standard deviation of the logarithm in one second; exponentially forgotten over half an hour.
    public private(set) var volatility: Double
    private var variance: Double
    private let least: Double

    /// Starts with what is usual for a kind of asset: 80 % in a year, 150 % for small ones, 1 % for stables.
    public init(_ kind: AssetProfile.Class) {
        let yearly =
            switch kind {
            case .major, .lst, .lrt: 0.8
            case .other, .share, .lp: 1.5
            case .stable: 0.01
            }
        variance = yearly * yearly / 31_536_000
        least = variance.squareRoot() / 2
        volatility = variance.squareRoot()
    }

    /// Takes what the witnesses say now. Points nearer than ten seconds to the last are left out.
    mutating func append(_ log: Double, at time: UInt64) {
        guard let last = points.last else { return points.append((time, log)) }
        guard time >= last.time + 10 else { return }
        let seconds = Double(time - last.time)
        // One jump does not make a market restless: a move counts up to four sigmas.
        let most = 4 * volatility * seconds.squareRoot()
        let move = max(-most, min(most, log - last.log))
        let keep = exp(-seconds / 1_800)
        variance = keep * variance + (1 - keep) * move * move / seconds
        volatility = max(least, variance.squareRoot())
        points.append((time, log))
    }

    /// The logarithm at a moment: that of the last point before it; `nil` where there is none.
    func log(at time: UInt64) -> Double? { points.last { $0.time <= time }?.log }

    /// The mean logarithm of the last `seconds`, weighted by time; `nil` where less than half of them is covered.
    func mean(over seconds: UInt64, until now: UInt64) -> Double? {
        guard seconds > 0, now > seconds else { return nil }
        let start = now - seconds
        var sum = 0.0
        var covered: UInt64 = 0
        var end = now
        for place in (0..<points.count).reversed() {
            let point = points[place]
            let from = max(point.time, start)
            if end > from {
                sum += point.log * Double(end - from)
                covered += end - from
            }
            end = min(end, from)
            if point.time <= start { break }
        }
        return covered * 2 >= seconds ? sum / Double(covered) : nil
    }
}

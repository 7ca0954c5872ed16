/// Which sources say what cannot be the head. Knows no clock but the one it is given.
struct DriftWatch: Sendable {
    /// What changed about a source.
    enum Change: Equatable {
        case began(HeadDrift)
        case ended
    }

    /// How far a head may be from the clock; nil for any.
    let tolerance: Duration?
    private var drifting: Set<Int> = []

    init(tolerance: Duration?) {
        self.tolerance = tolerance
    }

    /// Whether a head has to be refused for its time.
    ///
    /// - Parameter now: seconds since 1970.
    func drift(of head: Block, at now: UInt64) -> HeadDrift? {
        guard let tolerance else { return nil }
        let allowed = UInt64(max(0, tolerance.components.seconds))
        if head.timestamp < now, now - head.timestamp > allowed { return .behindClock(seconds: now - head.timestamp) }
        if head.timestamp > now, head.timestamp - now > allowed { return .aheadOfClock(seconds: head.timestamp - now) }
        return nil
    }

    /// Notes what a source's last head showed; says what is new about the source.
    mutating func note(_ drift: HeadDrift?, of source: Int) -> Change? {
        if let drift { return drifting.insert(source).inserted ? .began(drift) : nil }
        return drifting.remove(source) == nil ? nil : .ended
    }
}

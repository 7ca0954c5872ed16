extension BacktestRun {
    /// When a source was first recorded, and in which line.
    struct Place: Comparable {
        var time: UInt64
        var line: Int

        static func < (one: Place, other: Place) -> Bool { (one.time, one.line) < (other.time, other.line) }
    }

    /// The source that the protocol uses: the one that says so, else the likeliest by its name, else the first.
    func likeliest() -> String? {
        if let stated = declared.values.filter({ $0.isProtocol == true }).map(\.id).min() { return stated }
        func rank(_ source: RecordedSource) -> (Int, Place, String) {
            let kind = source.kind ?? RecordedGuess.kind(source.id, isAverage: source.window != nil)
            let place = firstSeen[source.id] ?? Place(time: .max, line: .max)
            return (RecordedGuess.rank(source.id, kind), place, source.id)
        }
        let candidates = declared.values.filter { $0.isProtocol == nil }
        return (candidates.isEmpty ? Array(declared.values) : candidates).min { rank($0) < rank($1) }?.id
    }
}

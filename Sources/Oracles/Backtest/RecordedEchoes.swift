/// Feeds that a protocol's price is copied from, where the recording does not say so: they are no witnesses to it.
///
/// A protocol whose price is, digit by digit and through changes, a network's answer asks that network. While the two
/// are the same, the network confirms nothing; once they differ, it is a witness like any other.
struct RecordedEchoes: Sendable {
    private struct Count: Sendable {
        var both = 0
        var same = 0
        /// How often they were the same at a price that was new.
        var changes = 0
        var last: ExactPrice?
    }

    private var counts: [String: Count] = [:]

    /// Gives the root of `price` to the references that repeat it.
    mutating func mark(_ references: inout [Observation], of price: Observation) {
        guard let own = price.price.value else { return }
        for place in references.indices {
            let source = references[place].source
            guard source.kind.evidence == .network, let its = references[place].price.value else { continue }
            var count = counts[source.id] ?? Count()
            count.both += 1
            let isSame =
                own.decimals == its.decimals ? own.mantissa == its.mantissa : own.description == its.description
            if isSame {
                count.same += 1
                if count.last != own { count.changes += 1 }
                count.last = own
                if count.changes >= 5, count.same * 20 >= count.both * 19 {
                    references[place].source = SourceIdentity(
                        source.id, source.kind, roots: price.source.roots, quote: source.quote,
                        staleness: source.staleness, window: source.window)
                }
            }
            counts[source.id] = count
        }
    }
}

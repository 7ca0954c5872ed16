public import Ethereum

/// Who falls at which price of one root: any number of scenarios of that root from one sorted list.
///
/// The thresholds are those of the exact search, so that an answer is what re-pricing every position would give, as
/// long as a position that has turned stays turned. Sums are exact; each is of whatever unit went in.
public struct ThresholdIndex: Sendable {
    /// One position that turns.
    public struct Entry: Hashable, Sendable {
        /// The price of the root at which it turns.
        public var price: UInt256
        /// Its debt, in a unit that all entries share.
        public var debt: UInt256

        /// Makes an entry.
        public init(price: UInt256, debt: UInt256) {
            self.price = price
            self.debt = debt
        }
    }

    /// Who falls in one scenario.
    public struct Fall: Hashable, Sendable {
        /// How many.
        public var count: Int
        /// What they owe; `.max` where it leaves 256 bits.
        public var debt: UInt256
    }

    /// Turning prices of falls, the highest first.
    private let down: [UInt256]
    /// Turning prices of rises, the lowest first.
    private let up: [UInt256]
    /// What the first n owe together.
    private let downDebt: [UInt256]
    private let upDebt: [UInt256]

    /// Sorts positions by where they turn.
    ///
    /// - Parameters:
    ///   - falling: those that turn at or below their price.
    ///   - rising: those that turn at or above it.
    public init(falling: [Entry], rising: [Entry] = []) {
        let falling = falling.sorted { $0.price > $1.price }
        let rising = rising.sorted { $0.price < $1.price }
        down = falling.map(\.price)
        up = rising.map(\.price)
        downDebt = Self.sums(falling)
        upDebt = Self.sums(rising)
    }

    private static func sums(_ entries: [Entry]) -> [UInt256] {
        var sums: [UInt256] = [.zero]
        sums.reserveCapacity(entries.count + 1)
        var sum = UInt256.zero
        for entry in entries {
            sum = sum.addingOrMax(entry.debt)
            sums.append(sum)
        }
        return sums
    }

    /// Who falls when the root stands at `price`: two binary searches.
    public func fall(at price: UInt256) -> Fall {
        let low = Self.first(down) { $0 < price }
        let high = Self.first(up) { $0 > price }
        return Fall(count: low + high, debt: downDebt[low].addingOrMax(upDebt[high]))
    }

    /// The first place whose price is past the scenario's; all before it have turned.
    private static func first(_ prices: [UInt256], where isPast: (UInt256) -> Bool) -> Int {
        var low = 0
        var high = prices.count
        while low < high {
            let middle = (low + high) / 2
            if isPast(prices[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

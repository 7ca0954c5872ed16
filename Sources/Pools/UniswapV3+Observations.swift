public import Ethereum

extension UniswapV3 {
    /// One entry of a pool's oracle.
    public struct Observation: Hashable, Sendable {
        /// The block's time modulo 2^32.
        public var timestamp: UInt32
        /// Σ tick · seconds, an `int56`.
        public var tickCumulative: Int64
        /// Σ seconds · 2^128 / liquidity, a `uint160`.
        public var secondsPerLiquidity: UInt256

        /// Makes an entry.
        public init(timestamp: UInt32, tickCumulative: Int64, secondsPerLiquidity: UInt256) {
            self.timestamp = timestamp
            self.tickCumulative = tickCumulative
            self.secondsPerLiquidity = secondsPerLiquidity
        }

        /// `Oracle.transform`: the entry that stands at a later time if nothing changes until then.
        func moved(to time: UInt32, tick: Int32, liquidity: UInt128) -> Observation {
            let seconds = time &- timestamp
            let share = UInt256(high: UInt128(seconds), low: 0).dividedOrZero(by: UInt256(max(liquidity, 1)))
            return Observation(
                timestamp: time, tickCumulative: int56(tickCumulative &+ Int64(tick) &* Int64(seconds)),
                secondsPerLiquidity: (secondsPerLiquidity &+ share).bits(0, count: 160))
        }
    }

    /// A pool's oracle: the ring of its observations.
    ///
    /// Source: Uniswap/v3-core contracts/libraries/Oracle.sol@d8b1c635.
    public struct Observations: Hashable, Sendable {
        /// By place in the ring; places that were never written are missing.
        public private(set) var entries: [UInt16: Observation]
        /// The newest place.
        public private(set) var index: UInt16
        /// How many places are in use.
        public private(set) var cardinality: UInt16
        /// How many will be.
        public private(set) var cardinalityNext: UInt16

        /// Makes an oracle from what was read of it.
        ///
        /// - Throws: `.invalidState` where the newest entry is missing, or places are outside the ring.
        public init(
            entries: [UInt16: Observation], index: UInt16, cardinality: UInt16, cardinalityNext: UInt16
        ) throws(PoolError) {
            guard index < cardinality, cardinality <= cardinalityNext, entries[index] != nil,
                entries.keys.allSatisfy({ $0 < cardinality })
            else { throw .invalidState("observation \(index) of \(cardinality)") }
            self.entries = entries
            self.index = index
            self.cardinality = cardinality
            self.cardinalityNext = cardinalityNext
        }

        /// `initialize`: what a new pool has.
        public init(at time: UInt32, cardinalityNext: UInt16 = 1) {
            entries = [0: Observation(timestamp: time, tickCumulative: 0, secondsPerLiquidity: .zero)]
            index = 0
            cardinality = 1
            self.cardinalityNext = max(1, cardinalityNext)
        }

        /// `write`: what a pool does before its tick or its liquidity changes, with the values before.
        public mutating func write(at time: UInt32, tick: Int32, liquidity: UInt128) {
            guard let last = entries[index], last.timestamp != time else { return }
            if cardinalityNext > cardinality && index == cardinality - 1 { cardinality = cardinalityNext }
            index = UInt16((UInt32(index) + 1) % UInt32(cardinality))
            entries[index] = last.moved(to: time, tick: tick, liquidity: liquidity)
        }

        /// `observe` for one age.
        ///
        /// - Throws: `.tooOld` where the oracle does not reach so far back.
        public func observe(
            secondsAgo: UInt32, at time: UInt32, tick: Int32, liquidity: UInt128
        ) throws(PoolError) -> (tickCumulative: Int64, secondsPerLiquidity: UInt256) {
            guard let newest = entries[index] else { throw .invalidState("no observation") }
            let target = time &- secondsAgo
            guard secondsAgo != 0 else {
                let now = newest.timestamp == time ? newest : newest.moved(to: time, tick: tick, liquidity: liquidity)
                return (now.tickCumulative, now.secondsPerLiquidity)
            }
            if Self.isOrdered(newest.timestamp, target, at: time) {
                let there =
                    newest.timestamp == target
                    ? newest : newest.moved(to: target, tick: tick, liquidity: liquidity)
                return (there.tickCumulative, there.secondsPerLiquidity)
            }
            let (before, after) = try surrounding(target, at: time)
            if target == before.timestamp { return (before.tickCumulative, before.secondsPerLiquidity) }
            if target == after.timestamp { return (after.tickCumulative, after.secondsPerLiquidity) }
            let (whole, part) = (after.timestamp &- before.timestamp, target &- before.timestamp)
            // The ticks are divided first, towards zero, and then multiplied; the seconds the other way around.
            let slope = int56(after.tickCumulative &- before.tickCumulative) / Int64(whole)
            let difference = (after.secondsPerLiquidity &- before.secondsPerLiquidity).bits(0, count: 160)
            let share = (difference &* UInt256(UInt64(part))).dividedOrZero(by: UInt256(UInt64(whole)))
            return (
                int56(before.tickCumulative &+ slope &* Int64(part)),
                (before.secondsPerLiquidity &+ share).bits(0, count: 160)
            )
        }

        /// The oldest entry: `getOldestObservationSecondsAgo` counts from it.
        public var oldest: Observation? {
            entries[UInt16((UInt32(index) + 1) % UInt32(cardinality))] ?? entries[0]
        }

        /// The entries on both sides of a time that is before the newest entry.
        private func surrounding(
            _ target: UInt32, at time: UInt32
        ) throws(PoolError) -> (Observation, Observation) {
            guard let oldest, Self.isOrdered(oldest.timestamp, target, at: time) else { throw .tooOld }
            var low = UInt32(index) + 1
            var high = UInt32(index) + UInt32(cardinality)
            while low <= high {
                let middle = (low + high) / 2
                guard let before = entries[UInt16(middle % UInt32(cardinality))] else {
                    low = middle + 1
                    continue
                }
                guard let after = entries[UInt16((middle + 1) % UInt32(cardinality))] else {
                    throw .invalidState("an observation is missing")
                }
                let isAfter = Self.isOrdered(before.timestamp, target, at: time)
                if isAfter && Self.isOrdered(target, after.timestamp, at: time) { return (before, after) }
                if isAfter { low = middle + 1 } else { high = middle - 1 }
            }
            throw .tooOld
        }

        /// `lte`: whether a is not after b, of two times that are not after `time`, across one overflow of the clock.
        static func isOrdered(_ a: UInt32, _ b: UInt32, at time: UInt32) -> Bool {
            if a <= time && b <= time { return a <= b }
            let a = a > time ? UInt64(a) : UInt64(a) + (1 << 32)
            let b = b > time ? UInt64(b) : UInt64(b) + (1 << 32)
            return a <= b
        }
    }

    /// A number wrapped as an `int56`.
    static func int56(_ value: Int64) -> Int64 { (value << 8) >> 8 }
}

extension UInt256 {
    /// The quotient by a divisor that is known not to be zero.
    public func dividedOrZero(by divisor: UInt256) -> UInt256 {
        do { return try divided(by: divisor, .down) } catch { return .zero }
    }
}

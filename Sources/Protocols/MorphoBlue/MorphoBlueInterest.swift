public import Ethereum

extension MorphoBlue {
    /// The rate model of every official market.
    ///
    /// Source: morpho-org/morpho-blue-irm src/adaptive-curve-irm/AdaptiveCurveIrm.sol, libraries/ExpLib.sol,
    /// ConstantsLib.sol, UtilsLib.sol@a1a87fd. All rates are wads a second.
    public enum AdaptiveCurve {
        static let wad: Int256 = 1_000_000_000_000_000_000
        static let steepness: Int256 = 4_000_000_000_000_000_000
        /// 50 a year.
        static let adjustmentSpeed: Int256 = 1_585_489_599_188
        static let targetUtilization: Int256 = 900_000_000_000_000_000
        /// 4 % a year.
        public static let initialRateAtTarget: Int256 = 1_268_391_679
        /// 0.1 % a year.
        static let minRateAtTarget: Int256 = 31_709_791
        /// 200 % a year.
        static let maxRateAtTarget: Int256 = 63_419_583_967
        private static let ln2: Int256 = 693_147_180_559_945_309
        private static let halfLn2: Int256 = 346_573_590_279_972_654
        /// ln(1e-18), a wad.
        private static let lnWei = Int256(isNegative: true, magnitude: 41_446_531_673_892_822_312)
        private static let upperBound = Int256(exactly: 93_859_467_695_000_404_319)
        private static let upperValue = UInt256("57716089161558943949701069502944508345128422502756744429568").flatMap {
            Int256(exactly: $0)
        }

        /// The average rate since the last update, and the rate at target after it.
        ///
        /// - Parameters:
        ///   - totals: as they were before interest.
        ///   - rateAtTarget: as the model stores it; zero before the first update.
        ///   - elapsed: seconds since the last update.
        /// - Throws: `.overflow`, where the contract reverts.
        public static func borrowRate(
            _ totals: Totals, rateAtTarget start: Int256, elapsed: UInt64
        ) throws(MathError) -> (average: UInt256, rateAtTarget: Int256) {
            let error = try error(totals)
            var average = initialRateAtTarget
            var end = initialRateAtTarget
            if !start.isZero {
                let speed = try wMulToZero(adjustmentSpeed, error)
                let linear = try speed * Int256(bits: UInt256(elapsed))
                if linear.isZero {
                    average = start
                    end = start
                } else {
                    end = try newRateAtTarget(start, linear)
                    let middle = try newRateAtTarget(start, linear.quotientAndRemainder(dividingBy: 2).quotient)
                    average = try (start + end + 2 * middle).quotientAndRemainder(dividingBy: 4).quotient
                }
            }
            // The contract casts without a check.
            return (try curve(average, error).bits, end)
        }

        /// How far utilization is from its target, in parts of the way there is on that side.
        private static func error(_ totals: Totals) throws(MathError) -> Int256 {
            let used =
                totals.supplyAssets.isZero ? .zero : try Math.wDivDown(totals.borrowAssets, totals.supplyAssets)
            let utilization = Int256(bits: used)
            let norm = utilization > targetUtilization ? try wad - targetUtilization : targetUtilization
            return try wDivToZero(utilization - targetUtilization, norm)
        }

        /// The rate at a distance from the target.
        private static func curve(_ rate: Int256, _ error: Int256) throws(MathError) -> Int256 {
            let coefficient = error.isNegative ? try wad - wDivToZero(wad, steepness) : try steepness - wad
            return try wMulToZero(wMulToZero(coefficient, error) + wad, rate)
        }

        private static func newRateAtTarget(_ start: Int256, _ linear: Int256) throws(MathError) -> Int256 {
            max(min(try wMulToZero(start, wExp(linear)), maxRateAtTarget), minRateAtTarget)
        }

        private static func wMulToZero(_ x: Int256, _ y: Int256) throws(MathError) -> Int256 {
            try (x * y).quotientAndRemainder(dividingBy: wad).quotient
        }

        private static func wDivToZero(_ x: Int256, _ y: Int256) throws(MathError) -> Int256 {
            try (x * wad).quotientAndRemainder(dividingBy: y).quotient
        }

        /// `e^x` by a second-order polynomial around the nearest power of two, wads.
        ///
        /// - Throws: never: within the bounds nothing leaves 256 bits.
        public static func wExp(_ x: Int256) throws(MathError) -> Int256 {
            guard let lnWei, let upperBound, let upperValue else { throw .overflow }
            if x < lnWei { return .zero }
            if x >= upperBound { return upperValue }
            let rounded = x.isNegative ? try x - halfLn2 : try x + halfLn2
            let power = try rounded.quotientAndRemainder(dividingBy: ln2).quotient
            let rest = try x - power * ln2
            let square = try (rest * rest).quotientAndRemainder(dividingBy: wad).quotient
            let exponential = try wad + rest + square.quotientAndRemainder(dividingBy: 2).quotient
            // It is positive, so that shifting is the same for signed and unsigned numbers.
            let shift = Int(truncatingIfNeeded: power.asInt64() ?? 0)
            return Int256(bits: shift >= 0 ? exponential.bits << shift : exponential.bits >> -shift)
        }
    }
}

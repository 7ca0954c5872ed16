public import Ethereum

extension UniswapV3 {
    /// Prices and ticks. Source: Uniswap/v3-core contracts/libraries/TickMath.sol@d8b1c635.
    public enum TickMath {
        /// The largest tick; the smallest is its negative.
        public static let maximumTick: Int32 = 887_272
        /// The smallest square root of a price that a pool can have.
        public static let minimumSqrtRatio: UInt256 = 4_295_128_739
        /// The first one that it cannot have.
        public static let maximumSqrtRatio = UInt256(
            high: 0xFFFD_8963, low: 0xEFD1_FC6A_5064_8849_5D95_1D52_63988D26)

        /// The factors √1.0001^−2^i · 2^128 of the bits of a tick.
        private static let factors: [UInt128] = [
            0xfffcb933bd6fad37aa2d162d1a594001, 0xfff97272373d413259a46990580e213a, 0xfff2e50f5f656932ef12357cf3c7fdcc,
            0xffe5caca7e10e4e61c3624eaa0941cd0, 0xffcb9843d60f6159c9db58835c926644, 0xff973b41fa98c081472e6896dfb254c0,
            0xff2ea16466c96a3843ec78b326b52861, 0xfe5dee046a99a2a811c461f1969c3053, 0xfcbe86c7900a88aedcffc83b479aa3a4,
            0xf987a7253ac413176f2b074cf7815e54, 0xf3392b0822b70005940c7a398e4b70f3, 0xe7159475a2c29b7443b29c7fa6e889d9,
            0xd097f3bdfd2022b8845ad8f792aa5825, 0xa9f746462d870fdf8a65dc1f90e061e5, 0x70d869a156d2a1b890bb3df62baf32f7,
            0x31be135f97d08fd981231505542fcfa6, 0x9aa508b5b7a84e1c677de54f3e99bc9, 0x5d6af8dedb81196699c329225ee604,
            0x2216e584f5fa1ea926041bedfe98, 0x48a170391f7dc42444e8fa2,
        ]

        /// `getSqrtRatioAtTick`: √1.0001^tick · 2^96, rounded up.
        ///
        /// - Throws: `.overflow` outside the range of ticks.
        public static func sqrtRatio(at tick: Int32) throws(MathError) -> UInt256 {
            guard tick >= -maximumTick, tick <= maximumTick else { throw .overflow }
            let magnitude = tick.magnitude
            var ratio = UInt256(high: 1, low: 0)
            for (bit, factor) in factors.enumerated() where magnitude >> UInt32(bit) & 1 == 1 {
                // The ratio is 2^128 or less: the product fits.
                ratio = (ratio &* UInt256(factor)) >> 128
            }
            if tick > 0 { ratio = try UInt256.max.divided(by: ratio, .down) }
            return (ratio >> 32) &+ (ratio.bits(0, count: 32).isZero ? .zero : .one)
        }

        /// `getTickAtSqrtRatio`: the largest tick whose ratio is not above this one.
        ///
        /// - Throws: `.overflow` outside the range of prices.
        public static func tick(atSqrtRatio sqrtPrice: UInt256) throws(MathError) -> Int32 {
            guard sqrtPrice >= minimumSqrtRatio, sqrtPrice < maximumSqrtRatio else { throw .overflow }
            let ratio = sqrtPrice << 32
            let top = ratio.significantBits - 1
            var r = (top >= 128 ? ratio >> (top - 127) : ratio << (127 - top)).low
            var fraction: UInt64 = 0
            for bit in stride(from: UInt64(63), through: 50, by: -1) {
                let square = r.multipliedFullWidth(by: r)
                let carry = square.high >> 127
                fraction |= UInt64(carry) << bit
                r = carry == 1 ? square.high : square.high << 1 | square.low >> 127
            }
            let log2 = Int128(top - 128) << 64 | Int128(fraction)
            // A product of 128.128 bits, in two's complement.
            let extended = UInt256(high: log2 < 0 ? .max : 0, low: UInt128(bitPattern: log2))
            let log = extended &* 255_738_958_999_603_826_347_141
            let low = floor(log &- 3_402_992_956_809_132_418_596_140_100_660_247_210)
            let high = floor(log &+ 291_339_464_771_989_622_907_027_621_153_398_088_495)
            if low == high { return low }
            return try sqrtRatio(at: high) <= sqrtPrice ? high : low
        }

        /// A signed 128.128 number without its fraction.
        private static func floor(_ value: UInt256) -> Int32 {
            Int32(truncatingIfNeeded: Int128(bitPattern: value.high))
        }
    }
}

import Ethereum

/// Ticks of Uniswap V3 as square roots of prices.
enum PoolTick {
    /// √(1.0001^tick) · 2^96, bit for bit; `nil` beyond ±887,272.
    ///
    /// Source: Uniswap/v3-core `contracts/libraries/TickMath.sol@d8b1c635`.
    static func squareRoot(at tick: Int64) -> UInt256? {
        let size = tick.magnitude
        guard size <= 887_272 else { return nil }
        var ratio = size & 1 == 1 ? factors[0] : UInt256.one << 128
        for bit in 1..<20 where size >> UInt64(bit) & 1 == 1 {
            // Both are at most 2^128: the product fits.
            ratio = (ratio &* factors[bit]) >> 128
        }
        if tick > 0 {
            do throws(MathError) {
                ratio = try UInt256.max.quotientAndRemainder(dividingBy: ratio).quotient
            } catch {
                return nil
            }
        }
        let rest = ratio & UInt256.mask(bits: 32)
        return (ratio >> 32) &+ (rest.isZero ? .zero : .one)
    }

    private static let factors: [UInt256] = [
        "fffcb933bd6fad37aa2d162d1a594001", "fff97272373d413259a46990580e213a", "fff2e50f5f656932ef12357cf3c7fdcc",
        "ffe5caca7e10e4e61c3624eaa0941cd0", "ffcb9843d60f6159c9db58835c926644", "ff973b41fa98c081472e6896dfb254c0",
        "ff2ea16466c96a3843ec78b326b52861", "fe5dee046a99a2a811c461f1969c3053", "fcbe86c7900a88aedcffc83b479aa3a4",
        "f987a7253ac413176f2b074cf7815e54", "f3392b0822b70005940c7a398e4b70f3", "e7159475a2c29b7443b29c7fa6e889d9",
        "d097f3bdfd2022b8845ad8f792aa5825", "a9f746462d870fdf8a65dc1f90e061e5", "70d869a156d2a1b890bb3df62baf32f7",
        "31be135f97d08fd981231505542fcfa6", "9aa508b5b7a84e1c677de54f3e99bc9", "5d6af8dedb81196699c329225ee604",
        "2216e584f5fa1ea926041bedfe98", "48a170391f7dc42444e8fa2",
    ].map { UInt256(hex: $0) ?? .zero }
}

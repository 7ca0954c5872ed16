public import Ethereum

extension UInt256 {
    /// Draws a number by its length in bits first, so that small ones come up; one in four sits beside a power of two.
    public static func random(
        bits: ClosedRange<Int> = 0...256, using generator: inout some RandomNumberGenerator
    ) -> UInt256 {
        let count = Int.random(in: bits, using: &generator)
        guard count > 0 else { return .zero }
        let top = UInt256.one << (count - 1)
        if Int.random(in: 0..<4, using: &generator) == 0 {
            let step = UInt256(UInt64.random(in: 0...2, using: &generator))
            // Below the power, on it, or above it, without leaving the range of lengths.
            return Bool.random(using: &generator)
                ? UInt256.mask(bits: count) &- (count > 2 ? step : .zero) : top | (count > 2 ? step : .zero)
        }
        let words = UInt256(
            words: generator.next(), generator.next(), generator.next(), generator.next())
        return (words & (top &- .one)) | top
    }
}

public import Ethereum

extension UniswapV3 {
    /// The initialised ticks of a pool, as far as they were read.
    ///
    /// Source: Uniswap/v3-core contracts/libraries/TickBitmap.sol@d8b1c635.
    public struct TickBitmap: Hashable, Sendable {
        /// The pool's spacing; initialised ticks are multiples of it.
        public let spacing: Int32
        /// Which words of the bitmap were read; a swap that needs another is not computed.
        public let knownWords: ClosedRange<Int32>
        /// The words that are not zero.
        public private(set) var words: [Int32: UInt256] = [:]
        /// What is added to the liquidity where a tick is crossed upwards (`liquidityNet`).
        public private(set) var net: [Int32: Int128] = [:]

        /// All words that a spacing can have.
        public static func allWords(spacing: Int32) -> ClosedRange<Int32> {
            let most = TickMath.maximumTick / max(1, spacing)
            return (-most >> 8) - 1...(most >> 8) + 1
        }

        /// Makes a bitmap of the initialised ticks within the words that were read.
        ///
        /// - Parameter net: `liquidityNet` by tick; ticks that are no multiples of the spacing are refused.
        public init(
            spacing: Int32, net: [Int32: Int128], knownWords: ClosedRange<Int32>? = nil
        ) throws(PoolError) {
            guard spacing > 0, spacing < 1 << 14 else { throw .invalidState("tick spacing \(spacing)") }
            self.spacing = spacing
            self.knownWords = knownWords ?? Self.allWords(spacing: spacing)
            for (tick, amount) in net {
                guard tick.isMultiple(of: spacing), tick.magnitude <= TickMath.maximumTick.magnitude else {
                    throw .invalidState("tick \(tick) with spacing \(spacing)")
                }
                initialise(tick, net: amount)
            }
        }

        /// Marks a tick, of whatever net liquidity: it may be zero where two positions meet.
        public mutating func initialise(_ tick: Int32, net amount: Int128) {
            let compressed = tick / spacing
            words[compressed >> 8, default: .zero] =
                words[compressed >> 8, default: .zero] | UInt256.one << Int(compressed & 255)
            net[tick] = amount
        }

        /// Unmarks a tick.
        public mutating func clear(_ tick: Int32) {
            let compressed = tick / spacing
            let rest = words[compressed >> 8, default: .zero] & ~(UInt256.one << Int(compressed & 255))
            words[compressed >> 8] = rest.isZero ? nil : rest
            net[tick] = nil
        }

        /// `nextInitializedTickWithinOneWord`: the next initialised tick at or left of a tick, or right of it; else
        /// the last one of the word.
        ///
        /// - Throws: `.outsideWindow` where the word was not read.
        public func next(
            from tick: Int32, atOrBelow: Bool
        ) throws(PoolError) -> (tick: Int32, isInitialised: Bool) {
            var compressed = tick / spacing
            if tick < 0 && tick % spacing != 0 { compressed -= 1 }
            if !atOrBelow { compressed += 1 }
            let (word, bit) = (compressed >> 8, Int(compressed & 255))
            guard knownWords.contains(word) else { throw .outsideWindow(tick: compressed * spacing) }
            let bits = words[word, default: .zero]
            if atOrBelow {
                let masked = bits & UInt256.mask(bits: bit + 1)
                guard !masked.isZero else { return ((compressed - Int32(bit)) * spacing, false) }
                return ((compressed - Int32(bit - (masked.significantBits - 1))) * spacing, true)
            }
            let masked = bits & ~UInt256.mask(bits: bit)
            guard !masked.isZero else { return ((compressed + Int32(255 - bit)) * spacing, false) }
            return ((compressed + Int32(masked.trailingZeroBitCount - bit)) * spacing, true)
        }
    }
}

public import Chain
public import Ethereum
import Pools

/// Reads as much of a pool as pushing its price takes, round by round, and says what that costs.
///
/// Does no I/O: ``next()`` is what to ask now, ``take(_:)`` what became of it. What was not read makes the costs that
/// depend on it unknown, and no others.
///
/// Source: Uniswap/v3-core contracts/UniswapV3Pool.sol and interfaces/pool/IUniswapV3PoolState.sol@d8b1c635,
/// v2-core contracts/UniswapV2Pair.sol.
public struct PoolCostProbe: Sendable {
    /// Whose arithmetic it is.
    public enum Kind: Sendable {
        /// A pair with two reserves.
        case uniswapV2
        /// A pool with ticks.
        case uniswapV3
    }

    /// What is read at most.
    public struct Limits: Sendable {
        /// How far the price may be pushed either way, in basis points.
        public var moveBps = 5_000
        /// Words of the bitmap on either side of the price.
        public var words = 24
        /// Initialised ticks; beyond them the words farthest away are left out.
        public var ticks = 512

        /// The limits of the house.
        public init() {}
    }

    private enum Stage { case new, bitmap, ticks, done }

    /// The pool.
    public let pool: Address
    /// Whose arithmetic it is.
    public let kind: Kind
    let limits: Limits
    private var stage = Stage.new
    private var head: Head?
    private var words: [Int32] = []
    private var bits: [Int32: UInt256] = [:]
    private var wanted: [Int32] = []
    /// What was read: a pair, or a pool with the ticks around its price.
    public private(set) var state = Reading<PoolState>.unknown(.failed("it was never answered"))

    /// The first answers of a pool with ticks.
    private struct Head {
        var sqrtPrice: UInt256
        var tick: Int32
        var liquidity: UInt128
        var fee: UInt32
        var spacing: Int32
    }

    /// A probe of a pool of which nothing is known yet.
    public init(_ pool: Address, _ kind: Kind, limits: Limits = Limits()) {
        self.pool = pool
        self.kind = kind
        self.limits = limits
    }

    /// What to ask now; nothing once all is read, or nothing more can be.
    public mutating func next() -> [Call] {
        switch stage {
        case .new:
            return kind == .uniswapV2
                ? [Call(pool, "getReserves()")]
                : [Call(pool, "slot0()"), Call(pool, "liquidity()"), Call(pool, "fee()"), Call(pool, "tickSpacing()")]
        case .bitmap: return words.map { Call(pool, "tickBitmap(int16)", Int256(Int64($0)).bits) }
        case .ticks: return wanted.map { Call(pool, "ticks(int24)", Int256(Int64($0)).bits) }
        case .done: return []
        }
    }

    /// Takes the answers to what ``next()`` asked, in its order.
    public mutating func take(_ answers: [Reading<[UInt8]>]) {
        switch stage {
        case .new where kind == .uniswapV2:
            stage = .done
            state = Self.pair(answers)
        case .new:
            switch Self.head(answers) {
            case .unknown(let reason):
                stage = .done
                state = .unknown(reason)
            case .known(let head):
                self.head = head
                words = wordsAround(head)
                stage = .bitmap
            }
        case .bitmap:
            for (word, answer) in zip(words, answers) { bits[word] = answer.word().value }
            chooseTicks()
            stage = .ticks
            // A pool without any initialised tick near its price is read already.
            if wanted.isEmpty { finish([]) }
        case .ticks: finish(answers)
        case .done: break
        }
    }

    private static func pair(_ answers: [Reading<[UInt8]>]) -> Reading<PoolState> {
        guard let one = answers.first?.word(0).value, let other = answers.first?.word(1).value else {
            return .unknown(answers.first?.word(1).reason ?? .failed("it was never answered"))
        }
        do throws(PoolError) {
            return .known(.pair(try UniswapV2.Pair(reserve0: one, reserve1: other)))
        } catch {
            return .unknown(.malformed("\(error)"))
        }
    }

    private static func head(_ answers: [Reading<[UInt8]>]) -> Reading<Head> {
        guard answers.count == 4 else { return .unknown(.failed("it was never answered")) }
        for answer in answers { if let reason = answer.word().reason { return .unknown(reason) } }
        guard let root = answers[0].word().value, let tick = small(answers[0].word(1)),
            let liquidity = answers[1].word().value, liquidity.significantBits <= 128,
            let fee = answers[2].number(below: 1_000_000), let spacing = answers[3].number(below: 1 << 14), spacing > 0,
            tick.magnitude <= UniswapV3.TickMath.maximumTick.magnitude
        else { return .unknown(.malformed("it is no pool's state")) }
        return .known(
            Head(
                sqrtPrice: root, tick: tick, liquidity: liquidity.low, fee: UInt32(fee), spacing: Int32(spacing)))
    }

    /// A signed number of at most 32 bits.
    private static func small(_ word: Reading<UInt256>) -> Int32? {
        word.value.flatMap { Int256(bits: $0).asInt64() }.flatMap { Int32(exactly: $0) }
    }

    private static func floor(_ tick: Int32, _ spacing: Int32) -> Int32 {
        tick / spacing - (tick < 0 && tick % spacing != 0 ? 1 : 0)
    }

    /// The words that a push of at most the limit passes, either way.
    private func wordsAround(_ head: Head) -> [Int32] {
        let center = Self.floor(head.tick, head.spacing) >> 8
        let known = UniswapV3.TickBitmap.allWords(spacing: head.spacing)
        let reach = (PoolMove.ticks(limits.moveBps) / head.spacing + 1) / 256 + 1
        let most = min(Int32(clamping: limits.words), reach)
        return (max(known.lowerBound, center - most)...min(known.upperBound, center + most)).map { $0 }
    }

    /// The words that hang together with the one at the price, nearest first, as long as their ticks are not too many.
    private mutating func chooseTicks() {
        guard let head else { return }
        let (spacing, center) = (head.spacing, Self.floor(head.tick, head.spacing) >> 8)
        var (low, high) = (center, center - 1)
        var count = 0
        var isOpen = (below: true, above: true)
        func fits(_ word: Int32) -> Bool {
            guard let bits = bits[word] else { return false }
            return count + bits.nonzeroBitCount <= limits.ticks
        }
        while isOpen.below || isOpen.above {
            let above = high + 1
            if isOpen.above, fits(above) {
                high = above
                count += bits[above]?.nonzeroBitCount ?? 0
            } else {
                isOpen.above = false
            }
            let below = low - 1
            // The word at the price comes first, from above.
            if isOpen.below, high >= center, fits(below) {
                low = below
                count += bits[below]?.nonzeroBitCount ?? 0
            } else {
                isOpen.below = false
            }
        }
        // Without the word at the price nothing is known.
        words = low <= high ? (low...high).map { $0 } : []
        wanted = words.flatMap { word -> [Int32] in
            let bits = bits[word] ?? .zero
            return (0..<256).compactMap { bit in
                (bits >> bit).low & 1 == 1 ? (word * 256 + Int32(bit)) * spacing : nil
            }
        }
    }

    private mutating func finish(_ answers: [Reading<[UInt8]>]) {
        stage = .done
        guard let head, let first = words.first, let last = words.last, bits[first] != nil else {
            state = .unknown(.failed("the ticks at its price were not read"))
            return
        }
        var net: [Int32: Int128] = [:]
        for (tick, answer) in zip(wanted, answers) {
            guard let bits = answer.word(1).value, let amount = Self.net(bits) else { continue }
            net[tick] = amount
        }
        // A tick that was not read ends what is known on its side of the price.
        let center = Self.floor(head.tick, head.spacing) >> 8
        var (low, high) = (first, last)
        for tick in wanted where net[tick] == nil {
            let word = Self.floor(tick, head.spacing) >> 8
            if word <= center { low = max(low, word + 1) }
            if word >= center { high = min(high, word - 1) }
        }
        guard low <= center, center <= high else {
            state = .unknown(.failed("a tick next to its price was not read"))
            return
        }
        let within = net.filter { (low...high).contains(Self.floor($0.key, head.spacing) >> 8) }
        do throws(PoolError) {
            let ticks = try UniswapV3.TickBitmap(spacing: head.spacing, net: within, knownWords: low...high)
            state = .known(
                .ticks(
                    try UniswapV3.Pool(
                        sqrtPrice: head.sqrtPrice, tick: head.tick, liquidity: head.liquidity, fee: head.fee,
                        ticks: ticks)))
        } catch {
            state = .unknown(.malformed("\(error)"))
        }
    }

    /// An `int128` in a word.
    private static func net(_ bits: UInt256) -> Int128? {
        let value = Int256(bits: bits)
        guard value.magnitude.significantBits <= 127 else { return nil }
        return Int128(truncatingIfNeeded: UInt128(bits.low))
    }
}

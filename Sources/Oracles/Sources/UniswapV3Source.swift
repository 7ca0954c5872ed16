import Chain
import Ethereum
import Networks
import Pools

/// A pool of Uniswap V3: the geometric mean of its price over a window, with the price of this block beside it.
///
/// Source: Uniswap/v3-periphery `contracts/libraries/OracleLibrary.sol@0682387` (mean tick towards minus infinity),
/// v3-core `contracts/libraries/Oracle.sol@d8b1c635`.
struct UniswapV3Source: PriceSourceReader {
    let source: PriceSourceConfiguration
    let pool: Address
    let window: Int

    init(_ source: PriceSourceConfiguration, pool: Address) {
        self.source = source
        self.pool = pool
        window = source.window ?? 1_800
    }

    var calls: [Call] {
        [
            Call(pool, "slot0()"), Call(pool, "liquidity()"),
            // An array of two: where it begins, its length, both ends of the window.
            Call(pool, "observe(uint32[])", 32, 2, UInt256(UInt64(window)), 0),
        ] + PoolTokens.calls(pool, source)
    }

    func reading(
        _ answers: [Reading<[UInt8]>], _ further: [Reading<[UInt8]>], at block: Block
    ) -> SourceReading {
        var reading = SourceReading(source, .twap, roots: [OracleRoot("pool", pool)])
        reading.window = window
        switch PoolTokens.read(answers[3...], source) {
        case .unknown(let reason): reading.price = .unknown(reason)
        case .known(let tokens):
            if let root = answers[0].word().value {
                reading.spot = tokens.price(squareRoot: root)
                reading.depth = answers[1].word().value.flatMap { tokens.depth(liquidity: $0, squareRoot: root) }
            }
            switch meanTick(answers[2]) {
            case .unknown(let reason): reading.price = .unknown(reason)
            case .known(let tick):
                reading.price =
                    (try? UniswapV3.TickMath.sqrtRatio(at: tick)).flatMap { tokens.price(squareRoot: $0) }
                    .map(Reading.known)
                    ?? .unknown(.malformed("its mean tick \(tick) is no price"))
            }
        }
        if answers[1].word().value?.isZero == true {
            reading.price = .unknown(.malformed("no liquidity stands at its price"))
        }
        return reading
    }

    /// The mean tick over the window, towards minus infinity.
    private func meanTick(_ answer: Reading<[UInt8]>) -> Reading<Int32> {
        // Two arrays of two: their places, then each its length and its values.
        guard let before = answer.word(3).value, let now = answer.word(4).value, answer.word(2).value == 2 else {
            if case .unknown(.reverted(let why)) = answer, why.contains("OLD") {
                return .unknown(.reverted("its memory is shorter than \(window) seconds"))
            }
            return .unknown(answer.word(4).reason ?? .malformed("it is no pair of accumulators"))
        }
        guard let earlier = Int256(bits: before).asInt64(), let later = Int256(bits: now).asInt64() else {
            return .unknown(.malformed("its accumulators do not fit"))
        }
        // Both are 56 bits wide: they wrap around.
        let difference = ((later &- earlier) << 8) >> 8
        return .known(UniswapV3.OracleLibrary.meanTick(difference, over: UInt32(clamping: window)))
    }
}

/// A pool of Uniswap V4, which keeps no past: the price of this block.
///
/// Source: Uniswap/v4-periphery `src/lens/StateView.sol@dce236d`; currencies stand in the order of their addresses.
struct UniswapV4Source: PriceSourceReader {
    let source: PriceSourceConfiguration
    let view: Address
    let id: UInt256

    init(_ source: PriceSourceConfiguration, view: Address, id: UInt256) {
        self.source = source
        self.view = view
        self.id = id
    }

    var calls: [Call] {
        guard case .asset(let quote) = source.quote else { return [] }
        return [
            Call(view, "getSlot0(bytes32)", id), Call(view, "getLiquidity(bytes32)", id),
            Call(source.asset, "decimals()"), Call(quote, "decimals()"),
        ]
    }

    func reading(
        _ answers: [Reading<[UInt8]>], _ further: [Reading<[UInt8]>], at block: Block
    ) -> SourceReading {
        var reading = SourceReading(source, .spot, roots: [OracleRoot("pool", Hash32(word: id).hex)])
        guard case .asset(let quote) = source.quote, let own = answers[2].number(below: 37),
            let its = answers[3].number(below: 37)
        else {
            reading.price = .unknown(.failed("a pool's quote is the address of its other token, with decimals"))
            return reading
        }
        guard let root = answers[0].word().value, let liquidity = answers[1].word().value else {
            reading.price = .unknown(answers[0].word().reason ?? .malformed("it has no liquidity"))
            return reading
        }
        // The native coin is currency zero, which a network file names by the token that stands for it.
        func currency(_ token: Address) -> Address { token == source.contracts["native"] ? .zero : token }
        let tokens = PoolTokens(
            assetIsToken0: currency(source.asset) < currency(quote), assetDecimals: own, quoteDecimals: its)
        guard !root.isZero, !liquidity.isZero, let price = tokens.price(squareRoot: root) else {
            reading.price = .unknown(.malformed("the pool is empty or not there"))
            return reading
        }
        reading.price = .known(price)
        reading.depth = tokens.depth(liquidity: liquidity, squareRoot: root)
        return reading
    }
}

extension PoolTokens {
    /// The price of one whole asset at a square root of token1 for token0, a Q64.96.
    func price(squareRoot root: UInt256) -> ExactPrice? {
        guard !root.isZero, root.significantBits <= 160, let unit = try? UInt256.powerOfTen(assetDecimals) else {
            return nil
        }
        do throws(MathError) {
            let isNarrow = root.significantBits <= 128
            // token1 for token0, over 2^192 or 2^128.
            let square = isNarrow ? root &* root : try UInt256.mulDiv(root, root, .one << 64, .down)
            let denominator = UInt256.one << (isNarrow ? 192 : 128)
            return assetIsToken0
                ? ExactPrice.ratio(square, unit, over: denominator, decimals: quoteDecimals)
                : ExactPrice.ratio(denominator, unit, over: square, decimals: quoteDecimals)
        } catch {
            return nil
        }
    }

    /// What moves the price by 2 % if the liquidity of this price stands everywhere, in whole units of the quote:
    /// about a hundredth of the virtual reserve.
    func depth(liquidity: UInt256, squareRoot root: UInt256) -> ExactPrice? {
        guard !root.isZero else { return nil }
        do throws(MathError) {
            let q96 = UInt256.one << 96
            let reserve =
                try assetIsToken0
                ? UInt256.mulDiv(liquidity, root, q96, .down) : .mulDiv(liquidity, q96, root, .down)
            return ExactPrice.checked(reserve, decimals: quoteDecimals)?.divided(by: 100)
        } catch {
            return nil
        }
    }
}

import Chain
import Ethereum
import Networks

/// A pair of Uniswap V2: what its reserves would trade at. One block can move it; it is weak evidence.
///
/// Source: Uniswap/v2-core `contracts/UniswapV2Pair.sol`.
struct UniswapV2Source: PriceSourceReader {
    let source: PriceSourceConfiguration
    let pair: Address

    init(_ source: PriceSourceConfiguration, pair: Address) {
        self.source = source
        self.pair = pair
    }

    var calls: [Call] {
        [Call(pair, "getReserves()")] + PoolTokens.calls(pair, source)
    }

    func reading(
        _ answers: [Reading<[UInt8]>], _ further: [Reading<[UInt8]>], at block: Block
    ) -> SourceReading {
        var reading = SourceReading(source, .spot, roots: [OracleRoot("pool", pair)])
        switch PoolTokens.read(answers[1...], source) {
        case .unknown(let reason): reading.price = .unknown(reason)
        case .known(let tokens):
            guard let one = answers[0].word(0).value, let other = answers[0].word(1).value else {
                reading.price = .unknown(answers[0].word(1).reason ?? .malformed("it has no reserves"))
                return reading
            }
            let (own, quoted) = tokens.assetIsToken0 ? (one, other) : (other, one)
            reading.price =
                tokens.price(quoted, over: own).map(Reading.known) ?? .unknown(.malformed("the pair is empty"))
            // Half of either side trades for a move of about a factor of two; 1 % of the quote for 2 %.
            reading.depth = ExactPrice.checked(quoted, decimals: tokens.quoteDecimals)?.divided(by: 100)
            if let last = answers[0].word(2).value?.asUInt64(), last <= block.timestamp { reading.updatedAt = last }
        }
        return reading
    }
}

/// Which of a pool's tokens is the asset, and the decimals of both.
struct PoolTokens {
    var assetIsToken0: Bool
    var assetDecimals: Int
    var quoteDecimals: Int

    static func calls(_ pool: Address, _ source: PriceSourceConfiguration) -> [Call] {
        guard case .asset(let quote) = source.quote else { return [] }
        return [
            Call(pool, "token0()"), Call(pool, "token1()"), Call(source.asset, "decimals()"), Call(quote, "decimals()"),
        ]
    }

    /// What the answers to `calls` say.
    static func read(
        _ answers: ArraySlice<Reading<[UInt8]>>, _ source: PriceSourceConfiguration
    ) -> Reading<PoolTokens> {
        guard case .asset(let quote) = source.quote, answers.count == 4 else {
            return .unknown(.failed("a pool's quote is the address of its other token"))
        }
        let answers = Array(answers)
        guard let token0 = answers[0].contract(), let token1 = answers[1].contract() else {
            return .unknown(answers[0].word().reason ?? .malformed("it names no tokens"))
        }
        guard (token0, token1) == (source.asset, quote) || (token1, token0) == (source.asset, quote) else {
            return .unknown(.malformed("the pool trades \(token0) for \(token1)"))
        }
        guard let own = answers[2].number(below: 37), let its = answers[3].number(below: 37) else {
            return .unknown(.malformed("a token has no decimals"))
        }
        return .known(PoolTokens(assetIsToken0: token0 == source.asset, assetDecimals: own, quoteDecimals: its))
    }

    /// The price of one whole asset, from so many smallest units of the quote for so many of the asset.
    func price(_ quoted: UInt256, over own: UInt256) -> ExactPrice? {
        guard !own.isZero, !quoted.isZero, let unit = try? UInt256.powerOfTen(assetDecimals) else { return nil }
        return ExactPrice.ratio(quoted, unit, over: own, decimals: quoteDecimals)
    }
}

extension ExactPrice {
    /// The price over a small whole number, rounded down.
    func divided(by number: UInt256) -> ExactPrice? {
        ExactPrice.ratio(mantissa, .one, over: number, decimals: decimals)
    }
}

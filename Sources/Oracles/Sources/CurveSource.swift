import Chain
import Ethereum
import Networks

/// A pool of Curve that keeps a moving average: `price_oracle`, with the price of the last trade beside it.
///
/// Source: curvefi/stableswap-ng `contracts/main/CurveStableSwapNG.vy@2abe778` (prices between coins scaled by
/// `stored_rates`), tricrypto-ng@584591e, twocrypto-ng@0fcca0d (prices between whole coins).
struct CurveSource: PriceSourceReader {
    let source: PriceSourceConfiguration
    let pool: Address
    /// Coins that are looked at.
    static let most = 4

    init(_ source: PriceSourceConfiguration, pool: Address) {
        self.source = source
        self.pool = pool
    }

    private var quote: Address? {
        if case .asset(let quote) = source.quote { quote } else { nil }
    }

    var calls: [Call] {
        guard let quote else { return [] }
        return (0..<Self.most).map { Call(pool, "coins(uint256)", UInt256(UInt64($0))) }
            + [
                Call(pool, "price_oracle()"), Call(pool, "last_price()"), Call(pool, "last_prices()"),
                Call(pool, "stored_rates()"), Call(source.asset, "decimals()"), Call(quote, "decimals()"),
                Call(pool, "get_virtual_price()"),
            ]
            + (0..<UInt64(Self.most - 1)).flatMap { index in
                [
                    Call(pool, "price_oracle(uint256)", UInt256(index)),
                    Call(pool, "last_price(uint256)", UInt256(index)),
                    Call(pool, "last_prices(uint256)", UInt256(index)),
                ]
            }
    }

    func reading(
        _ answers: [Reading<[UInt8]>], _ further: [Reading<[UInt8]>], at block: Block
    ) -> SourceReading {
        var reading = SourceReading(source, .twap, roots: [OracleRoot("pool", pool)])
        guard let quote, answers.count > Self.most else {
            reading.price = .unknown(.failed("a pool's quote is the address of another of its coins"))
            return reading
        }
        let coins = (0..<Self.most).map { answers[$0].contract() }
        guard let own = coins.firstIndex(of: source.asset), let its = coins.firstIndex(of: quote), own != its else {
            reading.price = .unknown(answers[0].word().reason ?? .malformed("the pool does not trade the two"))
            return reading
        }
        reading.price = price(answers, own: own, its: its, average: true)
        reading.spot = price(answers, own: own, its: its, average: false).value
        return reading
    }

    /// The price of coin `own` in coin `its`, from the prices of both in coin 0.
    private func price(
        _ answers: [Reading<[UInt8]>], own: Int, its: Int, average: Bool
    ) -> Reading<ExactPrice> {
        let numerator = inFirst(answers, coin: own, average: average)
        let denominator = inFirst(answers, coin: its, average: average)
        guard let above = numerator.value, let below = denominator.value else {
            return .unknown(numerator.reason ?? denominator.reason ?? .malformed("no price"))
        }
        guard let price = above.over(below) else { return .unknown(.malformed("its prices do not fit")) }
        switch rates(answers, own, its) {
        case nil: return .known(price)
        case .unknown(let reason): return .unknown(reason)
        case .known(let rates):
            // Whole coins: each scaled coin is rate · 10^decimals / 10^36 of a whole one.
            return price.times(rates).map(Reading.known) ?? .unknown(.malformed("its rates do not fit"))
        }
    }

    private func inFirst(_ answers: [Reading<[UInt8]>], coin: Int, average: Bool) -> Reading<ExactPrice> {
        guard coin > 0 else { return .known(.one) }
        let alone = Self.most
        let each = Self.most + 7 + 3 * (coin - 1)
        // Pools of two coins take no argument; those of more take the coin's number less one.
        let candidates =
            average
            ? [answers[each]] + (coin == 1 ? [answers[alone]] : [])
            : [answers[each + 1], answers[each + 2]] + (coin == 1 ? [answers[alone + 1], answers[alone + 2]] : [])
        let readings = candidates.map { $0.positive().price(decimals: 18) }
        return readings.first { $0.value != nil } ?? readings[0]
    }

    /// `(rates[own] · 10^decimals[own]) / (rates[its] · 10^decimals[its])`; `nil` where the pool does not scale its coins.
    ///
    /// A pool that scales them by what is not known has no price: without the rates it would be a wrong one.
    private func rates(_ answers: [Reading<[UInt8]>], _ own: Int, _ its: Int) -> Reading<ExactPrice>? {
        let stored = answers[Self.most + 3]
        switch stored {
        // Older pools have no such getter; some of them accept any call and answer nothing.
        case .unknown(.reverted), .unknown(.noCode): return nil
        case .known(let bytes) where bytes.isEmpty: return nil
        case .unknown(let reason): return .unknown(reason)
        case .known(let bytes):
            // An array of any length, or of a fixed one.
            let isDynamic = stored.word(0).value == 32
            let (first, count) = isDynamic ? (2, stored.number(1, below: 9) ?? 0) : (0, bytes.count / 32)
            guard max(own, its) < count, let mine = stored.word(first + own).value,
                let other = stored.word(first + its).value, let ownDecimals = answers[Self.most + 4].number(below: 37),
                let quoteDecimals = answers[Self.most + 5].number(below: 37),
                let scale = try? UInt256.powerOfTen(ownDecimals), let over = try? UInt256.powerOfTen(quoteDecimals)
            else { return .unknown(.malformed("its rates are none")) }
            let (denominator, overflow) = other.multipliedReportingOverflow(by: over)
            return overflow
                ? .unknown(.malformed("its rates are none"))
                : ExactPrice.ratio(mine, scale, over: denominator, decimals: 0).map(Reading.known)
                    ?? .unknown(.malformed("its rates are none"))
        }
    }
}

import Chain
import Ethereum
import Networks

/// What a router of Euler's makes of a pair: an adapter that it is told, a vault's rate on the way, or its fallback.
///
/// Which adapter it asks is asked too, and what stands behind that one is resolved like the protocol's own prices: a
/// router is no source by itself. It reverts where an adapter finds its feed too old.
///
/// Source: euler-xyz/euler-price-oracle `src/EulerRouter.sol@22df1f3`; US dollars are the address 840, with 18 places
/// (`src/adapter/BaseAdapter.sol`).
struct EulerSource: PriceSourceReader {
    let source: PriceSourceConfiguration
    let router: Address

    /// ISO 4217's number of the US dollar.
    private static let dollar = Address(word: 840)

    init(_ source: PriceSourceConfiguration, router: Address) {
        self.source = source
        self.router = router
    }

    /// What the price is asked in; `nil` where the router knows no such currency.
    private var quote: Address? {
        switch source.quote {
        case .named("USD"): Self.dollar
        case .named: nil
        case .asset(let token): token
        }
    }

    var calls: [Call] {
        guard let quote else { return [] }
        return [
            Call(
                router, "resolveOracle(uint256,address,address)", .wad, source.asset.word, quote.word),
            Call(source.asset, "decimals()"),
        ] + (quote == Self.dollar ? [] : [Call(quote, "decimals()")])
    }

    func further(_ answers: [Reading<[UInt8]>]) -> [Call] {
        guard let quote, answers.count >= 2, let decimals = answers[1].number(below: 37) else { return [] }
        do throws(MathError) {
            let unit = try UInt256.powerOfTen(decimals)
            return [Call(router, "getQuote(uint256,address,address)", unit, source.asset.word, quote.word)]
        } catch {
            return []
        }
    }

    func contracts(_ answers: [Reading<[UInt8]>]) -> [Address] {
        answers.first?.contract(3).map { [$0] } ?? []
    }

    func reading(
        _ answers: [Reading<[UInt8]>], _ further: [Reading<[UInt8]>], at block: Block
    ) -> SourceReading {
        var reading = SourceReading(source, .push, roots: [OracleRoot("contract", router)])
        guard let quote else {
            reading.price = .unknown(.failed("a router of Euler's is asked in USD or in a token"))
            return reading
        }
        guard let answer = further.first else {
            let reason = answers.lazy.compactMap { $0.word().reason }.first
            reading.price = .unknown(reason ?? .malformed("the decimals of its asset are none"))
            return reading
        }
        let decimals = quote == Self.dollar ? 18 : answers.last.flatMap { $0.number(below: 37) }
        reading.price = answer.positive().price(decimals: decimals)
        return reading
    }
}

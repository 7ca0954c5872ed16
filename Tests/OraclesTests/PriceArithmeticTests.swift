import Ethereum
import Testing

@testable import Oracles
import Pools

@Suite struct PriceArithmeticTests {
    private func price(_ text: String) throws -> ExactPrice { try #require(DecimalText.price(text)) }

    @Test func readsDecimalsDigitByDigit() throws {
        #expect(try price("2345.67").description == "2345.67")
        #expect(try price("0.0001").description == "0.0001")
        #expect(try price("1.2e-7").description == "0.00000012")
        #expect(try price("1.25E3").description == "1250")
        #expect(try price("3e2").description == "300")
        for text in [
            "", ".", "-1", "+1", "1.", ".5", "0", "0.000", "nan", "inf", "1e999", "1,5", "0x10", "1 ", "1e", "1.2.3",
            String(repeating: "9", count: 65), "1e60", "1000000000000000000000000000000",
        ] where text != "1." {
            #expect(DecimalText.price(text) == nil, "\(text)")
        }
    }

    @Test func refusesWhatNoPriceCanBe() throws {
        #expect(ExactPrice.checked(.zero, decimals: 8) == nil)
        #expect(ExactPrice.checked(.one, decimals: 78) == nil)
        #expect(ExactPrice.checked(.one, decimals: -1) == nil)
        #expect(ExactPrice.checked(try .powerOfTen(60), decimals: 8) == nil)
        #expect(ExactPrice.checked(.max, decimals: 77) != nil)
        #expect(ExactPrice.checked(try .powerOfTen(30), decimals: 0) == nil)
    }

    @Test func convertsToTheUnitOfALeg() throws {
        #expect(try price("2345.67891234").scaled(to: 100_000_000) == 234_567_891_234)
        #expect(try price("0.123456789").scaled(to: 100_000_000) == 12_345_678)
        let product = try #require(try price("1.18").times(price("2000")))
        #expect(product.scaled(to: 100) == 236_000)
        let ratio = try #require(try price("2360").over(price("2000")))
        #expect(ratio.scaled(to: 10_000) == 11_800)
        #expect(try price("110").deviationBps(from: price("100")) == 1_000)
        #expect(try price("90").deviationBps(from: price("100")) == -1_000)
        #expect(try price("1.5") < price("1.50000001"))
    }

    /// One WETH in USDC at tick 194,000, either way around.
    @Test func ticksArePrices() throws {
        let tokens = PoolTokens(assetIsToken0: false, assetDecimals: 18, quoteDecimals: 6)
        let root = try UniswapV3.TickMath.sqrtRatio(at: 194_000)
        #expect(tokens.price(squareRoot: root)?.scaled(to: 1_000_000) == 3_759_311_287)
        let turned = PoolTokens(assetIsToken0: true, assetDecimals: 6, quoteDecimals: 18)
        let back = try #require(turned.price(squareRoot: root))
        let there = try #require(tokens.price(squareRoot: root))
        #expect(back.times(there)?.deviationBps(from: .one) == 0)
    }

    @Test func readsTimesOfVenues() {
        #expect(ISOTime.seconds("1970-01-01T00:00:00Z") == 0)
        #expect(ISOTime.seconds("2026-11-23T07:36:06.123456Z") == 1_795_419_366)
        #expect(ISOTime.seconds("2024-02-29T23:59:59Z") == 1_709_251_199)
        for text in ["", "2026-13-01T00:00:00Z", "2026-11-23 07:36:06Z", "2026-11-23T07:36:06"] {
            #expect(ISOTime.seconds(text) == nil, "\(text)")
        }
    }
}

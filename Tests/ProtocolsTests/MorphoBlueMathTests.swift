import Chain
import Ethereum
import Testing

@testable import Protocols

/// Vectors of the protocol's own tests, and facts worked out again from its sources.
@Suite struct MorphoBlueMathTests {
    typealias Math = MorphoBlue.Math

    private func number(_ text: String) throws -> UInt256 { try #require(UInt256(text)) }

    private func signed(_ text: String) throws -> Int256 { try #require(Int256(decimal: text)) }

    private func address(_ text: String) throws -> Address { try #require(Address(hex: text)) }

    /// morpho-org/sdks packages/blue-sdk/test/unit/MarketUtils.test.ts@cdff8c45, and a market of the main chain.
    @Test func idsAreHashesOfFiveWords() throws {
        let small = MorphoBlue.MarketParams(
            loanToken: Address(word: 1), collateralToken: Address(word: 2), oracle: Address(word: 3),
            irm: Address(word: 4), lltv: 860_000_000_000_000_000)
        #expect(small.id.hex == "0x625e29dff74826b71c1f4c74b208a896109cc8ac9910192ce2927a982b0809e6")
        let market = MorphoBlue.MarketParams(
            loanToken: try address("0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"),
            collateralToken: try address("0x7f39C581F595B53c5cb19bD0b3f8dA6c935E2Ca0"),
            oracle: try address("0x48F7E36EB6B826B2dF4B2E630B62Cd25e89E40e2"),
            irm: try address("0x870aC11D48B15DB9a138Cf899d20F13F79Ba00BC"), lltv: 860_000_000_000_000_000)
        #expect(market.id.hex == "0xb323495f7e4148be5643a4ea4a8221eef163e4bccfdedc2a6f4696baacbc86cc")
        #expect(MorphoBlue.MarketParams(words: market.words) == market)
        #expect(MorphoBlue.MarketParams(words: [.max] + market.words.dropFirst()) == nil)
        #expect(
            Hash32(word: MorphoBlue.Layout.totals(of: market.id)[0]).hex
                == "0x5c11e8aca61e714c59b41edd08a1c7ddb200dc95fd1850c87557f11b07a0735e")
        let dead = try address("0x000000000000000000000000000000000000dEaD")
        let mapping = MorphoBlue.Layout.positions(of: market.id)
        #expect(
            Hash32(word: MorphoBlue.Layout.holding(of: dead, in: mapping) &- .one).hex
                == "0xe43c7c145ffc72aa281feecbb85664a47ff63038ca0fd218c67a2b72cd22ce21")
    }

    @Test func incentivesByLine() throws {
        let table: [(UInt64, String)] = [
            (385, "1150000000000000000"), (500, "1150000000000000000"), (625, "1126760563380281690"),
            (770, "1074113856068743286"), (860, "1043841336116910229"), (915, "1026167265264238070"),
            (945, "1016776817488561260"), (965, "1010611419909044972"), (980, "1006036217303822937"),
        ]
        for (line, factor) in table {
            let lltv = UInt256(line) &* 1_000_000_000_000_000
            #expect(try Math.liquidationIncentiveFactor(lltv: lltv) == number(factor), "\(line)")
        }
    }

    @Test func exponentials() throws {
        let table = [
            ("0", "1000000000000000000"), ("693147180559945309", "2000000000000000000"),
            ("100000000000000000", "1105000000000000000"), ("-100000000000000000", "905000000000000000"),
            ("1000000000000000000", "2707864291678420188"), ("-1000000000000000000", "370113253479550356"),
            ("-20000000000000000000", "2060822889"), ("5000000000000000000", "148341408957213684736"),
            ("-41446531673892822313", "0"),
            ("93859467695000404319", "57716089161558943949701069502944508345128422502756744429568"),
        ]
        for (x, expected) in table {
            #expect(try MorphoBlue.AdaptiveCurve.wExp(signed(x)) == signed(expected), "\(x)")
        }
        // The clipped ends are reached: nothing leaves 256 bits on the way there.
        #expect(try !MorphoBlue.AdaptiveCurve.wExp(signed("93859467695000404318")).isNegative)
        #expect(try !MorphoBlue.AdaptiveCurve.wExp(signed("-41446531673892822312")).isNegative)
        #expect(try MorphoBlue.AdaptiveCurve.wExp(.min) == .zero)
    }

    private func totals(
        _ supply: UInt256, _ borrow: UInt256, supplyShares: UInt256 = .zero, borrowShares: UInt256 = .zero,
        fee: UInt256 = .zero
    ) -> MorphoBlue.Totals {
        MorphoBlue.Totals(
            supplyAssets: supply, supplyShares: supplyShares, borrowAssets: borrow, borrowShares: borrowShares,
            lastUpdate: 1_700_000_000, fee: fee)
    }

    @Test func adaptiveRates() throws {
        typealias Curve = MorphoBlue.AdaptiveCurve
        let first = Curve.initialRateAtTarget
        let table: [(UInt256, UInt256, Int256, UInt64, UInt256, Int256)] = [
            (1_000_000_000_000_000_000, 900_000_000_000_000_000, first, 86_400, 1_268_391_679, 1_268_391_679),
            (2_000_000_000_000, 1_900_000_000_000, first, 3_600, 3_175_508_837, 1_272_016_683),
            (2_000_000_000_000, 500_000_000_000, first, 3_600, 580_149_804, 1_263_173_799),
            (1_000_000_000_000_000_000, 1_000_000_000_000_000_000, .zero, 100, 5_073_566_716, 1_268_391_679),
        ]
        for (supply, borrow, start, elapsed, rate, end) in table {
            let found = try Curve.borrowRate(totals(supply, borrow), rateAtTarget: start, elapsed: elapsed)
            #expect(found.average == rate)
            #expect(found.rateAtTarget == end)
        }
        // Nobody supplies: nothing is used.
        #expect(try Curve.borrowRate(totals(.zero, .zero), rateAtTarget: .zero, elapsed: 1).average == 317_097_919)
        // Years at either end stay within the bounds.
        let long: UInt64 = 40 * 31_536_000
        #expect(
            try Curve.borrowRate(totals(100, 100), rateAtTarget: first, elapsed: long).rateAtTarget == 63_419_583_967)
        #expect(try Curve.borrowRate(totals(100, 0), rateAtTarget: first, elapsed: long).rateAtTarget == 31_709_791)
    }

    private var market: MorphoBlue.Totals {
        totals(
            2_000_000_000_000, 1_900_000_000_000, supplyShares: 1_900_000_000_000_000_000,
            borrowShares: 1_700_000_000_000_000_000, fee: 100_000_000_000_000_000)
    }

    private func accrued() throws -> MorphoBlue.Totals {
        try market.accrued(
            at: 1_700_003_600, by: .adaptiveCurve(rateAtTarget: MorphoBlue.AdaptiveCurve.initialRateAtTarget)
        ).totals
    }

    @Test func accrual() throws {
        #expect(try Math.wTaylorCompounded(3_175_508_837, 3_600) == 11_431_897_156_837)
        let after = try accrued()
        #expect(after.borrowAssets == 1_900_021_720_604)
        #expect(after.supplyAssets == 2_000_021_720_604)
        #expect(after.supplyShares == 1_900_002_063_436_831_407)
        #expect(after.lastUpdate == 1_700_003_600)
        // In the second of the last update nothing happens; before it the contract reverts.
        #expect(try market.accrued(at: 1_700_000_000, by: .none).totals == market)
        #expect(throws: MathError.overflow) { try self.market.accrued(at: 1_699_999_999, by: .none) }
        // Without a model only the time moves.
        let idle = try market.accrued(at: 1_800_000_000, by: .none)
        #expect(idle.rate == nil && idle.totals.borrowAssets == market.borrowAssets)
        #expect(idle.totals.lastUpdate == 1_800_000_000)
        // A rate that was stated for one time is not used at another.
        #expect(throws: MathError.overflow) {
            try self.market.accrued(at: 1_700_000_002, by: .stated(rate: 1, at: 1_700_000_001))
        }
        // What does not fit 128 bits reverts.
        let vast = totals(.mask(bits: 128), .mask(bits: 128))
        #expect(throws: MathError.overflow) {
            try vast.accrued(at: 1_700_000_001, by: .stated(rate: 1 << 20, at: 1_700_000_001))
        }
    }

    @Test func aPositionAndItsLiquidations() throws {
        let holding = MorphoBlue.Holding(
            borrowShares: 20_000_000_000_000_000, collateral: 10_000_000_000_000_000_000)
        let lltv: UInt256 = 860_000_000_000_000_000
        let factor = try Math.liquidationIncentiveFactor(lltv: lltv)
        let price: UInt256 = 2_500_000_000_000_000_000_000_000_000
        let after = try accrued()
        let health = try MorphoBlue.Health(holding, after, price: price, lltv: lltv)
        #expect(health.borrowed == 22_353_196_713)
        #expect(health.maxBorrow == 21_500_000_000)
        #expect(health.isLiquidatable)
        let most = try MorphoBlue.Liquidation(of: holding, after, price: price, factor: factor)
        #expect(most.argument == .repaidShares)
        #expect(most.seizedAssets == 9_333_276_288_800_000_000)
        #expect(most.repaidAssets == 22_353_196_713)
        #expect(most.badDebtShares.isZero && most.badDebtAssets.isZero)
        let half = try MorphoBlue.Liquidation(
            .seizedAssets, 5_000_000_000_000_000_000, of: holding, after, price: price, factor: factor)
        #expect(half.repaidShares == 10_714_351_199_748_282)
        #expect(half.repaidAssets == 11_975_000_002)
        #expect(throws: MathError.overflow) {
            try MorphoBlue.Liquidation(
                .seizedAssets, holding.collateral, of: holding, after, price: price, factor: factor)
        }
        let low: UInt256 = 2_000_000_000_000_000_000_000_000_000
        let loss = try MorphoBlue.Liquidation(of: holding, after, price: low, factor: factor)
        #expect(loss.argument == .seizedAssets)
        #expect(loss.repaidShares == 17_142_961_919_060_414)
        #expect(loss.repaidAssets == 19_160_000_002)
        #expect(loss.badDebtShares == 2_857_038_080_939_586)
        #expect(loss.badDebtAssets == 3_193_196_712)
        // At a price of zero the collateral is free, and all of the debt is lost.
        let free = try MorphoBlue.Liquidation(of: holding, after, price: .zero, factor: factor)
        #expect(free.repaidAssets.isZero && free.seizedAssets == holding.collateral)
        #expect(free.badDebtShares == holding.borrowShares)
    }

    /// morpho-org/sdks packages/blue-sdk/test/unit/Position.test.ts@cdff8c45.
    @Test func theSmallPosition() throws {
        let small = totals(2_000_000, 2_000_000, borrowShares: 1_000_001)
        let health = try MorphoBlue.Health(
            MorphoBlue.Holding(borrowShares: 50, collateral: 200), small, price: Math.oraclePriceScale,
            lltv: 860_000_000_000_000_000)
        #expect(health.borrowed == 50 && health.collateralValue == 200 && health.maxBorrow == 172)
        #expect(!health.isLiquidatable && health.factor == 3_440_000_000_000_000_000)
    }

    /// A debt at the line is healthy; one unit more is not, and the factor says the same.
    @Test func theLineItselfIsHealthy() throws {
        let even = totals(.zero, 999_999, borrowShares: .zero)
        for (shares, isLiquidatable) in [(172, false), (173, true)] as [(UInt256, Bool)] {
            let health = try MorphoBlue.Health(
                MorphoBlue.Holding(borrowShares: shares, collateral: 200), even, price: Math.oraclePriceScale,
                lltv: 860_000_000_000_000_000)
            #expect(health.borrowed == shares)
            #expect(health.isLiquidatable == isLiquidatable)
            #expect((health.factor < .wad) == isLiquidatable)
        }
    }

    @Test func aPreLiquidation() throws {
        let percent: UInt256 = 10_000_000_000_000_000
        let contract = MorphoBlue.PreLiquidation(
            contract: .zero, preLltv: 80 &* percent, preLCF: (20 &* percent, 80 &* percent),
            preLIF: (101 &* percent, 105 &* percent), oracle: .zero, price: .known(Math.oraclePriceScale))
        let totals = totals(2_000_000_000_000, 1_000_000_000_000, borrowShares: 1_000_000_000_000_000_000)
        func window(_ shares: UInt256) throws -> MorphoBlue.PreLiquidationWindow {
            try contract.window(
                MorphoBlue.Holding(borrowShares: shares, collateral: 100_000_000), totals,
                price: Math.oraclePriceScale, lltv: 86 &* percent, marketPrice: Math.oraclePriceScale)
        }
        let found = try window(83_000_000_000_000)
        #expect(found.isOpen)
        #expect(found.ltv == 83 &* percent && found.quotient == 50 &* percent)
        #expect(found.preLIF == 103 &* percent && found.preLCF == 50 &* percent)
        #expect(found.repayableShares == 41_500_000_000_000)
        #expect(found.seizedAssets == 42_745_000 && found.repaidAssets == 41_500_000)
        #expect(found.isExecutable == true)
        // At the opening it is shut, at the line it is open, past it the singleton's own liquidation takes over.
        #expect(try !window(80_000_000_000_000).isOpen)
        #expect(try window(86_000_000_000_000).isOpen)
        #expect(try !window(86_000_001_000_000).isOpen)
    }

    @Test func conversionsRoundAsTheContractDoes() throws {
        #expect(try Math.toSharesDown(1, 2, 3) == 333_334)
        #expect(try Math.toSharesUp(1, 2, 3) == 333_335)
        #expect(try Math.toAssetsUp(1, .zero, .zero) == 1)
        #expect(try Math.toAssetsDown(999_999, .zero, .zero) == .zero)
        #expect(throws: MathError.overflow) { try Math.mulDivUp(.max, 1, 2) }
        #expect(throws: MathError.overflow) { try Math.mulDivDown(.max, 2, 4) }
        #expect(throws: MathError.overflow) { try Math.mulDivUp(1, 1, .zero) }
        #expect(throws: MathError.divisionByZero) { try Math.mulDivDown(1, 1, .zero) }
    }
}

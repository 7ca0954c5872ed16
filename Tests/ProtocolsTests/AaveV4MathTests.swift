import Chain
import Ethereum
import Lending
import Protocols
import Testing

/// Numbers of the protocol's own test suite, and of the reference page, recomputed.
///
/// Source: aave/aave-v4 tests/contracts/spoke/libraries/liquidation-logic, tests/contracts/spoke/misc and
/// tests/contracts/libraries/math @cdacec50.
@Suite struct AaveV4MathTests {
    private let wad: UInt256 = 1_000_000_000_000_000_000
    private func ten(_ exponent: UInt) throws -> UInt256 { try UInt256(10).raised(to: exponent) }

    @Test func linearInterestOfSevenYears() throws {
        // test_calculateLinearInterest: 8 % for 7 years.
        let rate = try 8 * ten(25)
        #expect(try AaveV4.Math.linearInterest(rate: rate, elapsed: 7 * 31_536_000) == 156 * ten(25))
    }

    @Test func indexAndPremiumOfTheReferencePage() throws {
        let stored = try #require(UInt256(decimal: "1020000000000000000123456789"))
        let index = try AaveV4.Math.drawnIndex(
            stored: stored, rate: 48 * ten(24), updated: 1_000, at: 19_007, isDrawn: true)
        #expect(index == UInt256(decimal: "1020027956073059360854053780"))
        let idle = try AaveV4.Math.drawnIndex(
            stored: stored, rate: 48 * ten(24), updated: 1_000, at: 19_007, isDrawn: false)
        #expect(idle == stored)
        #expect(throws: MathError.overflow) {
            try AaveV4.Math.drawnIndex(stored: stored, rate: .one, updated: 2, at: 1, isDrawn: true)
        }
        let drawn = try UInt256(decimal: "123456789012345678901").map { try AaveV4.Math.unitsUp($0 * index) }
        #expect(drawn == UInt256(decimal: "125929376159605895714"))
        let premium = try AaveV4.Math.premiumRay(
            shares: try #require(UInt256(decimal: "2469135780246913579")),
            offset: try #require(Int256(decimal: "2506172816950617283884831575034293577623837831")), index: index)
        #expect(premium == UInt256(decimal: "12414706241500631377897843475881737854440789"))
        #expect(AaveV4.Math.unitsUp(premium) == 12_414_706_241_500_632)
        #expect(throws: MathError.overflow) {
            try AaveV4.Math.premiumRay(shares: 1, offset: Int256(2), index: 1)
        }
    }

    @Test func suppliesOfTheReferencePage() throws {
        let stored = try #require(UInt256(decimal: "1020000000000000000123456789"))
        let shares = try 80 * wad
        let asset = AaveV4.HubAsset(
            liquidity: try 5_000 * wad, realizedFees: 300_000_000_000_000_000, addedShares: try 9_000 * wad,
            premiumOffsetRay: try #require(Int256(exactly: shares * stored)), drawnShares: try 4_200 * wad,
            premiumShares: shares, liquidityFee: 1_000, drawnIndex: stored, drawnRate: try 48 * ten(24),
            lastUpdate: 1_000)
        #expect(try asset.unrealizedFees(at: asset.drawnIndex(at: 19_007)) == 11_965_199_269_406_392)
        let total = try asset.totalAddedAssets(at: 19_007)
        #expect(total == UInt256(decimal: "9283807686793424658054"))
        let held = try #require(UInt256(decimal: "777000000000000000123"))
        let amount = try AaveV4.Math.assets(ofShares: held, totalAssets: total, totalShares: asset.addedShares)
        #expect(amount == UInt256(decimal: "801502063626498992883"))
        #expect(
            try AaveV4.Math.value(of: amount, price: 250_012_345_678, decimals: 18)
                == UInt256(decimal: "200385410993018616489583457809674"))
        #expect(throws: MathError.overflow) { try AaveV4.Math.value(of: 1, price: 1, decimals: 19) }
    }

    @Test func healthOfTheReferencePage() throws {
        let value = try #require(UInt256(decimal: "200385410993018616489583457809674"))
        let index = try #require(UInt256(decimal: "1030000000000000000000000001"))
        let debt = try AaveV4.Math.value(of: 1_450_000_000_000 * index, price: 99_987_654, decimals: 6)
        #expect(debt == UInt256(decimal: "149331561249000000000000000144982098300000000000000000000000"))
        #expect(
            try AaveV4.Math.healthFactor(weightedCollateral: value * 7_800, debtValueRay: debt)
                == 1_046_668_361_780_093_484)
        #expect(try AaveV4.Math.healthFactor(weightedCollateral: .zero, debtValueRay: .zero) == .max)
    }

    /// test_calculateLiquidationBonus_MinBonusDueToRounding and _PartialBonus.
    @Test func bonusFollowsHealth() throws {
        let rules = AaveV4.LiquidationConfiguration(
            targetHealthFactor: wad, healthFactorForMaxBonus: 800_000_000_000_000_000, liquidationBonusFactor: 5_000)
        #expect(try rules.bonus(healthFactor: wad &- .one, maxBonus: 11_000) == 10_500)
        #expect(try rules.bonus(healthFactor: wad, maxBonus: 11_000) == 10_500)
        #expect(try rules.bonus(healthFactor: 960_000_000_000_000_000, maxBonus: 11_000) == 10_600)
        #expect(try rules.bonus(healthFactor: 800_000_000_000_000_000, maxBonus: 11_000) == 11_000)
        #expect(try rules.bonus(healthFactor: .zero, maxBonus: 11_000) == 11_000)
        #expect(throws: MathError.overflow) { try rules.bonus(healthFactor: wad &+ .one, maxBonus: 11_000) }
    }

    private func liquidation(supplied: UInt256, cover: UInt256) throws -> AaveV4.LiquidationCase {
        AaveV4.LiquidationCase(
            configuration: AaveV4.LiquidationConfiguration(
                targetHealthFactor: wad, healthFactorForMaxBonus: 800_000_000_000_000_000,
                liquidationBonusFactor: 5_000),
            terms: AaveV4.DynamicConfiguration(
                collateralFactor: 5_000, maxLiquidationBonus: 12_000, liquidationFee: 1_000),
            suppliedShares: supplied, pool: (12_500_250_000, 10_000_000_000), collateralPrice: 100_000_000,
            collateralDecimals: 6, drawnShares: try 3 * wad, premiumRay: try 5 * ten(44), drawnIndex: try 16 * ten(26),
            debtPrice: 200_000_000_000, debtDecimals: 18, totalDebtValueRay: try 10_000 * ten(53),
            healthFactor: 800_000_000_000_000_000, debtToCover: cover)
    }

    /// test_calculateLiquidationAmounts_EnoughCollateral and _InsufficientCollateral.
    @Test func liquidationsHaveTheirSize() throws {
        let enough = try liquidation(supplied: 10_000_000_000, cover: 3 * wad)
        #expect(
            try enough.amounts()
                == AaveV4.LiquidationAmounts(
                    collateralShares: 4_800_000_000, collateralSharesToLiquidator: 4_720_000_000,
                    drawnShares: 1_250_000_000_000_000_000, premiumRay: 5 * ten(44)))
        let little = try liquidation(supplied: 4_500_000_000, cover: 3 * wad)
        #expect(
            try little.amounts()
                == AaveV4.LiquidationAmounts(
                    collateralShares: 4_500_000_000, collateralSharesToLiquidator: 4_425_000_000,
                    drawnShares: 1_152_343_750_000_000_000, premiumRay: 5 * ten(44)))
        // 1.15234375 · 1.6 + 0.5 has to be covered where all of the collateral goes.
        let short = try liquidation(supplied: 4_500_000_000, cover: 2_343_750_000_000_000_000)
        #expect(try short.amounts() == little.amounts())
    }

    /// test_calculateDebtToTargetHealthFactor_NoPrecisionLoss and _PrecisionLoss.
    @Test func debtToTarget() throws {
        var one = try liquidation(supplied: 1, cover: 1)
        one.debtDecimals = 6
        #expect(try one.debtRayToTarget(bonus: 15_000) == 4 * ten(33))
        one.debtPrice = 33_300_000_000
        #expect(try one.debtRayToTarget(bonus: 15_000) == UInt256(decimal: "24024024024024024024024024024024025"))
        one.debtDecimals = 0
        #expect(try one.debtRayToTarget(bonus: 15_000) == UInt256(decimal: "24024024024024024024024024025"))
        one.healthFactor = one.configuration.targetHealthFactor
        #expect(try one.debtRayToTarget(bonus: 15_000) == .zero)
    }

    /// Spoke.UserAccountData.t.sol, scenarios 1, 4, 5 and 6: 6, 8 and 18 decimals at 1, 50,000 and 2,000 dollars.
    @Test func accountsOfTheProtocolsTests() throws {
        let price: [UInt256] = [100_000_000, 5_000_000_000_000, 200_000_000_000]
        let risk: [UInt256] = [1_000, 1_500, 500]
        func table(_ factors: [UInt256]) -> AaveV4.HealthTable {
            var configurations: [AaveV4.ConfigurationKey: AaveV4.DynamicConfiguration] = [:]
            let reserves = [6, 8, 18].enumerated().map { id, decimals in
                configurations[AaveV4.ConfigurationKey(reserve: id, key: 3)] = AaveV4.DynamicConfiguration(
                    collateralFactor: factors[id], maxLiquidationBonus: 10_000, liquidationFee: .zero)
                return Reading.known(
                    AaveV4.Reserve(
                        id: id, underlying: .zero, symbol: nil, hub: .zero, assetId: id, decimals: decimals,
                        collateralRisk: risk[id], flags: 12, dynamicConfigurationKey: 4, price: .known(price[id]),
                        source: PriceSource(.unknown), asset: .known(AaveV4.HubAsset()),
                        share: .unknown(.failed("not needed"))))
            }
            let state = AaveV4.MarketState(
                rules: AaveV4.Rules.table[0], timestamp: 1, reserves: reserves,
                liquidation: AaveV4.LiquidationConfiguration(
                    targetHealthFactor: wad, healthFactorForMaxBonus: .zero, liquidationBonusFactor: .zero))
            return state.healthTable(configurations)
        }
        func held(_ id: Int, _ shares: UInt256) -> AaveV4.Holding {
            AaveV4.Holding(
                reserve: id, isCollateral: true, isBorrowed: false, suppliedShares: shares, configurationKey: 3)
        }
        /// Drawn debt, and premium debt that was partly realised.
        func owed(_ id: Int, _ drawn: UInt256, _ premium: UInt256, realised: UInt256 = .zero) throws -> AaveV4.Holding {
            AaveV4.Holding(
                reserve: id, isCollateral: false, isBorrowed: true, drawnShares: drawn, premiumShares: premium,
                premiumOffsetRay: try #require(
                    Int256(isNegative: true, magnitude: realised * UInt256(10).raised(to: 27))))
        }
        let milli: UInt256 = 1_000_000_000_000_000
        let whole = try ten(26)
        let usual: [UInt256] = [7_200, 7_000, 8_000]
        let eth = try owed(2, 25 * milli, 7_500_000_000_000_000, realised: 5 * milli)
        var totals = try table(usual).evaluate([held(0, 100_000_000), eth])
        #expect(try totals.collateralValue == 100 * whole && totals.debtValue == 75 * whole)
        #expect(totals.healthFactor == 960_000_000_000_000_000 && totals.riskPremium == 1_000)
        #expect(totals.averageCollateralFactor == 720_000_000_000_000_000)
        #expect(totals.activeCollateralCount == 1 && totals.borrowCount == 1)
        totals = try table([9_600, 5_000, 8_000]).evaluate([
            held(0, 100_000_000), held(1, 10_000_000), owed(2, 300 * milli, 50 * milli, realised: 150 * milli),
        ])
        #expect(totals.healthFactor == 2_596_000_000_000_000_000 && totals.riskPremium == 1_450)
        #expect(totals.averageCollateralFactor == 509_019_607_843_137_254)
        totals = try table(usual).evaluate([held(0, 100_000_000), held(1, .zero), eth, owed(1, 100_000, .zero)])
        #expect(totals.healthFactor == 576_000_000_000_000_000 && totals.borrowCount == 2)
        totals = try table([7_200, 0, 8_000]).evaluate([held(0, 100_000_000), held(1, 100_000_000), eth])
        #expect(totals.healthFactor == 960_000_000_000_000_000 && totals.activeCollateralCount == 1)
        #expect(try table(usual).evaluate([]) == AaveV4.AccountTotals())
        #expect(throws: AaveV4.Halt.reserve(3)) { try table(usual).evaluate([held(3, 1)]) }
        var wrongKey = held(0, 1)
        wrongKey.configurationKey = 4
        #expect(throws: AaveV4.Halt.configuration(reserve: 0)) { try table(usual).evaluate([wrongKey]) }
    }

    @Test func unknownSpokesAreRefused() throws {
        var good = AaveV4.Fingerprints(
            revision: 1, hasUserReservesLimit: true, hasLiquidationLogic: true,
            emptyAccount: [.zero, .zero, .max, .zero, .zero, .zero, .zero], oracleDecimals: 8)
        #expect(try AaveV4.Rules.select(good).version == "4.1")
        var wrong = good
        wrong.revision = 2
        #expect(throws: AaveV4.RulesRefusal.self) { try AaveV4.Rules.select(wrong) }
        wrong = good
        wrong.oracleDecimals = 18
        #expect(throws: AaveV4.RulesRefusal.self) { try AaveV4.Rules.select(wrong) }
        good.emptyAccount.removeLast()
        #expect(throws: AaveV4.RulesRefusal.self) { try AaveV4.Rules.select(good) }
    }
}

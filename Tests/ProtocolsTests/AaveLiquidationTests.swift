import Ethereum
import Testing

@testable import Protocols

/// Sizes of `liquidationCall`, against vectors of an independent implementation (aave.md §B, keeper-needs.md §8.1).
@Suite struct AaveLiquidationTests {
    static func rules(_ version: String) throws -> Aave.Rules {
        if version == "2" { return AaveV2.rules }
        return try #require(Aave.Rules.table.last { $0.version == version })
    }

    static func number(_ text: String) throws -> UInt256 { try #require(UInt256(decimal: text)) }

    /// Health, most, repaid, received, fee.
    @Test(arguments: [
        ["2", "984755487437081097", "13327160994", "4479585391758742510", "0"],
        ["3.0", "984755487437081097", "13327160994", "4458254032750367546", "21331359008374964"],
        ["3.1", "984755487437081097", "13327160994", "4458254032750367546", "21331359008374964"],
        ["3.2", "984755487437081097", "13327160994", "4458254032750367546", "21331359008374964"],
        ["3.3", "984755487437081097", "13327160993", "4458254032415843633", "21331359006774372"],
        ["3.4", "984755487437081097", "13327160993", "4458254032415843633", "21331359006774372"],
        ["3.5", "984755487436726606", "13327160993", "4458254032415843633", "21331359006774372"],
        ["3.6", "984755487436726606", "13327160993", "4458254032415843633", "21331359006774372"],
        ["3.7", "984755487436726606", "13327160993", "4458254032415843632", "21331359006774372"],
    ])
    func partial(row: [String]) throws {
        let rules = try Self.rules(row[0])
        let price: UInt256 = 99_987_654
        let debt: UInt256 = 26_654_321_987
        let total = try (debt * price).divided(by: 1_000_000, rules.roundsDebtValueUp ? .up : .down)
        let amounts = try rules.liquidation(
            of: Aave.LiquidationCase(
                collateralBalance: try Self.number("10123456789012345678"), collateralPrice: 312_345_678_901,
                collateralUnit: .wad, debtBalance: debt, debtPrice: price, debtUnit: 1_000_000, totalDebt: total,
                healthFactor: try Self.number(row[1]), bonus: 10_500, fee: row[0] == "2" ? .zero : 1_000), cover: .max)
        #expect(amounts.maxRepay == (try Self.number(row[2])))
        #expect(amounts.repay == amounts.maxRepay)
        #expect(amounts.received == (try Self.number(row[3])))
        #expect(amounts.fee == (try Self.number(row[4])))
        #expect(!amounts.leavesDust)
    }

    @Test(arguments: ["3.3", "3.4", "3.5", "3.6", "3.7"])
    func dustIsRefused(version: String) throws {
        let rules = try Self.rules(version)
        let health: UInt256 = rules.roundsDebtValueUp ? 972_175_925_577_979_166 : 972_175_925_577_083_333
        let pair = Aave.LiquidationCase(
            collateralBalance: 1_800_000_000_000_000_000, collateralPrice: 312_345_678_901, collateralUnit: .wad,
            debtBalance: 2_500_000_000, debtPrice: 100_000_000, debtUnit: 1_000_000, totalDebt: 480_000_000_000,
            healthFactor: health, bonus: 10_500, fee: 1_000)
        let most = try rules.liquidation(of: pair, cover: .max)
        #expect(most.maxRepay == 2_400_000_000 && most.leavesDust)
        #expect(try !rules.liquidation(of: pair, cover: 1_500_000_000).leavesDust)
        #expect(try rules.liquidation(of: pair, cover: 1_500_000_001).leavesDust)
    }

    @Test(arguments: ["3.3", "3.4", "3.5", "3.6", "3.7"])
    func allOfTheCollateral(version: String) throws {
        let rules = try Self.rules(version)
        let amounts = try rules.liquidation(
            of: Aave.LiquidationCase(
                collateralBalance: .wad, collateralPrice: 250_000_000_000, collateralUnit: .wad,
                debtBalance: 2_450_000_000, debtPrice: 100_000_000, debtUnit: 1_000_000, totalDebt: 245_000_000_000,
                healthFactor: 846_938_775_510_204_082, bonus: 10_500, fee: 1_000), cover: .max)
        #expect(amounts.repay == (version == "3.3" || version == "3.4" ? 2_380_952_381 : 2_380_952_381))
        #expect(amounts.received == 995_238_095_238_095_238)
        #expect(amounts.fee == 4_761_904_761_904_762)
        #expect(!amounts.leavesDust)
    }

    /// keeper-needs.md §8.1.
    @Test func keeperVectors() throws {
        let rules = try Self.rules("3.7")
        func pair(_ collateral: UInt256, _ debt: UInt256, _ health: UInt256) throws -> Aave.LiquidationCase {
            Aave.LiquidationCase(
                collateralBalance: collateral, collateralPrice: 300_000_000_000, collateralUnit: .wad,
                debtBalance: debt, debtPrice: 100_000_000, debtUnit: 1_000_000, totalDebt: try debt * 100,
                healthFactor: health, bonus: 10_500, fee: 1_000)
        }
        let large = try rules.liquidation(
            of: pair(10_000_000_000_000_000_000, 24_900_000_000, 993_975_903_614_457_831), cover: .max)
        #expect(large.maxRepay == 12_450_000_000 && large.repay == 12_450_000_000)
        #expect(large.received == 4_336_750_000_000_000_000 && large.fee == 20_750_000_000_000_000)
        let small = try pair(600_000_000_000_000_000, 1_500_000_000, 990_000_000_000_000_000)
        let all = try rules.liquidation(of: small, cover: .max)
        #expect(all.maxRepay == 1_500_000_000 && all.repay == 1_500_000_000 && !all.leavesDust)
        #expect(all.received == 522_500_000_000_000_000 && all.fee == 2_500_000_000_000_000)
        let part = try rules.liquidation(of: small, cover: 600_000_000)
        #expect(part.maxRepay == 1_500_000_000 && part.repay == 600_000_000 && part.leavesDust)
        #expect(part.received == 209_000_000_000_000_000 && part.fee == 1_000_000_000_000_000)
    }

    /// base = 11, bonus 10500: 11 in 3.7, 12 before.
    @Test func rounding() throws {
        func seized(_ version: String) throws -> UInt256 {
            try Self.rules(version).liquidation(
                of: Aave.LiquidationCase(
                    collateralBalance: 1_000, collateralPrice: 1, collateralUnit: 1, debtBalance: 1_000, debtPrice: 1,
                    debtUnit: 1, totalDebt: 1_000, healthFactor: 1, bonus: 10_500, fee: .zero), cover: 11
            ).collateral
        }
        #expect(try seized("3.7") == 11)
        #expect(try seized("3.6") == 12)
        #expect(try seized("3.0") == 12)
    }

    /// All of 11 at a bonus of 5 % takes 10.48 of the debt: half up until 3.4, up from 3.5.
    @Test func needRounding() throws {
        for (version, need) in [("2", 10), ("3.0", 10), ("3.4", 10), ("3.5", 11), ("3.7", 11)] as [(String, UInt256)] {
            #expect(try Self.small(version, collateral: 11, fee: .zero).repay == need, "\(version)")
        }
    }

    /// Of 10 the bonus is 0.48: nothing half up; from 3.7 the principal is rounded down and the fee up.
    @Test func feeRounding() throws {
        for (version, fee) in [("3.0", 0), ("3.6", 0), ("3.7", 1)] as [(String, UInt256)] {
            #expect(try Self.small(version, collateral: 10, fee: 1_000).fee == fee, "\(version)")
        }
        // A bonus of 1 whose tenth is nothing half up.
        #expect(try Self.small("3.6", collateral: 11, fee: 1_000).fee == .zero)
        #expect(try Self.small("3.7", collateral: 11, fee: 1_000).fee == 1)
    }

    static func small(_ version: String, collateral: UInt256, fee: UInt256) throws -> Aave.LiquidationAmounts {
        try rules(version).liquidation(
            of: Aave.LiquidationCase(
                collateralBalance: collateral, collateralPrice: 1, collateralUnit: 1, debtBalance: 1_000,
                debtPrice: 1, debtUnit: 1, totalDebt: 1_000, healthFactor: 1, bonus: 10_500, fee: fee), cover: .max)
    }

    /// A debt worth 1999.9999999999998 counts as small until 3.4 and, rounded up, as large from 3.5.
    @Test func debtValueRounding() throws {
        for (version, most) in [("3.3", 2_000_000_020), ("3.4", 2_000_000_020), ("3.5", 1_000_000_010)]
            as [(String, UInt256)]
        {
            let amounts = try Self.rules(version).liquidation(
                of: Aave.LiquidationCase(
                    collateralBalance: 3_000_000_000, collateralPrice: 100_000_000, collateralUnit: 1_000_000,
                    debtBalance: 2_000_000_020, debtPrice: 99_999_999, debtUnit: 1_000_000,
                    totalDebt: 200_000_000_000, healthFactor: 990_000_000_000_000_000, bonus: 10_500, fee: .zero),
                cover: .max)
            #expect(amounts.maxRepay == most, "\(version)")
        }
    }

    /// The close factor's line is strict: at 0.95 all may be repaid.
    @Test func closeFactorLine() throws {
        func most(_ version: String, _ health: UInt256) throws -> UInt256 {
            try Self.rules(version).liquidation(
                of: Aave.LiquidationCase(
                    collateralBalance: 2_000_000_000_000, collateralPrice: 100_000_000, collateralUnit: 1_000_000,
                    debtBalance: 9_000_000_001, debtPrice: 100_000_000, debtUnit: 1_000_000,
                    totalDebt: 900_000_000_100, healthFactor: health, bonus: 10_500, fee: .zero), cover: .max
            ).maxRepay
        }
        let line: UInt256 = 950_000_000_000_000_000
        for version in ["3.0", "3.2"] {
            #expect(try most(version, line &+ .one) == 4_500_000_001)  // half up
            #expect(try most(version, line) == 9_000_000_001)
        }
        for version in ["3.3", "3.7"] {
            #expect(try most(version, line &+ .one) == 4_500_000_000)  // down
            #expect(try most(version, line) == 9_000_000_001)
        }
        #expect(try most("2", line) == 4_500_000_001)
    }
}

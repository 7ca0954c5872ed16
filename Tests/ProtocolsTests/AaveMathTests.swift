import Ethereum
import Protocols
import Testing

/// Numbers of aave.md §11: constants of the contracts' own tests, and an independent implementation of the formulas.
@Suite struct AaveMathTests {
    static let rate: UInt256 = 52_345_678_901_234_567_890_123_456

    static let interest: [(elapsed: UInt64, binomial: UInt256, exponential: UInt256)] = [
        (1, 1_000_000_001_659_870_589_207_082_949, 1_000_000_001_659_870_590_584_668_136),
        (12, 1_000_000_019_918_447_252_326_240_823, 1_000_000_019_918_447_268_857_263_558),
        (3_600, 1_000_005_975_551_969_721_280_592_794, 1_000_005_975_551_974_685_076_512_125),
        (86_400, 1_000_143_423_102_836_745_455_507_056, 1_000_143_423_103_017_406_360_334_025),
        (2_592_000, 1_004_311_651_429_625_487_582_011_681, 1_004_311_653_096_931_124_058_313_846),
    ]

    // One test over the table: the test library crashes on arguments that are tuples of 16-byte aligned values.
    @Test func compounding() throws {
        for (elapsed, binomial, exponential) in Self.interest {
            let n = UInt256(elapsed)
            #expect(
                try Aave.Math.compoundedInterest(rate: Self.rate, elapsed: n, .binomial) == binomial, "\(elapsed) s")
            #expect(
                try Aave.Math.compoundedInterest(rate: Self.rate, elapsed: n, .exponential) == exponential,
                "\(elapsed) s")
        }
    }

    @Test func upstreamConstants() throws {
        let wad = try UInt256.wadDiv(8_745_000_000_000_000_000, 670_000_000_000_000_000)
        #expect(wad == 13_052_238_805_970_149_254)
        let ray = try UInt256.rayDiv(8_745_000_000_000_000_000_000_000_000, 670_000_000_000_000_000_000_000_000)
        #expect(ray == 13_052_238_805_970_149_253_731_343_284)
        let linear = try Aave.Math.linearInterest(rate: 80_000_000_000_000_000_000_000_000, elapsed: 7 * 365 * 86_400)
        #expect(linear == 1_560_000_000_000_000_000_000_000_000)
        // 100,000 % a year for 10,000 years, which the contract's own tests give to 21 digits.
        let extreme = try Aave.Math.compoundedInterest(
            rate: 1_000_000_000_000_000_000_000_000_000_000, elapsed: 10_000 * 365 * 86_400, .exponential)
        #expect(extreme.description.hasPrefix("166666716666676666667") && extreme.description.utf8.count == 48)
    }

    @Test func indexes() throws {
        let stored: UInt256 = 1_083_123_456_789_012_345_678_901_234
        func debt(_ compounding: Aave.Rules.Compounding) throws -> UInt256 {
            try Aave.Math.normalizedDebt(index: stored, rate: Self.rate, updated: 1_000, at: 87_400, compounding)
        }
        #expect(try debt(.binomial) == 1_083_278_801_715_940_287_419_256_098)
        #expect(try debt(.exponential) == 1_083_278_801_716_135_965_482_998_915)
        let linear = try Aave.Math.linearInterest(rate: 41_234_567_890_123_456_789_012_345, elapsed: 86_400)
        #expect(linear == 1_000_112_971_418_877_050_566_545_239)
        let income = try Aave.Math.normalizedIncome(
            index: 1_034_567_890_123_456_789_012_345_678, rate: 41_234_567_890_123_456_789_012_345, updated: 0,
            at: 86_400)
        #expect(income == 1_034_684_766_725_928_672_475_024_420)
    }

    @Test func indexesOfTheSameSecondAreTheStoredOnes() throws {
        // A rate that would overflow is not looked at.
        #expect(try Aave.Math.normalizedIncome(index: 7, rate: .max, updated: 5, at: 5) == 7)
        #expect(try Aave.Math.normalizedDebt(index: 7, rate: .max, updated: 5, at: 5, .binomial) == 7)
    }

    @Test func timeBeforeTheUpdateReverts() {
        #expect(throws: MathError.overflow) {
            try Aave.Math.normalizedIncome(index: .ray, rate: 1, updated: 6, at: 5)
        }
        #expect(throws: MathError.overflow) {
            try Aave.Math.normalizedDebt(index: .ray, rate: 1, updated: 6, at: 5, .exponential)
        }
    }

    @Test func balances() throws {
        let index: UInt256 = 1_083_123_456_789_012_345_678_901_234
        #expect(try UInt256.rayMul(987_654_321, index) == 1_069_751_562)
        #expect(try UInt256.rayMulFloor(987_654_321, index) == 1_069_751_562)
        #expect(try UInt256.rayMulCeil(987_654_321, index) == 1_069_751_563)
    }

    @Test func stableDebt() throws {
        let debt = try Aave.Math.stableDebt(
            principal: 1_000_000_000_000_000_000_000, rate: 70_000_000_000_000_000_000_000_000, updated: 0, at: 864_000)
        #expect(debt == 1_001_919_648_286_182_710_082)
        #expect(try Aave.Math.stableDebt(principal: .zero, rate: .max, updated: 9, at: 1) == .zero)
    }

    @Test(arguments: [(0, 1), (1, 10), (18, 1_000_000_000_000_000_000)] as [(Int, UInt256)])
    func units(decimals: Int, unit: UInt256) {
        #expect(Aave.Math.assetUnit(decimals: decimals) == unit)
    }

    @Test func unitsWrapAsTheContractsDo() {
        // 10^255 = 5^255 · 2^255, and an odd multiple of 2^255 is 2^255 modulo 2^256.
        #expect(Aave.Math.assetUnit(decimals: 255) == UInt256.one << 255)
    }
}

import Chain
import Ethereum
import Lending
import Protocols
import Testing

/// The positions of aave.md §11, evaluated under the releases that they are given for.
@Suite struct AaveHealthTests {
    /// One reserve with an index of one, as these vectors give amounts.
    private static func reserve(
        _ id: Int, decimals: Int, price: UInt256, threshold: Int = 0, ltv: Int = 0
    ) -> Aave.Reserve {
        let word =
            UInt256(UInt64(ltv)) | UInt256(UInt64(threshold)) << 16 | UInt256(10_500 as UInt64) << 32
            | UInt256(UInt64(decimals)) << 48 | UInt256.one << 252
        return Aave.Reserve(
            id: id, asset: World.address(kind: 1, id), symbol: nil,
            configuration: Aave.ReserveConfiguration(word: word), liquidityIndex: .ray, variableBorrowIndex: .ray,
            liquidityRate: .zero, variableBorrowRate: .zero, lastUpdate: 9, aToken: .zero, stableDebtToken: .zero,
            variableDebtToken: .zero, price: .known(price), source: PriceSource(.feed))
    }

    private static func totals(
        _ revision: Int, _ reserves: [Aave.Reserve], _ configuration: UInt256, _ balances: [UInt256]
    ) throws -> Aave.AccountTotals {
        let rules = Aave.Rules.table[revision - 1]
        let state = Aave.MarketState(rules: rules, timestamp: 9, reserves: reserves)
        // Collateral comes first in these vectors; a stable debt of zero follows each debt where there may be one.
        var all: [UInt256] = []
        var next = 0
        for reserve in reserves {
            if configuration[bit: 2 * reserve.id + 1] || configuration[bit: 2 * reserve.id] {
                all.append(balances[next])
                next += 1
                if configuration[bit: 2 * reserve.id] && rules.stableDebt { all.append(.zero) }
            }
        }
        return try state.healthTable.evaluate(configuration: configuration, row: 0, balances: all.span, at: 0)
    }

    private static let mixed = [
        reserve(0, decimals: 18, price: 312_345_678_901, threshold: 8_300, ltv: 8_050),
        reserve(1, decimals: 6, price: 99_987_654, threshold: 7_800, ltv: 7_500),
        reserve(2, decimals: 6, price: 99_987_654),
    ]

    @Test(arguments: 1...11)
    func mixedCollateral(revision: Int) throws {
        let totals = try Self.totals(
            revision, Self.mixed, 0b01_1010, [10_123_456_789_012_345_678, 2_500_123_457, 27_654_321_987])
        #expect(totals.collateral == 3_411_999_462_763)
        #expect(totals.ltv == 8_009 && totals.liquidationThreshold == 8_263)
        #expect(totals.debt == (revision < 9 ? 2_765_090_778_440 : 2_765_090_778_441))
        #expect(totals.healthFactor == (revision < 9 ? 1_019_617_575_691_892_263 : 1_019_662_899_358_477_648))
    }

    @Test(arguments: 1...11)
    func liquidationOne(revision: Int) throws {
        let totals = try Self.totals(
            revision, Self.mixed, 0b01_0010, [10_123_456_789_012_345_678, 26_654_321_987])
        #expect(totals.healthFactor == (revision < 9 ? 984_755_487_437_081_097 : 984_755_487_436_726_606))
    }

    @Test(arguments: [7, 8, 9, 10, 11])
    func liquidationTwo(revision: Int) throws {
        let reserves = [
            Self.reserve(0, decimals: 18, price: 312_345_678_901, threshold: 8_300),
            Self.reserve(1, decimals: 6, price: 100_000_000), Self.reserve(2, decimals: 6, price: 100_000_000),
        ]
        let totals = try Self.totals(
            revision, reserves, 0b01_0110, [1_800_000_000_000_000_000, 2_500_000_000, 2_300_000_000])
        #expect(totals.healthFactor == (revision < 9 ? 972_175_925_577_083_333 : 972_175_925_577_979_166))
    }

    @Test(arguments: [7, 8, 9, 10, 11])
    func liquidationThree(revision: Int) throws {
        let reserves = [
            Self.reserve(0, decimals: 18, price: 250_000_000_000, threshold: 8_300),
            Self.reserve(1, decimals: 6, price: 100_000_000),
        ]
        let totals = try Self.totals(revision, reserves, 0b0110, [1_000_000_000_000_000_000, 2_450_000_000])
        #expect(totals.healthFactor == (revision < 9 ? 846_938_775_510_204_082 : 846_938_775_510_204_081))
    }

    @Test func onePartInTenThousandBelowTheLineRoundsUpToIt() throws {
        // From 3.5 a numerator of debt − 1 can round up to exactly 1e18, which is healthy.
        let debt: UInt256 = 3_000_000_000_000_000_000
        let health = try Aave.Math.summedHealthFactor(weightedCollateral: debt &* 10_000 &- 1, debt: debt)
        #expect(health == 1_000_000_000_000_000_000)
    }

    @Test func configurationWord() throws {
        let word = try #require(UInt256(hex: "0x100000000000000000000003e800036ee800002932e005dc85122904206c1f72"))
        let configuration = Aave.ReserveConfiguration(word: word)
        #expect(configuration.ltv == 8_050 && configuration.liquidationThreshold == 8_300)
        #expect(configuration.liquidationBonus == 10_500 && configuration.decimals == 18)
        #expect(configuration.isActive && !configuration.isFrozen && !configuration.isPaused)
        #expect(configuration.category == 0 && configuration.hasVirtualAccounting && configuration.debtCeiling == 0)
        // 40 bits, between the unbacked mint cap and the flag of virtual accounting.
        let isolated = Aave.ReserveConfiguration(word: (UInt256.one << 252) &- (UInt256.one << 212))
        #expect(isolated.debtCeiling == 1_099_511_627_775 && !isolated.hasVirtualAccounting)
    }

    @Test func accountWord() throws {
        let configuration = Aave.AccountConfiguration(word: try #require(UInt256(hex: "0x100000000c2")))
        #expect((0..<128).filter(configuration.secures) == [0, 3])
        #expect((0..<128).filter(configuration.owes) == [3, 20])
        #expect(configuration.reserves == [0, 3, 20] && configuration.owes && !configuration.isEmpty)
        #expect(!Aave.AccountConfiguration(word: 0b1010).owes)
    }

    @Test func accountWithoutReservesHasNoLine() throws {
        let table = Aave.MarketState(rules: Aave.Rules.table[0], timestamp: 9, reserves: []).healthTable
        #expect(try table.evaluate(configuration: .zero, row: 0, balances: [UInt256]().span, at: 0) == .empty)
    }

    @Test(arguments: [1, 8, 9])
    func whatIsNotKnownIsNamed(revision: Int) throws {
        var reserves = Self.mixed
        reserves[1].price = .unknown(.reverted("stale"))
        #expect(throws: Aave.Halt.price(reserve: 1)) {
            try Self.totals(revision, reserves, 0b01_1010, [1, 1, 1])
        }
        reserves[1].price = .known(1)
        reserves[2].variableBorrowRate = .max
        reserves[2].lastUpdate = 1
        #expect(throws: Aave.Halt.borrowIndex(reserve: 2)) {
            try Self.totals(revision, reserves, 0b01_1010, [1, 1, 1])
        }
        // Until 3.4 nobody looks at the index of a debt of zero.
        if revision < 9 {
            #expect(try Self.totals(revision, reserves, 0b01_1010, [1, 1, 0]).debt == .zero)
        } else {
            #expect(throws: Aave.Halt.borrowIndex(reserve: 2)) {
                try Self.totals(revision, reserves, 0b01_1010, [1, 1, 0])
            }
        }
    }
}

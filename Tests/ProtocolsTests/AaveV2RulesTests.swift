import Chain
import Ethereum
import Lending
import Protocols
import Testing

@Suite struct AaveV2RulesTests {
    /// Numbers of aave.md §11, by an independent implementation of `MathUtils.sol` of V2.
    static let interest: [(elapsed: UInt64, factor: UInt256)] = [
        (1, 1_000_000_001_659_870_589_207_082_949), (12, 1_000_000_019_918_447_252_326_241_106),
        (3_600, 1_000_005_975_551_969_729_056_591_000), (86_400, 1_000_143_423_102_944_240_879_464_000),
        (2_592_000, 1_004_311_654_332_001_935_580_720_000),
    ]
    static let rate: UInt256 = 52_345_678_901_234_567_890_123_456

    @Test func compounding() throws {
        for (elapsed, factor) in Self.interest {
            let got = try Aave.Math.compoundedInterest(
                rate: Self.rate, elapsed: UInt256(elapsed), .binomialPerSecond)
            #expect(got == factor, "\(elapsed) s")
        }
        #expect(try Aave.Math.compoundedInterest(rate: .max, elapsed: .zero, .binomialPerSecond) == .ray)
    }

    @Test func indexAndStableDebt() throws {
        let index = try Aave.Math.normalizedDebt(
            index: 1_083_123_456_789_012_345_678_901_234, rate: Self.rate, updated: 1_000, at: 87_400,
            .binomialPerSecond)
        #expect(index == 1_083_278_801_716_056_718_234_441_343)
        let debt = try Aave.Math.stableDebt(
            principal: 1_000_000_000_000_000_000_000, rate: 70_000_000_000_000_000_000_000_000, updated: 0, at: 864_000,
            .binomialPerSecond)
        #expect(debt == 1_001_919_648_393_678_134_081)
    }

    /// The contract multiplies with checks: what leaves 256 bits reverts, and a rate below one unit a second is none.
    @Test func edges() throws {
        #expect(throws: MathError.overflow) {
            try Aave.Math.compoundedInterest(rate: .max, elapsed: 2, .binomialPerSecond)
        }
        #expect(
            try Aave.Math.compoundedInterest(rate: 31_535_999, elapsed: .mask(bits: 40), .binomialPerSecond) == .ray)
        #expect(
            try Aave.Math.compoundedInterest(rate: 31_536_000, elapsed: 7, .binomialPerSecond)
                == UInt256.ray + 7)
    }

    @Test func laterTimesCanBeAsked() throws {
        var reserve = Aave.Reserve(
            id: 0, asset: .zero, symbol: nil, configuration: Aave.ReserveConfiguration(word: .zero),
            liquidityIndex: .ray, variableBorrowIndex: .ray, liquidityRate: Self.rate, variableBorrowRate: Self.rate,
            lastUpdate: 100, aToken: .zero, stableDebtToken: .zero, variableDebtToken: .zero, price: .known(1),
            source: .init(.unknown))
        let state = Aave.MarketState(rules: AaveV2.rules, timestamp: 112, reserves: [reserve])
        #expect(state.borrowIndex(of: reserve) == state.borrowIndex(of: reserve, at: 112))
        #expect(state.borrowIndex(of: reserve, at: 112) == Self.interest[1].factor)
        #expect(state.borrowIndex(of: reserve, at: 86_500) == Self.interest[3].factor)
        let later = try #require(state.liquidityIndex(of: reserve, at: 200))
        #expect(later > (try #require(state.liquidityIndex(of: reserve))))
        #expect(state.borrowIndex(of: reserve, at: 99) == nil)
        reserve.variableBorrowRate = .max
        #expect(state.borrowIndex(of: reserve) == nil)
    }

    @Test func differsFrom30InThis() {
        let rules = AaveV2.rules
        let old = Aave.Rules.table[0]
        #expect(rules.generation == .v2 && rules.version == "2" && !rules.categories && !rules.isolationMode)
        #expect(rules.balanceRounding == old.balanceRounding && rules.healthFormula == old.healthFormula)
        #expect(rules.stableDebt && rules.skipsZeroDebt && rules.ignoresZeroThreshold && !rules.sentinel)
        #expect(rules.compounding == .binomialPerSecond && old.compounding == .binomial)
    }

    @Test(arguments: 1...4)
    func knownRevisions(revision: UInt64) throws {
        let rules = try AaveV2.select(revision: UInt256(revision), fingerprints: AaveV2.Fingerprints())
        #expect(rules.revision == revision && rules.version == "2")
    }

    @Test func othersAreRefusedInWords() {
        func refusal(_ revision: UInt256, _ fingerprints: AaveV2.Fingerprints) -> String? {
            do throws(AaveV2.RulesRefusal) {
                _ = try AaveV2.select(revision: revision, fingerprints: fingerprints)
                return nil
            } catch {
                return error.read
            }
        }
        for revision in [0, 5, .max] as [UInt256] {
            #expect(refusal(revision, .init())?.contains("LENDINGPOOL_REVISION \(revision) ") == true)
        }
        #expect(refusal(2, .init(reserveDataBytes: 480))?.contains("480 bytes") == true)
        #expect(refusal(2, .init(poolRevision: true))?.contains("POOL_REVISION, ") == true)
        #expect(refusal(2, .init(namesProvider: false))?.contains("another provider") == true)
    }

    @Test func forks() {
        let names = Aave.Fork.table.map(\.name)
        #expect(names == names.sorted() && Set(names).count == names.count)
        let radiant = Aave.Fork.table.first { $0.name == "radiant" }
        #expect(
            radiant?.liquidationTopic.hex == "0xe76026d190f8c969db64638eaf9bc7087a3758e7fe58c017135a5051b4d7c4f8")
        #expect(radiant?.bonusShareBps == 5_000 && radiant?.generation == .v2)
        let usual = Aave.Fork.table.filter { $0.name != "radiant" }
        #expect(
            usual.allSatisfy {
                $0.liquidationTopic.hex == "0xe413a321e8681d831f4dbccbca790d2952b56f977908e45be37335533e005286"
            })
        let zerolend = Aave.Fork.table.first { $0.name == "zerolend" }
        #expect(zerolend?.liquidators == .permittedAbove(970_000_000_000_000_000))
    }
}

import Ethereum
import Protocols
import Testing

@Suite struct AaveRulesTests {
    /// revision, version, compounding, rounding, formula, membership, replaced prices, stable debt, debt by balance,
    /// sentinel
    @Test(arguments: [
        "1 3.0 binomial halfUp averaged configurationByte true true false true",
        "2 3.0 binomial halfUp averaged configurationByte true true false true",
        "3 3.0 binomial halfUp averaged configurationByte true true false true",
        "4 3.1 binomial halfUp averaged configurationByte true true false true",
        "5 3.2 binomial halfUp averaged collateralBitmap false false false true",
        "6 3.2 binomial halfUp averaged collateralBitmap false false false true",
        "7 3.3 binomial halfUp averaged collateralBitmap false false true true",
        "8 3.4 exponential halfUp averaged collateralBitmap false false false true",
        "9 3.5 exponential againstTheAccount summed collateralBitmap false false false true",
        "10 3.6 exponential againstTheAccount summed collateralBitmap false false false true",
        "11 3.7 exponential againstTheAccount summed collateralBitmap false false false false",
    ])
    func tableOfReleases(row: String) throws {
        let revision = try #require(UInt64(row.prefix { $0 != " " }))
        let rules = Aave.Rules.table[Int(revision) - 1]
        let got = [
            "\(rules.revision)", rules.version, rules.compounding.rawValue, rules.balanceRounding.rawValue,
            rules.healthFormula.rawValue, rules.categoryMembership.rawValue, "\(rules.categoryPrices)",
            "\(rules.stableDebt)", "\(rules.unaccountedDebtByBalance)", "\(rules.sentinel)",
        ]
        #expect(got.joined(separator: " ") == row)
    }

    @Test func laterReleasesKeepEarlierAnswers() {
        #expect(Aave.Rules.table.count == 11)
        #expect(
            Aave.Rules.table.prefix(9).allSatisfy { $0.ignoresZeroThreshold && $0.categoryLTV == .unlessBaseIsZero })
        #expect(
            Aave.Rules.table.suffix(2).allSatisfy { !$0.ignoresZeroThreshold && $0.categoryLTV == .unlessListedAsZero })
        #expect(Aave.Rules.table.map(\.roundsDebtValueUp) == Array(repeating: false, count: 8) + [true, true, true])
        #expect(Aave.Rules.table.map(\.skipsZeroDebt) == Array(repeating: true, count: 8) + [false, false, false])
        #expect(Aave.Rules.table.map(\.isolatedCategories) == Array(repeating: false, count: 10) + [true])
    }

    @Test(arguments: 1...11)
    func chosenByRevisionAndFunctions(revision: Int) throws {
        let rules = Aave.Rules.table[revision - 1]
        #expect(try Aave.Rules.select(revision: UInt256(rules.revision), fingerprints: rules.fingerprints) == rules)
    }

    @Test(arguments: [0, 12, 100] as [UInt64])
    func unknownRevisionIsRefused(revision: UInt64) {
        let all = Aave.Rules.table[10].fingerprints
        #expect(throws: Aave.RulesRefusal.unknownRevision(UInt256(revision), all)) {
            try Aave.Rules.select(revision: UInt256(revision), fingerprints: all)
        }
    }

    @Test func contradictionIsRefused() {
        let old = Aave.Fingerprints()
        let new = Aave.Rules.table[4].fingerprints
        #expect(throws: Aave.RulesRefusal.contradiction(revision: 1, expected: old, got: new)) {
            try Aave.Rules.select(revision: 1, fingerprints: new)
        }
        #expect(throws: Aave.RulesRefusal.contradiction(revision: 5, expected: new, got: old)) {
            try Aave.Rules.select(revision: 5, fingerprints: old)
        }
    }

    @Test func refusalSaysWhatWasRead() {
        let refusal = Aave.RulesRefusal.contradiction(
            revision: 5, expected: Aave.Rules.table[4].fingerprints, got: Aave.Fingerprints(virtualBalance: true))
        #expect(refusal.read == "POOL_REVISION 5 with getVirtualUnderlyingBalance")
        #expect(refusal.expected == "getVirtualUnderlyingBalance, getEModeCategoryCollateralBitmap")
        #expect(
            Aave.RulesRefusal.unknownRevision(12, Aave.Fingerprints()).read
                == "POOL_REVISION 12 with none of the later functions")
    }
}

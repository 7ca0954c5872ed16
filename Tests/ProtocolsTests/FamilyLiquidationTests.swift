import Ethereum
import TestSupport
import Testing

@testable import Protocols

/// Sizes of liquidations, by published vectors and by property.
@Suite struct FamilyLiquidationTests {
    private func reference(
        tokens: UInt256 = 100_000_000_000, share: UInt256, incentive: UInt256, sharesPrincipal: Bool = false
    ) throws -> CompoundV2.LiquidationCase {
        CompoundV2.LiquidationCase(
            debt: 47_300_123_456, closeFactor: 500_000_000_000_000_000, tokens: tokens,
            exchangeRate: try #require(UInt256(decimal: "200123456789012345678901234")), incentive: incentive,
            borrowedPrice: try #require(UInt256(decimal: "1000123000000000000000000000000")),
            collateralPrice: try #require(UInt256(decimal: "2345678901234567890123")), seizeShare: share,
            sharesPrincipal: sharesPrincipal)
    }

    /// compound.md A10: seize and split, of Compound and of Venus' isolated pools.
    @Test func whatIsSeizedIsSplit() throws {
        let compound = try reference(share: 28_000_000_000_000_000, incentive: 1_080_000_000_000_000_000)
        let split = try compound.seized(for: 23_650_061_728)
        #expect(split.all == 54_418_039_501 && split.kept == 1_523_705_106)
        #expect(try CompoundV2.Math.mul(compound.exchangeRate, split.kept) == UInt256(decimal: "304929132939788475"))
        #expect(try compound.most() == 23_650_061_728)
        let isolated = try reference(
            share: 50_000_000_000_000_000, incentive: 1_100_000_000_000_000_000, sharesPrincipal: true)
        let share = try CompoundV2.Math.div(
            CompoundV2.Math.mul(54_418_039_501, isolated.seizeShare), isolated.incentive)
        #expect(share == 2_473_547_250)
    }

    /// The most never seizes more than there is, and one more does, or goes beyond the close factor.
    @Test(arguments: Seed.sweep(3)) func theMostIsTheMost(seed: Seed) throws {
        var random = seed.generator
        for _ in 0..<2_000 {
            func number(_ bits: Int) -> UInt256 {
                UInt256(UInt64.random(in: 1...(bits >= 64 ? .max : 1 << UInt64(bits)), using: &random))
            }
            let case_ = CompoundV2.LiquidationCase(
                debt: number(Int.random(in: 3..<64, using: &random)), closeFactor: 500_000_000_000_000_000,
                tokens: number(Int.random(in: 3..<50, using: &random)),
                exchangeRate: try number(60) * number(30), incentive: 1_080_000_000_000_000_000,
                borrowedPrice: try number(60) * number(40), collateralPrice: try number(60) * number(40),
                seizeShare: 28_000_000_000_000_000, rounding: Bool.random(using: &random) ? .truncating : .halfUp)
            guard (try? case_.ratio())?.isZero == false, let most = try? case_.most() else { continue }
            #expect(try case_.seized(for: most).all <= case_.tokens, "\(case_)")
            let closed = try CompoundV2.Math.mul(500_000_000_000_000_000, case_.debt)
            #expect(try most == closed || case_.seized(for: most + 1).all > case_.tokens, "\(case_)")
        }
    }

    /// The least base buys as much as the most base, and one less buys less.
    @Test(arguments: Seed.sweep(3)) func theLeastBaseBuysAsMuch(seed: Seed) throws {
        var random = seed.generator
        for _ in 0..<2_000 {
            let terms = CompoundV3.Math.SaleTerms(
                basePrice: UInt256(UInt64.random(in: 1...1 << 40, using: &random)),
                baseScale: try .powerOfTen(Int.random(in: 6...18, using: &random)),
                discounted: UInt256(UInt64.random(in: 1...1 << 44, using: &random)),
                scale: try .powerOfTen(Int.random(in: 2...20, using: &random)))
            let reserves = UInt256(
                UInt64.random(in: 1...1 << UInt64(Int.random(in: 2...62, using: &random)), using: &random))
            let most = try terms.largestPurchase(of: reserves)
            let bought = try terms.quote(most)
            #expect(bought <= reserves)
            #expect(try terms.quote(most + 1) > reserves)
            let least = try terms.leastBase(for: bought)
            #expect(least <= most)
            #expect(try terms.quote(least) == bought)
            if !least.isZero, !bought.isZero { #expect(try terms.quote(least - 1) < bought) }
        }
    }
}

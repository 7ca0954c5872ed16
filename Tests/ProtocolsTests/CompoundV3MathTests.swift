import Chain
import Ethereum
import Lending
import Protocols
import Testing

private typealias Math = CompoundV3.Math

/// Facts of the protocol's own tests (compound-finance/comet test/*.ts@d5a30b0a), and numbers that were derived from its
/// source by hand.
@Suite struct CompoundV3MathTests {
    static let year: UInt256 = 31_536_000
    /// A rate a year in ten-thousandths, as a deployment cuts it to a second.
    static func perSecond(_ tenThousandths: UInt256) throws -> UInt256 {
        try (tenThousandths * 100_000_000_000_000).divided(by: year, .down)
    }

    static let stored = CompoundV3.Totals(
        baseSupplyIndex: 1_083_456_789_012_345, baseBorrowIndex: 1_137_654_321_098_765,
        totalSupplyBase: 350_000_000_000_000, totalBorrowBase: 300_000_000_000_000, lastAccrualTime: 1_000_000)

    static func rates() throws -> (supply: UInt256, borrow: UInt256) {
        let kink: UInt256 = 800_000_000_000_000_000
        return try Math.rates(
            stored,
            supply: CompoundV3.Curve(
                kink: kink, slopeLow: perSecond(325), slopeHigh: perSecond(4_000), base: .zero),
            borrow: CompoundV3.Curve(
                kink: kink, slopeLow: perSecond(350), slopeHigh: perSecond(2_500), base: perSecond(150)),
            .extended, baseBalance: nil)
    }

    static func accrued() throws -> CompoundV3.Totals {
        try Math.accrue(stored, to: 1_003_607, rates: rates())
    }

    @Test func ratesAndIndexes() throws {
        #expect(try Self.perSecond(150) == 475_646_879)
        #expect(try Self.perSecond(350) == 1_109_842_719)
        #expect(try Self.perSecond(2_500) == 7_927_447_995)
        #expect(try Self.perSecond(325) == 1_030_568_239)
        #expect(try Self.perSecond(4_000) == 12_683_916_793)
        #expect(try Math.utilization(Self.stored) == 900_019_534_804_357_219)
        let rates = try Self.rates()
        #expect(rates.supply == 2_093_094_048)
        #expect(rates.borrow == 2_156_420_714)
        let accrued = try Self.accrued()
        #expect(accrued.baseSupplyIndex == 1_083_464_968_883_826)
        #expect(accrued.baseBorrowIndex == 1_137_663_170_012_430)
        #expect(try Math.accrue(Self.stored, to: 1_000_000, rates: rates) == Self.stored)
    }

    @Test func whereAccrualReverts() throws {
        let rates = try Self.rates()
        #expect(throws: MathError.overflow) { try Math.accrue(Self.stored, to: 999_999, rates: rates) }
        var grown = Self.stored
        grown.baseSupplyIndex = UInt256(UInt64.max)
        // The borrow index alone would fit: one of both suffices.
        #expect(throws: MathError.overflow) { try Math.accrue(grown, to: 1_003_607, rates: rates) }
        var tracking = CompoundV3.Tracking()
        tracking.minimum = .one
        tracking.supplySpeed = UInt256(UInt64.max)
        #expect(throws: MathError.overflow) {
            try Math.accrue(Self.stored, to: 1_003_607, rates: rates, tracking: tracking, baseScale: 1_000_000_000_000)
        }
    }

    @Test func anEmptySideRestsUnderTheServicePatch() throws {
        let curve = CompoundV3.Curve(kink: .wad, slopeLow: 1_000, slopeHigh: 1_000, base: 7)
        var totals = Self.stored
        totals.totalBorrowBase = .zero
        for (rules, balance, expected) in [
            (CompoundV3.Rules.extended, UInt256.zero, [7, 7] as [UInt256]), (.patched, .max, [7, 0]),
            (.patched, .zero, [0, 0]),
        ] {
            let rates = try Math.rates(totals, supply: curve, borrow: curve, rules, baseBalance: balance)
            #expect([rates.supply, rates.borrow] == expected)
        }
    }

    @Test func valuesAndPrincipals() throws {
        let debt = try Math.principalValue(Int256(-100_000_000_000), Self.stored)
        #expect(debt == Int256(-87_900_162_770))
        #expect(try Math.presentValue(debt, Self.stored) == Int256(-100_000_000_000))
        #expect(try Math.presentValue(debt, Self.accrued()) == Int256(-100_000_777_821))
        #expect(try Math.presentValue(Int256.zero, Self.stored) == .zero)
        // Down for supplies, up for debts: neither side gains by a round trip.
        #expect(try Math.principalValue(Int256(1), Self.stored) == .zero)
        #expect(try Math.principalValue(Int256(-1), Self.stored) == Int256(-1))
        #expect(throws: MathError.overflow) { try Math.principalValue(.max, Self.stored) }
    }

    @Test func signedPricesAreCutTowardsZero() throws {
        #expect(try Math.signedMulPrice(Int256(-1), 99_999_999, scale: 100_000_000) == .zero)
        #expect(try Math.signedMulPrice(Int256(-3), 50_000_000, scale: 100_000_000) == Int256(-1))
        #expect(throws: MathError.overflow) { try Math.signedMulPrice(Int256(-1), .max, scale: 1) }
        #expect(throws: MathError.divisionByZero) { try Math.mulPrice(1, 1, scale: 0) }
    }

    @Test func absorptions() throws {
        var flat = Self.stored
        flat.baseSupplyIndex = Math.indexScale
        flat.baseBorrowIndex = Math.indexScale
        let surplus = try Math.absorb(
            principal: Int256(-44_174_999_999),
            seized: [17_500_000_000, 300_000_000_000, 4_100_000_000_000].map { ($0, .wad) },
            basePrice: 100_000_000, baseScale: 1_000_000, flat)
        #expect(surplus.newBalance == 1)
        #expect(surplus.basePaidOut == 44_175_000_000)
        #expect(surplus.newPrincipal == Int256(1))
        let bare = try Math.absorb(
            principal: Int256(-100), seized: [], basePrice: 100_000_000, baseScale: 1_000_000, flat)
        #expect(bare.newPrincipal == .zero)
        #expect(bare.basePaidOut == 100)
        let whole = try Math.absorb(
            principal: Int256(-87_900_162_770), seized: [(11_172_468_606_558, 950_000_000_000_000_000)],
            basePrice: 99_993_456, baseScale: 1_000_000, Self.accrued())
        #expect(whole.credit == 10_613_845_176_230)
        #expect(whole.newBalance == 6_144_620_096)
        #expect(whole.newPrincipal == Int256(5_671_267_897))
        #expect(whole.basePaidOut == 106_145_397_917)
    }

    @Test func quotes() throws {
        func quote(_ base: UInt256, _ price: UInt256, _ store: UInt256, _ factor: UInt256) throws -> UInt256 {
            let unit: UInt256 = 10_000_000_000_000_000
            let discount = try Math.discount(
                storeFrontPriceFactor: store * unit, liquidationFactor: factor * unit, .extended)
            return try Math.quote(
                baseAmount: base, basePrice: 100_000_000, baseScale: 1_000_000,
                discounted: Math.discountedPrice(price * 100_000_000, discount: discount), scale: .wad)
        }
        #expect(try quote(200_000_000, 200, 50, 60) == 1_250_000_000_000_000_000)
        #expect(try quote(200_000_000, 200, 0, 60) == .wad)
        #expect(try quote(810_000_000, 9, 50, 80) == 100 * .wad)
        #expect(try quote(1_000_000_000_000_000_000_000, 200, 80, 75) == 6_250_000_000_000 * .wad)
        #expect(throws: MathError.overflow) { try quote(1, 1, 50, 101) }
        #expect(
            try Math.discount(storeFrontPriceFactor: .wad, liquidationFactor: .zero, .patched) == .zero)
        #expect(
            try Math.discount(storeFrontPriceFactor: .wad, liquidationFactor: .zero, .extended) == .wad)
    }

    @Test func theLargestPurchaseLeavesNothingAndNoMore() throws {
        let (price, scale): (UInt256, UInt256) = (99_993_456, 1_000_000)
        let discount = try Math.discount(
            storeFrontPriceFactor: 500_000_000_000_000_000, liquidationFactor: 950_000_000_000_000_000, .extended)
        let discounted = try Math.discountedPrice(234_567_890_123, discount: discount)
        #expect(discounted == 228_703_692_869)
        let lot: UInt256 = 47_630_000_000_000_000_000
        let largest = try Math.largestPurchase(
            of: lot, basePrice: price, baseScale: scale, discounted: discounted, scale: .wad)
        #expect(largest == 108_938_697_861)
        func bought(_ base: UInt256) throws -> UInt256 {
            try Math.quote(baseAmount: base, basePrice: price, baseScale: scale, discounted: discounted, scale: .wad)
        }
        #expect(try bought(largest) == 47_629_999_999_609_659_193)
        #expect(try bought(largest + 1) > lot)
    }
}

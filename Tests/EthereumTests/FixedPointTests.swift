import Ethereum
import Testing

/// Numbers of aave-v3-origin's own tests, and the edges at which its functions revert.
@Suite struct FixedPointTests {
    private let maximum = UInt256.max

    @Test func dividesAsTheContractsTestsSay() throws {
        // aave-dao/aave-v3-origin tests/protocol/libraries/math.
        #expect(
            try UInt256.wadDiv(8_745_000_000_000_000_000, 670_000_000_000_000_000) == 13_052_238_805_970_149_254)
        #expect(
            try UInt256.rayDiv(8_745_000_000_000_000_000_000_000_000, 670_000_000_000_000_000_000_000_000)
                == 13_052_238_805_970_149_253_731_343_284)
    }

    @Test func scaledBalancesRoundAsAsked() throws {
        let index: UInt256 = 1_083_123_456_789_012_345_678_901_234
        #expect(try UInt256.rayMul(987_654_321, index) == 1_069_751_562)
        #expect(try UInt256.rayMulFloor(987_654_321, index) == 1_069_751_562)
        #expect(try UInt256.rayMulCeil(987_654_321, index) == 1_069_751_563)
        #expect(try UInt256.rayDivCeil(1_069_751_562, index) == 987_654_321)
        #expect(try UInt256.rayDivFloor(1_069_751_563, index) == 987_654_321)
    }

    @Test func rayMulOverflowsWithItsHalf() throws {
        // a · 1 + RAY / 2 = 2^256 − 1 is the last sum that fits.
        let last = maximum &- 500_000_000_000_000_000_000_000_000
        #expect(try UInt256.rayMul(last, 1) == UInt256.mulDiv(maximum, 1, .ray, .down))
        #expect(throws: MathError.overflow) { try UInt256.rayMul(last &+ 1, 1) }
        #expect(try UInt256.rayMulFloor(last &+ 1, 1) == UInt256.mulDiv(maximum, 1, .ray, .down))
        #expect(throws: MathError.overflow) { try UInt256.wadMul(maximum &- 499_999_999_999_999_999, 1) }
        #expect(throws: MathError.overflow) { try UInt256.percentMul(maximum &- 4_999, 1) }
        #expect(throws: MathError.overflow) { try UInt256.rayMul(maximum, .ray) }
        #expect(try UInt256.rayMul(maximum, 0) == 0)
    }

    @Test func rayDivOverflowsWithItsHalf() throws {
        // The quotient would fit 256 bits in all of these, and the contract reverts all the same.
        let limit = try maximum.divided(by: .ray, .down)
        #expect(try UInt256.rayDivFloor(limit, .max) == 0)
        #expect(throws: MathError.overflow) { try UInt256.rayDiv(limit, .max) }
        #expect(throws: MathError.overflow) { try UInt256.rayDivFloor(limit &+ 1, .max) }
        #expect(throws: MathError.overflow) { try UInt256.wadDiv(maximum, maximum) }
        #expect(throws: MathError.overflow) { try UInt256.percentDiv(maximum, maximum) }
    }

    @Test func divisorsOfZeroAreTheirOwnCase() {
        #expect(throws: MathError.divisionByZero) { try UInt256.rayDiv(1, 0) }
        #expect(throws: MathError.divisionByZero) { try UInt256.wadDivCeil(.max, 0) }
        #expect(throws: MathError.divisionByZero) { try UInt256.percentDivFloor(1, 0) }
        #expect(throws: MathError.divisionByZero) { try UInt256.mulDiv(.max, .max, 0, .down) }
    }

    @Test func raysAndWadsConvert() throws {
        #expect(UInt256.rayToWad(1_499_999_999) == 1)
        #expect(UInt256.rayToWad(1_500_000_000) == 2)
        #expect(UInt256.rayToWad(.max) == (try UInt256.max.divided(by: 1_000_000_000, .halfUp)))
        #expect(try UInt256.wadToRay(.wad) == .ray)
        #expect(throws: MathError.overflow) { try UInt256.wadToRay(.max) }
    }

    @Test func roundedQuotientMayOverflow() {
        #expect(throws: MathError.overflow) { try UInt256.mulDiv(.max, .max, .max &- 1, .up) }
        #expect(throws: MathError.overflow) { try UInt256.mulDiv(.max, 2, 2 &- 1, .down) }
        #expect(outcome { () throws(MathError) in try .mulDiv(.max, .max, .max, .up) } == .success(.max))
        // (2^256 − 1)·3 / 2 does not fit; (2^255 − 1)·… just below the edge, rounding alone tips it over.
        let a = UInt256.max
        #expect(
            outcome { () throws(MathError) in try .mulDiv(a, 1 << 200, (1 << 200) &- 1, .down) } == .failure(.overflow))
    }

    @Test func halvesGoUpAndTheRestDoesNot() throws {
        for divisor in [2, 10, 10_000, .ray, UInt256.one << 200, UInt256.max &- 1] as [UInt256] {
            let half = divisor >> 1
            #expect(try half.divided(by: divisor, .halfUp) == 1)
            #expect(try (half &- 1).divided(by: divisor, .halfUp) == 0)
            #expect(try (divisor &- 1).divided(by: divisor, .halfUp) == 1)
        }
        // Of an odd divisor no remainder is a half.
        #expect(try UInt256(1).divided(by: 3, .halfUp) == 0)
        #expect(try UInt256(2).divided(by: 3, .halfUp) == 1)
    }

    /// A remainder of one is all that tells exact from inexact; a leading part equal to the divisor is the largest that
    /// needs its own step.
    @Test(arguments: [0, 1, 63, 64, 65, 100, 127, 128, 129, 150, 154, 165]) func edgesOfTheLongDivision(shift: Int)
        throws
    {
        for (scale, ceil, floor) in [
            (UInt256.ray, UInt256.rayMulCeil, UInt256.rayMulFloor), (.wad, UInt256.wadMulCeil, UInt256.wadMulFloor),
            (10_000, UInt256.percentMulCeil, UInt256.percentMulFloor),
        ]
            as [(
                UInt256, @Sendable (UInt256, UInt256) throws(MathError) -> UInt256,
                @Sendable (UInt256, UInt256) throws(MathError) -> UInt256
            )]
        {
            let quotient = UInt256.one << shift
            let product = quotient &* scale
            #expect(try ceil(product, 1) == quotient)
            #expect(try ceil(product &+ 1, 1) == quotient &+ 1)
            #expect(try ceil(product &- 1, 1) == quotient)
            #expect(try floor(product &- 1, 1) == quotient &- 1)
        }
        // The words that divide by a ray, a wad and 10,000, each at the head of what is divided.
        for divisor in [0xCECB_8F27_F420_0F3A, 0xDE0B_6B3A_7640_0000, 0x9C40_0000_0000_0000] as [UInt256] {
            for value in [divisor << shift, (divisor << shift) &- 1, (divisor << shift) | .mask(bits: shift)] {
                #expect(try UInt256.rayMulFloor(value, 1) == value.divided(by: .ray, .down))
                #expect(try UInt256.wadMulFloor(value, 1) == value.divided(by: .wad, .down))
                #expect(try UInt256.percentMulFloor(value, 1) == value.divided(by: 10_000, .down))
            }
        }
    }
}

import Ethereum
import Testing
import TestSupport

@Suite struct Int256Tests {
    @Test func printsAndParses() {
        let least = "-57896044618658097711785492504343953926634992332820282019728792003956564819968"
        #expect(Int256.min.description == least)
        #expect(Int256(decimal: least) == .min)
        #expect(Int256(decimal: "57896044618658097711785492504343953926634992332820282019728792003956564819968") == nil)
        #expect(Int256(decimal: "-") == nil)
        #expect(Int256(decimal: "--1") == nil)
        #expect(Int256(decimal: "-0") == 0)
        #expect(Int256(-1).bits == .max)
        #expect(Int256(-1).description == "-1")
    }

    @Test func edgesThrow() {
        #expect(throws: MathError.overflow) { try Int256.max + 1 }
        #expect(throws: MathError.overflow) { try Int256.min - 1 }
        #expect(throws: MathError.overflow) { try Int256.min * -1 }
        #expect(throws: MathError.overflow) { try -Int256.min }
        #expect(throws: MathError.overflow) { try Int256.min.quotientAndRemainder(dividingBy: -1) }
        #expect(throws: MathError.divisionByZero) { try Int256.min.quotientAndRemainder(dividingBy: 0) }
        #expect(throws: MathError.overflow) { try UInt256(1) + Int256(-2) }
    }

    @Test func conversionsSayWhatFits() throws {
        #expect(Int256.min.magnitude == UInt256.one << 255)
        #expect(Int256(exactly: UInt256.one << 255) == nil)
        #expect(Int256(-5).asUInt256() == nil)
        #expect(Int256(Int64.min).asInt64() == .min)
        #expect(try (Int256(Int64.min) - 1).asInt64() == nil)
        #expect(try UInt256(5) + Int256(-2) == 3)
        #expect(Int256(-3) < 2)
        #expect(Int256.min < .max)
    }

    /// Small numbers, where Swift's own integers know the answer.
    @Test(arguments: Seed.sweep(32)) func agreesWithInt128(seed: Seed) throws {
        var generator = seed.generator
        for _ in 0..<100 {
            let a = Int64(truncatingIfNeeded: generator.next()) >> Int64.random(in: 0...63, using: &generator)
            let b = Int64(truncatingIfNeeded: generator.next()) >> Int64.random(in: 0...63, using: &generator)
            let (x, y) = (Int256(a), Int256(b))
            #expect(try (x + y).description == String(Int128(a) + Int128(b)))
            #expect(try (x - y).description == String(Int128(a) - Int128(b)))
            #expect(try (x * y).description == String(Int128(a) * Int128(b)))
            #expect((x < y) == (a < b))
            if b != 0, !(a == .min && b == -1) {
                let (quotient, remainder) = try x.quotientAndRemainder(dividingBy: y)
                #expect(quotient == Int256(a / b))
                #expect(remainder == Int256(a % b))
            }
        }
    }
}

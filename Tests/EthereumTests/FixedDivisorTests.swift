import Ethereum
import TestSupport
import Testing

@Suite struct FixedDivisorTests {
    /// Powers of ten, powers of two, odd numbers, their products, and the ends of the range.
    static let divisors: [UInt256] = {
        var divisors: [UInt256] = [1, 2, 3, 6, 7, 10, 12, 24, 96, .max, .max &- 1]
        var power = UInt256.one
        for _ in 0..<77 {
            power = power &* 10
            divisors.append(power)
        }
        for shift in [1, 63, 64, 100, 126, 127, 128, 200, 255] {
            divisors += [.one << shift, UInt256(3 as UInt64) << shift, (.one << shift) &+ 2]
        }
        return divisors.filter { !$0.isZero }
    }()

    @Test(arguments: Seed.sweep(20))
    func agreesWithDivision(seed: Seed) throws {
        var random = seed.generator
        for divisor in Self.divisors {
            let fixed = FixedDivisor(divisor)
            for _ in 0..<20 {
                let bits = Int.random(in: 0...256, using: &random)
                var value =
                    UInt256(words: random.next(), random.next(), random.next(), random.next()) & .mask(bits: bits)
                // Beside a multiple is where a reciprocal would be wrong first.
                if Bool.random(using: &random) { value = value &- (try value % divisor) }
                for value in [value, value &- 1] {
                    #expect(try fixed.quotient(of: value) == value.divided(by: divisor, .down))
                    #expect(try fixed.quotientUp(of: value) == value.divided(by: divisor, .up))
                }
            }
        }
    }

    @Test func zeroThrows() {
        #expect(throws: MathError.divisionByZero) { try FixedDivisor(.zero).quotient(of: 1) }
    }
}

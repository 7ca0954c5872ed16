import Ethereum
import Testing
import TestSupport

@Suite struct UInt256Tests {
    @Test func shiftsBeyondTheWordLoseEverything() {
        #expect(UInt256.max << 256 == 0)
        #expect(UInt256.max >> 256 == 0)
        #expect(UInt256.max << .max == 0)
        #expect(UInt256.max >> .min == 0)
        #expect(UInt256.one << -1 == 0)
        #expect(UInt256(2) << -1 == 1)
        #expect(UInt256.one >> -255 == UInt256(high: 1 << 127, low: 0))
    }

    @Test(arguments: Seed.sweep(32)) func shiftsAreProductsAndQuotients(seed: Seed) throws {
        var generator = seed.generator
        for count in 0..<256 {
            let value = UInt256.random(using: &generator)
            let power = UInt256.one << count
            #expect(value << count == value &* power)
            #expect(try value >> count == value.divided(by: power, .down))
        }
    }

    @Test(arguments: Seed.sweep(32)) func bitsAreThoseOfTheBytes(seed: Seed) {
        var generator = seed.generator
        let a = UInt256.random(using: &generator)
        let b = UInt256.random(using: &generator)
        let bytes = a.bigEndianBytes
        let set = (0..<256).filter { bytes[31 - $0 / 8] >> UInt8($0 % 8) & 1 == 1 }
        for position in -1...256 {
            #expect(a[bit: position] == set.contains(position))
        }
        #expect(a.significantBits == (set.last ?? -1) + 1)
        #expect(a.trailingZeroBitCount == set.first ?? 256)
        #expect(a.nonzeroBitCount == set.count)
        #expect((a & b).bigEndianBytes == zip(a.bigEndianBytes, b.bigEndianBytes).map { $0 & $1 })
        #expect((a | b).bigEndianBytes == zip(a.bigEndianBytes, b.bigEndianBytes).map { $0 | $1 })
        #expect((a ^ b).bigEndianBytes == zip(a.bigEndianBytes, b.bigEndianBytes).map { $0 ^ $1 })
        #expect((~a).bigEndianBytes == a.bigEndianBytes.map { ~$0 })
    }

    @Test func fieldsOfPackedWords() {
        // Aave's reserve configuration: LTV 8050, threshold 8300, bonus 10500, 18 decimals; borrow cap 2.7 million.
        let word = UInt256(hex: "0x100000000000000000000003e800036ee800002932e005dc85122904206c1f72") ?? 0
        #expect(word.bits(0, count: 16) == 8050)
        #expect(word.bits(16, count: 16) == 8300)
        #expect(word.bits(32, count: 16) == 10_500)
        #expect(word.bits(48, count: 8) == 18)
        #expect(word.bits(80, count: 36) == 2_700_000)
        #expect(word.bits(252, count: 100) == 1)
        #expect(word.bits(0, count: 0) == 0)
        #expect(word.bits(0, count: 256) == word)
    }

    @Test(arguments: Seed.sweep(16)) func orderIsThatOfTheBytes(seed: Seed) {
        var generator = seed.generator
        for _ in 0..<100 {
            let a = UInt256.random(using: &generator)
            let b = UInt256.random(using: &generator)
            #expect((a < b) == a.bigEndianBytes.lexicographicallyPrecedes(b.bigEndianBytes))
            #expect(a.distance(to: b) == b.distance(to: a))
            #expect(a.subtractingOrZero(b) == (a < b ? 0 : a &- b))
        }
    }

    @Test func conversionsSayWhatFits() {
        #expect(UInt256(exactly: -1) == nil)
        #expect(UInt256(exactly: Int8.min) == nil)
        #expect(UInt256(exactly: UInt128.max) == UInt256(high: 0, low: .max))
        #expect(UInt256(exactly: 0) == 0)
        #expect(UInt256(UInt64.max).asUInt64() == .max)
        #expect((UInt256(UInt64.max) &+ 1).asUInt64() == nil)
        #expect(UInt256(UInt64.max).asInt() == nil)
        #expect(UInt256(UInt64(Int.max)).asInt() == .max)
        #expect(UInt256(high: 1, low: 0).asUInt64() == nil)
        #expect(UInt256(high: 1, low: 0).asInt() == nil)
        #expect(UInt256(high: 1, low: 0).asUInt128() == nil)
        #expect(UInt256(bigEndian: [UInt8](repeating: 1, count: 33)) == nil)
        #expect(UInt256(bigEndian: []) == 0)
        #expect((UInt256.one << 200).double == 0x1p200)
    }

    @Test func wordsOutsideASpanAreAbsent() {
        let bytes = [UInt8](repeating: 1, count: 40)
        #expect(UInt256(bigEndian: bytes.span, at: 8) != nil)
        for offset in [9, 40, -1, .max, .min] {
            #expect(UInt256(bigEndian: bytes.span, at: offset) == nil)
        }
        #expect(UInt256(bigEndian: bytes[0..<31].span, at: 0) == nil)
    }

    @Test(arguments: Seed.sweep(32)) func squareRootsAreFloors(seed: Seed) throws {
        var generator = seed.generator
        for value in [UInt256.random(using: &generator), .zero, .one, 3, 4, .max] {
            let root = value.squareRoot()
            #expect(try root * root <= value)
            #expect(
                Reference(value) < Reference(root) * Reference(root) + Reference(root) + Reference(root) + Reference(1))
        }
    }

    @Test func powersOverflowLate() throws {
        #expect(try UInt256(2).raised(to: 255) == UInt256.one << 255)
        #expect(throws: MathError.overflow) { try UInt256(2).raised(to: 256) }
        #expect(try UInt256.max.raised(to: 1) == .max)
        #expect(try UInt256.zero.raised(to: 0) == 1)
        #expect(try UInt256.one.raised(to: .max) == 1)
    }
}

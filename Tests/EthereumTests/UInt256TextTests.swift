import Ethereum
import Testing
import TestSupport

@Suite struct UInt256TextTests {
    private static let maximum = "115792089237316195423570985008687907853269984665640564039457584007913129639935"

    @Test func printsDecimal() {
        #expect(UInt256.zero.description == "0")
        #expect(UInt256.max.description == Self.maximum)
        #expect(UInt256(10_000_000_000_000_000_000 as UInt64).description == "10000000000000000000")
        #expect((UInt256.one << 128).description == "340282366920938463463374607431768211456")
    }

    @Test func parsesWhatItPrints() {
        #expect(UInt256(decimal: Self.maximum) == .max)
        #expect(
            UInt256(decimal: "000000000000000000000000000000000000000000000000000000000000000000000000000000001") == 1)
        #expect(UInt256(hex: "0x0") == 0)
        #expect(UInt256(hex: "0") == 0)
        #expect(UInt256(hex: "00ff") == 255)
        #expect(UInt256(hex: "0XfF") == 255)
    }

    @Test(arguments: [
        "", "-1", "+1", " 1", "1 ", "1_000", "0x10", "1e18", "1.0", "١", "１",
        "115792089237316195423570985008687907853269984665640564039457584007913129639936",
        "1157920892373161954235709850086879078532699846656405640394575840079131296399350",
    ])
    func refusesOtherDecimals(text: String) {
        #expect(UInt256(decimal: text) == nil)
    }

    @Test(arguments: [
        "", "0x", "x1", "0x0x1", "-0x1", "0xg", "0x 1", "1x", "00x1", "0x1" + String(repeating: "0", count: 64),
    ])
    func refusesOtherHex(text: String) {
        #expect(UInt256(hex: text) == nil)
    }

    @Test(arguments: ["", "0x", "0x00", "0x01", "1", "0X1", "0xg", "0x1 ", "0x1" + String(repeating: "0", count: 64)])
    func refusesOtherQuantities(text: String) {
        #expect(Hex.parseQuantity256(text) == nil)
    }

    @Test func quantitiesHaveNoLeadingZeros() {
        #expect(Hex.quantity(0 as UInt64) == "0x0")
        #expect(Hex.quantity(UInt256.zero) == "0x0")
        #expect(Hex.quantity(UInt256(1024)) == "0x400")
        #expect(Hex.parseQuantity("0xffffffffffffffff") == .max)
        #expect(Hex.parseQuantity("0x10000000000000000") == nil)
        #expect(Hex.parseQuantity256("0x" + String(repeating: "f", count: 64)) == .max)
    }

    @Test func powersOfTen() throws {
        for n in 0...77 {
            #expect(try UInt256.powerOfTen(n).description == "1" + String(repeating: "0", count: n))
        }
        #expect(throws: MathError.overflow) { try UInt256.powerOfTen(78) }
        #expect(throws: MathError.overflow) { try UInt256.powerOfTen(-1) }
    }

    @Test(arguments: Seed.sweep(64)) func everyFormGoesRound(seed: Seed) throws {
        var generator = seed.generator
        for _ in 0..<50 {
            let value = UInt256.random(using: &generator)
            #expect(UInt256(decimal: value.description) == value)
            #expect(UInt256(hex: value.hex) == value)
            #expect(Hex.parseQuantity256(value.hex) == value)
            #expect(UInt256(bigEndian: value.bigEndianBytes) == value)
            #expect(UInt256(bigEndian: value.minimalBigEndianBytes) == value)
            #expect(value.minimalBigEndianBytes.first != 0)
            var bytes = [UInt8](repeating: 9, count: 40)
            value.write(into: &bytes, at: 5)
            #expect(UInt256(bigEndian: bytes.span, at: 5) == value)
            #expect(bytes[4] == 9 && bytes[37] == 9)
        }
    }
}

import Ethereum
import Testing
import TestSupport

@Suite struct HexTests {
    @Test func digitsOfEitherCase() throws {
        #expect(try Hex.decode("0x00fFAb") == [0x00, 0xFF, 0xAB])
        #expect(try Hex.decode("0X00") == [0])
        #expect(try Hex.decode("00") == [0])
        #expect(try Hex.decode("") == [])
        #expect(try Hex.decode("0x") == [])
        #expect(Hex.encode([0x00, 0xFF, 0xAB]) == "0x00ffab")
        #expect(Hex.encode([]) == "0x")
    }

    @Test func saysWhatIsWrong() {
        #expect(throws: HexError.oddLength(digits: 3)) { try Hex.decode("0x123") }
        #expect(throws: HexError.oddLength(digits: 1)) { try Hex.decode("0") }
        #expect(throws: HexError.notHex(offset: 2, byte: 0x67)) { try Hex.decode("0xg0") }
        #expect(throws: HexError.notHex(offset: 3, byte: 0x20)) { try Hex.decode("0x0 ") }
        #expect(throws: HexError.notHex(offset: 0, byte: 0x78)) { try Hex.decode("xx") }
        #expect(throws: HexError.missingPrefix) { try Hex.decode("00", prefix: .required) }
        #expect(throws: HexError.missingPrefix) { try Hex.decode("", prefix: .required) }
    }

    @Test func onlyTheDigitsAreDigits() {
        let digits = (0...255).filter { Hex.nibble(UInt8($0)) != nil }.map { UInt8($0) }
        #expect(String(decoding: digits, as: UTF8.self) == "0123456789ABCDEFabcdef")
    }

    @Test(arguments: Seed.sweep(16)) func bytesGoRound(seed: Seed) throws {
        var generator = seed.generator
        let bytes = generator.bytes(Int.random(in: 0...100, using: &generator))
        let text = Hex.encode(bytes)
        #expect(try Hex.decode(text) == bytes)
        #expect(try Hex.decode(text.uppercased()) == bytes)
        #expect(try Hex.decode(Array(text.utf8), prefix: .required) == bytes)
    }
}

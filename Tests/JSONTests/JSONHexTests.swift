import JSON
import Testing

@Suite struct JSONHexTests {
    private func scan(_ text: String) throws -> JSONScanner { try JSONScanner(Array("\"\(text)\"".utf8)) }

    @Test(arguments: [("0x0", 0), ("0x1", 1), ("0xff", 255), ("0xFf", 255), ("0xffffffffffffffff", UInt64.max)])
    func readsQuantities(text: String, value: UInt64) throws {
        let scanner = try scan(text)
        #expect(try scanner.quantity(scanner.root) == value)
    }

    @Test(arguments: [
        "", "0x", "0", "ff", "0x00", "0x01", "0X1", "0xg", "0x 1", "-0x1", "0x10000000000000000", "0x1\\u0030", "１",
    ])
    func refusesOtherQuantities(text: String) throws {
        let scanner = try scan(text)
        #expect(throws: JSONError.self) { try scanner.quantity(scanner.root) }
    }

    @Test(arguments: ["12", "true", "null", "[]"])
    func refusesOtherKinds(text: String) throws {
        let scanner = try JSONScanner(Array(text.utf8))
        #expect(throws: JSONError.self) { try scanner.quantity(scanner.root) }
        #expect(throws: JSONError.self) { try scanner.hexData(scanner.root) }
        #expect(throws: JSONError.self) { try scanner.hexWord(scanner.root) }
    }

    @Test(arguments: 0...70)
    func readsEveryLength(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 7) }
        let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: count % 2 == 0) }.joined()
        let scanner = try scan("0x" + digits)
        #expect(try scanner.hexData(scanner.root) == bytes)
        #expect(try scanner.hexCount(scanner.root) == count)
        guard (1...32).contains(count) else {
            #expect(throws: JSONError.self) { try scanner.hexWord(scanner.root) }
            return
        }
        let number = try scanner.hexNumber(scanner.root, bytes: count)
        let padded = [UInt8](repeating: 0, count: 32 - count) + bytes
        #expect(number.high == padded[..<16].reduce(0) { $0 << 8 | UInt128($1) })
        #expect(number.low == padded[16...].reduce(0) { $0 << 8 | UInt128($1) })
        #expect(throws: JSONError.self) { try scanner.hexNumber(scanner.root, bytes: count + 1) }
    }

    /// Every byte in every place of a group of eight digits: accepted if and only if it is a digit.
    @Test func knowsEveryDigit() throws {
        for byte in UInt8(0x20)..<0x7F where byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") {
            for place in 0..<10 {
                var digits = Array("0123456789".utf8)
                digits[place] = byte
                let scanner = try JSONScanner(Array("\"0x".utf8) + digits + Array("\"".utf8))
                let value = Int(String(decoding: digits, as: UTF8.self), radix: 16)
                let isDigit = Character(Unicode.Scalar(byte)).isHexDigit
                if isDigit {
                    #expect(try scanner.hexWord(scanner.root).low == UInt128(try #require(value)))
                    #expect(try scanner.hexData(scanner.root).count == 5)
                } else {
                    #expect(throws: JSONError.self) { try scanner.hexWord(scanner.root) }
                    #expect(throws: JSONError.self) { try scanner.hexData(scanner.root) }
                }
            }
        }
    }

    @Test func padsWordsOnTheLeft() throws {
        let scanner = try scan("0x00000000000000000000000000000000000000000000000000000000000001f")
        #expect(try scanner.hexWord(scanner.root) == (0, 31))
    }

    @Test(arguments: ["0x1", "0x123", "0xzz", "1234", "0x12 4"])
    func refusesOtherData(text: String) throws {
        let scanner = try scan(text)
        #expect(throws: JSONError.self) { try scanner.hexData(scanner.root) }
    }
}

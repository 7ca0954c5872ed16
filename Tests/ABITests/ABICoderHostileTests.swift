import ABI
import Ethereum
import Testing

/// Bytes from a contract that means harm: each must be refused by its own case, and cost no more than its own length.
@Suite struct ABICoderHostileTests {
    private func decode(_ types: String, _ data: [UInt8]) throws -> [ABIValue] {
        try ABICoder.decode(data, as: ABIType.list(parsing: types).map(\.type))
    }

    private func refuses(
        _ types: String, _ data: [UInt8], _ error: ABIError, _ place: SourceLocation = #_sourceLocation
    ) {
        #expect(throws: error, sourceLocation: place) { try decode(types, data) }
    }

    @Test func lengths() throws {
        let huge = String(repeating: "f", count: 64)
        for type in ["bytes", "string"] {
            refuses(type, try words("20", huge), .length(at: 32, value: .max, of: type, room: 0))
            refuses(
                type, try words("20", "10000000000000000", "0"),
                .length(at: 32, value: UInt256(high: 0, low: 1 << 64), of: type, room: 32))
            refuses(
                type, try words("20", "8000000000000000", "0"),
                .length(at: 32, value: (UInt256.one << 63), of: type, room: 32))
            refuses(type, try words("20", "21", "0"), .length(at: 32, value: 33, of: type, room: 32))
        }
        refuses("uint256[]", try words("20", huge, "0"), .length(at: 32, value: .max, of: "an array", room: 32))
        refuses("uint256[]", try words("20", "2", "0"), .length(at: 32, value: 2, of: "an array", room: 32))
        // 2^59 elements of 32 bytes are 2^64 bytes: the product must not wrap.
        refuses(
            "bool[]", try words("20", "800000000000000", "0"),
            .length(at: 32, value: (UInt256.one << 59), of: "an array", room: 32))
        refuses("(bool,bool)[]", try words("20", "1", "0"), .length(at: 32, value: 1, of: "an array", room: 32))
        refuses("string[0][]", try words("20", huge), .length(at: 32, value: .max, of: "an array", room: 0))
    }

    @Test func offsets() throws {
        refuses("bytes", try words("0"), .offset(at: 0, value: 0, .intoHead))
        refuses("bytes", try words("40", "0"), .truncated(at: 64, needed: 32, have: 0))
        refuses("bytes", try words("60", "0"), .offset(at: 0, value: 96, .beyondEnd))
        refuses("bytes", try words("21", "0", "0"), .offset(at: 0, value: 33, .unaligned))
        refuses("uint8,bytes", try words("1", "20", "0"), .offset(at: 32, value: 32, .intoHead))
        refuses("bytes", try words(String(repeating: "f", count: 64), "0"), .offset(at: 0, value: .max, .beyondEnd))
        let wrap = String(repeating: "f", count: 62) + "e0"
        refuses(
            "bytes[]", try words("20", "1", wrap, "0"),
            .offset(at: 64, value: try #require(UInt256(hex: wrap)), .beyondEnd))
        refuses(
            "bytes", try words("8000000000000020", "0"), .offset(at: 0, value: ((UInt256.one << 63) | 32), .beyondEnd))
    }

    @Test func cycles() throws {
        // Every word points at the next level's head, which is the same place again.
        let pointers = try words("20", "20", "20", "20", "20", "20", "20", "20")
        #expect(throws: ABIError.self) { try decode("uint256[][][][][][][]", pointers) }
        let nested = "bytes" + String(repeating: "[]", count: 15)
        refuses(nested, try words("20", "1", "0"), .offset(at: 64, value: 0, .intoHead))
        // Arrays of arrays whose elements are all the same array: 2^n leaves from n levels.
        var bomb = try words("20")
        for _ in 0..<15 { bomb += try words("2", "40", "40") }
        bomb += try words("0")
        #expect(throws: ABIError.self) { try decode(nested, bomb) }
    }

    @Test func aliases() throws {
        // 1,000 offsets to one blob of 64 KiB would cost 64 MiB.
        let blob = try words("10000") + [UInt8](repeating: 1, count: 1 << 16)
        var data = try words("20", "3e8")
        for _ in 0..<1000 { data += UInt256(32_000).bigEndianBytes }
        data += blob
        refuses("bytes[]", data, .revisited(at: 32_064, size: data.count))
        #expect(throws: Never.self) { try ABICoder.decode(data, as: [.array(.bytes)], limits: ABILimits(visits: 1000)) }
        refuses("string,string", try words("40", "40", "0"), .revisited(at: 64, size: 96))
    }

    @Test func wordsOutOfRange() throws {
        refuses("bool", try words("2"), .range(at: 0, word: 2, type: "bool"))
        refuses("bool", try words("100"), .range(at: 0, word: 256, type: "bool"))
        refuses("bool", try words("1…"), .range(at: 0, word: UInt256.one << 252, type: "bool"))
        refuses("uint8", try words("100"), .range(at: 0, word: 256, type: "uint8"))
        refuses(
            "uint128", try words("1" + String(repeating: "0", count: 32)),
            .range(at: 0, word: UInt256.one << 128, type: "uint128"))
        refuses(
            "uint136", try words("1" + String(repeating: "0", count: 34)),
            .range(at: 0, word: UInt256.one << 136, type: "uint136"))
        refuses("int8", try words("80"), .range(at: 0, word: 128, type: "int8"))
        refuses(
            "int8", try words(String(repeating: "f", count: 62) + "7f"),
            .range(at: 0, word: UInt256.max &- 128, type: "int8"))
        refuses(
            "address", try words("1" + String(repeating: "0", count: 40)),
            .range(at: 0, word: UInt256.one << 160, type: "address"))
        #expect(try decode("int8", words(String(repeating: "f", count: 62) + "80")) == [.int(-128)])
    }

    @Test func padding() throws {
        refuses("bytes4", try words("0102030401…"), .padding(at: 0, type: "bytes4"))
        refuses("bytes31", try words(String(repeating: "0", count: 63) + "1"), .padding(at: 0, type: "bytes31"))
        refuses("bytes16", try words("1"), .padding(at: 0, type: "bytes16"))
        refuses("bytes15", try words(String(repeating: "0", count: 30) + "01…"), .padding(at: 0, type: "bytes15"))
        refuses("function", try words("1"), .padding(at: 0, type: "bytes24"))
        refuses("bytes", try words("20", "1", "0101…"), .padding(at: 65, type: "bytes"))
        refuses(
            "string", try words("20", "1", String(repeating: "0", count: 63) + "1"), .padding(at: 65, type: "string"))
        refuses("bytes", try words("20", "1") + [7], .truncated(at: 64, needed: 32, have: 1))
    }

    @Test(arguments: ["ff…", "c0af…", "eda080…", "f4908080…", "c3…"])
    func textsThatAreNotUTF8(hex: String) throws {
        let count = (hex.count - 1) / 2
        refuses("string", try words("20", String(count, radix: 16), hex), .notUTF8(at: 64))
    }

    @Test func fixedArraysThatAreNotThere() throws {
        refuses("uint256[100000000]", try words("1"), .truncated(at: 0, needed: 3_200_000_000, have: 32))
        refuses("string[100000000]", try words("20"), .truncated(at: 32, needed: 3_200_000_000, have: 0))
    }
}

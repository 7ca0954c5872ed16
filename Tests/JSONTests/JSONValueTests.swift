import JSON
import Testing

@Suite struct JSONValueTests {
    private func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

    @Test(arguments: [
        "null", "[1,-2.50,1e5]", "{\"b\":1,\"a\":[true,false,{}]}", "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f/é😀\"",
        "{\"\":\"\",\"é\":\"é\"}",
    ])
    func keepsOrderAndSpelling(text: String) throws {
        #expect(try parse(text).description == text)
    }

    @Test func resolvesEscapes() throws {
        #expect(try parse("\"\\/\\u00e9\\ud83d\\ude00\\u0000\"").string == "/é😀\0")
    }

    @Test func readsExactNumbers() throws {
        #expect(try parse("18446744073709551615").uint64 == .max)
        #expect(try parse("18446744073709551616").uint64 == nil)
        #expect(try parse("1.0").int == nil)
        #expect(try parse("1e3").int == nil)
        #expect(try parse("-5").int == -5)
        #expect(
            try parse("115792089237316195423570985008687907853269984665640564039457584007913129639935").number?.count
                == 78)
    }

    @Test func comparesNamesByteForByte() throws {
        let composed = "\u{E9}"
        let decomposed = "e\u{301}"
        let value = try parse("{\"\(composed)\":1,\"\(decomposed)\":2}")
        #expect(value[composed] == 1)
        #expect(value[decomposed] == 2)
    }

    @Test func buildsFromLiterals() {
        let value: JSONValue = ["a": 1, "b": [true, nil, "x\(1)"], "c": .integer(UInt64.max)]
        #expect(value.description == "{\"a\":1,\"b\":[true,null,\"x1\"],\"c\":18446744073709551615}")
    }

    @Test func changesMembersInPlace() {
        var object = JSONObject([("a", 1), ("b", 2)])
        object["a"] = 3
        object["c"] = 4
        object["b"] = nil
        #expect(JSONValue.object(object).description == "{\"a\":3,\"c\":4}")
    }

    /// Source of the order: RFC 8785 §3.2.3, for names whose UTF-16 and code point orders agree.
    @Test func hasOneCanonicalForm() throws {
        let value = try parse(
            "{\"\\u20ac\":\"Euro\",\"\\r\":\"CR\",\"1\":\"One\",\"\\u0080\":\"C\",\"\\u00f6\":\"o\",\"a\":{\"z\":1,\"b\":-7}}"
        )
        let expected =
            "{\"\\r\":\"CR\",\"1\":\"One\",\"a\":{\"b\":-7,\"z\":1},\"\u{80}\":\"C\",\"ö\":\"o\",\"€\":\"Euro\"}"
        #expect(String(decoding: try value.canonical(), as: UTF8.self) == expected)
    }

    @Test(arguments: ["1.5", "1e5", "-0"])
    func hasNoCanonicalFormForOtherNumbers(number: String) throws {
        let value = try parse("{\"a/b\":[0,\(number)]}")
        #expect(throws: JSONError.mismatch(pointer: "/a~1b/1", expected: "a whole number", got: number)) {
            try value.canonical()
        }
    }

    /// Random texts near a valid one: each is refused, or reads back to itself.
    @Test(arguments: 1...20)
    func survivesMutation(seed: UInt64) throws {
        var state = seed &* 0x9E37_79B9_7F4A_7C15
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let original = Array(
            "{\"id\":1,\"r\":[{\"d\":\"0x12ab\",\"é\":[true,null,-1.5e3]},\"\\ud83d\\ude00\\n\"],\"x\":{}}".utf8)
        let alphabet = Array("{}[]\",:\\u0e-+.tfn 1\u{1}é".utf8)
        for _ in 0..<500 {
            var text = original
            for _ in 0...next(4) { text[next(text.count)] = alphabet[next(alphabet.count)] }
            guard let value = try? JSONValue(parsing: text) else { continue }
            #expect(try JSONValue(parsing: value.serialized()) == value)
        }
    }
}

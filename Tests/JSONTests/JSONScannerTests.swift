import JSON
import Testing

@Suite struct JSONScannerTests {
    static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test(arguments: [
        "null", " true\n", "false", "0", "-0", "-12.5e+10", "1E5", "\"\"", "\"a\\u0041\\n\\ud83d\\ude00\"", "[]", "[ ]",
        "{}", "{ }", "[[],{}]", "{\"a\":[1,{\"b\":null}],\"c\":\"é😀\"}", "[1,2,3]", "\"\u{7F}\"",
    ])
    func accepts(text: String) throws {
        _ = try JSONScanner(Self.bytes(text))
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let text: String
        let column: Int
        let expected: String
        let got: String
        var testDescription: String { text }
    }

    @Test(arguments: [
        Refusal(text: "", column: 1, expected: "a value", got: "the end of the text"),
        Refusal(text: "[1,]", column: 4, expected: "a value", got: "\"]\""),
        Refusal(text: "[1 2]", column: 4, expected: "\",\" or \"]\"", got: "\"2\""),
        Refusal(text: "{\"a\":1,}", column: 8, expected: "a member name in quotes", got: "\"}\""),
        Refusal(text: "{\"a\" 1}", column: 6, expected: "\":\"", got: "\"1\""),
        Refusal(text: "{a:1}", column: 2, expected: "a member name in quotes", got: "\"a\""),
        Refusal(text: "01", column: 2, expected: "a number without leading zeros", got: "\"1\""),
        Refusal(text: "-", column: 2, expected: "a digit", got: "the end of the text"),
        Refusal(text: "1.", column: 3, expected: "a digit", got: "the end of the text"),
        Refusal(text: "1e+", column: 4, expected: "a digit", got: "the end of the text"),
        Refusal(text: "+1", column: 1, expected: "a value", got: "\"+\""),
        Refusal(text: "NaN", column: 1, expected: "a value", got: "\"N\""),
        Refusal(text: "nul", column: 1, expected: "\"null\"", got: "\"n\""),
        Refusal(text: "1 1", column: 3, expected: "the end of the text", got: "\"1\""),
        Refusal(text: "\"a", column: 3, expected: "the closing quote of a string", got: "the end of the text"),
        Refusal(text: "\"\\x\"", column: 3, expected: "an escape", got: "\"x\""),
        Refusal(text: "\"\\u12g4\"", column: 6, expected: "four hex digits after \"\\u\"", got: "\"g\""),
        Refusal(text: "\"\\ud800\"", column: 8, expected: "a pair of surrogates", got: "\"\"\""),
        Refusal(text: "\"\\udc00\"", column: 8, expected: "a pair of surrogates", got: "\"\"\""),
        Refusal(text: "\"\\ud800\\u0041\"", column: 14, expected: "a pair of surrogates", got: "\"\"\""),
        Refusal(
            text: "\"a\tb\"", column: 3, expected: "an escape in place of a control character", got: "byte 0x09"),
        Refusal(text: "\u{FEFF}1", column: 1, expected: "a value", got: "byte 0xef"),
    ])
    func refusesAtItsPlace(refusal: Refusal) {
        let position = JSONPosition(offset: refusal.column - 1, line: 1, column: refusal.column)
        #expect(throws: JSONError.syntax(position, expected: refusal.expected, got: refusal.got)) {
            try JSONScanner(Self.bytes(refusal.text))
        }
    }

    /// A single digit is shorter than the quotes of a name.
    @Test func namesTheShortestElements() throws {
        let scanner = try JSONScanner(Self.bytes("{\"a\":[7]}"))
        let element = try #require(Array(try scanner.elements(of: try scanner.require(scanner.root, "a"))).first)
        #expect(scanner.pointer(to: element) == "/a/0")
        #expect(throws: JSONError.mismatch(pointer: "/a/0", expected: "a string", got: "7")) {
            try scanner.string(element)
        }
    }

    @Test func countsLines() {
        let position = JSONPosition(offset: 7, line: 3, column: 2)
        #expect(throws: JSONError.syntax(position, expected: "a value", got: "\"x\"")) {
            try JSONScanner(Self.bytes("[\n 1,\n\tx]"))
        }
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82], [0xC3, 0x28], [0xFF],
        ] as [[UInt8]])
    func refusesWhatIsNotUTF8(sequence: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        #expect(throws: JSONError.self) { try JSONScanner([quote] + sequence + [quote]) }
        #expect(throws: JSONError.self) { try JSONScanner([quote] + [UInt8](repeating: 97, count: 20) + sequence) }
    }

    @Test(arguments: 0..<24)
    func findsSpecialBytesAtEveryOffset(offset: Int) throws {
        var letters = [UInt8](repeating: UInt8(ascii: "x"), count: 24)
        for special: UInt8 in [0x00, 0x1F, 0x80, 0xFF] {
            letters[offset] = special
            #expect(throws: JSONError.self) { try JSONScanner([0x22] + letters + [0x22]) }
        }
        letters[offset] = 0x7F
        let scanner = try JSONScanner([0x22] + letters + [0x22])
        #expect(try scanner.string(scanner.root).utf8.elementsEqual(letters))
    }
}

extension JSONScannerTests {
    @Test(arguments: ["{\"a\":1,\"b\":{\"a\":2},\"a\":3}", "{\"a\":1,\"\\u0061\":2}"])
    func refusesDuplicateNames(text: String) {
        #expect {
            try JSONScanner(Self.bytes(text))
        } throws: { error in
            if case JSONError.duplicateKey(_, key: "a") = error { true } else { false }
        }
    }

    @Test func refusesDuplicatesAmongMany() {
        let members = (0..<100).map { "\"k\($0)\":0" } + ["\"k57\":1"]
        #expect(throws: JSONError.self) { try JSONScanner(Self.bytes("{" + members.joined(separator: ",") + "}")) }
        let distinct = "{" + members.dropLast().joined(separator: ",") + "}"
        #expect(throws: Never.self) { try JSONScanner(Self.bytes(distinct)) }
    }

    @Test func limitsDepthWithoutRecursion() throws {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(
            throws: JSONError.limit(JSONPosition(offset: 33, line: 1, column: 34), of: "levels of nesting", maximum: 32)
        ) {
            try JSONScanner(deep)
        }
        let allowed = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        _ = try JSONScanner(Self.bytes(allowed))
    }

    @Test func limitsBytesAndValues() {
        let three = Self.bytes("[1,2]")
        #expect(throws: JSONError.self) { try JSONScanner(three, limits: JSONLimits(bytes: 4, depth: 8, elements: 9)) }
        #expect(throws: JSONError.self) { try JSONScanner(three, limits: JSONLimits(bytes: 9, depth: 8, elements: 2)) }
        #expect(throws: Never.self) { try JSONScanner(three, limits: JSONLimits(bytes: 5, depth: 1, elements: 3)) }
    }

    @Test func refusesEveryTruncation() throws {
        let whole = Self.bytes(
            "{\"id\":1,\"result\":[{\"data\":\"0x12ab\",\"é\":[true,false,null,-1.5e3]},\"\\ud83d\\ude00\"]}")
        _ = try JSONScanner(whole)
        for count in whole.indices {
            #expect(throws: JSONError.self) { try JSONScanner(Array(whole[..<count])) }
        }
    }

    @Test func findsMembersAndElements() throws {
        let scanner = try JSONScanner(Self.bytes("{\"a\":[10,[1,2],{\"x\":1}],\"b\\u0062\":\"t\",\"c\":null}"))
        let array = try scanner.require(scanner.root, "a")
        #expect(try scanner.elements(of: array).map(scanner.text) == ["10", "[1,2]", "{\"x\":1}"])
        #expect(scanner.count(array) == 3)
        #expect(scanner.count(scanner.root) == 3)
        #expect(scanner.member(scanner.root, "bb").map { scanner.isString($0, "t") } == true)
        #expect(scanner.member(scanner.root, "c").map(scanner.isNull) == true)
        #expect(scanner.member(scanner.root, "x") == nil)
        #expect(try scanner.members(of: scanner.root).map { try scanner.string($0.name) } == ["a", "bb", "c"])
        #expect(scanner.range(array) == 5..<23)
    }

    @Test func pointsAtWhatIsWrong() throws {
        let scanner = try JSONScanner(Self.bytes("{\"a\":[1,{\"x/~\":[true]}]}"))
        var node = try scanner.require(scanner.root, "a")
        node = try #require(scanner.elements(of: node).map { $0 }.last)
        node = try #require(scanner.elements(of: scanner.require(node, "x/~")).map { $0 }.first)
        #expect(scanner.pointer(to: node) == "/a/1/x~1~0/0")
        #expect(throws: JSONError.mismatch(pointer: "/a/1/x~1~0/0", expected: "a string", got: "true")) {
            try scanner.string(node)
        }
        #expect(throws: JSONError.mismatch(pointer: "", expected: "a member \"b\"", got: "an object")) {
            try scanner.require(scanner.root, "b")
        }
    }

    /// An element has no name: whatever it is, and whatever stands before it, its place is its number.
    @Test(arguments: ["0", "7", "\"\"", "\"\\\\\"", "[]", "{}", "[\"\\u0041\"]", "null", "-1"])
    func pointsAtElements(element: String) throws {
        let scanner = try JSONScanner(Self.bytes("[\(element),[\(element)],\(element)]"))
        let elements = try scanner.elements(of: scanner.root).map { $0 }
        #expect(elements.map { scanner.pointer(to: $0) } == ["/0", "/1", "/2"])
        let inner = try #require(try scanner.elements(of: elements[1]).map { $0 }.first)
        #expect(scanner.pointer(to: inner) == "/1/0")
    }
}

import TestSupport
import Testing

@testable import JSON

/// A page of quantities, which counts as an array of theirs.
private struct Quantities: JSONPage {
    let values: [UInt64]

    static func read(_ text: Span<UInt8>, _ reader: inout JSONReader) -> Quantities? {
        var values: [UInt64] = []
        if reader.take(UInt8(ascii: "]"), text) { return Quantities(values: []) }
        repeat {
            reader.skipSpace(text)
            guard let value = reader.quantity(text) else { return nil }
            values.append(value)
        } while reader.take(UInt8(ascii: ","), text)
        return reader.take(UInt8(ascii: "]"), text) ? Quantities(values: values) : nil
    }
}

@Suite struct JSONPageTests {
    private func scan(_ text: String, most: Int = 8, limits: JSONLimits = .default) throws -> JSONScanner {
        try JSONScanner(Array(text.utf8), limits: limits, pages: JSONPages(Quantities.self, most: most))
    }

    private func page(_ scanner: JSONScanner, _ node: JSONScanner.Node) throws -> [UInt64]? {
        scanner.page(try scanner.require(node, "result"), as: Quantities.self)?.values
    }

    @Test func theTextLosesWhatPagesRead() throws {
        let scanner = try scan(
            #"[{"a":1,"result":["0x1","0x2"],"id":7},{"result":{"result":["0x3"]}},{"result":["0x4" , "0x5"],"b":"é"}, 9]"#
        )
        #expect(scanner.hasOwnText)
        #expect(
            String(decoding: scanner.bytes, as: UTF8.self)
                == #"[{"a":1,"result":[],"id":7},{"result":{"result":["0x3"]}},{"result":[],"b":"é"}, 9]"#)
        let answers = Array(try scanner.elements(of: scanner.root))
        #expect(try page(scanner, answers[0]) == [1, 2])
        #expect(try page(scanner, answers[1]) == nil)
        #expect(try page(scanner, answers[2]) == [4, 5])
        #expect(try scanner.integer(try scanner.require(answers[0], "id")) == 7)
        #expect(try scanner.string(try scanner.require(answers[2], "b")) == "é")
        #expect(try scanner.integer(answers[3]) == 9)
        let nested = try scanner.require(try scanner.require(answers[1], "result"), "result")
        #expect(scanner.text(nested) == #"["0x3"]"#)
        #expect(scanner.text(answers[0]) == #"{"a":1,"result":[],"id":7}"#)
        #expect(scanner.pointer(to: answers[3]) == "/3")
    }

    @Test func onlyResultsAreRead() throws {
        for text in [
            #"["0x1"]"#, #"{"results":["0x1"]}"#, #"{"resulT":["0x1"]}"#, #"[["0x1"]]"#, #"[[{"result":["0x1"]}]]"#,
            #"{"a":{"result":["0x1"]}}"#, #"{"a":"result","b":["0x1"]}"#, #"[["result",["0x1"]]]"#,
            #"{"r\u0065sult":["0x1"]}"#,
        ] {
            let scanner = try scan(text)
            #expect(!scanner.hasOwnText, "\(text)")
            #expect(String(decoding: scanner.bytes, as: UTF8.self) == text)
        }
    }

    @Test func aPageIsNoArray() throws {
        let scanner = try scan(#"{"result":["0x1"]}"#)
        let node = try scanner.require(scanner.root, "result")
        #expect(scanner.kind(node) == .page)
        let count = scanner.count(node)
        #expect(count == 0)
        #expect(throws: JSONError.mismatch(pointer: "/result", expected: "an array", got: "a page")) {
            try scanner.elements(of: node)
        }
        #expect(throws: JSONError.self) { try scanner.members(of: node) }
        #expect(throws: JSONError.self) { try scanner.hexData(node) }
    }

    @Test func whatCannotBeReadIsAnArrayAsBefore() throws {
        let text = #"{"result":["0x1",2]}"#
        let scanner = try scan(text)
        let node = try scanner.require(scanner.root, "result")
        #expect(scanner.kind(node) == .array && scanner.count(node) == 2)
        #expect(try page(scanner, scanner.root) == nil)
    }

    @Test func duplicatesAndErrorsAroundPagesAreFound() throws {
        #expect(throws: JSONError.self) { try scan(#"{"result":["0x1"],"result":["0x1"]}"#) }
        let position = JSONPosition(offset: 17, line: 1, column: 18)
        #expect(throws: JSONError.syntax(position, expected: "\",\" or \"}\"", got: "\"x\"")) {
            try scan(#"{"result":["0x1"]x"#)
        }
    }

    @Test func numberAndDepthAreBounded() throws {
        let text = #"[{"result":["0x1"]},{"result":["0x2"]},{"result":["0x3"]}]"#
        let scanner = try scan(text, most: 2)
        let kinds = try scanner.elements(of: scanner.root).map { scanner.kind(try scanner.require($0, "result")) }
        #expect(kinds == [.page, .page, .array])
        #expect(try !scan(text, most: 0).hasOwnText)
        #expect(try !scan(text, limits: JSONLimits(bytes: 100, depth: 4, elements: 100)).hasOwnText)
        #expect(try scan(text, limits: JSONLimits(bytes: 100, depth: 5, elements: 100)).hasOwnText)
    }
}

@Suite struct JSONReaderTests {
    private func read<Value>(_ text: String, _ body: (Span<UInt8>, inout JSONReader) -> Value?) -> (Value?, Int) {
        let bytes = Array(text.utf8)
        var reader = JSONReader(offset: 0)
        let value = body(bytes.span, &reader)
        return (value, reader.offset)
    }

    @Test func namesAreComparedWhole() {
        let name = JSONReader.Name("logIndex")
        let rest = String(repeating: " ", count: 20)
        for (text, end) in [
            (#""logIndex":1"#, 11), (#""logIndex" : 1"#, 13), (#""logIndexx":1"#, 0), (#""logInde":1"#, 0),
            (#""logindex":1"#, 0), (#""logIndex" 1"#, 0), (#"logIndex:1"#, 0), (#""logIndex"#, 0),
        ] {
            let (isTaken, offset) = read(text + rest) { text, reader in reader.take(name, text) }
            #expect(offset == end && isTaken == (end > 0), "\(text)")
        }
        let (isTaken, offset) = read(#""sixteenCharacter":1   "#) { $1.take(JSONReader.Name("sixteenCharacter"), $0) }
        #expect(isTaken == true && offset == 19)
    }

    @Test func literalsAreTakenWhole() {
        for (text, end) in [("false    ", 5), ("null     ", 4), ("fals     ", 0), ("nul", 0), ("true     ", 0)] {
            #expect(read(text) { $1.takeFalse($0) }.1 == end)
        }
    }

    @Test(arguments: Seed.sweep(20))
    func vectorsAndNibblesDecodeAlike(seed: Seed) throws {
        var generator = seed.generator
        let digits = Array("0123456789abcdefABCDEF".utf8)
        for count in 0...100 {
            var text = (0..<count).map { _ in digits.randomElement(using: &generator) ?? 0 }
            if Bool.random(using: &generator), count > 0 {
                text[Int.random(in: 0..<count, using: &generator)] = UInt8.random(in: .min ... .max, using: &generator)
            }
            let nibbles = text.map(JSONHex.nibble)
            let isHex = nibbles.allSatisfy { $0 != nil } && count % 2 == 0
            var output: [UInt8] = []
            #expect(JSONHex.append(text.span, 0..<count, to: &output) == isHex)
            guard isHex else { continue }
            let values: [UInt8] = nibbles.compactMap(\.self)
            let bytes: [UInt8] = (0..<count / 2).map { values[2 * $0] << 4 | values[2 * $0 + 1] }
            #expect(output == bytes)
            guard (1...64).contains(count) else { continue }
            let number = JSONHex.number(text.span, 0..<count)
            var high: UInt128 = 0
            var low: UInt128 = 0
            for byte in bytes {
                high = high << 8 | low >> 120
                low = low << 8 | UInt128(byte)
            }
            #expect(number?.high == high)
            #expect(number?.low == low)
        }
    }
}

import JSON
import Testing

@Suite struct JSONCursorTests {
    private let root = JSONCursor(["a": [["b/c": "text"], 7], "n": nil])

    @Test func namesThePlace() throws {
        let text = try root.member("a").elements()[0].member("b/c")
        #expect(try text.string() == "text")
        #expect(text.pointer == "/a/0/b~1c")
        #expect(throws: JSONError.mismatch(pointer: "/a/0/b~1c", expected: "an array", got: "\"text\"")) {
            try text.elements()
        }
    }

    @Test func tellsMissingFromNull() throws {
        #expect(try root.optional("x")?.value == nil)
        #expect(try root.optional("n")?.value == .null)
        #expect(throws: JSONError.mismatch(pointer: "", expected: "a member \"x\"", got: "none")) {
            try root.member("x")
        }
    }

    @Test(arguments: [6...7, 7...7])
    func takesNumbersInside(range: ClosedRange<Int>) throws {
        #expect(try root.member("a").elements()[1].integer(in: range) == 7)
    }

    @Test func refusesNumbersOutside() {
        #expect(throws: JSONError.mismatch(pointer: "/a/1", expected: "a whole number from 8 to 9", got: "7")) {
            try root.member("a").elements()[1].integer(in: 8...9)
        }
    }

    @Test func quotesNoMoreThanALine() {
        let cursor = JSONCursor(.string(String(repeating: "x", count: 100)))
        let shown = "\"" + String(repeating: "x", count: 36) + "…\""
        #expect(cursor.mismatch("less") == .mismatch(pointer: "", expected: "less", got: shown))
    }
}

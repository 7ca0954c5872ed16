import Testing

@testable import abigen

@Suite struct EmbedTests {
    /// Source: RFC 4648 §10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func encodesBase64(text: String, base64: String) {
        #expect(Embed.base64(Array(text.utf8)) == base64)
    }

    @Test func sortsAndQuotesNames() {
        let source = Embed.source(enumName: "Files", files: [("b\"", [1]), ("a", [0xFF, 0xFF])])
        #expect(source.contains("enum Files {"))
        #expect(source.contains("        \"a\": \"//8=\",\n        \"b\\\"\": \"AQ==\",\n"))
    }

    @Test func allowsNone() {
        #expect(Embed.source(enumName: "Files", files: []).contains("static let all: [String: String] = [:\n"))
    }
}

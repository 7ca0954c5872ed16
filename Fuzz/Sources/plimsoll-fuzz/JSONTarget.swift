import JSON

/// JSON texts: what is accepted is written so that it reads the same, by the tree and by the scanner.
struct JSONTarget: FuzzTarget {
    static let name = "json"

    private let inputs = [
        #"{"jsonrpc":"2.0","id":1,"result":"0x00ff"}"#,
        #"[{"id":1,"result":{"number":"0x10","logs":[{"topics":["0x0"],"removed":false}]}},{"id":2,"error":{"code":-32000,"message":"x\u00e9\ud83d\ude80\n"}}]"#,
        #" { "a" : [ 1 , -2.5e+10 , true , null , "" , { } , [ ] ] , "é" : "\"\\\/\b\f\n\r\t" } "#,
        #"[[[[[[[[1]]]]]]]]"#, #""text""#, "-0", "12345678901234567890123456789",
    ].map { Array($0.utf8) }
    private let words =
        [
            "{", "}", "[", "]", "[[[[[[[[", "\"", ",", ":", "\\u", "\\ud800", "\\", "null", "1e999", "-", "0x", "\u{0}",
            "\"a\":1,\"a\":2", "é",
        ].map { Array($0.utf8) } + [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]]
    private let limits = JSONLimits(bytes: 1 << 16, depth: 32, elements: 1 << 16)

    init(seed: UInt64) {}

    func run(_ random: inout FuzzRandom) throws -> Bool {
        let input = Mutator.mutate(random.pick(inputs), with: random.pick(inputs), words: words, &random)
        let value: JSONValue
        do {
            value = try JSONValue(parsing: input, limits: limits)
        } catch {
            _ = error.description
            return false
        }
        let text = value.serialized()
        guard try JSONValue(parsing: text, limits: limits) == value else {
            throw Violation("JSON reads differently the second time", input)
        }
        return true
    }
}

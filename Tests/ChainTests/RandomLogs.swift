import TestSupport

/// Answers to log queries as nodes might write them: what may vary varies.
struct RandomLogs {
    var generator: SeededGenerator
    /// How this answer's space looks, how its logs' members are ordered, and which more they have.
    private let space: [String]
    private let order: [Int]
    private let extras: [String]
    private let isUpper: Bool

    static let extraMembers = [
        #""blockTimestamp":"0x66f0c2ab""#, #""logType":"mined""#, #""transactionLogIndex":"0x0""#,
        #""l1BatchNumber":null"#,
        #""size":12.5e-3"#, #""pending":true"#, #""note":"é😀\n""#, #""aNameThatIsLongerThanOthers":-0"#, #""":"""#,
    ]

    init(_ seed: Seed) {
        var generator = seed.generator
        space = [[""], [""], [" "], ["", " ", "\n", "\t\r  "]].randomElement(using: &generator) ?? [""]
        order = Bool.random(using: &generator) ? Array(0..<9) : Array(0..<9).shuffled(using: &generator)
        extras = Array(Self.extraMembers.shuffled(using: &generator).prefix(Int.random(in: 0...3, using: &generator)))
        isUpper = UInt8.random(in: 0..<5, using: &generator) == 0
        self.generator = generator
    }

    /// The body of an answer of up to six logs of the blocks 16 to 20, alone or in a batch with a header.
    mutating func answer() -> String {
        let logs = logs()
        let header = #"{"number":"0x14","transactions":["0x01"],"result":[{"a":[]}]}"#
        return switch Int.random(in: 0..<4, using: &generator) {
        case 0: #"{"jsonrpc":"2.0","id":1,"result":\#(logs)}"#
        case 1: #"{"result":\#(logs),"id":1}"#
        case 2: #"[{"jsonrpc":"2.0","id":1,"result":\#(logs)},{"id":2,"result":\#(header)}]"#
        default: #"[{"id":2,"result":\#(header)}, {"result" : \#(logs) , "id":1},{"id":3,"result":[]}]"#
        }
    }

    private mutating func logs() -> String {
        let count = Int.random(in: 0...6, using: &generator)
        let blocks = (0..<count).map { _ in Int.random(in: 16...20, using: &generator) }.sorted()
        let places = (0..<count).map { _ in Int.random(in: 0...40, using: &generator) }.sorted()
        let texts = zip(blocks, places).enumerated().map { log(block: $1.0, place: $1.1 + $0) }
        return "[\(gap)" + texts.joined(separator: "\(gap),\(gap)") + "\(gap)]"
    }

    private var gap: String { mutating get { space.randomElement(using: &generator) ?? "" } }

    private mutating func hex(_ count: Int) -> String {
        let digits = generator.bytes(count).map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: isUpper) }
        return "\"0x\(digits.joined())\""
    }

    private mutating func log(block: Int, place: Int) -> String {
        let topics = (0..<Int.random(in: 0...4, using: &generator)).map { _ in hex(32) }
        let length = [0, 0, 1, 7, 8, 15, 16, 31, 32, 64, 128, 200].randomElement(using: &generator) ?? 0
        let fate = Int.random(in: 0..<40, using: &generator)
        let members = [
            ("address", "\"0x87870bca3f3fd6335c3f4ce8392d69350b4fa4e2\""),
            ("topics", "[\(gap)" + topics.joined(separator: ",\(gap)") + "\(gap)]"),
            ("data", hex(length)), ("blockNumber", "\"0x\(String(block, radix: 16))\""),
            ("transactionHash", fate == 0 ? "null" : hex(32)),
            ("transactionIndex", fate == 1 ? "null" : "\"0x\(String(place, radix: 16, uppercase: isUpper))\""),
            ("blockHash", "\"0x" + String(repeating: String(block % 10), count: 64) + "\""),
            ("logIndex", "\"0x\(String(2 * place, radix: 16))\""),
            ("removed", fate == 2 ? "null" : fate == 3 ? "true" : "false"),
        ]
        var texts = order.map { "\"\(members[$0].0)\"\(gap):\(gap)\(members[$0].1)" }
        if fate == 4 { texts.remove(at: Int.random(in: 0..<texts.count, using: &generator)) }
        for extra in extras { texts.insert(extra, at: Int.random(in: 0...texts.count, using: &generator)) }
        return "{\(gap)" + texts.joined(separator: "\(gap),\(gap)") + "\(gap)}"
    }

    /// Changes one to three places of a text.
    mutating func mutate(_ text: [UInt8]) -> [UInt8] {
        var text = text
        for _ in 0...Int.random(in: 0..<3, using: &generator) where !text.isEmpty {
            let place = Int.random(in: 0..<text.count, using: &generator)
            let end = min(text.count, place + Int.random(in: 1...40, using: &generator))
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: text[place] = UInt8.random(in: .min ... .max, using: &generator)
            case 1: text[place] = Array("\"\\,:[]{}0x9aF \u{7F}".utf8).randomElement(using: &generator) ?? 0
            case 2: text.removeSubrange(place..<end)
            case 3: text.insert(contentsOf: Array(text[place..<end]), at: place)
            case 4:
                let words = ["\\u0030", "null", "true", "\"removed\":false,", "\"a\":1,", "é", "0x", "[[]]", ",", "\n"]
                text.insert(contentsOf: Array((words.randomElement(using: &generator) ?? "").utf8), at: place)
            default: text.swapAt(place, Int.random(in: 0..<text.count, using: &generator))
            }
        }
        return text
    }
}

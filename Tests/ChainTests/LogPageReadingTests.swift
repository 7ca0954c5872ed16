import Ethereum
import JSON
import TestSupport
import Testing

@testable import Chain

/// Logs read in one pass against logs read value by value: the same verdict, and the same values.
@Suite struct LogPageReadingTests {
    static let pool = Address(a: 0x8787_0BCA_3F3F_D633, b: 0x5C3F_4CE8_392D_6935, c: 0x0B4F_A4E2)
    static let query = LogQuery(addresses: [pool], topics: [[]])

    /// What an answer means: every result of it that is an array, as text, or why it is refused.
    static func verdict(_ text: [UInt8], pages: JSONPages?) -> (text: String, pages: Int) {
        var found: [String] = []
        var count = 0
        do {
            let limits = JSONLimits(bytes: text.count, depth: 32, elements: text.count / 4 + 64)
            let scanner = try JSONScanner(text, limits: limits, pages: pages)
            let isBatch = scanner.kind(scanner.root) == .array
            for answer in isBatch ? Array(try scanner.elements(of: scanner.root)) : [scanner.root] {
                guard let result = scanner.member(answer, "result") else {
                    found.append(scanner.excerpt(answer))
                    continue
                }
                found.append(scanner.member(answer, "id").map(scanner.text) ?? "no id")
                guard scanner.kind(result) == .array || scanner.kind(result) == .page else {
                    found.append(scanner.text(result))
                    continue
                }
                if scanner.kind(result) == .page { count += 1 }
                let page = try LogPage.decode(scanner, result, query: query, from: 16, to: 20)
                found += page.map(describe)
            }
        } catch {
            found.append("refused: \(error)")
        }
        return (found.joined(separator: "\n"), count)
    }

    private static func describe(_ log: Log) -> String {
        "\(log.address.hex) \(log.topics) \(log.data) \(log.blockNumber) \(log.blockHash) \(log.logIndex) "
            + "\(log.transactionIndex.map(String.init) ?? "-")"
    }

    private func agree(_ text: [UInt8]) -> (pages: Int, isAccepted: Bool) {
        let general = Self.verdict(text, pages: nil)
        let fast = Self.verdict(text, pages: JSONPages(LogPage.self, most: 8))
        #expect(general.pages == 0)
        #expect(fast.text == general.text, "\(String(decoding: text, as: UTF8.self))")
        return (fast.pages, !general.text.contains("refused"))
    }

    @Test(arguments: Seed.sweep(150))
    func agreesOnWhatNodesWrite(seed: Seed) {
        var random = RandomLogs(seed)
        for _ in 0..<8 { _ = agree(Array(random.answer().utf8)) }
    }

    @Test(arguments: Seed.sweep(150))
    func agreesOnMutations(seed: Seed) {
        var random = RandomLogs(seed)
        for _ in 0..<6 {
            let answer = Array(random.answer().utf8)
            for _ in 0..<6 { _ = agree(random.mutate(answer)) }
        }
    }

    /// The comparison would prove nothing if all were refused, or nothing read in one pass.
    @Test func mostIsReadInOnePass() {
        var read = 0
        var accepted = 0
        for seed in Seed.sweep(150) {
            var random = RandomLogs(seed)
            let outcome = agree(Array(random.answer().utf8))
            read += outcome.pages > 0 ? 1 : 0
            accepted += outcome.isAccepted ? 1 : 0
        }
        #expect(accepted > 75)
        #expect(read > 90)
    }

    @Test func agreesWhereTheTextEnds() {
        var random = RandomLogs(Seed(7))
        let answer = Array(random.answer().utf8)
        for count in 0...answer.count { _ = agree(Array(answer[..<count])) }
    }

    static let log = [
        #""address":"0x87870bca3f3fd6335c3f4ce8392d69350b4fa4e2""#, #""topics":["0x\#(hash)"]"#, #""data":"0x0102""#,
        #""blockNumber":"0x10""#, #""transactionHash":"0x\#(hash)""#, #""transactionIndex":"0x0""#,
        #""blockHash":"0x\#(hash)""#, #""logIndex":"0x1""#, #""removed":false"#,
    ]
    static let hash = String(repeating: "1f", count: 32)

    static func answer(_ members: [String]) -> [UInt8] {
        Array((#"{"id":1,"result":[{"# + members.joined(separator: ",") + "}]}").utf8)
    }

    @Test func everyFormOfAMemberGetsTheSameVerdict() {
        let wrong =
            [
                "0x", "", "0", "x10", "0X10", "0x0", "0x00", "0x1", "0x01", "0x1g", "0xg1", "0x 1", "1", "0x123",
                "0x\\u0031",
                "0x\(Self.hash)", "0x\(Self.hash)0", "0x\(Self.hash.dropLast())", "0x\(Self.hash.dropLast())g",
                "0x\(Self.hash.dropLast())\\u0031", "0xffffffffffffffff", "0x10000000000000000", "0x1000000000000000",
                "0x87870bca3f3fd6335c3f4ce8392d69350b4fa4e", "0x87870bca3f3fd6335c3f4ce8392d69350b4fa4e20", "0xé",
                "0x\u{7F}",
            ].map { "\"\($0)\"" } + [
                "null", "true", "false", "1", "0x10", "[]", "{}", "[null]", "[\"0x\"]", "[1,[2]]", "\"0x10",
            ]
        for (index, member) in Self.log.enumerated() {
            let name = member.prefix { $0 != ":" }
            for value in wrong {
                var members = Self.log
                members[index] = "\(name):\(value)"
                _ = agree(Self.answer(members))
            }
            var without = Self.log
            without.remove(at: index)
            _ = agree(Self.answer(without))
            #expect(agree(Self.answer(Self.log + [member])) == (0, false), "a name that comes twice: \(name)")
            _ = agree(
                Self.answer(Self.log + [member.replacing("\"\(name.dropFirst().first ?? "x")", with: "\"\\u0061")]))
        }
    }

    @Test func ordinaryLogsAreReadInOnePass() {
        #expect(agree(Self.answer(Self.log)) == (1, true))
        #expect(agree(Self.answer(Self.log.reversed())) == (1, true))
        #expect(agree(Self.answer(Self.log + RandomLogs.extraMembers)) == (1, true))
        #expect(agree(Self.answer(Array(Self.log.prefix(4)) + Array(Self.log.suffix(3)))) == (1, true))
        #expect(agree(Array(#" { "id" : 1 , "result" : [ ] } "#.utf8)) == (1, true))
    }

    /// Vectors do not reach the end of a text: whatever stands there is read byte by byte.
    @Test func anyMemberMayBeTheLast() {
        for index in Self.log.indices {
            var members = Self.log
            members.append(members.remove(at: index))
            #expect(agree(Self.answer(members)) == (1, true), "\(members)")
        }
        for last in [
            #""removed":null"#, #""transactionIndex":null"#, #""data":"0x""#, #""topics":[]"#, #""logIndex":"0x0""#,
        ] {
            let name = last.prefix { $0 != ":" }
            let members = Self.log.filter { !$0.hasPrefix(name) } + [last]
            #expect(agree(Self.answer(members)) == (1, true), "\(last)")
        }
    }

    @Test func whatIsLeftToTheGeneralWay() {
        // A nested value, and a name in escapes, are JSON all the same.
        #expect(agree(Self.answer(Self.log + [#""extra":{"a":[]}"#])) == (0, true))
        #expect(agree(Self.answer(Self.log + [#""\u0061":1"#])) == (0, true))
        #expect(agree(Self.answer(Self.log + (0..<20).map { #""a\#($0)":1"# })) == (0, true))
        // The same name twice, written in two ways.
        #expect(agree(Self.answer(Self.log + [#""a":1"#, #""\u0061":2"#])) == (0, false))
        #expect(agree(Self.answer(Self.log + [#""a":1"#, #""b":1"#, #""a":2"#])) == (0, false))
        #expect(agree(Self.answer(Self.log + [#""topic\u0073":[]"#])) == (0, false))
    }

    @Test func fiveTopicsAreRefused() {
        let topic = "\"0x\(Self.hash)\""
        for count in 0...6 {
            var members = Self.log
            members[1] = "\"topics\":[" + [String](repeating: topic, count: count).joined(separator: ",") + "]"
            #expect(agree(Self.answer(members)) == (count <= 4 ? 1 : 0, count <= 4))
        }
    }

    @Test func dataOfEveryLength() {
        for count in 0...140 {
            var members = Self.log
            members[2] = "\"data\":\"0x" + String(repeating: "7", count: count) + "\""
            #expect(agree(Self.answer(members)) == (count % 2 == 0 ? 1 : 0, count % 2 == 0))
            // As the last thing in the text, where a vector no longer fits.
            members.append(members.remove(at: 2))
            #expect(agree(Self.answer(members)).isAccepted == (count % 2 == 0))
        }
    }

    @Test func aForeignDigitIsFoundWhereverItStands() {
        let digits = Array(String(repeating: "0", count: 70).utf8)
        for place in digits.indices {
            for byte in [0x00, 0x1F, 0x20, 0x2F, 0x3A, 0x40, 0x47, 0x5C, 0x60, 0x67, 0x7F, 0x80, 0xB0, 0xFF] as [UInt8]
            {
                var broken = digits
                broken[place] = byte
                let before = Array((#"{"id":1,"result":[{"# + Self.log.joined(separator: ",")).utf8)
                let text = before.replacing("0x0102".utf8, with: Array("0x".utf8) + broken)
                #expect(agree(text + Array("}]}".utf8)) == (0, false))
            }
        }
    }
}

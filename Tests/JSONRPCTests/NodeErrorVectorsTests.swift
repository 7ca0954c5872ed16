@testable import JSONRPC
import JSON
import TestSupport
import Testing

/// The tables of what nodes say, row by row: `size` the limits on log queries, `node` those of calls and batches, `step`
/// the order of classification, `block` and `state` what is not there.
@Suite struct NodeErrorVectorsTests {
    private static let rows: [(table: String, numbers: [Int])] = [
        ("size", Array(1...36)), ("node", Array(1...9)), ("step", [3, 4, 5, 7, 8, 9, 10, 11, 12, 13]),
        ("block", Array(1...15)), ("state", Array(1...14)),
    ]

    @Test func everyRowMeansWhatTheTableSays() throws {
        for vector in try Vectors.load("jsonrpc/node-errors") {
            let data = vector["data"]?.string ?? ""
            let (kind, suggestion) = NodeErrorKind.classify(
                .init(
                    code: try #require(vector["code"]?.int), text: try vector.text("text") + " " + data,
                    status: vector["status"]?.int ?? 200))
            let row = Comment(rawValue: "\(try vector.text("row")): \(try vector.text("text"))")
            #expect("\(kind.failure)" == (try vector.text("class")), row)
            #expect(limit(kind) == vector["limit"]?.uint64, row)
            #expect(suggestion?.lowerBound == vector["first"]?.uint64, row)
            #expect(suggestion?.upperBound == vector["last"]?.uint64, row)
            if let wait = vector["waitMs"]?.int { #expect(kind == .rateLimited(wait: .milliseconds(wait)), row) }
        }
    }

    @Test func noRowIsMissing() throws {
        let present = Set(try Vectors.load("jsonrpc/node-errors").map { try $0.text("row") })
        for (table, numbers) in Self.rows {
            for number in numbers {
                #expect(present.contains("\(table):\(number)"), "\(table):\(number) has no vector")
            }
        }
        #expect(present.count == Self.rows.reduce(0) { $0 + $1.numbers.count })
    }

    /// Every pattern is the first of its table for some vector: a row that was deleted, or is dead behind an earlier
    /// one, is noticed.
    @Test func everyPatternIsReached() throws {
        let texts = try Vectors.load("jsonrpc/node-errors").map { vector in
            Array((try vector.text("text") + " " + (vector["data"]?.string ?? "")).lowercased().utf8)
        }
        func expectReached(_ patterns: [TextPattern], _ table: String) {
            for (index, pattern) in patterns.enumerated() {
                let isReached = texts.contains { text in
                    pattern.numbers(in: text) != nil
                        && !patterns[..<index].contains { $0.numbers(in: text) != nil }
                }
                #expect(isReached, "\(table): \(pattern)")
            }
        }
        expectReached(
            NodeErrorTexts.size.filter { $0.meaning != .hint && $0.meaning != .suggestion }.map(\.pattern), "size")
        for (table, name) in [
            (NodeErrorTexts.notRoutable, "notRoutable"), (NodeErrorTexts.quota, "quota"), (NodeErrorTexts.rate, "rate"),
            (NodeErrorTexts.block, "block"), (NodeErrorTexts.state, "state"), (NodeErrorTexts.revert, "revert"),
            (NodeErrorTexts.halt, "halt"), (NodeErrorTexts.unsupported, "unsupported"), (NodeErrorTexts.auth, "auth"),
            (NodeErrorTexts.time, "time"),
        ] {
            expectReached(table, name)
        }
    }

    /// A transaction's own fields are no hint about blocks.
    @Test func addressesAreNoHint() {
        let text = #"whatever {"from":"0x00000000000000000000000000000000000000aa","to":"0x1"}"#
        let (kind, suggestion) = NodeErrorKind.classify(.init(code: -32000, text: text))
        #expect(kind == .serverError)
        #expect(suggestion == nil)
    }

    private func limit(_ kind: NodeErrorKind) -> UInt64? {
        switch kind {
        case .rangeTooLarge(let limit), .resultTooLarge(let limit), .stateUnavailable(let limit): limit
        default: nil
        }
    }
}

@testable import JSONRPC
import TestSupport
import Testing

@Suite struct WebSocketAssemblerTests {
    private typealias Frame = WebSocketAssembler.Frame

    private func violation(_ frames: [Frame], limit: Int = 1_000) -> WebSocketAssembler.Violation? {
        var assembler = WebSocketAssembler(limit: limit)
        do throws(WebSocketAssembler.Violation) {
            for frame in frames { _ = try assembler.take(frame) }
            return nil
        } catch {
            return error
        }
    }

    @Test func fragmentsMakeAMessageWithPingsBetween() throws {
        var assembler = WebSocketAssembler(limit: 1_000)
        #expect(try assembler.take(Frame(opcode: 1, isFinal: false, payload: [0xe2, 0x82])) == nil)
        #expect(try assembler.take(Frame(opcode: 9, payload: [1, 2])) == .ping([1, 2]))
        #expect(try assembler.take(Frame(opcode: 0, isFinal: false, payload: [])) == nil)
        #expect(try assembler.take(Frame(opcode: 0, payload: [0xac])) == .text([0xe2, 0x82, 0xac]))
        #expect(try assembler.take(Frame(opcode: 10, payload: [7])) == .pong([7]))
        #expect(try assembler.take(Frame(opcode: 8, payload: [])) == .close(code: 1005, reason: ""))
        #expect(
            try assembler.take(Frame(opcode: 8, payload: [3, 240] + Array("no\u{7}w".utf8)))
                == .close(code: 1008, reason: "no w"))
    }

    @Test func everyRuleIsHeld() {
        let cases: [([Frame], Int)] = [
            ([Frame(opcode: 1, isMasked: true)], 1002), ([Frame(opcode: 1, hasReservedBits: true)], 1002),
            ([Frame(opcode: 9, hasReservedBits: true)], 1002), ([Frame(opcode: 3)], 1002), ([Frame(opcode: 15)], 1002),
            ([Frame(opcode: 2)], 1003), ([Frame(opcode: 0)], 1002),
            ([Frame(opcode: 1), Frame(opcode: 0)], 1002),
            ([Frame(opcode: 1, isFinal: false), Frame(opcode: 1)], 1002),
            ([Frame(opcode: 8, isFinal: false)], 1002), ([Frame(opcode: 9, isFinal: false)], 1002),
            ([Frame(opcode: 10, payload: Array(repeating: 0, count: 126))], 1002),
            ([Frame(opcode: 1, payload: [0xff])], 1007), ([Frame(opcode: 1, payload: [0xc0, 0xaf])], 1007),
            ([Frame(opcode: 1, payload: [0xed, 0xa0, 0x80])], 1007), ([Frame(opcode: 8, payload: [3])], 1002),
            ([Frame(opcode: 8, payload: [3, 232, 0xff])], 1007),
            ([Frame(opcode: 1, isFinal: false, payload: Array(repeating: 0x20, count: 1_001))], 1009),
            (
                [
                    Frame(opcode: 1, isFinal: false, payload: Array(repeating: 0x20, count: 600)),
                    Frame(opcode: 0, isFinal: false, payload: Array(repeating: 0x20, count: 401)),
                ], 1009
            ),
            (
                [Frame(opcode: 1, isFinal: false)]
                    + Array(repeating: Frame(opcode: 0, isFinal: false), count: 16_384), 1002
            ),
        ]
        for (number, (frames, code)) in cases.enumerated() {
            #expect(violation(frames)?.code == code, "case \(number)")
        }
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535] {
            #expect(violation([Frame(opcode: 8, payload: [UInt8(code >> 8), UInt8(code & 255)])])?.code == 1002)
        }
    }

    /// However a message is cut, it comes out whole.
    @Test(arguments: Seed.sweep(50))
    func anyCutGivesTheSameMessage(_ seed: Seed) throws {
        var generator = seed.generator
        let text = Array(String(repeating: "aé€😀", count: 20).utf8)
        var assembler = WebSocketAssembler(limit: text.count)
        var rest = text[...]
        var isBegun = false
        var pieces: [WebSocketAssembler.Piece] = []
        while !rest.isEmpty {
            let part = rest.prefix(Int.random(in: 0...9, using: &generator))
            rest = rest.dropFirst(part.count)
            let opcode: UInt8 = isBegun ? 0 : 1
            isBegun = true
            if let piece = try assembler.take(Frame(opcode: opcode, isFinal: rest.isEmpty, payload: Array(part))) {
                pieces.append(piece)
            }
        }
        #expect(pieces == [.text(text)])
    }
}

import ABI
import Ethereum
import Testing

@Suite struct RevertReasonTests {
    private let balance = { () throws -> ErrorSignature in
        try ErrorSignature(parsing: "error InsufficientBalance(uint256 available, uint256 required)")
    }

    @Test func languageErrors() throws {
        let text = [0x08, 0xc3, 0x79, 0xa0] + (try words("20", "5", "73746f7021…"))
        #expect(RevertReason(text) == .error("stop!"))
        #expect("\(RevertReason(text))" == "reverted with \"stop!\"")
        let panic = [0x4e, 0x48, 0x7b, 0x71] + (try words("11"))
        #expect(RevertReason(panic) == .panic(0x11))
        #expect("\(RevertReason(panic))" == "panicked with 0x11: arithmetic overflow or underflow")
        #expect("\(RevertReason([]))" == "reverted without a reason")
    }

    @Test func panicsHaveAMeaningInWords() {
        for code in PanicCode.allCases {
            #expect("\(RevertReason.panic(UInt256(UInt64(code.rawValue))))".hasSuffix("\(code)"))
        }
        #expect("\(RevertReason.panic(0x99))" == "panicked with 0x99: a code without a known meaning")
        #expect("\(RevertReason.panic(.max))".hasSuffix("a code without a known meaning"))
    }

    @Test func knownErrors() throws {
        let data = [0xcf, 0x47, 0x91, 0x81] + (try words("1", "2"))
        let reason = RevertReason(data, known: [try balance()])
        #expect(reason == .custom(try balance(), [.uint(1), .uint(2)]))
        #expect("\(reason)" == "reverted with InsufficientBalance(1, 2)")
        #expect(RevertReason(data) == .unknown(data))
        #expect("\(RevertReason(data))" == "reverted with 68 bytes that begin with 0xcf479181")
    }

    @Test func dataThatDoesNotDecodeIsUnknown() throws {
        let head: [UInt8] = [0x08, 0xc3, 0x79, 0xa0]
        for data in [
            head, [1], head + (try words("20", "ff")), head + (try words("20", "2", "fffe…")),
            [0x4e, 0x48, 0x7b, 0x71, 1],
            [0xcf, 0x47, 0x91, 0x81],
        ] {
            #expect(RevertReason(data, known: [try balance()]) == .unknown(data))
        }
    }

    @Test func resultsThatAreReverts() throws {
        #expect(RevertReason.looksReverted([0x08, 0xc3, 0x79, 0xa0] + (try words("20", "0"))))
        #expect(RevertReason.looksReverted([0x4e, 0x48, 0x7b, 0x71] + (try words("1"))))
        #expect(!RevertReason.looksReverted(try words("08c379a0…")))
        #expect(!RevertReason.looksReverted([0x12, 0x34, 0x56, 0x78] + (try words("20"))))
        #expect(!RevertReason.looksReverted([]))
    }

    @Test func dataInTexts() {
        #expect(RevertReason.data(inText: "0x08c379a0") == [0x08, 0xc3, 0x79, 0xa0])
        #expect(RevertReason.data(inText: "Reverted 0x08c379a0") == [0x08, 0xc3, 0x79, 0xa0])
        #expect(RevertReason.data(inText: "Reverted 0x") == [])
        #expect(RevertReason.data(inText: "execution reverted") == nil)
    }

    @Test func textsFromContractsCannotMoveTheCursor() {
        let reason = RevertReason.error("a\u{1b}[2Jb\u{202e}c\n" + String(repeating: "x", count: 1000))
        #expect("\(reason)".hasPrefix("reverted with \"a\u{fffd}[2Jb\u{fffd}c\u{fffd}xx"))
        #expect("\(reason)".hasSuffix("x…\""))
    }
}

@Suite struct ABITextTests {
    @Test func stringsAndEarlyTokens() throws {
        #expect(try ABIText.decode(words("20", "4", "57455448…")) == "WETH")
        #expect(try ABIText.decode(words("4d4b52…")) == "MKR")
        #expect(try ABIText.decode(words("0")) == "")
        #expect(throws: ABIError.notUTF8(at: 0)) { try ABIText.decode(words("ff…")) }
        #expect(throws: ABIError.truncated(at: 0, needed: 32, have: 0)) { try ABIText.decode([]) }
        #expect(throws: ABIError.self) { try ABIText.decode(words("20", "ff")) }
    }
}

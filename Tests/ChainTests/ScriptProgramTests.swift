import Ethereum
import Foundation
import Testing

@testable import Chain

@Suite struct ScriptProgramTests {
    @Test func theCodeIsTheReviewedOne() throws {
        let code = try Hex.decode(ScriptProgram.code)
        #expect(code.count == 126)
        #expect(Keccak256.hash(code).hex == "0x63b665984f544040c235dd2e7d5e54e3aeb46953a75212fc14b985194c55516d")
    }

    @Test func inputIsAHeaderAndEveryCall() throws {
        let target = try #require(Address(hex: "0x87870Bca3F3fD6335C3F4ce8392D69350B4fA4E2"))
        let calls = [Call(target: target, data: [1, 2, 3]), Call(target: .zero, data: [])]
        #expect(
            Hex.encode(ScriptProgram.input(calls[...], gasPerCall: 0x0102_0304))
                == "0x01020304" + "0000ea60" + "87870bca3f3fd6335c3f4ce8392d69350b4fa4e2" + "00000003" + "010203"
                + String(repeating: "0", count: 48))
    }

    private func answer(_ entries: [(UInt8, [UInt8])]) -> [UInt8] {
        var bytes = UInt256(7 as UInt64).bigEndianBytes + UInt256(9 as UInt64).bigEndianBytes
        for (ok, data) in entries {
            bytes += [ok, 0, 0, UInt8(data.count >> 8), UInt8(data.count & 255)] + data
        }
        return bytes
    }

    @Test func outputIsFoundInPlace() throws {
        let bytes = answer([(1, [9, 8, 7]), (0, [UInt8](repeating: 5, count: 300)), (1, [])])
        let output = try #require(ScriptProgram.output(bytes, asked: 5))
        #expect(output.number == 7 && output.timestamp == 9)
        #expect(output.entries.map(\.ok) == [true, false, true])
        #expect(output.entries.map { Array(bytes[$0.range]).count } == [3, 300, 0])
        #expect(Array(bytes[output.entries[0].range]) == [9, 8, 7])
    }

    @Test func whatIsNoAnswerIsRefused() {
        let bytes = answer([(1, [9, 8, 7]), (0, [1])])
        let whole: Set<Int> = [64, 72, 78]
        for count in 0..<bytes.count where !whole.contains(count) {
            #expect(ScriptProgram.output(Array(bytes[..<count]), asked: 2) == nil, "cut at \(count)")
        }
        #expect(ScriptProgram.output(bytes, asked: 1) == nil)
        #expect(ScriptProgram.output(answer([(2, [])]), asked: 1) == nil)
        var huge = answer([(1, [])])
        for index in 65..<69 { huge[index] = 0xff }
        #expect(ScriptProgram.output(huge, asked: 1) == nil)
    }
}

import Ethereum
import Foundation
import Testing

@testable import Chain

@Suite struct ReaderProgramTests {
    @Test func theCodeIsTheReviewedOne() throws {
        let code = try Hex.decode(ReaderProgram.code)
        #expect(code.count == 114)
        #expect(Keccak256.hash(code).hex == "0xa1f5e4877255fdb8965798da8c2572cf8385abb2f57cce2dad368714f60128bd")
    }

    /// One more byte for the value that CALL takes, so that what stands behind it moves by one.
    @Test func theCallingCodeDiffersInTheCallAlone() throws {
        let readOnly = try #require(ReaderProgram.code.range(of: "60245f8688fa"))
        let expected = ReaderProgram.code.replacingCharacters(in: readOnly, with: "60245f5f8789f1")
            .split(separator: "6069", omittingEmptySubsequences: false).joined(separator: "606a")
        #expect(ReaderProgram.callingCode == expected)
        #expect(try Hex.decode(ReaderProgram.callingCode).count == 115)
    }

    @Test func inputIsOneHeaderWordAndPackedArguments() throws {
        let target = try #require(Address(hex: "0x87870Bca3F3fD6335C3F4ce8392D69350B4fA4E2"))
        let group = CallGroup(
            target: target, selector: Selector(signature: "getUserAccountData(address)"), arguments: [1, 2, 3],
            returnLength: 192, gasPerCall: 0x01020304)
        let input = ReaderProgram.input(for: group, 1..<3)
        let header = "87870bca3f3fd6335c3f4ce8392d69350b4fa4e2" + "01020304" + "00c0" + "0000" + "bf92857c"
        #expect(
            Hex.encode(input) == "0x" + header + String(repeating: "0", count: 39) + "2"
                + String(repeating: "0", count: 39) + "3")
    }

    @Test func theExtendedCodeIsTheReviewedOne() throws {
        let code = try Hex.decode(ReaderProgram.extendedCode)
        #expect(code.count == 155)
        #expect(Keccak256.hash(code).hex == "0x987da491edf709e02f1b6ee8096e059a49f1564a60be685f28588e41c43064dd")
    }

    @Test func aSecondArgumentAndAPreludeFollowTheHeader() throws {
        let target = try #require(Address(hex: "0xc3d688B66703497DAA19211EEdff47f25384cdc3"))
        let prelude = Selector(signature: "accrueAccount(address)")
        let group = CallGroup(
            target: target, selector: Selector(signature: "userCollateral(address,address)"), arguments: [1],
            returnLength: 64, gasPerCall: 0x01020304, trailing: 7, prelude: prelude)
        #expect(ReaderProgram.code(for: group) == ReaderProgram.extendedCode)
        let header = "c3d688b66703497daa19211eedff47f25384cdc3" + "01020304" + "0040" + "0000" + "2b92a07d"
        #expect(
            Hex.encode(ReaderProgram.input(for: group, 0..<1)) == "0x" + header + String(repeating: "0", count: 63)
                + "7"
                + "bfe69c8d" + String(repeating: "0", count: 56) + String(repeating: "0", count: 39) + "1")
        #expect(group.call(0).data.count == 68)
        #expect(group.preludeCall?.data.count == 36)
    }

    @Test func aFrameOfAnotherLengthIsRefused() {
        #expect(ReaderProgram.frame([UInt8](repeating: 0, count: 63), asked: 1, returnLength: 32) == nil)
        #expect(ReaderProgram.frame([UInt8](repeating: 0, count: 64 + 32), asked: 1, returnLength: 32) == nil)
        #expect(ReaderProgram.frame([UInt8](repeating: 0, count: 64 + 66), asked: 1, returnLength: 32) == nil)
        #expect(ReaderProgram.frame([UInt8](repeating: 0, count: 64 + 33), asked: 1, returnLength: 32)?.done == 1)
        #expect(ReaderProgram.frame([UInt8](repeating: 0xff, count: 64), asked: 1, returnLength: 32) == nil)
    }
}

@Suite struct MulticallTests {
    private let calls = [
        Call(target: Address(a: 1, b: 2, c: 3), data: [1, 2, 3, 4]),
        Call(target: .zero, data: [UInt8](repeating: 7, count: 36)),
    ]

    /// The canonical layout of aggregate3's answer, written by hand.
    private func answer(_ elements: [(Bool, [UInt8])]) -> [UInt8] {
        func word(_ value: Int) -> [UInt8] { UInt256(UInt64(value)).bigEndianBytes }
        var head = word(32) + word(elements.count)
        var tail: [UInt8] = []
        for (success, data) in elements {
            head += word(32 * elements.count + tail.count)
            let padding = (32 - data.count % 32) % 32
            tail += word(success ? 1 : 0) + word(64) + word(data.count) + data + [UInt8](repeating: 0, count: padding)
        }
        return head + tail
    }

    @Test func inputSizeIsAsComputed() {
        // 4 + 64 + Σ (160 + padded data)
        #expect(Multicall.input(calls).count == 4 + 64 + (160 + 32) + (160 + 64))
    }

    @Test func outputIsFoundInPlace() {
        let bytes = answer([(true, [9, 8, 7]), (false, [])])
        let ranges = Multicall.output(bytes, count: 2)
        #expect(ranges?.count == 2)
        #expect(ranges?[0].map { Array(bytes[$0]) } == [9, 8, 7])
        #expect(ranges?[1] == .some(nil))
    }

    @Test func everyTruncationIsRefused() {
        let bytes = answer([(true, [UInt8](repeating: 1, count: 40)), (true, [1])])
        for count in 0..<bytes.count {
            #expect(Multicall.output(Array(bytes[..<count]), count: 2) == nil, "cut at \(count)")
        }
    }

    @Test func aHugeLengthIsRefused() {
        var bytes = answer([(true, [1])])
        for index in 160..<192 { bytes[index] = 0xff }
        #expect(Multicall.output(bytes, count: 1) == nil)
    }
}

import Foundation
import Testing
import TestSupport

@testable import plimsoll

@Suite struct ABIFilterTests {
    private func answer(_ line: String, _ direction: ABIDirection) -> String {
        String(decoding: ABIFilter.answer(.whole(Array(line.utf8)), direction).answer, as: UTF8.self)
    }

    private static let word = String(repeating: "0", count: 63) + "1"
    private static let transfer = "Transfer(address indexed from,address indexed to,uint256 value)"
    private static let topic0 = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"

    @Test func valuesAndBytes() {
        let data =
            "0x" + Self.word + String(repeating: "0", count: 62) + "40" + Self.word
            + String(repeating: "0", count: 62) + "20" + Self.word + String(repeating: "0", count: 62) + "40"
            + Self.word
            + String(repeating: "0", count: 64)
        let types = #""types":["uint256","(bool,bytes)[]"]"#
        #expect(answer(#"{\#(types),"data":"\#(data)"}"#, .decode) == #"{"values":["1",[[true,"0x00"]]]}"#)
        #expect(answer(#"{\#(types),"values":["1",[[true,"0x00"]]]}"#, .encode) == #"{"data":"\#(data)"}"#)
    }

    @Test func logs() {
        let topics = #"["\#(Self.topic0)","0x\#(Self.word)","0x\#(Self.word)"]"#
        let one = "0x0000000000000000000000000000000000000001"
        #expect(
            answer(#"{"signature":"\#(Self.transfer)","topics":\#(topics),"data":"0x\#(Self.word)"}"#, .decode)
                == #"{"values":["\#(one)","\#(one)","1"]}"#)
    }

    @Test func calldata() {
        let data = "0xcdcd77c0" + Self.word + Self.word
        #expect(answer(#"{"signature":"baz(uint32,bool)","data":"\#(data)"}"#, .decode) == #"{"values":["1",true]}"#)
        #expect(
            answer(#"{"signature":"baz(uint32 a,bool b)","values":{"b":true,"a":1}}"#, .encode)
                == #"{"data":"\#(data)"}"#)
    }

    @Test(arguments: [
        ("", "line 1, column 1: expected a value, got the end of the text"),
        ("[]", "the request: expected an object, got an array"),
        ("{}", "/types: expected an array of types, got nothing"),
        (#"{"types":[1],"data":"0x"}"#, "/types/0: expected a text, got a number"),
        (#"{"types":["bool,bool"],"data":"0x"}"#, "/types/0: expected one type, got a string"),
        (#"{"types":[""],"data":"0x"}"#, "/types/0: expected one type, got a string"),
        (#"{"types":["bool"]}"#, #"/data: expected bytes as "0x" and hex digits, got nothing"#),
        (#"{"types":["bool"],"data":"00"}"#, #"/data: hex data begins with "0x", and this does not"#),
        (#"{"types":["bool"],"data":"0x"}"#, "byte 0: 32 bytes are needed and 0 are left"),
        (
            #"{"types":["bool"],"signature":"f()","data":"0x"}"#,
            "/signature: expected either types or a signature, got a string"
        ),
        (
            #"{"signature":"E(uint8)","topics":"0x","data":"0x"}"#,
            "/topics: expected an array of at most 4 topics, got a string"
        ),
        (
            #"{"signature":"E(uint8)","topics":["0x1"],"data":"0x"}"#,
            #"/topics/0: expected 32 bytes as "0x" and 64 hex digits, got a string"#
        ),
        (
            #"{"types":["fixed"],"data":"0x"}"#,
            #"type "fixed" cannot be used: no compiler implements fixed-point types"#
        ),
    ])
    func refusals(line: String, message: String) throws {
        let (answer, isRefused) = ABIFilter.answer(.whole(Array(line.utf8)), .decode)
        #expect(isRefused)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(answer)) as? [String: String])
        #expect(object == ["error": message])
    }

    @Test func longLinesAreSkippedInTheirPlace() {
        var splitter = LineSplitter(limit: 4)
        var lines: [LineSplitter.Line] = []
        for piece in ["ab", "cd\nef", "ghi", "jk\n\nlm\nno"] { splitter.append(Array(piece.utf8)) { lines.append($0) } }
        splitter.end { lines.append($0) }
        #expect(
            lines == [
                .whole(Array("abcd".utf8)), .tooLong, .whole([]), .whole(Array("lm".utf8)), .whole(Array("no".utf8)),
            ])
        #expect(
            String(decoding: ABIFilter.answer(.tooLong, .decode).answer, as: UTF8.self)
                == #"{"error":"the line is longer than 16777216 bytes"}"#)
    }

    @Test func everyLineIsAnsweredInOrderAndTheStatusTells() throws {
        let good = #"{"types":["bool"],"data":"0x\#(Self.word)"}"#
        let clean = try BuiltProgram.run(["abi", "decode"], input: Data("\(good)\n\(good)".utf8))
        #expect(clean.status == 0)
        #expect(clean.lines == [#"{"values":[true]}"#, #"{"values":[true]}"#])
        let mixed = try BuiltProgram.run(["abi", "decode"], input: Data("\(good)\nnonsense\n\(good)\n".utf8))
        #expect(mixed.status == 65)
        #expect(mixed.lines.count == 3)
        #expect(mixed.lines[1].hasPrefix(#"{"error":"#))
        #expect(mixed.lines[2] == #"{"values":[true]}"#)
        #expect(try BuiltProgram.run(["abi", "encode"]).status == 0)
    }
}

@Suite struct ABICommandTests {
    @Test(arguments: [
        (
            [
                "decode", "uint8 a,bool[]",
                "0x" + (0..<5).map { String(repeating: "0", count: 62) + ["05", "40", "02", "01", "00"][$0] }.joined(),
            ], #"{"values":["5",[true,false]]}"#
        ),
        (["encode", "int8", "--", "-1"], "0x" + String(repeating: "f", count: 64)),
        (
            ["encode", "string", "1"],
            "0x" + String(repeating: "0", count: 62) + "20" + String(repeating: "0", count: 63) + "131"
                + String(repeating: "0", count: 62)
        ),
        (
            ["encode", "baz(uint32,bool)", "69", "true"],
            "0xcdcd77c0" + String(repeating: "0", count: 62) + "45" + String(repeating: "0", count: 63) + "1"
        ),
        (["selector", "function transfer(address to, uint amount)"], "0xa9059cbb"),
        (["selector", "error InsufficientBalance(uint256,uint256)"], "0xcf479181"),
        (
            ["topic", "Transfer(address,address,uint256)"],
            "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
        ),
    ])
    func answers(arguments: [String], line: String) throws {
        let outcome = try BuiltProgram.run(["abi"] + arguments)
        #expect(outcome.status == 0)
        #expect(outcome.lines == [line])
    }

    @Test(arguments: [
        (["decode", "bool", "0x02"], 65, "plimsoll: byte 0: 32 bytes are needed and 1 are left\n"),
        (["decode", "bool", "xyz"], 65, "plimsoll: the data: hex data begins with \"0x\", and this does not\n"),
        (["encode", "uint8", "256"], 65, "plimsoll: values[0]: expected an uint8 in decimal or \"0x\" hex, got 256\n"),
        (["selector", "f("], 65, "plimsoll: \"f(\": expected a type at character 3\n"),
    ])
    func refusals(arguments: [String], status: Int32, message: String) throws {
        let outcome = try BuiltProgram.run(["abi"] + arguments)
        #expect(outcome.status == status)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors == message)
    }

    @Test func aTableForPeople() throws {
        let data = "0x" + String(repeating: "0", count: 63) + "1" + String(repeating: "0", count: 63) + "2"
        let outcome = try BuiltProgram.run(["abi", "decode", "bool isOpen,uint256 n", data, "--format", "table"])
        #expect(outcome.lines == ["bool isOpen  true", "uint256 n    2"])
    }

    @Test func halfACommandIsUsage() throws {
        #expect(try BuiltProgram.run(["abi", "decode", "bool"]).status == 64)
        #expect(try BuiltProgram.run(["abi", "selector"]).status == 64)
    }
}

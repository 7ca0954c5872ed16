import ABI
import Ethereum
import JSON
import Testing
import TestSupport

/// Types, values and bytes that belong together.
private struct Example: Sendable, CustomTestStringConvertible {
    let types: String
    let values: [ABIValue]
    let data: [UInt8]

    init(_ types: String, _ values: [ABIValue], _ data: [UInt8]) {
        self.types = types
        self.values = values
        self.data = data
    }

    var testDescription: String { types }
}

/// Layouts that the ABI specification explains, written anew; checked against ethereum/eth-abi 5.2.0.
private let examples: [Example] = {
    do {
        return [
            Example("uint32,bool", [.uint(69), .bool(true)], try words("45", "1")),
            Example(
                "bytes3[2]", [.array([try bytes("616263"), try bytes("646566")])], try words("616263…", "646566…")),
            Example(
                "bytes,bool,uint256[]",
                [.bytes(Array("dave".utf8)), .bool(true), .array([.uint(1), .uint(2), .uint(3)])],
                try words("60", "1", "a0", "4", "64617665…", "3", "1", "2", "3")),
            Example(
                "uint256,uint32[],bytes10,bytes",
                [
                    .uint(0x123), .array([.uint(0x456), .uint(0x789)]), try bytes("31323334353637383930"),
                    .bytes(Array("Hello, world!".utf8)),
                ],
                try words(
                    "123", "80", "31323334353637383930…", "e0", "2", "456", "789", "d", "48656c6c6f2c20776f726c6421…")),
            Example(
                "uint256[][],string[]",
                [
                    .array([.array([.uint(1), .uint(2)]), .array([.uint(3)])]),
                    .array([.string("one"), .string("two"), .string("three")]),
                ],
                try words(
                    "40", "140", "2", "40", "a0", "2", "1", "2", "1", "3", "3", "60", "a0", "e0", "3", "6f6e65…", "3",
                    "74776f…", "5", "7468726565…")),
            Example(
                "int8,int256", [.int(-1), .int(.min)],
                try words(String(repeating: "f", count: 64), "8" + String(repeating: "0", count: 63))),
            Example(
                "function", [try bytes(String(repeating: "ab", count: 24))],
                try words(String(repeating: "ab", count: 24) + "…")),
            Example("()", [.tuple([])], []),
            Example("bool[0],uint8", [.array([]), .uint(7)], try words("7")),
            Example("string[0],uint8", [.array([]), .uint(7)], try words("40", "7")),
            Example("", [], []),
            Example("string", [.string("")], try words("20", "0")),
            Example("(bool,bytes)[]", [.array([])], try words("20", "0")),
        ]
    } catch {
        return []
    }
}()

private func bytes(_ hex: String) throws -> ABIValue {
    .fixedBytes(try #require(FixedBytes(bytes: try Hex.decode(hex))))
}

@Suite struct ABICoderTests {
    @Test func examplesAreThere() { #expect(examples.count == 13) }

    @Test(arguments: examples)
    fileprivate func specification(example: Example) throws {
        let types = try ABIType.list(parsing: example.types).map(\.type)
        #expect(try ABICoder.encode(example.values, as: types) == example.data)
        #expect(try ABICoder.decode(example.data, as: types, limits: .exact) == example.values)
    }

    @Test(arguments: try Vectors.load("abi/codec"))
    func vectors(vector: JSONValue) throws {
        let types = try #require(vector["types"]?.array).map { try ABIType(parsing: #require($0.string)) }
        let parameters = types.map { ABIParameter(type: $0) }
        let values = try ABIValue.list(#require(vector["values"]), as: parameters)
        let data = try Hex.decode(vector.text("data"))
        #expect(try ABICoder.encode(values, as: types) == data)
        let decoded = try ABICoder.decode(data, as: types, limits: .exact)
        #expect(decoded == values)
        #expect(JSONValue.array(decoded.map(\.json)) == vector["values"])
    }

    @Test func trailingBytesAreTheCallersChoice() throws {
        let data = try words("1", "2")
        #expect(try ABICoder.decode(data, as: [.bool]) == [.bool(true)])
        #expect(throws: ABIError.trailing(at: 32, count: 32)) { try ABICoder.decode(data, as: [.bool], limits: .exact) }
    }

    @Test func tailsMayStandInAnyOrder() throws {
        let data = try words("80", "40", "2", "6869…", "1", "79…")
        #expect(try ABICoder.decode(data, as: [.string, .string], limits: .exact) == [.string("y"), .string("hi")])
    }

    @Test(arguments: [
        ([ABIValue.uint(256)], "uint8", "values[0]: expected uint8, got the number 256"),
        ([.int(128)], "int8", "values[0]: expected int8, got the number 128"),
        ([.int(1)], "uint8", "values[0]: expected uint8, got the number 1"),
        ([.bool(true), .bool(true)], "bool", "values: expected 1 values, got 2"),
        ([.array([.bool(true), .uint(1)])], "bool[]", "values[0][1]: expected bool, got the number 1"),
        ([.array([])], "bool[1]", "values[0]: expected an array of 1, got an array of 0"),
        ([.tuple([.string("a")])], "(string,bool)", "values[0]: expected 2 values, got 1"),
        ([.bytes([1])], "bytes1", "values[0]: expected bytes1, got 1 bytes"),
        ([.string("x")], "bytes", "values[0]: expected bytes, got a string"),
    ])
    func valuesThatDoNotFit(values: [ABIValue], type: String, message: String) throws {
        let types = [try ABIType(parsing: type)]
        let error = #expect(throws: ABIError.self) { try ABICoder.encode(values, as: types) }
        #expect(error?.description == message)
    }
}

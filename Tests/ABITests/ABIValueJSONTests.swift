import ABI
import Ethereum
import JSON
import Testing

@Suite struct ABIValueJSONTests {
    private func value(_ json: String, _ type: String) throws -> ABIValue {
        try ABIValue(JSONValue(parsing: Array(json.utf8)), as: ABIType(parsing: type))
    }

    @Test(arguments: [
        (
            #""115792089237316195423570985008687907853269984665640564039457584007913129639935""#, "uint256",
            nil as String?
        ),
        (#""0xff""#, "uint8", "\"255\""), ("255", "uint8", "\"255\""), (#""-128""#, "int8", nil),
        ("-1", "int256", "\"-1\""),
        (#""-0""#, "int8", "\"0\""), (#""0x7f""#, "int8", "\"127\""), ("true", "bool", nil),
        (#""0xd8da6bf26964af9d7eed9e03e53415d37aa96045""#, "address", "\"0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045\""),
        (#""0xD8DA6BF26964AF9D7EED9E03E53415D37AA96045""#, "address", "\"0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045\""),
        (#""0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045""#, "address", nil), (#""0xABcd""#, "bytes", "\"0xabcd\""),
        (#""0x""#, "bytes", nil),
        (#""0x01020304""#, "bytes4", nil), (#""\u0000\"é""#, "string", nil), (#"[["1",true]]"#, "(uint8,bool)[1]", nil),
        (#"{"b":true,"a":"1"}"#, "(uint8 a,bool b)", #"["1",true]"#),
    ])
    func accepted(json: String, type: String, printed: String?) throws {
        let expected = try JSONValue(parsing: Array((printed ?? json).utf8))
        #expect(try value(json, type).json == expected)
    }

    @Test(arguments: [
        ("256", "uint8", "values: expected an uint8 in decimal or \"0x\" hex, got 256"),
        ("1.0", "uint8", "values: expected an uint8 in decimal or \"0x\" hex, got 1.0"),
        ("1e2", "uint8", "values: expected an uint8 in decimal or \"0x\" hex, got 1e2"),
        (#""-1""#, "uint8", "values: expected an uint8 in decimal or \"0x\" hex, got \"-1\""),
        (#""128""#, "int8", "values: expected an int8 in decimal or \"0x\" hex, got \"128\""),
        (#"" 1""#, "uint8", "values: expected an uint8 in decimal or \"0x\" hex, got \" 1\""),
        (#""""#, "uint8", "values: expected an uint8 in decimal or \"0x\" hex, got \"\""),
        ("1", "bool", "values: expected true or false, got 1"),
        (#""true""#, "bool", "values: expected true or false, got \"true\""),
        (#""0x123""#, "bytes", "values: expected bytes as \"0x\" and hex digits, two a byte, got \"0x123\""),
        (#""1234""#, "bytes", "values: expected bytes as \"0x\" and hex digits, two a byte, got \"1234\""),
        (#""0x123456""#, "bytes4", "values: expected 4 bytes as \"0x\" and 8 hex digits, got \"0x123456\""),
        (
            #""0xd8da6BF26964aF9D7eEd9e03E53415D37aA96045""#, "address",
            "values: expected an address: \"0x\", 40 hex digits, and the EIP-55 checksum where capitals are mixed, got \"0xd8da6BF26964aF9D7eEd9e03E53415D37aA96045\""
        ),
        ("[true,1]", "bool[]", "values[1]: expected true or false, got 1"),
        ("[[],[[1]]]", "bool[][][]", "values[1][0][0]: expected true or false, got 1"),
        ("[true]", "bool[2]", "values: expected an array of 2, got an array of 1"),
        (#"{"a":1}"#, "(uint8 a,bool b)", "values: expected members [\"a\", \"b\"], got [\"a\"]"),
        (#"{"a":1,"c":true}"#, "(uint8 a,bool b)", "values: expected a member \"b\", got [\"a\", \"c\"]"),
        (
            #"{"a":1}"#, "(uint8)",
            "values: expected an array, because not every value has a name of its own, got an object"
        ),
        ("null", "string", "values: expected a string, got null"),
    ])
    func refused(json: String, type: String, message: String) {
        let error = #expect(throws: ABIError.self) { try value(json, type) }
        #expect(error?.description == message)
    }

    @Test func linesForPeople() {
        let value = ABIValue.tuple([.string("a\"b"), .array([.uint(1), .int(-2)]), .bytes([0xab]), .address(.zero)])
        #expect(value.text == "(\"a\\\"b\", [1, -2], 0xab, 0x0000000000000000000000000000000000000000)")
    }
}

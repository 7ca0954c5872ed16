import ABI
import Testing

@Suite struct ABITypeTests {
    @Test(arguments: [
        ("uint", "uint256"), ("int", "int256"), ("uint8", "uint8"), ("int248", "int248"), ("bytes1", "bytes1"),
        ("bytes32", "bytes32"), ("function", "function"), ("bool[]", "bool[]"), ("uint256[2][]", "uint256[2][]"),
        (" ( uint a , ( bool , bytes ) [ ] rest ) [ 3 ] ", "(uint256,(bool,bytes)[])[3]"),
        ("tuple(address payable to, string memory note)[]", "(address,string)[]"), ("()", "()"),
        ("uint256[0]", "uint256[0]"), ("string[0][]", "string[0][]"),
    ])
    func canonicalText(text: String, canonical: String) throws {
        let type = try ABIType(parsing: text)
        #expect("\(type)" == canonical)
        #expect(try "\(ABIType(parsing: canonical))" == canonical)
    }

    @Test(arguments: [
        ("", "\"\": expected a type at character 1"),
        ("uint257", "type \"uint257\" cannot be used: integers have 8 to 256 bits in steps of 8"),
        ("uint0", "\"uint0\": expected a type at character 1"),
        ("uint08", "\"uint08\": expected a type at character 1"),
        ("int12", "type \"int12\" cannot be used: integers have 8 to 256 bits in steps of 8"),
        ("bytes33", "type \"bytes33\" cannot be used: bytesN has 1 to 32 bytes"),
        ("bytes0", "\"bytes0\": expected a type at character 1"),
        ("fixed", "type \"fixed\" cannot be used: no compiler implements fixed-point types"),
        ("ufixed128x18", "type \"ufixed128x18\" cannot be used: no compiler implements fixed-point types"),
        ("uint256[", "\"uint256[\": expected \"]\" at character 9"),
        ("uint256[-1]", "\"uint256[-1]\": expected \"]\" at character 9"),
        ("uint256[01]", "\"uint256[01]\": expected a count of at most 10 digits without leading zeros at character 9"),
        (
            "uint256[99999999999]",
            "\"uint256[99999999999]\": expected a count of at most 10 digits without leading zeros at character 9"
        ),
        ("(uint256", "\"(uint256\": expected \")\" at character 9"),
        ("(uint256,)", "\"(uint256,)\": expected a type at character 10"),
        ("uint256)", "\"uint256)\": expected the end at character 8"),
        ("mapping(uint=>uint)", "\"mapping(uint=>uint)\": expected a type at character 1"),
        ("()[]", "type \"()[]\" cannot be used: its elements take no bytes"),
        ("()[5]", "type \"()[5]\" cannot be used: its elements take no bytes"),
        ("uint256[0][]", "type \"uint256[0][]\" cannot be used: its elements take no bytes"),
        ("((),())[2][]", "type \"((),())[2]\" cannot be used: its elements take no bytes"),
        ("uint256[9999999999]", "type \"uint256[9999999999]\" cannot be used: its head has more than 4294967296 bytes"),
        (
            "uint256[100000][100000]",
            "type \"uint256[100000][100000]\" cannot be used: its head has more than 4294967296 bytes"
        ),
        ("string[9999999999]", "type \"string[9999999999]\" cannot be used: its head has more than 4294967296 bytes"),
        ("uint256 indexed x", "\"uint256 indexed x\": expected the end at character 9"),
    ])
    func refusals(text: String, message: String) {
        let error = #expect(throws: ABIError.self) { try ABIType(parsing: text) }
        #expect(error?.description == message)
    }

    @Test func sixteenLevelsAndNoMore() throws {
        let suffixes = String(repeating: "[]", count: 16)
        #expect(try ABIType(parsing: "bool" + suffixes).depth == 16)
        let tuples = String(repeating: "(", count: 16) + "bool" + String(repeating: ")", count: 16)
        #expect(try ABIType(parsing: tuples).depth == 16)
        for text in ["bool[]" + suffixes, "(\(tuples))", "\(tuples)[]", "(bool\(suffixes))"] {
            let error = #expect(throws: ABIError.self) { try ABIType(parsing: text) }
            #expect(error?.description.hasSuffix("arrays and tuples go deeper than 16 levels") == true)
        }
    }

    @Test(arguments: ["(", "[", "(()", "tuple(", "bool["])
    func deepNestingIsRefusedBeforeItIsFollowed(unit: String) {
        #expect(throws: ABIError.self) { try ABIType(parsing: String(repeating: unit, count: 100_000)) }
        #expect(throws: ABIError.self) { try ABIType(parsing: "bool" + String(repeating: "[]", count: 100_000)) }
    }

    @Test func longTextsAreCutInMessages() {
        let error = #expect(throws: ABIError.self) { try ABIType(parsing: String(repeating: "x", count: 5_000)) }
        #expect(error?.description.count ?? 0 < 300)
    }

    @Test func dynamicTypes() throws {
        for text in ["bytes", "string", "bool[]", "bytes[2]", "(bool,string)", "(bool,(string))[1]", "string[0]"] {
            #expect(try ABIType(parsing: text).isDynamic, "\(text)")
        }
        for text in ["uint256", "bytes32", "bool[3]", "(bool,(uint8,address)[2])", "()"] {
            #expect(try !ABIType(parsing: text).isDynamic, "\(text)")
        }
    }

    @Test func listsMayBeEmptyOrNamed() throws {
        #expect(try ABIType.list(parsing: "").isEmpty)
        #expect(try ABIType.list(parsing: "uint a, (bool,bytes)[] rest").map(\.name) == ["a", "rest"])
        #expect(throws: ABIError.syntax(text: "uint256,", offset: 8, expected: "a type")) {
            try ABIType.list(parsing: "uint256,")
        }
    }
}

@Suite struct ABISchemaTests {
    @Test(arguments: [
        ("uint256", 32), ("(uint8,bool[3])", 128), ("()", 0), ("bool[0]", 0), ("(address,(bytes4,int8)[2])[3]", 480),
    ])
    func staticSizes(type: String, size: Int) throws {
        #expect(try ABISchema([ABIType(parsing: type)]).staticSize == size)
    }

    @Test func dynamicTypesHaveNoSize() throws {
        let schema = try ABISchema([ABIType(parsing: "(uint256,bytes)"), .bool])
        #expect(schema.staticSize == nil)
        #expect(schema.headSize == 64)
    }

    @Test func typesThatWereNeverParsedAreCheckedToo() {
        for type in [
            ABIType.uint(7), .int(0), .uint(-8), .fixedBytes(0), .fixedBytes(33), .fixedArray(.bool, count: -1),
            .fixedArray(.bool, count: .max), .array(.tuple([])),
        ] {
            #expect(throws: ABIError.self) { try ABISchema([type]) }
        }
    }
}

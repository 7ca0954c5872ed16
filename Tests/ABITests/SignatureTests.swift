import ABI
import Ethereum
import JSON
import Testing

@Suite struct FunctionSignatureTests {
    @Test(arguments: [
        ("transfer(address,uint256)", "transfer(address,uint256)", 0xa905_9cbb as UInt32),
        ("function balanceOf(address owner) view returns (uint256)", "balanceOf(address)", 0x70a0_8231),
        ("function sam(bytes memory a, bool, uint[] calldata)", "sam(bytes,bool,uint256[])", 0xa564_3bf2),
        (
            "function f(uint,uint32[],bytes10,bytes) external virtual payable returns (tuple(uint a, bytes b)[] c);",
            "f(uint256,uint32[],bytes10,bytes)", 0x8be6_5246
        ),
        ("  g ( uint [ ] [ ] , string [ ] ) ", "g(uint256[][],string[])", 0x2289_b18c),
    ])
    func selectors(text: String, canonical: String, selector: UInt32) throws {
        let function = try FunctionSignature(parsing: text)
        #expect(function.canonical == canonical)
        #expect(function.selector == Selector(selector))
    }

    @Test func partsOfASignature() throws {
        let function = try FunctionSignature(
            parsing:
                "function swap(address payable to, (uint256 a, bytes b)[2] memory steps) external view returns (bool ok, uint)"
        )
        #expect(function.name == "swap")
        #expect(function.mutability == .view)
        #expect(function.inputs.map(\.name) == ["to", "steps"])
        #expect(function.outputs.map(\.name) == ["ok", ""])
        #expect(
            function.inputs[1].type
                == .fixedArray(
                    .tuple([ABIParameter(name: "a", type: .uint(256)), ABIParameter(name: "b", type: .bytes)]), count: 2
                ))
    }

    @Test(arguments: [
        ("", "the name of a function", 0), ("function", "the name of a function", 8), ("f", "\"(\"", 1),
        ("f(uint256", "\")\"", 9),
        ("f(uint256 indexed a)", "\"indexed\" in events only", 10), ("f() bogus", "a modifier or \"returns\"", 4),
        ("f() returns uint256", "\"(\"", 12), ("f()) view", "the end", 3), ("f(uint256 a b)", "\")\"", 12),
    ])
    func refusals(text: String, expected: String, offset: Int) {
        #expect(throws: ABIError.syntax(text: text, offset: offset, expected: expected)) {
            try FunctionSignature(parsing: text)
        }
    }

    @Test func calldata() throws {
        let function = try FunctionSignature(parsing: "baz(uint32,bool)")
        let data = try function.encode([.uint(69), .bool(true)])
        #expect(data == [0xcd, 0xcd, 0x77, 0xc0] + (try words("45", "1")))
        #expect(try function.decode(calldata: data) == [.uint(69), .bool(true)])
        #expect(
            throws: ABIError.wrongSelector(signature: "baz(uint32,bool)", expected: 0xcdcd_77c0, got: 0xcdcd_77c1)
        ) { try function.decode(calldata: [0xcd, 0xcd, 0x77, 0xc1]) }
        #expect(throws: ABIError.truncated(at: 0, needed: 4, have: 3)) {
            try function.decode(calldata: [0xcd, 0xcd, 0x77])
        }
    }
}

@Suite struct EventSignatureTests {
    let from = Hash32(word: 0xabc)
    let to = Hash32(word: 0xdef)

    @Test func transfer() throws {
        let event = try EventSignature(
            parsing: "event Transfer(address indexed from, address indexed to, uint256 value)")
        #expect(event.topic0.hex == "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef")
        let values = try event.decode(topics: [event.topic0, from, to], data: words("5"))
        #expect(values == [.address(Address(word: 0xabc)), .address(Address(word: 0xdef)), .uint(5)])
        #expect(throws: ABIError.topicCount(signature: event.canonical, expected: 3, got: 2)) {
            try event.decode(topics: [event.topic0, from], data: words("5"))
        }
        #expect(throws: ABIError.topicCount(signature: event.canonical, expected: 3, got: 4)) {
            try event.decode(topics: [event.topic0, from, to, to], data: words("5"))
        }
        #expect(throws: ABIError.wrongTopic(signature: event.canonical, expected: event.topic0, got: from)) {
            try event.decode(topics: [from, from, to], data: words("5"))
        }
        #expect(throws: ABIError.topicCount(signature: event.canonical, expected: 3, got: 0)) {
            try event.decode(topics: [], data: [])
        }
        let dirty = Hash32(word: UInt256.one << 160)
        #expect(throws: ABIError.range(at: 64, word: dirty.word, type: "address")) {
            try event.decode(topics: [event.topic0, from, dirty], data: words("5"))
        }
    }

    @Test func indexedValuesLongerThanAWordAreHashes() throws {
        let event = try EventSignature(
            parsing: "event Note(address who, string indexed text, uint256[] indexed list, (uint8,bytes4) indexed pair)"
        )
        #expect(event.topic0.hex == "0x3a72004f8ab1f0f16bc22a9e79a10838816ef217e2065b6bebf3d87c9ad6eebd")
        let hash = Keccak256.hash("hello".utf8)
        let values = try event.decode(topics: [event.topic0, hash, from, to], data: words("1"))
        #expect(
            values == [
                .address(Address(word: 1)), .fixedBytes(FixedBytes(hash)), .fixedBytes(FixedBytes(from)),
                .fixedBytes(FixedBytes(to)),
            ])
    }

    @Test func anonymousEventsHaveFourTopicsOfTheirOwn() throws {
        let event = try EventSignature(
            parsing:
                "event LogNote(bytes4 indexed sig, address indexed usr, bytes32 indexed a, bytes32 indexed b, bytes data) anonymous"
        )
        #expect(event.isAnonymous && event.topicCount == 4)
        let sig = Hash32(word: UInt256(UInt64(0x1234_5678)) << 224)
        let values = try event.decode(topics: [sig, from, to, to], data: words("20", "1", "ff…"))
        #expect(values[0].text == "0x12345678")
        #expect(values[4] == .bytes([0xff]))
    }

    @Test func fourIndexedParametersNeedAnonymity() {
        #expect(throws: ABIError.self) {
            try EventSignature(parsing: "event E(bool indexed, bool indexed, bool indexed, bool indexed)")
        }
    }

    @Test func wordsInTopicsAreChecked() throws {
        let event = try EventSignature(parsing: "event E(bool indexed a, int8 indexed b, bytes2 indexed c)")
        let minus = Hash32(word: .max)
        #expect(
            try event.decode(
                topics: [event.topic0, Hash32(word: 1), minus, Hash32(word: UInt256(UInt64(0xabcd)) << 240)], data: []
            )
            .map(\.text) == ["true", "-1", "0xabcd"])
        #expect(throws: ABIError.range(at: 32, word: 2, type: "bool")) {
            try event.decode(topics: [event.topic0, Hash32(word: 2), minus, .zero], data: [])
        }
        #expect(throws: ABIError.padding(at: 96, type: "bytes2")) {
            try event.decode(topics: [event.topic0, .zero, minus, Hash32(word: 1)], data: [])
        }
    }
}

@Suite struct ContractABITests {
    private func read(_ text: String) throws -> ContractABI { try ContractABI(JSONValue(parsing: Array(text.utf8))) }

    @Test func functionsEventsAndErrors() throws {
        let contract = try read(
            """
            {"contract": "Thing", "source": "here", "abi": [
              {"type": "constructor", "inputs": []}, {"type": "receive"}, {"type": "fallback"},
              {"type": "function", "name": "set", "stateMutability": "payable", "outputs": [{"type": "bool"}], "inputs": [
                {"name": "steps", "type": "tuple[2][]", "internalType": "struct Thing.Step[2][]", "components": [
                  {"name": "to", "type": "address"}, {"name": "data", "type": "bytes"}]}]},
              {"type": "event", "name": "Done", "inputs": [{"name": "id", "type": "uint256", "indexed": true}], "anonymous": true},
              {"type": "error", "name": "Bad", "inputs": [{"name": "why", "type": "string"}]}]}
            """)
        #expect(contract.contract == "Thing" && contract.source == "here")
        #expect(contract.functions.map(\.canonical) == ["set((address,bytes)[2][])"])
        #expect(contract.functions[0].mutability == .payable)
        #expect(contract.functions[0].inputs[0].internalType == "struct Thing.Step[2][]")
        #expect(contract.events[0].isAnonymous && contract.events[0].parameters[0].isIndexed)
        #expect(contract.errors.map(\.canonical) == ["Bad(string)"])
    }

    @Test(arguments: [
        ("{}", "/abi: expected an array of functions, events and errors, got an object"),
        ("[1]", "/0/type: expected the kind of the entry, got nothing"),
        (
            #"[{"type": "struct"}]"#,
            "/0/type: expected function, event, error, constructor, receive or fallback, got \"struct\""
        ),
        (#"[{"type": "function"}]"#, "/0/name: expected a name, got nothing"),
        (#"[{"type": "function", "name": "a b"}]"#, "/0/name: expected an identifier, got \"a b\""),
        (
            #"{"abi": [{"type": "function", "name": "f", "inputs": [{"name": "x"}]}]}"#,
            "/abi/0/inputs/0/type: expected a type, got nothing"
        ),
        (
            #"[{"type": "function", "name": "f", "inputs": {}}]"#,
            "/0/inputs: expected an array of parameters, got an object"
        ),
        (
            #"[{"type": "function", "name": "f", "stateMutability": "lazy"}]"#,
            "/0/stateMutability: expected pure, view, nonpayable or payable, got \"lazy\""
        ),
        (
            #"[{"type": "error", "name": "E", "inputs": [{"type": "uint7"}]}]"#,
            "type \"uint7\" cannot be used: integers have 8 to 256 bits in steps of 8"
        ),
        (
            #"[{"type": "error", "name": "E", "inputs": [{"type": "tuple[]", "components": []}]}]"#,
            "type \"()[]\" cannot be used: its elements take no bytes"
        ),
    ])
    func refusals(text: String, message: String) {
        let error = #expect(throws: ABIError.self) { try read(text) }
        #expect(error?.description == message)
    }

    @Test func deepTuplesAreRefused() {
        var type = #"{"type": "bool"}"#
        for _ in 0..<17 { type = #"{"type": "tuple", "components": [\#(type)]}"# }
        let text = #"[{"type": "error", "name": "E", "inputs": [\#(type)]}]"#
        #expect(throws: ABIError.self) {
            try ContractABI(
                JSONValue(parsing: Array(text.utf8), limits: JSONLimits(bytes: 1 << 20, depth: 100, elements: 10_000)))
        }
    }
}

import Ethereum
import Testing

@Suite struct EIP712Tests {
    /// The example of the standard.
    private static let mail: [String: [EIP712.Field]] = [
        "Person": [.init("name", "string"), .init("wallet", "address")],
        "Mail": [.init("from", "Person"), .init("to", "Person"), .init("contents", "string")],
    ]
    private static let domain = EIP712.Domain(
        name: "Ether Mail", version: "1", chainID: 1,
        verifyingContract: Address(hex: "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"))

    private static func person(_ name: String, _ wallet: String) -> EIP712.Value {
        .record(["name": .string(name), "wallet": .address(Address(hex: wallet) ?? .zero)])
    }

    private static let message = EIP712.Value.record([
        "from": person("Cow", "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"),
        "to": person("Bob", "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"),
        "contents": .string("Hello, Bob!"),
    ])

    @Test func theStandardsExample() throws {
        let types = try EIP712.Types(Self.mail)
        #expect(
            try types.encodeType("Mail")
                == "Mail(Person from,Person to,string contents)Person(string name,address wallet)")
        #expect(
            try types.typeHash("Mail").hex == "0xa0cedeb2dc280ba39b857546d74f5549c3a1d7bdc2dd96bf881f76108e23dac2")
        #expect(
            try types.hash(Self.message, as: "Mail").hex
                == "0xc52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e")
        #expect(
            Self.domain.separator.hex == "0xf2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f")
        let digest = try EIP712.digest(
            domain: Self.domain, types: types, primaryType: "Mail", message: Self.message)
        #expect(digest.hex == "0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2")
        let signature = try Secp256k1.PrivateKey(bytes: Keccak256.hash("cow".utf8).bytes).sign(digest)
        #expect(
            signature.hex
                == """
                0x4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d\
                07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b915621c
                """)
    }

    @Test func arraysHashTheirElements() throws {
        let types = try EIP712.Types([
            "Group": [.init("names", "string[]"), .init("grid", "uint8[2][]"), .init("people", "Person[1]")],
            "Person": Self.mail["Person"] ?? [],
        ])
        #expect(
            try types.encodeType("Group")
                == "Group(string[] names,uint8[2][] grid,Person[1] people)Person(string name,address wallet)")
        let person = Self.person("Cow", "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826")
        let value = EIP712.Value.record([
            "names": .array([.string("a"), .string("b")]),
            "grid": .array([.array([.uint(1), .uint(2)])]),
            "people": .array([person]),
        ])
        let names = Keccak256.hash(Keccak256.hash("a".utf8).bytes + Keccak256.hash("b".utf8).bytes)
        let grid = Keccak256.hash(Keccak256.hash(1, 2).bytes)
        let people = Keccak256.hash(try types.hash(person, as: "Person").bytes)
        #expect(
            try types.hash(value, as: "Group")
                == Keccak256.hash(
                    try types.typeHash("Group").bytes + names.bytes + grid.bytes + people.bytes))
    }

    @Test func everyBasicTypeHasItsWord() throws {
        let cases: [(String, EIP712.Value, UInt256)] = [
            ("uint8", .uint(255), 255), ("int8", .int(-128), Int256(-128).bits), ("bool", .bool(true), 1),
            ("bytes4", .fixedBytes([1, 2, 3, 4]), 0x01020304 << 224), ("int256", .int(.min), Int256.min.bits),
            ("bytes32", .hash(Hash32(word: 7)), 7), ("bytes", .bytes([]), Keccak256.hash([UInt8]()).word),
            ("uint256", .uint(.max), .max), ("uint256[]", .array([]), Keccak256.hash([UInt8]()).word),
        ]
        for (type, value, word) in cases {
            let types = try EIP712.Types(["T": [.init("x", type)]])
            #expect(
                try types.hash(.record(["x": value]), as: "T") == Keccak256.hash(try types.typeHash("T").word, word),
                "\(type)")
        }
    }

    @Test(
        arguments: [
            ("uint8", .uint(256)), ("int8", .int(128)), ("int8", .int(-129)), ("uint8", .int(1)),
            ("bytes4", .fixedBytes([1])),
            ("bytes4", .bytes([1, 2, 3, 4])), ("bytes32", .uint(1)), ("string", .bytes([])), ("address", .uint(0)),
            ("uint8[2]", .array([.uint(1)])), ("uint8[]", .array([.bool(true)])), ("T[]", .array([.uint(1)])),
            ("bool", .uint(1)),
        ] as [(String, EIP712.Value)])
    func valuesOfAnotherTypeAreRefused(type: String, value: EIP712.Value) throws {
        let types = try EIP712.Types(["T": [.init("x", type)]])
        let error = #expect(throws: EIP712Error.self) { try types.hash(.record(["x": value]), as: "T") }
        guard case .mismatch(let path, _) = try #require(error) else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(path.hasPrefix("T.x"))
    }

    @Test func membersAreAllThereAndNoOthers() throws {
        let types = try EIP712.Types(Self.mail)
        #expect(throws: EIP712Error.missingMember(path: "Person", member: "wallet")) {
            try types.hash(.record(["name": .string("x")]), as: "Person")
        }
        #expect(throws: EIP712Error.unknownMember(path: "Person", member: "age")) {
            try types.hash(
                .record(["name": .string("x"), "wallet": .address(.zero), "age": .uint(1)]), as: "Person")
        }
        #expect(throws: EIP712Error.unknownType("Letter")) { try types.hash(Self.message, as: "Letter") }
    }

    @Test(arguments: [
        "uint7", "uint0", "uint264", "uint", "int", "uint08", "bytes0", "bytes33", "Nobody", "uint8[0]", "uint8[",
        "uint8]",
        "uint8[-1]", "uint8[9999999999]", "", "[]", "uint8[01]", "bytes32 ",
    ])
    func unknownTypesAreRefusedInTheTable(type: String) {
        #expect(throws: EIP712Error.unknownType(type)) { try EIP712.Types(["T": [.init("x", type)]]) }
    }

    @Test func namesAreNotTypesInDisguise() {
        #expect(throws: EIP712Error.duplicateMember(type: "T", member: "x")) {
            try EIP712.Types(["T": [.init("x", "bool"), .init("x", "bool")]])
        }
        #expect(throws: EIP712Error.unknownType("T(bool y)")) { try EIP712.Types(["T(bool y)": []]) }
        #expect(throws: EIP712Error.self) { try EIP712.Types(["T": [.init("x,bool y", "bool")]]) }
    }

    @Test func typesMayReferToThemselves() throws {
        let types = try EIP712.Types(["Node": [.init("value", "uint8"), .init("children", "Node[]")]])
        #expect(try types.encodeType("Node") == "Node(uint8 value,Node[] children)")
        let leaf = EIP712.Value.record(["value": .uint(1), "children": .array([])])
        _ = try types.hash(.record(["value": .uint(2), "children": .array([leaf, leaf])]), as: "Node")
    }
}

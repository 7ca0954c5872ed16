import Chain
import Ethereum
import JSON
import TestSupport

/// A header of the tests' own: its JSON, and its hash from the definition.
struct HeaderFixture {
    /// The fields that are hashed, in order; `nil` where the value is bytes, else a number.
    var fields: [(key: String, value: JSONValue)]
    /// Members that are not hashed.
    var extra: [(String, JSONValue)] = []

    private static let numbers: Set<String> = [
        "difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas", "blobGasUsed", "excessBlobGas",
        "slotNumber", "extDataGasUsed", "blockGasCost", "timestampMilliseconds", "minDelayExcess", "step",
    ]

    /// A header of 20 fields.
    init(number: UInt64 = 100, parent: Hash32 = .zero) {
        func data(_ count: Int, _ byte: UInt8) -> JSONValue {
            .string(Hex.encode([UInt8](repeating: byte, count: count)))
        }
        fields = [
            ("parentHash", .string(parent.hex)), ("sha3Uncles", data(32, 1)), ("miner", data(20, 2)),
            ("stateRoot", data(32, 3)), ("transactionsRoot", data(32, 4)),
            ("receiptsRoot", .string(MerkleProof.emptyRoot.hex)), ("logsBloom", data(256, 0)),
            ("difficulty", .string("0x0")), ("number", .string(Hex.quantity(number))),
            ("gasLimit", .string("0x1c9c380")), ("gasUsed", .string("0xe4e1c0")),
            ("timestamp", .string(Hex.quantity(1_700_000_000 + number))), ("extraData", data(5, 6)),
            ("mixHash", data(32, 7)), ("nonce", data(8, 0)), ("baseFeePerGas", .string("0x3b9aca00")),
            ("withdrawalsRoot", data(32, 8)), ("blobGasUsed", .string("0x20000")), ("excessBlobGas", .string("0x0")),
            ("parentBeaconBlockRoot", data(32, 9)),
        ]
    }

    subscript(key: String) -> JSONValue? {
        get { fields.first { $0.key == key }?.value }
        set {
            guard let index = fields.firstIndex(where: { $0.key == key }) else {
                if let newValue { fields.append((key, newValue)) }
                return
            }
            if let newValue { fields[index].value = newValue } else { fields.remove(at: index) }
        }
    }

    /// The hash of the list of the fields.
    var hash: Hash32 {
        get throws {
            Keccak256.hash(
                RLP.list(
                    try fields.map { key, value in
                        let text = value.string ?? ""
                        return Self.numbers.contains(key)
                            ? .quantity(UInt256(hex: text) ?? .zero) : .bytes(try Hex.decode(text))
                    }
                ).encoded())
        }
    }

    /// The JSON, with the hash of its fields unless another is claimed.
    func json(hash claimed: Hash32? = nil) throws -> JSONValue {
        let hash = try claimed ?? hash
        return .object(
            JSONObject(fields.map { ($0.key, $0.value) } + [("hash", .string(hash.hex))] + extra))
    }

    /// The header, decoded.
    func decoded(hash claimed: Hash32? = nil) throws -> BlockHeader {
        try BlockHeader(json: try json(hash: claimed))
    }

    /// The header of a block that has these receipts.
    static func of(_ receipts: [ReferenceReceipt], number: UInt64 = 100) throws -> VerifiedHeader {
        var fixture = HeaderFixture(number: number)
        fixture["receiptsRoot"] = .string(ReferenceTrie(ordered: receipts.map(\.encoded)).root.hex)
        var bloom = [UInt8](repeating: 0, count: 256)
        for receipt in receipts {
            for (index, byte) in receipt.bloom.enumerated() { bloom[index] |= byte }
        }
        fixture["logsBloom"] = .string(Hex.encode(bloom))
        return try fixture.decoded().verify()
    }
}

extension BlockHeader {
    init(json: JSONValue) throws {
        let scanner = try JSONScanner(json.serialized())
        try self.init(scanner, scanner.root)
    }

    /// A published header, by its name.
    static func published(_ name: String) throws -> VerifiedHeader {
        for vector in try Vectors.load("chain/headers") where vector["name"]?.string == name {
            guard let header = vector["header"] else { break }
            return try BlockHeader(json: header).verify()
        }
        throw MissingVector(description: "there is no header \"\(name)\"")
    }
}

/// What a test looked for and did not find.
struct MissingVector: Error {
    let description: String
}

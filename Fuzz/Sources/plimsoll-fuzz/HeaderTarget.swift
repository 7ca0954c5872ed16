import Chain
import Ethereum
import JSON

/// Headers as nodes tell them: what is verified is canonical RLP of the fields that the header shows.
struct HeaderTarget: FuzzTarget {
    static let name = "header"

    private let inputs: [[UInt8]]
    private let words =
        [
            "\"0x0\"", "\"0x\"", "null", "\"0x00\"", "\"0xffffffffffffffffff\"", "{}", "[]",
            "\"baseFeePerGas\":\"0x1\",",
            "\"extDataHash\":", "\"signature\":", "\"parentProposerPubkey\":", "\"x\":1,", "0", "f",
        ].map { Array($0.utf8) }

    init(seed: UInt64) {
        inputs = [15, 16, 17, 20, 21, 23].map {
            HeaderTarget.text(root: .zero, bloom: LogsBloom(), fields: $0)
        }
    }

    func run(_ random: inout FuzzRandom) throws -> Bool {
        let input = Mutator.mutate(random.pick(inputs), with: random.pick(inputs), words: words, &random)
        let header: BlockHeader
        do {
            let scanner = try JSONScanner(input)
            header = try BlockHeader(scanner, scanner.root)
        } catch {
            _ = "\(error)"
            return false
        }
        guard case .list(let items) = try RLP(decoding: header.encoded), items.count == header.fieldCount,
            items[0] == .hash(header.parentHash), items[3] == .hash(header.stateRoot),
            items[5] == .hash(header.receiptsRoot), items[6] == .bytes(header.logsBloom.bytes),
            items[8].asQuantity == UInt256(header.number), items[11].asQuantity == UInt256(header.timestamp)
        else { throw Violation("a header is hashed as something else", input) }
        do {
            try header.verify()
        } catch {
            _ = "\(error)"
            return true
        }
        guard Keccak256.hash(header.encoded) == header.hash else { throw Violation("a header is verified", input) }
        try attempt { try header.checkBaseFee(after: header) }
        try attempt { try header.checkFollows(header) }
        return true
    }

    private func attempt(_ body: () throws -> Void) throws {
        do { try body() } catch { _ = "\(error)" }
    }

    /// The JSON of a header with its hash.
    static func text(root: Hash32, bloom: LogsBloom, fields count: Int) -> [UInt8] {
        let hash = Hash32(word: 0x1234)
        let all: [(String, RLP, isNumber: Bool)] = [
            ("parentHash", .hash(hash), false), ("sha3Uncles", .hash(hash), false),
            ("miner", .address(Address(word: 77)), false), ("stateRoot", .hash(hash), false),
            ("transactionsRoot", .hash(hash), false), ("receiptsRoot", .hash(root), false),
            ("logsBloom", .bytes(bloom.bytes), false), ("difficulty", .quantity(0), true),
            ("number", .quantity(0x14e8d38), true), ("gasLimit", .quantity(30_000_000), true),
            ("gasUsed", .quantity(17_000_000), true), ("timestamp", .quantity(1_740_000_000), true),
            ("extraData", .bytes([1, 2, 3]), false), ("mixHash", .hash(hash), false),
            ("nonce", .bytes([0, 0, 0, 0, 0, 0, 0, 0]), false), ("baseFeePerGas", .quantity(7), true),
            ("withdrawalsRoot", .hash(hash), false), ("blobGasUsed", .quantity(0), true),
            ("excessBlobGas", .quantity(5), true), ("parentBeaconBlockRoot", .hash(hash), false),
            ("requestsHash", .hash(hash), false), ("blockAccessListHash", .hash(hash), false),
            ("slotNumber", .quantity(9), true),
        ]
        let fields = all.prefix(count)
        let own = Keccak256.hash(RLP.list(fields.map(\.1)).encoded())
        let members = fields.map { name, value, isNumber in
            let text = isNumber ? Hex.quantity(value.asQuantity ?? .zero) : Hex.encode(value.asBytes ?? [])
            return "\"\(name)\":\"\(text)\""
        }
        return Array("{\(members.joined(separator: ",")),\"hash\":\"\(own.hex)\",\"uncles\":[]}".utf8)
    }
}

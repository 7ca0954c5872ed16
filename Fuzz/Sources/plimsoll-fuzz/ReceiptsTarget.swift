import Chain
import Ethereum
import JSON

/// A block's receipts: what is proven has the very logs that the header's root was made of.
struct ReceiptsTarget: FuzzTarget {
    static let name = "receipts"

    private let input: [UInt8]
    private let header: VerifiedHeader
    private let logs: [Log]
    private let words =
        [
            "\"0x0\"", "\"0x1\"", "\"0x7e\"", "\"0x64\"", "null", "{}", "[]", "\"root\":\"0x\",", "\"status\":\"0x1\",",
            "\"type\":\"0x2\",", "\"data\":\"0x\"", "0", "f", "\"depositReceiptVersion\":\"0x1\",",
        ].map { Array($0.utf8) }

    init(seed: UInt64) throws {
        var random = FuzzRandom(seed: seed, input: .max)
        var values: [[UInt8]] = []
        var texts: [String] = []
        var events: [(Address, [Hash32], [UInt8])] = []
        var bloom = LogsBloom()
        for index in 0..<6 {
            var logs: [RLP] = []
            var own = LogsBloom()
            var members: [String] = []
            for _ in 0..<random.below(3) {
                let address = Address(word: UInt256(random.next()))
                let topics = (0..<random.below(3)).map { _ in Hash32(word: UInt256(random.next())) }
                let data = random.bytes(random.below(40))
                events.append((address, topics, data))
                own.add(address: address, topics: topics)
                logs.append(.list([.address(address), .list(topics.map { .hash($0) }), .bytes(data)]))
                members.append(
                    "{\"address\":\"\(address.hex)\",\"topics\":[\(topics.map { "\"\($0.hex)\"" }.joined(separator: ","))],"
                        + "\"data\":\"\(Hex.encode(data))\"}")
            }
            bloom.formUnion(own)
            let type = UInt8(index % 3)
            let gas = UInt64(index + 1) * 21_000
            let list = RLP.list([.bytes([1]), .quantity(UInt256(gas)), .bytes(own.bytes), .list(logs)]).encoded()
            values.append(type == 0 ? list : [type] + list)
            texts.append(
                "{\"type\":\"0x\(type)\",\"status\":\"0x1\",\"cumulativeGasUsed\":\"\(Hex.quantity(gas))\","
                    + "\"logs\":[\(members.joined(separator: ","))]}")
        }
        input = Array("[\(texts.joined(separator: ","))]".utf8)
        let text = HeaderTarget.text(root: OrderedTrie.root(of: values), bloom: bloom, fields: 20)
        let scanner = try JSONScanner(text)
        header = try BlockHeader(scanner, scanner.root).verify()
        let (number, hash) = (header.number, header.hash)
        logs = events.enumerated().map { index, event in
            Log(
                address: event.0, topics: event.1, data: event.2, blockNumber: number, blockHash: hash,
                logIndex: UInt64(index))
        }
    }

    func run(_ random: inout FuzzRandom) throws -> Bool {
        let input = Mutator.mutate(input, with: input, words: words, &random)
        do {
            let scanner = try JSONScanner(input)
            let proven = try ProvenReceipts(scanner, scanner.root, header: header)
            guard proven.logs == logs else { throw Violation("receipts are proven with other logs", input) }
            return true
        } catch let violation as Violation {
            throw violation
        } catch {
            _ = "\(error)"
            return false
        }
    }
}

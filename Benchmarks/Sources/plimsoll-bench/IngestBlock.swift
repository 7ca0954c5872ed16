import Chain
import Ethereum
import JSON

/// One block as a node tells it, whole and consistent: its logs, its header, and its receipts, three logs each.
struct IngestBlock {
    static let logs = 27

    private let number: UInt64
    private let page: [UInt8]
    private let head: [UInt8]
    private let receipts: [UInt8]

    /// Blocks that can be proven.
    static func chain(count: Int) throws -> [IngestBlock] {
        try (0..<count).map { try IngestBlock(number: 0x20_0000 + UInt64($0)) }
    }

    private init(number: UInt64) throws {
        self.number = number
        let events = (0..<Self.logs).map { index in
            let topics = [Ingest.borrow] + (1...3).map { Hash32(word: Self.word(number, index, $0)) }
            return (topics: topics, data: (4...7).flatMap { Self.word(number, index, $0).bigEndianBytes })
        }
        var bloom = LogsBloom()
        for event in events { bloom.add(address: Ingest.pool, topics: event.topics) }
        let texts = events.map { event in
            let topics = event.topics.map { "\"\($0.hex)\"" }.joined(separator: ",")
            return #""address":"\#(Ingest.pool.hex)","topics":[\#(topics)],"data":"\#(Hex.encode(event.data))""#
        }
        receipts = Array(
            ("["
                + stride(from: 0, to: texts.count, by: 3).map { first in
                    let logs = texts[first..<first + 3].map { "{\($0)}" }.joined(separator: ",")
                    let gas = Hex.quantity(UInt64(100_000 * (first + 1)))
                    return #"{"type":"0x2","status":"0x1","cumulativeGasUsed":"\#(gas)","logs":[\#(logs)]}"#
                }.joined(separator: ",") + "]").utf8)
        // The receipts say their root, and a header what it should be called: both are found by being wrong first.
        let unnamed = try Self.decode(Self.header(number, bloom, root: .zero, hash: .zero))
        let draft = Self.header(number, bloom, root: .zero, hash: unnamed.computedHash)
        let root = try Self.root(of: receipts, under: try Self.decode(draft).verify())
        let hash = try Self.decode(Self.header(number, bloom, root: root, hash: .zero)).computedHash
        head = Self.header(number, bloom, root: root, hash: hash)
        page = Array(
            (#"{"id":1,"result":["#
                + texts.enumerated().map { index, text in
                    #"{\#(text),"blockNumber":"\#(Hex.quantity(number))","transactionHash":"\#(hash.hex)","#
                        + #""transactionIndex":"\#(Hex.quantity(UInt64(index / 3)))","blockHash":"\#(hash.hex)","#
                        + #""logIndex":"\#(Hex.quantity(UInt64(index)))","removed":false}"#
                }.joined(separator: ",") + "]}").utf8)
    }

    /// The logs, in one pass.
    func read() throws -> LogPage {
        let scanner = try JSONScanner(page, pages: JSONPages(LogPage.self, most: 1))
        guard let page = scanner.page(try scanner.require(scanner.root, "result"), as: LogPage.self) else {
            preconditionFailure("the page is read in one pass")
        }
        return page
    }

    /// The header, hashed again.
    func header() throws -> VerifiedHeader {
        try Self.decode(head).verify()
    }

    /// Proves the logs.
    func prove(_ logs: LogPage) throws {
        let header = try header()
        let proof = LogProof(LogQuery(addresses: [Ingest.pool], topics: [[Ingest.borrow]]))
        let claimed = Array(logs)
        let presence = try proof.check(claimed, in: header)
        precondition(presence == .needsReceipts, "the filter admits the logs")
        let scanner = try JSONScanner(receipts)
        try proof.check(claimed, with: try ProvenReceipts(scanner, scanner.root, header: header))
    }

    private static func word(_ number: UInt64, _ index: Int, _ position: Int) -> UInt256 {
        UInt256(
            words: number &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(index), UInt64(index) &* 0xBF58_476D_1CE4_E5B9,
            UInt64(position), 0)
    }

    /// The root that receipts have, which is not their header's.
    private static func root(of receipts: [UInt8], under header: VerifiedHeader) throws -> Hash32 {
        let scanner = try JSONScanner(receipts)
        do {
            _ = try ProvenReceipts(scanner, scanner.root, header: header)
            return header.header.receiptsRoot
        } catch {
            guard case .receiptsRoot(_, let computed) = error else { throw error }
            return computed
        }
    }

    private static func decode(_ text: [UInt8]) throws -> BlockHeader {
        let scanner = try JSONScanner(text)
        return try BlockHeader(scanner, scanner.root)
    }

    private static func header(_ number: UInt64, _ bloom: LogsBloom, root: Hash32, hash: Hash32) -> [UInt8] {
        let filler = Hash32(word: UInt256(words: number, number, number, number)).hex
        return Array(
            (#"{"parentHash":"\#(filler)","sha3Uncles":"\#(filler)","miner":"\#(Ingest.pool.hex)","#
                + #""stateRoot":"\#(filler)","transactionsRoot":"\#(filler)","receiptsRoot":"\#(root.hex)","#
                + #""logsBloom":"\#(Hex.encode(bloom.bytes))","difficulty":"0x0","number":"\#(Hex.quantity(number))","#
                + #""gasLimit":"0x1c9c380","gasUsed":"0xe4e1c0","timestamp":"0x66f0c2ab","extraData":"0x","#
                + #""mixHash":"\#(filler)","nonce":"0x0000000000000000","baseFeePerGas":"0x3b9aca00","#
                + #""hash":"\#(hash.hex)","uncles":[],"transactions":[]}"#).utf8)
    }
}

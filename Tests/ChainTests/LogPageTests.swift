import Ethereum
import JSON
import TestSupport
import Testing

@testable import Chain

@Suite struct LogPageTests {
    private static let pool = LogPageReadingTests.pool
    private static let hash = Hash32(word: 7)

    private func log(
        _ block: UInt64 = 16, _ index: UInt64 = 0, address: Address = pool, topics: [Hash32] = [hash],
        data: [UInt8] = [],
        hash: Hash32 = hash, transaction: UInt64? = nil
    ) -> Log {
        Log(
            address: address, topics: topics, data: data, blockNumber: block, blockHash: hash, logIndex: index,
            transactionIndex: transaction)
    }

    /// The logs as a node writes them, decoded by both ways.
    private func refusal(_ logs: [Log], query: LogQuery? = nil) throws -> String? {
        let texts = logs.map { log in
            let topics = log.topics.map { "\"\($0.hex)\"" }.joined(separator: ",")
            let transaction = log.transactionIndex.map { ",\"transactionIndex\":\"\(Hex.quantity($0))\"" } ?? ""
            return "{\"address\":\"\(log.address.hex)\",\"topics\":[\(topics)],\"data\":\"\(Hex.encode(log.data))\","
                + "\"blockNumber\":\"\(Hex.quantity(log.blockNumber))\",\"blockHash\":\"\(log.blockHash.hex)\","
                + "\"logIndex\":\"\(Hex.quantity(log.logIndex))\"\(transaction)}"
        }
        let text = Array("{\"id\":1,\"result\":[\(texts.joined(separator: ","))]}".utf8)
        var refusals: [String?] = []
        for pages in [nil, JSONPages(LogPage.self, most: 1)] {
            let scanner = try JSONScanner(text, pages: pages)
            let result = try scanner.require(scanner.root, "result")
            #expect(scanner.kind(result) == (pages == nil ? .array : .page))
            do throws(LogFailure) {
                let decoded = try Log.decode(
                    scanner, result, query: query ?? LogPageReadingTests.query, from: 16, to: 20)
                #expect(decoded == logs)
                refusals.append(nil)
            } catch {
                refusals.append("\(error)")
            }
        }
        #expect(refusals[0] == refusals[1])
        return refusals[0]
    }

    @Test func keepsWhatItIsGiven() throws {
        let logs = [
            log(), log(16, 1, topics: [], data: [1, 2, 3], transaction: 4),
            log(16, 2, topics: [1, 2, 3, 4].map { Hash32(word: $0) }, data: [UInt8](repeating: 9, count: 64)),
            log(17, 0, topics: [Hash32(word: .max)], hash: Hash32(word: 8)),
        ]
        let page = LogPage(logs)
        #expect(Array(page) == logs)
        #expect(page.map(\.topics) == logs.map(\.topics))
        #expect(page.map(\.data) == logs.map(\.data))
        #expect(page.map(\.transactionIndex) == [nil, 4, nil, nil])
        #expect(page.blocks.count == 2)
        #expect(page.map(\.topicCount) == [1, 0, 4, 1])
        #expect(page.map(\.dataCount) == [0, 3, 64, 0])
        #expect(try refusal(logs) == nil)
    }

    @Test func topicsAndWordsByPosition() {
        let word = [UInt8](0..<32)
        let one = log(topics: [Hash32(word: 5), Hash32(word: 6)], data: word + word.reversed() + [1])
        let log = LogPage([log(data: [7]), one, log()])[1]
        #expect(log.topic(0) == Hash32(word: 5) && log.topic(1) == Hash32(word: 6) && log.topic(2) == nil)
        #expect(log.word(0) == UInt256(bigEndian: word))
        #expect(log.word(1) == UInt256(bigEndian: Array(word.reversed())))
        #expect(log.word(2) == nil && log.word(.max) == nil)
    }

    @Test func equalLogsOfDifferentPagesAreEqual() {
        let page = LogPage([log(15, 3), log(16, 3, data: [1])])
        #expect(page[1] == log(16, 3, data: [1]))
        #expect(Set([page[1], log(16, 3, data: [1])]).count == 1)
        for other in [
            log(16, 3, data: [2]), log(16, 4, data: [1]), log(17, 3, data: [1]), log(16, 3, topics: [], data: [1]),
            log(16, 3, address: .zero, data: [1]), log(16, 3, data: [1], hash: .zero),
        ] {
            #expect(page[1] != other)
        }
    }

    @Test func answersThatBreakTheRules() throws {
        #expect(try refusal([log(15)]) == "a log of block 15, which was not asked for")
        #expect(try refusal([log(21)]) == "a log of block 21, which was not asked for")
        #expect(try refusal([log(address: .zero)]) == "a log that the filter excludes")
        let query = LogQuery(addresses: [Self.pool], topics: [[], [Hash32(word: 1), Hash32(word: 2)]])
        #expect(try refusal([log()], query: query) == "a log that the filter excludes")
        #expect(
            try refusal([log(topics: [Self.hash, Hash32(word: 3)])], query: query) == "a log that the filter excludes")
        #expect(try refusal([log(topics: [Self.hash, Hash32(word: 2)])], query: query) == nil)
        #expect(try refusal([log(16, 1), log(16, 1)]) == "logs out of order at block 16")
        #expect(try refusal([log(16, 2), log(16, 1)]) == "logs out of order at block 16")
        #expect(try refusal([log(17, 0), log(16, 1)]) == "logs out of order at block 16")
        #expect(try refusal([log(16, 0), log(16, 1, hash: .zero)]) == "two hashes for block 16")
        #expect(
            try refusal([log(16, 0, transaction: 2), log(16, 1, transaction: 1)])
                == "transactions out of order at block 16")
        #expect(try refusal([log(16, 0, transaction: 2), log(16, 1), log(17, 0, transaction: 0)]) == nil)
    }

    @Test func receiptsGiveTheLogsThatAreAskedFor() throws {
        let member = LogPageReadingTests.log.joined(separator: ",")
        let foreign = member.replacing("0x87870bca", with: "0x00000000").replacing("\"0x1\"", with: "\"0x2\"")
        let text = "[{\"logs\":[{\(member)},{\(foreign)}]},{\"logs\":[]}]"
        let scanner = try JSONScanner(Array(text.utf8))
        let query = LogPageReadingTests.query
        let logs = try Log.decodeReceipts(scanner, scanner.root, query: query, number: 16)
        #expect(logs.map(\.logIndex) == [1])
        #expect(logs.map(\.data) == [[1, 2]])
        #expect(throws: LogFailure.self) { try Log.decodeReceipts(scanner, scanner.root, query: query, number: 17) }
    }

    /// What one page leaves behind shows in no other.
    @Test func columnsAreUsedAgain() throws {
        func text(_ count: Int, _ byte: String) -> [UInt8] {
            let logs = (0..<count).map { index in
                LogPageReadingTests.log.joined(separator: ",").replacing("0x0102", with: "0x" + byte)
                    .replacing("\"0x1\"", with: "\"\(Hex.quantity(UInt64(index)))\"")
            }
            return Array("{\"id\":1,\"result\":[{\(logs.joined(separator: "},{"))}]}".utf8)
        }
        func read(_ text: [UInt8]) throws -> LogPage? {
            let scanner = try JSONScanner(text, pages: JSONPages(LogPage.self, most: 1))
            return scanner.page(try scanner.require(scanner.root, "result"), as: LogPage.self)
        }
        for (count, byte) in [(900, "aabbccdd"), (2_000, "11"), (500, ""), (1_000, "0203040506070809"), (300, "ff")] {
            for _ in 0..<3 {
                let page = try #require(try read(text(count, byte)))
                #expect(page.count == count)
                let data = try Hex.decode(byte)
                #expect(page.allSatisfy { $0.data == data && $0.topicCount == 1 })
                #expect(page.map(\.logIndex) == (0..<count).map { UInt64($0) })
                #expect(page.blocks.count == 1)
            }
        }
    }

    @Test func spareColumnsAreBounded() {
        func columns(_ bytes: Int) -> LogColumns { LogColumns(data: [UInt8](repeating: 0, count: bytes)) }
        let spare = SpareColumns()
        func drain() -> [Int] {
            var rooms: [Int] = []
            while let columns = spare.take() { rooms.append(columns.room) }
            return rooms
        }
        for _ in 0..<2 * SpareColumns.most { spare.give(columns(100 << 10)) }
        #expect(drain().count == SpareColumns.most)
        for _ in 0..<SpareColumns.most { spare.give(columns(3 << 20)) }
        let rooms = drain()
        #expect(rooms.count == 5 && rooms.reduce(0, +) <= SpareColumns.mostBytes)
        spare.give(columns(1 << 10))
        spare.give(columns(8 << 20))
        #expect(drain().isEmpty)
    }
}

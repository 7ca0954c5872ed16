import Ethereum
import JSON

extension LogPage {
    /// Decodes and checks the answer to a query over `from` to `to`: every log was asked for, in range, in order.
    static func decode(
        _ scanner: JSONScanner, _ root: JSONScanner.Node, query: LogQuery, from: UInt64, to: UInt64
    ) throws(LogFailure) -> LogPage {
        let page = if let read = scanner.page(root, as: LogPage.self) { read } else { try general(scanner, root) }
        try page.check(query, from: from, to: to)
        return page
    }

    /// Every log of an array, value by value: what reads the answers that ``read(_:_:)`` leaves, and says what is wrong.
    static func general(_ scanner: JSONScanner, _ root: JSONScanner.Node) throws(LogFailure) -> LogPage {
        var builder = LogPageBuilder()
        try builder.append(scanner, root)
        return LogPage(builder.finish())
    }

    /// The rules that hold over a whole answer.
    private func check(_ query: LogQuery, from: UInt64, to: UInt64) throws(LogFailure) {
        var last: Entry?
        for (index, entry) in entries.enumerated() {
            let block = blocks[Int(entry.block)]
            guard block.number >= from, block.number <= to else {
                throw .malformed("a log of block \(block.number), which was not asked for")
            }
            guard query.matches(self[index]) else { throw .malformed("a log that the filter excludes") }
            if let last { try check(entry, after: last) }
            last = entry
        }
    }

    private func check(_ entry: Entry, after last: Entry) throws(LogFailure) {
        let number = blocks[Int(entry.block)].number
        let lastNumber = blocks[Int(last.block)].number
        guard (lastNumber, last.logIndex) < (number, entry.logIndex) else {
            throw .malformed("logs out of order at block \(number)")
        }
        guard lastNumber == number else { return }
        guard last.block == entry.block else { throw .malformed("two hashes for block \(number)") }
        if let earlier = last.transactionIndex, let later = entry.transactionIndex, later < earlier {
            throw .malformed("transactions out of order at block \(number)")
        }
    }
}

extension Log {
    /// Decodes and checks the answer to a query over `from` to `to`: every log was asked for, in range, in order.
    static func decode(
        _ scanner: JSONScanner, _ root: JSONScanner.Node, query: LogQuery, from: UInt64, to: UInt64
    ) throws(LogFailure) -> [Log] {
        Array(try LogPage.decode(scanner, root, query: query, from: from, to: to))
    }

    /// The logs of a block's receipts that the query asks for.
    static func decodeReceipts(
        _ scanner: JSONScanner, _ root: JSONScanner.Node, query: LogQuery, number: UInt64
    ) throws(LogFailure) -> [Log] {
        var builder = LogPageBuilder()
        for receipt in try scanner.logElements(root) {
            guard let list = scanner.member(receipt, "logs") else { throw .malformed("a receipt without logs") }
            try builder.append(scanner, list)
        }
        let page = LogPage(builder.finish())
        for block in page.blocks where block.number != number {
            throw .malformed("a receipt of block \(block.number)")
        }
        return page.filter { query.matches($0) }
    }
}

extension LogPageBuilder {
    /// Appends every log of an array.
    fileprivate mutating func append(_ scanner: JSONScanner, _ array: JSONScanner.Node) throws(LogFailure) {
        for element in try scanner.logElements(array) {
            do {
                try append(one: element, scanner)
            } catch let error as LogFailure {
                throw error
            } catch {
                throw .malformed("\(error)")
            }
        }
    }

    private mutating func append(one node: JSONScanner.Node, _ scanner: JSONScanner) throws {
        if let removed = scanner.member(node, "removed"), !scanner.isNull(removed), try scanner.bool(removed) {
            throw LogFailure.malformed("a removed log")
        }
        let start = start
        let address = try scanner.hexNumber(try scanner.require(node, "address"), bytes: 20)
        var count = 0
        for topic in try scanner.elements(of: try scanner.require(node, "topics")) {
            count += 1
            guard count <= 4 else { throw LogFailure.malformed("a log with more than four topics") }
            append(topic: try scanner.hash(topic))
        }
        data.append(try scanner.hexData(try scanner.require(node, "data")))
        if let hash = scanner.member(node, "transactionHash"), !scanner.isNull(hash) { _ = try scanner.hash(hash) }
        var transactionIndex: UInt64?
        if let index = scanner.member(node, "transactionIndex"), !scanner.isNull(index) {
            transactionIndex = try scanner.quantity(index)
        }
        append(
            from: start, address: Address(word: UInt256(high: address.high, low: address.low)),
            block: LogPage.BlockName(
                number: try scanner.quantity(try scanner.require(node, "blockNumber")),
                hash: try scanner.hash(try scanner.require(node, "blockHash"))),
            logIndex: try scanner.quantity(try scanner.require(node, "logIndex")), transactionIndex: transactionIndex)
    }
}

extension JSONScanner {
    fileprivate func logElements(_ node: Node) throws(LogFailure) -> Children {
        do {
            return try elements(of: node)
        } catch {
            throw .malformed("\(error)")
        }
    }

    fileprivate func hash(_ node: Node) throws(JSONError) -> Hash32 {
        let word = try hexNumber(node, bytes: 32)
        return Hash32(word: UInt256(high: word.high, low: word.low))
    }
}

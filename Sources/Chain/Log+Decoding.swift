import Ethereum
import JSON

extension Log {
    /// Decodes and checks the answer to a query over `from` to `to`: every log was asked for, in range, in order.
    static func decode(
        _ scanner: JSONScanner, _ root: JSONScanner.Node, query: LogQuery, from: UInt64, to: UInt64
    ) throws(LogFailure) -> [Log] {
        var logs: [Log] = []
        for element in try elements(scanner, root) {
            let log = try decode(scanner, element)
            guard log.blockNumber >= from, log.blockNumber <= to else {
                throw .malformed("a log of block \(log.blockNumber), which was not asked for")
            }
            guard query.matches(log) else { throw .malformed("a log that the filter excludes") }
            if let last = logs.last {
                guard (last.blockNumber, last.logIndex) < (log.blockNumber, log.logIndex) else {
                    throw .malformed("logs out of order at block \(log.blockNumber)")
                }
                guard last.blockNumber < log.blockNumber || last.blockHash == log.blockHash else {
                    throw .malformed("two hashes for block \(log.blockNumber)")
                }
            }
            logs.append(log)
        }
        return logs
    }

    /// The logs of a block's receipts that the query asks for.
    static func decodeReceipts(
        _ scanner: JSONScanner, _ root: JSONScanner.Node, query: LogQuery, number: UInt64
    ) throws(LogFailure) -> [Log] {
        var logs: [Log] = []
        for receipt in try elements(scanner, root) {
            guard let list = scanner.member(receipt, "logs") else { throw .malformed("a receipt without logs") }
            for element in try elements(scanner, list) {
                let log = try decode(scanner, element)
                guard log.blockNumber == number else { throw .malformed("a receipt of block \(log.blockNumber)") }
                if query.matches(log) { logs.append(log) }
            }
        }
        return logs
    }

    private static func elements(
        _ scanner: JSONScanner, _ node: JSONScanner.Node
    ) throws(LogFailure) -> JSONScanner.Children {
        do {
            return try scanner.elements(of: node)
        } catch {
            throw .malformed("\(error)")
        }
    }

    private static func decode(_ scanner: JSONScanner, _ node: JSONScanner.Node) throws(LogFailure) -> Log {
        do {
            if let removed = scanner.member(node, "removed"), !scanner.isNull(removed), try scanner.bool(removed) {
                throw LogFailure.malformed("a removed log")
            }
            let address = try scanner.hexNumber(try scanner.require(node, "address"), bytes: 20)
            var topics: [Hash32] = []
            for topic in try scanner.elements(of: try scanner.require(node, "topics")) {
                guard topics.count < 4 else { throw LogFailure.malformed("a log with more than four topics") }
                topics.append(try hash(scanner, topic))
            }
            return Log(
                address: Address(word: UInt256(high: address.high, low: address.low)), topics: topics,
                data: try scanner.hexData(try scanner.require(node, "data")),
                blockNumber: try scanner.quantity(try scanner.require(node, "blockNumber")),
                blockHash: try hash(scanner, try scanner.require(node, "blockHash")),
                logIndex: try scanner.quantity(try scanner.require(node, "logIndex")))
        } catch let error as LogFailure {
            throw error
        } catch {
            throw .malformed("\(error)")
        }
    }

    private static func hash(_ scanner: JSONScanner, _ node: JSONScanner.Node) throws(JSONError) -> Hash32 {
        let word = try scanner.hexNumber(node, bytes: 32)
        return Hash32(word: UInt256(high: word.high, low: word.low))
    }
}

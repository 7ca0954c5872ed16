import Ethereum
public import JSON

/// Logs read straight from the body of an answer, in one pass.
extension LogPage: JSONPage {
    /// Members that are looked at, in the order in which most nodes write them.
    fileprivate enum Field: Int, CaseIterable {
        case address, topics, data, blockNumber, transactionHash, transactionIndex, blockHash, logIndex, removed
    }

    private static let names: [JSONReader.Name] = [
        JSONReader.Name("address"), JSONReader.Name("topics"), JSONReader.Name("data"), JSONReader.Name("blockNumber"),
        JSONReader.Name("transactionHash"), JSONReader.Name("transactionIndex"), JSONReader.Name("blockHash"),
        JSONReader.Name("logIndex"), JSONReader.Name("removed"),
    ]

    /// What a log must have.
    fileprivate static let required: UInt = [
        Field.address, .topics, .data, .blockNumber, .blockHash, .logIndex,
    ].reduce(0) { $0 | 1 << UInt($1.rawValue) }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public static func read(_ text: Span<UInt8>, _ reader: inout JSONReader) -> LogPage? {
        var pass = Pass(names: names)
        guard pass.array(text, &reader) else { return nil }
        return LogPage(pass.builder.finish())
    }

    /// One pass over one array.
    fileprivate struct Pass {
        fileprivate let names: [JSONReader.Name]
        fileprivate var builder = LogPageBuilder()
        /// Which field stood at each place of the log before: the next log is written like it.
        fileprivate var order = [Field?](repeating: nil, count: 24)
        fileprivate var seen: UInt = 0
        /// Members of this log that nobody looks at, to refuse a name that comes twice.
        fileprivate var others: [Range<Int>] = []

        fileprivate var address = Address.zero
        fileprivate var blockNumber: UInt64 = 0
        fileprivate var blockHash = Hash32.zero
        fileprivate var logIndex: UInt64 = 0
        fileprivate var transactionIndex: UInt64?

        init(names: [JSONReader.Name]) {
            self.names = names
        }
    }
}

extension LogPage.Pass {
    fileprivate mutating func array(_ text: Span<UInt8>, _ reader: inout JSONReader) -> Bool {
        if reader.take(UInt8(ascii: "]"), text) { return true }
        let first = reader.offset
        repeat {
            guard log(text, &reader) else { return false }
            // The text that is there holds so many more, if they are all like the first: room for no more than that.
            if builder.count == 1 { builder.reserve((text.count - first) / (reader.offset - first) + 1) }
        } while reader.take(UInt8(ascii: ","), text)
        return reader.take(UInt8(ascii: "]"), text)
    }

    private mutating func log(_ text: Span<UInt8>, _ reader: inout JSONReader) -> Bool {
        guard reader.take(UInt8(ascii: "{"), text) else { return false }
        let start = builder.start
        seen = 0
        transactionIndex = nil
        if !others.isEmpty { others.removeAll(keepingCapacity: true) }
        var place = 0
        repeat {
            reader.skipSpace(text)
            guard place < order.count, member(at: place, text, &reader) else { return false }
            place += 1
        } while reader.take(UInt8(ascii: ","), text)
        guard reader.take(UInt8(ascii: "}"), text), seen & LogPage.required == LogPage.required else { return false }
        builder.append(
            from: start, address: address, block: LogPage.BlockName(number: blockNumber, hash: blockHash),
            logIndex: logIndex, transactionIndex: transactionIndex)
        return true
    }

    private mutating func member(at place: Int, _ text: Span<UInt8>, _ reader: inout JSONReader) -> Bool {
        if let field = order[place], reader.take(names[field.rawValue], text) { return value(of: field, text, &reader) }
        for field in LogPage.Field.allCases where reader.take(names[field.rawValue], text) {
            order[place] = field
            return value(of: field, text, &reader)
        }
        guard let name = reader.takeName(text) else { return false }
        for other in others where isSame(name, other, text) { return false }
        others.append(name)
        return reader.skipScalar(text)
    }

    private func isSame(_ one: Range<Int>, _ other: Range<Int>, _ text: Span<UInt8>) -> Bool {
        guard one.count == other.count else { return false }
        for index in 0..<one.count where text[one.lowerBound + index] != text[other.lowerBound + index] {
            return false
        }
        return true
    }

    private mutating func value(of field: LogPage.Field, _ text: Span<UInt8>, _ reader: inout JSONReader) -> Bool {
        let bit: UInt = 1 << UInt(field.rawValue)
        guard seen & bit == 0 else { return false }
        seen |= bit
        switch field {
        case .address:
            guard let (a, b, c) = reader.hex20(text) else { return false }
            address = Address(a: a, b: b, c: c)
        case .topics: return topics(text, &reader)
        case .data: return reader.hexData(text, to: &builder.data)
        case .blockNumber:
            guard let number = reader.quantity(text) else { return false }
            blockNumber = number
        case .transactionHash: return reader.hex32(text) != nil || reader.takeNull(text)
        case .transactionIndex:
            if reader.takeNull(text) { return true }
            guard let index = reader.quantity(text) else { return false }
            transactionIndex = index
        case .blockHash:
            guard let hash = reader.hex32(text) else { return false }
            blockHash = Hash32(word: UInt256(high: hash.high, low: hash.low))
        case .logIndex:
            guard let index = reader.quantity(text) else { return false }
            logIndex = index
        case .removed: return reader.takeFalse(text)
        }
        return true
    }

    private mutating func topics(_ text: Span<UInt8>, _ reader: inout JSONReader) -> Bool {
        guard reader.take(UInt8(ascii: "["), text) else { return false }
        if reader.take(UInt8(ascii: "]"), text) { return true }
        for _ in 0..<4 {
            reader.skipSpace(text)
            guard let topic = reader.hex32(text) else { return false }
            builder.append(topic: Hash32(word: UInt256(high: topic.high, low: topic.low)))
            if reader.take(UInt8(ascii: "]"), text) { return true }
            guard reader.take(UInt8(ascii: ","), text) else { return false }
        }
        return false
    }
}

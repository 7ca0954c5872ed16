import Ethereum
import JSON

/// One receipt as it is hashed: what a transaction did, without anything that only nodes add.
struct Receipt: Equatable, Sendable {
    /// Whether it succeeded, or the state after it, before Byzantium.
    enum Outcome: Equatable {
        case status(Bool)
        case root(Hash32)
    }

    struct Event: Equatable {
        var address: Address
        var topics: [Hash32]
        var data: [UInt8]
    }

    var type: UInt8
    var form: ReceiptForm
    var outcome: Outcome
    var cumulativeGasUsed: UInt64
    var events: [Event]
    /// What the form puts after the logs.
    var trailer: [UInt256] = []

    /// The filter over its logs.
    var bloom: LogsBloom {
        var bloom = LogsBloom()
        for event in events { bloom.add(address: event.address, topics: event.topics) }
        return bloom
    }

    /// Appends the bytes that the trie of receipts holds; `bloom` is the receipt's.
    func append(to writer: inout RLPWriter, bloom: LogsBloom) {
        if form != .legacy { writer.append(raw: type) }
        let list = writer.beginList()
        switch outcome {
        case .status(let succeeded): writer.append(succeeded ? 1 : 0 as UInt64)
        case .root(let root): writer.append(root)
        }
        writer.append(cumulativeGasUsed)
        writer.append(bloom.bytes)
        let logs = writer.beginList()
        for event in events {
            let log = writer.beginList()
            writer.append(event.address)
            let topics = writer.beginList()
            for topic in event.topics { writer.append(topic) }
            writer.endList(topics)
            writer.append(event.data)
            writer.endList(log)
        }
        writer.endList(logs)
        for word in trailer { writer.append(word) }
        writer.endList(list)
    }
}

extension Receipt {
    /// Decodes one receipt of `eth_getBlockReceipts`: only what is hashed is read, so that nothing else is believed.
    init(_ reader: ProofReader, _ node: JSONScanner.Node) throws(VerificationError) {
        let type =
            try reader.optional(node, "type").map { value throws(VerificationError) in
                try reader.quantity(value)
            } ?? 0
        guard let form = ReceiptForm.of(type: type) else {
            throw .unsupported("receipts of transactions of type \(Hex.quantity(type)) have an unknown form")
        }
        self.type = UInt8(type)
        self.form = form
        outcome = try Receipt.outcome(reader, node)
        cumulativeGasUsed = try reader.quantity(try reader.require(node, "cumulativeGasUsed"))
        events = []
        for log in try reader.elements(try reader.require(node, "logs")) {
            events.append(try Event(reader, log))
        }
        switch form {
        case .legacy, .typed: break
        case .deposit:
            // From Regolith to Canyon a deposit's nonce is known and not hashed.
            if let version = reader.optional(node, "depositReceiptVersion") {
                trailer.append(try reader.quantity256(try reader.require(node, "depositNonce")))
                trailer.append(try reader.quantity256(version))
            }
        case .feeCurrency:
            guard let fee = reader.optional(node, "baseFee") else {
                throw .unsupported("a receipt of type 0x7b hashes its base fee, and the node does not tell it")
            }
            trailer.append(try reader.quantity256(fee))
        }
    }

    private static func outcome(
        _ reader: ProofReader, _ node: JSONScanner.Node
    ) throws(VerificationError) -> Outcome {
        // Some nodes send an empty root beside the status.
        if let root = reader.optional(node, "root"), !reader.scanner.isString(root, "0x") {
            return .root(try reader.hash(root))
        }
        switch try reader.quantity(try reader.require(node, "status")) {
        case 0: return .status(false)
        case 1: return .status(true)
        default: throw reader.malformed("a status that is neither 0x0 nor 0x1")
        }
    }
}

extension Receipt.Event {
    fileprivate init(_ reader: ProofReader, _ node: JSONScanner.Node) throws(VerificationError) {
        address = try reader.address(try reader.require(node, "address"))
        topics = []
        for topic in try reader.elements(try reader.require(node, "topics")) {
            guard topics.count < 4 else { throw reader.malformed("a log with more than four topics") }
            topics.append(try reader.hash(topic))
        }
        data = try reader.data(try reader.require(node, "data"), 0...(32 << 20))
    }
}

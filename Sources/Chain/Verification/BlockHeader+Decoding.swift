import Ethereum
public import JSON
public import JSONRPC

extension BlockHeader {
    /// Decodes the answer to `eth_getBlockByNumber` or `…ByHash`; nil where the node has no such block.
    ///
    /// - Throws: as ``init(_:_:)``.
    public static func decode(_ result: RPCResult) throws(VerificationError) -> BlockHeader? {
        result.isNull ? nil : try BlockHeader(result.scanner, result.node)
    }

    /// Decodes a block's or a header's JSON and hashes its fields.
    ///
    /// - Throws: `.malformed` where a field has another form than the specification gives it, `.unsupported` where a
    ///   field of every header is missing.
    public init(_ scanner: JSONScanner, _ node: JSONScanner.Node) throws(VerificationError) {
        let reader = ProofReader(scanner: scanner, what: "the header")
        let layout = HeaderLayout.of(node, reader)
        var writer = RLPWriter()
        let list = writer.beginList()
        for field in layout.required {
            guard let value = reader.optional(node, field.key) else {
                guard scanner.kind(node) == .object else { throw reader.malformed("it is no object") }
                throw .unsupported("the header has no \(field.key)")
            }
            try writer.append(field, value, reader)
        }
        var count = layout.required.count
        var missing: StaticString?
        for field in layout.added {
            guard let value = reader.optional(node, field.key) else {
                missing = missing ?? field.key
                continue
            }
            // A fork adds its fields after those of all forks before it.
            if let missing { throw reader.malformed("it has \(field.key) and lacks \(missing)") }
            try writer.append(field, value, reader)
            count += 1
        }
        writer.endList(list)

        hash = try reader.hash(try reader.require(node, "hash"))
        encoded = writer.bytes
        computedHash = Keccak256.hash(writer.bytes)
        number = try reader.quantity(try reader.require(node, "number"))
        parentHash = try reader.hash(try reader.require(node, "parentHash"))
        timestamp = try reader.quantity(try reader.require(node, "timestamp"))
        stateRoot = try reader.hash(try reader.require(node, "stateRoot"))
        transactionsRoot = try reader.hash(try reader.require(node, "transactionsRoot"))
        receiptsRoot = try reader.hash(try reader.require(node, "receiptsRoot"))
        guard let bloom = LogsBloom(bytes: try reader.data(try reader.require(node, "logsBloom"), 256...256)) else {
            throw reader.malformed("a logsBloom without 256 bytes")
        }
        logsBloom = bloom
        gasLimit = try reader.quantity(try reader.require(node, "gasLimit"))
        gasUsed = try reader.quantity(try reader.require(node, "gasUsed"))
        if let baseFee = reader.optional(node, "baseFeePerGas") {
            baseFeePerGas = try reader.quantity256(baseFee)
        } else {
            baseFeePerGas = nil
        }
        self.layout = layout.name
        fieldCount = count
        unknownKeys = hash == computedHash ? [] : try layout.unknownKeys(node, reader)
    }
}

extension HeaderLayout {
    /// The layout of a header, by the keys that it has. A wrong one cannot pass: the lists differ in the lengths of
    /// their items, and the hash is over them all.
    static func of(_ node: JSONScanner.Node, _ reader: ProofReader) -> HeaderLayout {
        all.first { layout in
            if let marker = layout.marker, reader.optional(node, marker) == nil { return false }
            if let lacks = layout.lacks, reader.optional(node, lacks) != nil { return false }
            return true
        } ?? ethereum
    }

    /// At most 16 keys of the header that this layout does not hash and that no answer is known to add.
    func unknownKeys(_ node: JSONScanner.Node, _ reader: ProofReader) throws(VerificationError) -> [String] {
        let known = HeaderLayout.ignored.union((required + added).map(\.key.description))
        var unknown: [String] = []
        do {
            for (name, _) in try reader.scanner.members(of: node) where unknown.count < 16 {
                let key = try reader.scanner.string(name)
                // The name goes into a message: what a node made up is not repeated at length.
                if !known.contains(key) { unknown.append(String(key.prefix(40))) }
            }
        } catch {
            throw reader.malformed(error)
        }
        return unknown
    }
}

extension RLPWriter {
    /// Appends the value of a header's field.
    fileprivate mutating func append(
        _ field: HeaderField, _ value: JSONScanner.Node, _ reader: ProofReader
    ) throws(VerificationError) {
        switch field.kind {
        case .data(32): append(try reader.hash(value))
        case .data(let count): append(try reader.data(value, count...count))
        case .bytes(let most): append(try reader.data(value, 0...most))
        case .quantity(64): append(try reader.quantity(value))
        case .quantity: append(try reader.quantity256(value))
        }
    }
}

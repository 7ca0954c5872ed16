public import Ethereum

extension ABICoder {
    /// The bytes of `values`, after a selector where one is given.
    ///
    /// - Throws: `.mismatch` where a value does not fit its type.
    public static func encode(
        _ values: [ABIValue], as schema: ABISchema, after selector: Selector? = nil
    ) throws(ABIError) -> [UInt8] {
        var writer =
            if let selector { ABIWriter(selector, capacity: schema.headSize) } else {
                ABIWriter(capacity: schema.headSize)
            }
        let base = writer.frame(head: schema.headSize)
        var path = ABIPath()
        try components(values, schema.nodes, 0, &writer, at: base, from: base, &path)
        return writer.bytes
    }

    /// Writes a value: into its slot where static, at the end where dynamic.
    private static func write(
        _ value: ABIValue, _ nodes: [ABISchema.Node], _ index: Int, _ writer: inout ABIWriter, at slot: Int,
        _ path: inout ABIPath
    ) throws(ABIError) {
        let node = nodes[index]
        switch (node.kind, value) {
        case (.uint, .uint(let number)) where ABIWord.fits(number, bits: node.size): writer.word(number, at: slot)
        case (.int, .int(let number)) where ABIWord.fitsSigned(number.bits, bits: node.size):
            writer.word(number.bits, at: slot)
        case (.address, .address(let address)): writer.address(address, at: slot)
        case (.bool, .bool(let flag)): writer.bool(flag, at: slot)
        case (.fixedBytes, .fixedBytes(let bytes)) where bytes.count == node.size: writer.word(bytes.word, at: slot)
        case (.bytes, .bytes(let bytes)): writer.bytes(bytes)
        case (.string, .string(let text)): writer.string(text)
        case (.array, .array(let values)):
            writer.length(values.count)
            let base = writer.frame(head: values.count * nodes[index + 1].head)
            try elements(values, nodes, index + 1, &writer, at: base, from: base, &path)
        case (.fixedArray, .array(let values)) where values.count == node.size:
            let base = node.isDynamic ? writer.frame(head: node.frame) : slot
            try elements(values, nodes, index + 1, &writer, at: base, from: base, &path)
        case (.tuple, .tuple(let values)):
            let base = node.isDynamic ? writer.frame(head: node.frame) : slot
            try components(values, nodes, index, &writer, at: base, from: base, &path)
        default:
            throw .mismatch(path: path.description, expected: node.expectation, got: value.kindName)
        }
    }

    private static func elements(
        _ values: [ABIValue], _ nodes: [ABISchema.Node], _ index: Int, _ writer: inout ABIWriter, at first: Int,
        from base: Int,
        _ path: inout ABIPath
    ) throws(ABIError) {
        var slot = first
        for (number, value) in values.enumerated() {
            if nodes[index].isDynamic { writer.offset(at: slot, from: base) }
            path.indices.append(number)
            try write(value, nodes, index, &writer, at: slot, &path)
            path.indices.removeLast()
            slot += nodes[index].head
        }
    }

    private static func components(
        _ values: [ABIValue], _ nodes: [ABISchema.Node], _ index: Int, _ writer: inout ABIWriter, at first: Int,
        from base: Int,
        _ path: inout ABIPath
    ) throws(ABIError) {
        guard values.count == nodes[index].size else {
            throw .mismatch(path: path.description, expected: "\(nodes[index].size) values", got: "\(values.count)")
        }
        var slot = first
        var child = index + 1
        for (number, value) in values.enumerated() {
            if nodes[child].isDynamic { writer.offset(at: slot, from: base) }
            path.indices.append(number)
            try write(value, nodes, child, &writer, at: slot, &path)
            path.indices.removeLast()
            slot += nodes[child].head
            child = nodes[child].next
        }
    }
}

extension ABISchema.Node {
    /// What a value of this type is, for messages.
    fileprivate var expectation: String {
        switch kind {
        case .fixedArray: "an array of \(size)"
        case .tuple: "a tuple of \(size)"
        case .uint, .int, .address, .bool, .fixedBytes, .bytes, .string, .array: name
        }
    }
}

import Ethereum

extension ABICoder {
    /// The values that `data` encodes.
    ///
    /// - Throws: the first thing that is wrong with the bytes, with its position.
    public static func decode(
        _ data: borrowing Span<UInt8>, as schema: ABISchema, limits: ABILimits = .default
    ) throws(ABIError) -> [ABIValue] {
        var budget = ABIBudget(size: data.count, visits: limits.visits)
        let nodes = schema.nodes.span
        let frame = try ABIReader.frame(data, at: 0, head: nodes[0].frame, &budget)
        let values = try components(nodes, 0, data, frame, at: 0, &budget)
        guard limits.allowsTrailingBytes || budget.end == data.count else {
            throw .trailing(at: budget.end, count: data.count - budget.end)
        }
        return values
    }

    /// The value of a node at a position; a static one lies in a head that is open already.
    private static func value(
        _ nodes: Span<ABISchema.Node>, _ index: Int, _ data: borrowing Span<UInt8>, at: Int, _ budget: inout ABIBudget
    ) throws(ABIError) -> ABIValue {
        let node = nodes[index]
        switch node.kind {
        case .uint: return .uint(try ABIReader.uint(data, at, bits: node.size))
        case .int: return .int(try ABIReader.int(data, at, bits: node.size))
        case .address: return .address(try ABIReader.address(data, at))
        case .bool: return .bool(try ABIReader.bool(data, at))
        case .fixedBytes: return .fixedBytes(try ABIReader.fixedBytes(data, at, count: node.size))
        case .bytes: return .bytes(try ABIReader.bytes(data, at: at, &budget))
        case .string: return .string(try ABIReader.string(data, at: at, &budget))
        case .array:
            let stride = nodes[index + 1].head
            let count = try ABIReader.count(data, at: at, stride: stride, &budget)
            let frame = try ABIReader.frame(data, at: at &+ 32, head: count &* stride, &budget)
            return .array(try elements(nodes, index + 1, count: count, data, frame, at: at &+ 32, &budget))
        case .fixedArray:
            let frame =
                node.isDynamic
                ? try ABIReader.frame(data, at: at, head: node.frame, &budget) : ABIFrame(base: at, head: node.frame)
            return .array(try elements(nodes, index + 1, count: node.size, data, frame, at: at, &budget))
        case .tuple:
            let frame =
                node.isDynamic
                ? try ABIReader.frame(data, at: at, head: node.frame, &budget) : ABIFrame(base: at, head: node.frame)
            return .tuple(try components(nodes, index, data, frame, at: at, &budget))
        }
    }

    private static func elements(
        _ nodes: Span<ABISchema.Node>, _ index: Int, count: Int, _ data: borrowing Span<UInt8>, _ frame: ABIFrame,
        at: Int,
        _ budget: inout ABIBudget
    ) throws(ABIError) -> [ABIValue] {
        let isDynamic = nodes[index].isDynamic
        let stride = nodes[index].head
        var values: [ABIValue] = []
        values.reserveCapacity(count)
        var slot = at
        for _ in 0..<count {
            let position = isDynamic ? try ABIReader.follow(data, slot, frame) : slot
            values.append(try value(nodes, index, data, at: position, &budget))
            slot &+= stride
        }
        return values
    }

    private static func components(
        _ nodes: Span<ABISchema.Node>, _ index: Int, _ data: borrowing Span<UInt8>, _ frame: ABIFrame, at: Int,
        _ budget: inout ABIBudget
    ) throws(ABIError) -> [ABIValue] {
        let count = nodes[index].size
        var values: [ABIValue] = []
        values.reserveCapacity(count)
        var slot = at
        var child = index + 1
        for _ in 0..<count {
            let node = nodes[child]
            let position = node.isDynamic ? try ABIReader.follow(data, slot, frame) : slot
            values.append(try value(nodes, child, data, at: position, &budget))
            slot &+= node.head
            child = node.next
        }
        return values
    }
}

/// A list of types made ready for decoding and encoding: checked once, laid out flat, without reference counting on
/// the way.
public struct ABISchema: Hashable, Sendable {
    /// The types in order.
    public let types: [ABIType]
    /// Every type in preorder; the first is the tuple of all.
    let nodes: [Node]

    /// One type of the tree; its children follow it directly.
    struct Node: Hashable, Sendable {
        enum Kind: UInt8, Hashable, Sendable {
            case uint, int, address, bool, fixedBytes, bytes, string, array, fixedArray, tuple
        }
        var kind: Kind
        var isDynamic: Bool
        /// Bits of an integer, bytes of `bytesN`, elements of `T[k]`, components of a tuple.
        var size: Int
        /// Bytes in the head of the parent: 32 for an offset where dynamic.
        var head: Int
        /// Bytes of the head that begins at the value itself; equals `head` where static, 0 for `bytes`, `string` and
        /// `T[]`.
        var frame: Int
        /// Index of the node after the last descendant.
        var next: Int
    }

    /// Lays out `types`.
    ///
    /// - Throws: `.unsupportedType` for sizes that do not exist, more than 16 levels, heads above 4 GiB,
    ///   and arrays whose elements take no bytes, which could be counted without end.
    public init(_ types: [ABIType]) throws(ABIError) {
        self.types = types
        var nodes: [Node] = []
        _ = try ABISchema.add(.tuple(of: types), to: &nodes, level: -1)
        self.nodes = nodes
    }

    /// Lays out the types of `parameters`.
    public init(_ parameters: [ABIParameter]) throws(ABIError) {
        try self.init(parameters.map(\.type))
    }

    /// Bytes that every value of these types takes, or `nil` where that depends on the value.
    public var staticSize: Int? { nodes[0].isDynamic ? nil : nodes[0].frame }

    /// Bytes of the head of all types.
    public var headSize: Int { nodes[0].frame }

    private static func add(_ type: ABIType, to nodes: inout [Node], level: Int) throws(ABIError) -> Node {
        guard level <= ABIType.maximumDepth else {
            throw .unsupportedType(
                type.description, why: "arrays and tuples go deeper than \(ABIType.maximumDepth) levels")
        }
        let index = nodes.count
        var node = Node(kind: .uint, isDynamic: false, size: 0, head: 32, frame: 32, next: 0)
        nodes.append(node)
        switch type {
        case .uint(let bits): try node.set(.uint, integer: type, bits: bits)
        case .int(let bits): try node.set(.int, integer: type, bits: bits)
        case .address: node.kind = .address
        case .bool: node.kind = .bool
        case .fixedBytes(let count):
            guard (1...32).contains(count) else { throw .unsupportedType("\(type)", why: "bytesN has 1 to 32 bytes") }
            node.kind = .fixedBytes
            node.size = count
        case .function:
            node.kind = .fixedBytes
            node.size = 24
        case .bytes: node.set(dynamic: .bytes, frame: 0)
        case .string: node.set(dynamic: .string, frame: 0)
        case .array(let element):
            _ = try addElement(element, of: type, to: &nodes, level: level + 1)
            node.set(dynamic: .array, frame: 0)
        case .fixedArray(let element, let count):
            let child = try addElement(element, of: type, to: &nodes, level: level + 1)
            let (size, overflow) = child.head.multipliedReportingOverflow(by: count)
            guard !overflow, count >= 0, size <= ABIType.maximumHeadSize else {
                throw .unsupportedType("\(type)", why: "its head has more than \(ABIType.maximumHeadSize) bytes")
            }
            node.set(.fixedArray, count: count, frame: size, isDynamic: child.isDynamic)
        case .tuple(let components):
            var size = 0
            var isDynamic = false
            for component in components {
                let child = try add(component.type, to: &nodes, level: level + 1)
                size += child.head
                isDynamic = isDynamic || child.isDynamic
                guard size <= ABIType.maximumHeadSize else {
                    throw .unsupportedType("\(type)", why: "its head has more than \(ABIType.maximumHeadSize) bytes")
                }
            }
            node.set(.tuple, count: components.count, frame: size, isDynamic: isDynamic)
        }
        node.next = nodes.count
        nodes[index] = node
        return node
    }

    private static func addElement(
        _ element: ABIType, of type: ABIType, to nodes: inout [Node], level: Int
    ) throws(ABIError) -> Node {
        let node = try add(element, to: &nodes, level: level)
        guard node.head > 0 else { throw .unsupportedType("\(type)", why: "its elements take no bytes") }
        return node
    }
}

extension ABISchema.Node {
    fileprivate mutating func set(_ kind: Kind, integer type: ABIType, bits: Int) throws(ABIError) {
        guard bits % 8 == 0, (8...256).contains(bits) else {
            throw .unsupportedType("\(type)", why: "integers have 8 to 256 bits in steps of 8")
        }
        self.kind = kind
        size = bits
    }

    fileprivate mutating func set(dynamic kind: Kind, frame: Int) {
        self.kind = kind
        self.frame = frame
        isDynamic = true
    }

    fileprivate mutating func set(_ kind: Kind, count: Int, frame: Int, isDynamic: Bool) {
        self.kind = kind
        self.size = count
        self.frame = frame
        self.isDynamic = isDynamic
        head = isDynamic ? 32 : frame
    }

    /// The type's own name, for messages: that of the kind for arrays and tuples.
    var name: String {
        switch kind {
        case .uint: "uint\(size)"
        case .int: "int\(size)"
        case .address: "address"
        case .bool: "bool"
        case .fixedBytes: "bytes\(size)"
        case .bytes: "bytes"
        case .string: "string"
        case .array, .fixedArray: "an array"
        case .tuple: "a tuple"
        }
    }
}

/// A type of the contract ABI, as Solidity's specification names it.
///
/// Any tree can be written down; ``ABISchema`` refuses the ones that nothing can encode or that hostile data could
/// abuse.
public indirect enum ABIType: Hashable, Sendable {
    /// `uintN`, N bits: 8 to 256 in steps of 8.
    case uint(Int)
    /// `intN`, N bits: 8 to 256 in steps of 8, two's complement.
    case int(Int)
    /// `address`, 20 bytes.
    case address
    /// `bool`, a word that is 0 or 1.
    case bool
    /// `bytesN`, 1 to 32 bytes at the high end of a word.
    case fixedBytes(Int)
    /// `bytes`, of any length.
    case bytes
    /// `string`, UTF-8 of any length.
    case string
    /// `function`, an address and a selector: 24 bytes at the high end of a word.
    case function
    /// `T[]`.
    case array(ABIType)
    /// `T[k]`.
    case fixedArray(ABIType, count: Int)
    /// `(T1,T2,…)`; names are carried along and are no part of the encoding.
    case tuple([ABIParameter])

    /// Levels of arrays and tuples that a type may have, as elsewhere in the field.
    public static let maximumDepth = 16
    /// Bytes that the head of one type may take.
    public static let maximumHeadSize = 1 << 32
}

/// One input, output or tuple component: a type and what its author called it.
public struct ABIParameter: Hashable, Sendable {
    /// The name, empty where there is none.
    public var name: String
    /// The type.
    public var type: ABIType
    /// Whether an event carries it as a topic.
    public var isIndexed: Bool
    /// The type in the source's own words, `struct DataTypes.ReserveData`, where the JSON ABI tells.
    public var internalType: String?

    /// Makes a parameter; unnamed and not indexed unless said.
    public init(name: String = "", type: ABIType, isIndexed: Bool = false, internalType: String? = nil) {
        self.name = name
        self.type = type
        self.isIndexed = isIndexed
        self.internalType = internalType
    }
}

extension ABIType {
    /// A tuple of unnamed components.
    public static func tuple(of types: [ABIType]) -> ABIType { .tuple(types.map { ABIParameter(type: $0) }) }

    /// Whether the encoding's length depends on the value, so that the head holds an offset instead.
    public var isDynamic: Bool {
        switch self {
        case .bytes, .string, .array: true
        case .fixedArray(let element, _): element.isDynamic
        case .tuple(let components): components.contains { $0.type.isDynamic }
        case .uint, .int, .address, .bool, .fixedBytes, .function: false
        }
    }

    /// Levels of arrays and tuples: 0 for a word, 1 for `uint256[]`.
    public var depth: Int {
        switch self {
        case .array(let element), .fixedArray(let element, _): element.depth + 1
        case .tuple(let components): (components.map(\.type.depth).max() ?? 0) + 1
        case .uint, .int, .address, .bool, .fixedBytes, .bytes, .string, .function: 0
        }
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension ABIType: CustomStringConvertible {
    /// The canonical text, as it stands in a signature that is hashed: `(uint256,bytes32)[2][]`.
    public var description: String {
        switch self {
        case .uint(let bits): "uint\(bits)"
        case .int(let bits): "int\(bits)"
        case .address: "address"
        case .bool: "bool"
        case .fixedBytes(let count): "bytes\(count)"
        case .bytes: "bytes"
        case .string: "string"
        case .function: "function"
        case .array(let element): "\(element)[]"
        case .fixedArray(let element, let count): "\(element)[\(count)]"
        case .tuple(let components): "(\(components.map(\.type.description).joined(separator: ",")))"
        }
    }
}

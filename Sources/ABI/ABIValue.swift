public import Ethereum

/// A value of any ABI type.
public enum ABIValue: Hashable, Sendable {
    /// Of `uintN`.
    case uint(UInt256)
    /// Of `intN`.
    case int(Int256)
    /// Of `address`.
    case address(Address)
    /// Of `bool`.
    case bool(Bool)
    /// Of `bytesN`; of `function` with 24 bytes.
    case fixedBytes(FixedBytes)
    /// Of `bytes`.
    case bytes([UInt8])
    /// Of `string`.
    case string(String)
    /// Of `T[]` and `T[k]`.
    case array([ABIValue])
    /// Of a tuple, in the order of its components.
    case tuple([ABIValue])
}

extension ABIValue {
    /// The word of a value that has no length of its own, otherwise `nil`.
    var word: UInt256? {
        switch self {
        case .uint(let value): value
        case .int(let value): value.bits
        case .address(let value): value.word
        case .bool(let value): value ? .one : .zero
        case .fixedBytes(let value): value.word
        case .bytes, .string, .array, .tuple: nil
        }
    }

    /// What kind of value this is, for messages.
    var kindName: String {
        switch self {
        case .uint(let value): "the number \(value)"
        case .int(let value): "the number \(value)"
        case .address(let value): "the address \(value)"
        case .bool(let value): "\(value)"
        case .fixedBytes(let value): "\(value.count) bytes"
        case .bytes(let value): "\(value.count) bytes"
        case .string: "a string"
        case .array(let values): "an array of \(values.count)"
        case .tuple(let values): "a tuple of \(values.count)"
        }
    }
}

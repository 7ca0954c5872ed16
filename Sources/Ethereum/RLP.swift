/// An item of Ethereum's recursive length prefix encoding: bytes, or a list of items.
///
/// Source: Ethereum yellow paper, appendix B.
public indirect enum RLP: Equatable, Sendable {
    /// A string of bytes.
    case bytes([UInt8])
    /// A list of items.
    case list([RLP])

    /// A quantity: big-endian bytes without leading zeros, none for zero.
    public static func quantity(_ value: UInt256) -> RLP {
        .bytes(value.minimalBigEndianBytes)
    }

    /// The 20 bytes of an address.
    public static func address(_ value: Address) -> RLP {
        .bytes(value.bytes)
    }

    /// The 32 bytes of a hash.
    public static func hash(_ value: Hash32) -> RLP {
        .bytes(value.bytes)
    }

    /// The bytes where the item is no list, otherwise `nil`.
    public var asBytes: [UInt8]? {
        if case .bytes(let bytes) = self { bytes } else { nil }
    }

    /// The items where this is a list, otherwise `nil`.
    public var asList: [RLP]? {
        if case .list(let items) = self { items } else { nil }
    }

    /// The number where the item is a quantity without leading zeros that fits 256 bits, otherwise `nil`.
    public var asQuantity: UInt256? {
        guard case .bytes(let bytes) = self, bytes.first != 0 else { return nil }
        return UInt256(bigEndian: bytes)
    }
}

extension RLP {
    /// The encoded item.
    public func encoded() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(encodedLength)
        append(to: &output)
        return output
    }

    /// How many bytes the encoded item has.
    private var encodedLength: Int {
        switch self {
        case .bytes(let bytes):
            bytes.count == 1 && bytes[0] < 0x80 ? 1 : RLP.prefixLength(bytes.count) + bytes.count
        case .list(let items):
            RLP.prefixLength(RLP.payloadLength(items)) + RLP.payloadLength(items)
        }
    }

    private func append(to output: inout [UInt8]) {
        switch self {
        case .bytes(let bytes):
            if bytes.count == 1 && bytes[0] < 0x80 {
                output.append(bytes[0])
            } else {
                RLP.appendPrefix(bytes.count, short: 0x80, to: &output)
                output.append(contentsOf: bytes)
            }
        case .list(let items):
            RLP.appendPrefix(RLP.payloadLength(items), short: 0xC0, to: &output)
            for item in items {
                item.append(to: &output)
            }
        }
    }

    private static func payloadLength(_ items: [RLP]) -> Int {
        items.reduce(0) { $0 + $1.encodedLength }
    }

    private static func prefixLength(_ payload: Int) -> Int {
        payload < 56 ? 1 : 1 + UInt256(UInt64(payload)).minimalBigEndianBytes.count
    }

    private static func appendPrefix(_ payload: Int, short: UInt8, to output: inout [UInt8]) {
        if payload < 56 {
            output.append(short + UInt8(payload))
        } else {
            let length = UInt256(UInt64(payload)).minimalBigEndianBytes
            output.append(short + 55 + UInt8(length.count))
            output.append(contentsOf: length)
        }
    }
}

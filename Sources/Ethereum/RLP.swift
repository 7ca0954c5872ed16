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
        // Written from the end, each prefix after its payload, so that no length is computed twice.
        var output: [UInt8] = []
        appendReversed(to: &output)
        output.reverse()
        return output
    }

    private func appendReversed(to output: inout [UInt8]) {
        switch self {
        case .bytes(let bytes):
            output.append(contentsOf: bytes.reversed())
            if bytes.count != 1 || bytes[0] >= 0x80 {
                RLP.appendReversedPrefix(bytes.count, short: 0x80, to: &output)
            }
        case .list(let items):
            let start = output.count
            for item in items.reversed() {
                item.appendReversed(to: &output)
            }
            RLP.appendReversedPrefix(output.count - start, short: 0xC0, to: &output)
        }
    }

    private static func appendReversedPrefix(_ payload: Int, short: UInt8, to output: inout [UInt8]) {
        if payload < 56 {
            output.append(short + UInt8(payload))
        } else {
            let start = output.count
            var left = payload
            while left > 0 {
                output.append(UInt8(truncatingIfNeeded: left))
                left >>= 8
            }
            output.append(short + 55 + UInt8(output.count - start))
        }
    }
}

/// Why bytes are not the one canonical RLP encoding of an item; offsets count from the first byte.
public enum RLPError: Error, Equatable, Sendable {
    /// The item at an offset claims more bytes than there are.
    case truncated(offset: Int)
    /// Bytes follow the item.
    case trailingBytes(offset: Int)
    /// A byte below 0x80 at an offset has a prefix, though it stands for itself.
    case prefixedByte(offset: Int)
    /// The length at an offset has leading zeros, or is below 56 and has the long form.
    case longLength(offset: Int)
    /// Lists are nested deeper than allowed.
    case tooDeep(offset: Int, limit: Int)
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension RLPError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .truncated(let offset): "the RLP item at byte \(offset) is longer than the data"
        case .trailingBytes(let offset): "RLP data continues at byte \(offset), after its item"
        case .prefixedByte(let offset): "byte \(offset) of the RLP data has a prefix that it does not need"
        case .longLength(let offset): "the RLP length at byte \(offset) is longer than it needs to be"
        case .tooDeep(let offset, let limit): "RLP lists nest deeper than \(limit) at byte \(offset)"
        }
    }
}

extension RLP {
    /// Decodes one item that fills the bytes; only the encoding that `encoded` gives is taken.
    ///
    /// - Parameter maximumDepth: how many lists may stand inside one another.
    /// - Throws: the first thing that is wrong with the bytes.
    public init(decoding bytes: [UInt8], maximumDepth: Int = 8) throws(RLPError) {
        var reader = RLPReader(bytes: bytes, maximumDepth: maximumDepth)
        let item = try reader.item(end: bytes.count, depth: 0)
        guard reader.offset == bytes.count else { throw .trailingBytes(offset: reader.offset) }
        self = item
    }
}

/// The position in a buffer of RLP; copies bytes only after their length is known to be inside it.
private struct RLPReader {
    let bytes: [UInt8]
    let maximumDepth: Int
    var offset = 0

    init(bytes: [UInt8], maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    /// Reads the item that begins here and ends at `end` or before.
    mutating func item(end: Int, depth: Int) throws(RLPError) -> RLP {
        let start = offset
        guard start < end else { throw .truncated(offset: start) }
        let prefix = bytes[start]
        offset += 1
        switch prefix {
        case 0..<0x80:
            return .bytes([prefix])
        case 0x80..<0xB8:
            let payload = try payload(Int(prefix - 0x80), end: end, start: start)
            if payload.count == 1, bytes[payload.lowerBound] < 0x80 { throw .prefixedByte(offset: start) }
            return .bytes(Array(bytes[payload]))
        case 0xB8..<0xC0:
            let length = try length(bytesUsed: Int(prefix - 0xB7), end: end, start: start)
            return .bytes(Array(bytes[try payload(length, end: end, start: start)]))
        case 0xC0..<0xF8:
            return try list(Int(prefix - 0xC0), end: end, start: start, depth: depth)
        default:
            let length = try length(bytesUsed: Int(prefix - 0xF7), end: end, start: start)
            return try list(length, end: end, start: start, depth: depth)
        }
    }

    /// Reads a list whose payload begins here.
    private mutating func list(_ length: Int, end: Int, start: Int, depth: Int) throws(RLPError) -> RLP {
        guard depth < maximumDepth else { throw .tooDeep(offset: start, limit: maximumDepth) }
        let payload = try payload(length, end: end, start: start)
        offset = payload.lowerBound
        var items: [RLP] = []
        while offset < payload.upperBound {
            items.append(try item(end: payload.upperBound, depth: depth + 1))
        }
        return .list(items)
    }

    /// Reads the length of a long form.
    private mutating func length(bytesUsed count: Int, end: Int, start: Int) throws(RLPError) -> Int {
        guard count <= end - offset else { throw .truncated(offset: start) }
        var length: UInt64 = 0
        for byte in bytes[offset..<offset + count] {
            length = length << 8 | UInt64(byte)
        }
        guard bytes[offset] != 0, length >= 56 else { throw .longLength(offset: start) }
        offset += count
        guard length <= UInt64(end - offset) else { throw .truncated(offset: start) }
        return Int(length)
    }

    /// Takes the next bytes.
    private mutating func payload(_ length: Int, end: Int, start: Int) throws(RLPError) -> Range<Int> {
        guard length <= end - offset else { throw .truncated(offset: start) }
        defer { offset += length }
        return offset..<offset + length
    }
}

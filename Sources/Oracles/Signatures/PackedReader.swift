import Ethereum

/// Reads tightly packed big-endian data from the front; every length is held against what is left.
struct PackedReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// How many bytes are left.
    var remaining: Int { bytes.endIndex - position }

    /// The next bytes.
    mutating func take(_ count: Int) throws(SignedDataError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= remaining else { throw .truncated }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// What is left, all of it.
    mutating func rest() -> ArraySlice<UInt8> {
        defer { position = bytes.endIndex }
        return bytes[position...]
    }

    /// An unsigned number of up to 8 bytes.
    mutating func integer(_ count: Int) throws(SignedDataError) -> UInt64 {
        try take(count).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The next byte.
    mutating func byte() throws(SignedDataError) -> UInt8 {
        UInt8(truncatingIfNeeded: try integer(1))
    }

    /// A word of 32 bytes.
    mutating func word() throws(SignedDataError) -> UInt256 {
        guard let word = UInt256(bigEndian: try take(32)) else { throw .truncated }
        return word
    }

    /// Refuses anything that is left.
    func finish() throws(SignedDataError) {
        guard remaining == 0 else { throw .trailingBytes }
    }
}

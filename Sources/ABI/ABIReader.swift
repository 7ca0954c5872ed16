public import Ethereum

/// Reads values from encoded bytes; generated bindings and the general decoder stand on it.
///
/// Positions are byte offsets into the whole data. Whoever calls has seen to it that the word is inside, by
/// ``frame(_:at:head:_:)`` or ``requireStatic(_:size:)``; a position outside stops the program.
public enum ABIReader {
    /// Sees to it that data whose types are all static has their size, in bytes; more may follow.
    @inlinable
    public static func requireStatic(_ data: borrowing Span<UInt8>, size: Int) throws(ABIError) {
        guard data.count >= size else { throw .truncated(at: 0, needed: size, have: data.count) }
    }

    /// The word at a position.
    @inlinable
    public static func word(_ data: borrowing Span<UInt8>, _ at: Int) -> UInt256 {
        UInt256(words: load(data, at &+ 24), load(data, at &+ 16), load(data, at &+ 8), load(data, at))
    }

    /// A `uintN` of up to 256 bits.
    @inlinable
    public static func uint(_ data: borrowing Span<UInt8>, _ at: Int, bits: Int) throws(ABIError) -> UInt256 {
        try ABIWord.uint(word(data, at), bits: bits, at: at)
    }

    /// A `uintN` of up to 64 bits.
    @inlinable
    public static func uint64(_ data: borrowing Span<UInt8>, _ at: Int, bits: Int) throws(ABIError) -> UInt64 {
        try ABIWord.uint64(word(data, at), bits: bits, at: at)
    }

    /// An `intN` of up to 256 bits.
    @inlinable
    public static func int(_ data: borrowing Span<UInt8>, _ at: Int, bits: Int) throws(ABIError) -> Int256 {
        try ABIWord.int(word(data, at), bits: bits, at: at)
    }

    /// An `intN` of up to 64 bits.
    @inlinable
    public static func int64(_ data: borrowing Span<UInt8>, _ at: Int, bits: Int) throws(ABIError) -> Int64 {
        try ABIWord.int64(word(data, at), bits: bits, at: at)
    }

    /// An `address`.
    @inlinable
    public static func address(_ data: borrowing Span<UInt8>, _ at: Int) throws(ABIError) -> Address {
        try ABIWord.address(word(data, at), at: at)
    }

    /// A `bool`.
    @inlinable
    public static func bool(_ data: borrowing Span<UInt8>, _ at: Int) throws(ABIError) -> Bool {
        try ABIWord.bool(word(data, at), at: at)
    }

    /// A `bytesN`.
    @inlinable
    public static func fixedBytes(_ data: borrowing Span<UInt8>, _ at: Int, count: Int) throws(ABIError) -> FixedBytes {
        try ABIWord.fixedBytes(word(data, at), count: count, at: at)
    }

    /// A `bytes32`.
    @inlinable
    public static func bytes32(_ data: borrowing Span<UInt8>, _ at: Int) -> Hash32 { Hash32(word: word(data, at)) }

    /// The elements of a `T[k]` of a static type, whose head is open already.
    @inlinable
    public static func staticElements<Element>(
        _ data: borrowing Span<UInt8>, _ at: Int, count: Int, stride: Int,
        element: (borrowing Span<UInt8>, Int) throws(ABIError) -> Element
    ) throws(ABIError) -> [Element] {
        var values: [Element] = []
        values.reserveCapacity(count)
        for index in 0..<count {
            values.append(try element(data, at &+ index &* stride))
        }
        return values
    }

    /// Eight bytes as a big-endian number.
    @inlinable
    @inline(__always)
    static func load(_ data: borrowing Span<UInt8>, _ at: Int) -> UInt64 {
        // SAFETY: the load checks its bounds, bytes have no padding, and every bit pattern is a UInt64.
        unsafe UInt64(bigEndian: data.bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self))
    }
}

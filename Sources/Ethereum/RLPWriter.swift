/// Writes RLP front to back into one buffer, without a tree of items: headers, receipts, trie nodes.
///
/// A list's prefix is put before its payload when the list ends.
public struct RLPWriter: Sendable {
    /// What was written.
    public private(set) var bytes: [UInt8] = []

    /// Makes a writer of nothing yet.
    public init() {}

    /// Appends a string of bytes.
    public mutating func append(_ string: some Collection<UInt8>) {
        RLPWriter.appendPrefix(of: string, to: &bytes)
        bytes.append(contentsOf: string)
    }

    /// Appends a quantity: big-endian bytes without leading zeros, none for zero.
    public mutating func append(_ quantity: UInt64) {
        append(UInt256(quantity))
    }

    /// Appends a quantity: big-endian bytes without leading zeros, none for zero.
    public mutating func append(_ quantity: UInt256) {
        append(quantity.minimalBigEndianBytes)
    }

    /// Appends the 32 bytes of a hash.
    public mutating func append(_ hash: Hash32) {
        bytes.append(0xA0)
        hash.word.append(to: &bytes)
    }

    /// Appends the 20 bytes of an address.
    public mutating func append(_ address: Address) {
        bytes.append(0x94)
        address.append(to: &bytes)
    }

    /// Begins a list; hand what is returned to ``endList(_:)``.
    public func beginList() -> Int { bytes.count }

    /// Ends the list that began at `start`.
    public mutating func endList(_ start: Int) {
        var prefix: [UInt8] = []
        RLPWriter.appendPrefix(payload: bytes.count - start, short: 0xC0, to: &prefix)
        bytes.insert(contentsOf: prefix, at: start)
    }

    /// Appends one byte as it is: the type before a typed receipt.
    public mutating func append(raw byte: UInt8) {
        bytes.append(byte)
    }

    /// Appends what stands before a string; nothing before a byte that stands for itself.
    static func appendPrefix(of string: some Collection<UInt8>, to bytes: inout [UInt8]) {
        if let first = string.first, first < 0x80, string.count == 1 { return }
        appendPrefix(payload: string.count, short: 0x80, to: &bytes)
    }

    /// Appends the prefix of a payload: `short` is 0x80 for a string, 0xC0 for a list.
    static func appendPrefix(payload: Int, short: UInt8, to bytes: inout [UInt8]) {
        guard payload >= 56 else {
            bytes.append(short + UInt8(payload))
            return
        }
        let length = UInt64(payload)
        let count = (71 - length.leadingZeroBitCount) / 8
        bytes.append(short + 55 + UInt8(count))
        for index in (0..<count).reversed() {
            bytes.append(UInt8(truncatingIfNeeded: length >> UInt64(8 * index)))
        }
    }
}

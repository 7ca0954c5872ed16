public import Ethereum

/// A value of `bytesN`: 1 to 32 bytes, kept at the high end of a word as they are encoded.
@frozen
public struct FixedBytes: Hashable, Sendable {
    /// The bytes followed by zeros, as a big-endian number.
    public let word: UInt256
    /// How many bytes there are.
    public let count: Int

    /// Takes the first `count` bytes of a word; `nil` where the rest is not zero or `count` is not 1 to 32.
    @inlinable
    public init?(word: UInt256, count: Int) {
        guard (1...32).contains(count) else { return nil }
        let rest = (32 &- count) &* 8
        let isClean =
            rest >= 128
            ? word.low == 0 && (rest == 128 || word.high & ((1 &<< UInt128(rest &- 128)) &- 1) == 0)
            : rest == 0 || word.low & ((1 &<< UInt128(rest)) &- 1) == 0
        guard isClean else { return nil }
        self.word = word
        self.count = count
    }

    /// Takes 1 to 32 bytes, otherwise `nil`.
    public init?(bytes: some Collection<UInt8>) {
        guard (1...32).contains(bytes.count), let number = UInt256(bigEndian: bytes) else { return nil }
        self.word = number << ((32 - bytes.count) * 8)
        self.count = bytes.count
    }

    /// The bytes.
    public var bytes: [UInt8] { Array(word.bigEndianBytes.prefix(count)) }

    /// "0x" and two lower-case digits a byte.
    public var hex: String { Hex.encode(bytes) }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension FixedBytes: CustomStringConvertible {
    public var description: String { hex }
}

extension FixedBytes {
    /// The 32 bytes of a hash.
    @inlinable
    public init(_ hash: Hash32) {
        self.word = hash.word
        self.count = 32
    }
}

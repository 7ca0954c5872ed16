/// The 20 bytes that name an account on an EVM chain.
@frozen
public struct Address: Hashable, Sendable {
    /// Bytes 0 to 7, big-endian.
    public let a: UInt64
    /// Bytes 8 to 15, big-endian.
    public let b: UInt64
    /// Bytes 16 to 19, big-endian.
    public let c: UInt32

    /// Makes an address from its three big-endian parts.
    @inlinable
    public init(a: UInt64, b: UInt64, c: UInt32) {
        self.a = a
        self.b = b
        self.c = c
    }

    /// Makes an address from the low 160 bits of a word; the rest is ignored, as the EVM does.
    @inlinable
    public init(word: UInt256) {
        self.init(
            a: UInt64(truncatingIfNeeded: word.high &<< 32 | word.low &>> 96),
            b: UInt64(truncatingIfNeeded: word.low &>> 32),
            c: UInt32(truncatingIfNeeded: word.low))
    }

    /// Makes an address from a word whose high 96 bits are clear, otherwise `nil`.
    @inlinable
    public init?(checkedWord word: UInt256) {
        guard word.high &>> 32 == 0 else { return nil }
        self.init(word: word)
    }

    /// Reads exactly 20 bytes, otherwise `nil`.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 20, let word = UInt256(bigEndian: bytes) else { return nil }
        self.init(word: word)
    }

    /// The account that nobody holds.
    public static let zero = Address(a: 0, b: 0, c: 0)

    /// Whether this is the zero address.
    @inlinable public var isZero: Bool { a == 0 && b == 0 && c == 0 }

    /// The address as the low 160 bits of a word.
    @inlinable public var word: UInt256 {
        UInt256(
            high: UInt128(truncatingIfNeeded: a &>> 32),
            low: UInt128(truncatingIfNeeded: a) &<< 96 | UInt128(truncatingIfNeeded: b) &<< 32
                | UInt128(truncatingIfNeeded: c))
    }

    /// The 20 bytes.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }

    /// Appends the 20 bytes.
    @inlinable
    public func append(to bytes: inout [UInt8]) {
        a.append(to: &bytes)
        b.append(to: &bytes)
        for shift: UInt32 in [24, 16, 8, 0] {
            bytes.append(UInt8(truncatingIfNeeded: c &>> shift))
        }
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Address: Comparable {
    @inlinable
    public static func < (x: Address, y: Address) -> Bool {
        (x.a, x.b, x.c) < (y.a, y.b, y.c)
    }
}

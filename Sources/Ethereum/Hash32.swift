/// 32 bytes that name something: a block, a topic, a storage slot.
@frozen
public struct Hash32: Hashable, Sendable {
    /// The bytes as a big-endian number.
    public let word: UInt256

    /// Makes a hash from its big-endian number.
    @inlinable
    public init(word: UInt256) {
        self.word = word
    }

    /// 32 zero bytes.
    public static let zero = Hash32(word: .zero)

    /// Parses 64 hex digits of either case, with or without "0x"; `nil` where there are more or fewer.
    public init?(hex text: some StringProtocol) {
        let bytes: [UInt8]
        do { bytes = try Hex.decode(text) } catch { return nil }
        self.init(bytes: bytes)
    }

    /// Reads exactly 32 bytes, otherwise `nil`.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32, let word = UInt256(bigEndian: bytes) else { return nil }
        self.word = word
    }

    /// The 32 bytes.
    public var bytes: [UInt8] { word.bigEndianBytes }

    /// "0x" and 64 lower-case digits.
    public var hex: String { Hex.encode(bytes) }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Hash32: Comparable, CustomStringConvertible {
    @inlinable
    public static func < (a: Hash32, b: Hash32) -> Bool { a.word < b.word }

    public var description: String { hex }
}

/// The four bytes that name a function of a contract in its calldata.
@frozen
public struct Selector: Hashable, Sendable {
    /// The bytes as a big-endian number.
    public let value: UInt32

    /// Makes a selector from its big-endian number.
    @inlinable
    public init(_ value: UInt32) {
        self.value = value
    }

    /// The selector of a canonical signature such as `transfer(address,uint256)`.
    public init(signature: String) {
        self.init(UInt32(truncatingIfNeeded: Keccak256.hash(signature.utf8).word.word3 &>> 32))
    }

    /// Reads exactly 4 bytes, otherwise `nil`.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 4 else { return nil }
        self.init(bytes.reduce(0) { $0 &<< 8 | UInt32($1) })
    }

    /// Parses 8 hex digits of either case, with or without "0x"; `nil` where there are more or fewer.
    public init?(hex text: some StringProtocol) {
        let bytes: [UInt8]
        do { bytes = try Hex.decode(text) } catch { return nil }
        self.init(bytes: bytes)
    }

    /// The four bytes.
    public var bytes: [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value &>> $0) }
    }

    /// "0x" and 8 lower-case digits.
    public var hex: String { Hex.encode(bytes) }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Selector: Comparable, CustomStringConvertible, ExpressibleByIntegerLiteral {
    @inlinable
    public static func < (a: Selector, b: Selector) -> Bool { a.value < b.value }

    @inlinable
    public init(integerLiteral value: UInt32) { self.init(value) }

    public var description: String { hex }
}

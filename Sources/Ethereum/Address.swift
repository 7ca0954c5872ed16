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
}
